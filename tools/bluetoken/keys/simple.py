"""Diagnosis keys as plain JSON: [{"tek": ..., "rolling_start": ..., "rolling_period": ...}, ...]. Pure."""

import base64
import binascii
import json
from typing import Any

from bluetoken.errors import BadKeyFile
from bluetoken.exposure.diagnosis import KEY_BYTES, MAX_ROLLING_PERIOD, DiagnosisKey


def parse(text: str) -> list[DiagnosisKey]:
    """Return the keys of a file; BadKeyFile, which names the entry, where one is wrong.

    `tek` is hexadecimal or base64, `rolling_start` an ENIntervalNumber, `rolling_period` 1 to 144 (144 if
    absent). An optional `case` says which keys are one person's.
    """
    try:
        entries = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadKeyFile(f"The file is not JSON ({error}): nothing was imported.") from None
    if not isinstance(entries, list):
        raise BadKeyFile("The file holds no list of keys: nothing was imported.")
    return [_entry(number, entry) for number, entry in enumerate(entries, 1)]


def _entry(number: int, entry: object) -> DiagnosisKey:
    if not isinstance(entry, dict):
        raise _bad(number, "is no object with tek, rolling_start and rolling_period")
    case = entry.get("case") or ""
    if not isinstance(case, str) or len(case) > 64:
        raise _bad(number, "has a case that is no text of at most 64 letters")
    return DiagnosisKey(
        tek=_tek(number, entry.get("tek")),
        rolling_start=_integer(number, entry, "rolling_start", None, 0, 0xFFFFFFFF - MAX_ROLLING_PERIOD),
        rolling_period=_integer(number, entry, "rolling_period", MAX_ROLLING_PERIOD, 1, MAX_ROLLING_PERIOD),
        case=case,
    )


def _tek(number: int, text: object) -> bytes:
    if isinstance(text, str):
        try:
            tek = bytes.fromhex(text) if len(text) == 2 * KEY_BYTES else base64.b64decode(text, validate=True)
        except (ValueError, binascii.Error):
            tek = b""
        if len(tek) == KEY_BYTES:
            return tek
    raise _bad(number, f"has no tek of {KEY_BYTES} bytes in hexadecimal or base64")


def _integer(number: int, entry: dict[str, Any], name: str, default: int | None, low: int, high: int) -> int:
    value = entry.get(name, default)
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise _bad(number, f"has no {name} from {low} to {high}")
    return value


def _bad(number: int, what: str) -> BadKeyFile:
    return BadKeyFile(f"Key {number} of the file {what}: nothing was imported.")
