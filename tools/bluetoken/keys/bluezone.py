"""Cases as Bluezone publishes them: {"data": [{"daily_key", "time_start", "max", "time_end"}, ...]}. Pure."""

import json
import re
from collections.abc import Iterable
from typing import Any

from bluetoken.errors import BadKeyFile
from bluetoken.exposure.bluezone import DAY_S, PublishedDays
from wearable.protocols import bluezone

#: The apps keep what they heard for so long at the most (DbMaxDay): nobody has older days to compare.
MAX_DAYS = 180
#: With a single ID a day the apps make none at all; more than one a minute is no setting anybody had.
FEWEST_SLOTS, MOST_SLOTS = 2, 1440


def parse(text: str) -> list[PublishedDays]:
    """Return what a file publishes; BadKeyFile, which names the entry, where one is wrong."""
    try:
        told = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadKeyFile(f"The file is not JSON ({error}): nothing was imported.") from None
    entries = told.get("data") if isinstance(told, dict) else None
    if not isinstance(entries, list) or not entries:
        raise BadKeyFile('The file holds no list "data" of Bluezone\'s daily keys: nothing was imported.')
    return [_entry(number, entry) for number, entry in enumerate(entries, 1)]


def dump(published: Iterable[PublishedDays]) -> str:
    """Return the file that publishes these days."""
    entries = [
        {
            "daily_key": days.daily_key.hex().upper(),
            "time_start": days.time_start_s,
            "max": days.slots_a_day,
            "time_end": days.time_end_s,
        }
        for days in published
    ]
    return json.dumps({"data": entries}) + "\n"


def _entry(number: int, entry: object) -> PublishedDays:
    if not isinstance(entry, dict):
        raise _bad(number, "is no object with daily_key, time_start, max and time_end")
    digits = 2 * bluezone.KEY_BYTES
    key = entry.get("daily_key")
    if not isinstance(key, str) or not re.fullmatch(f"[0-9A-Fa-f]{{{digits}}}", key):
        raise _bad(number, f"has no daily_key of {digits} hexadecimal digits")
    start_s = _integer(number, entry, "time_start", 0, 0xFFFFFFFF, "Unix seconds")
    if start_s % DAY_S:
        raise _bad(number, "has a time_start that is no UTC midnight, as Bluezone's days begin")
    slots = _integer(number, entry, "max", FEWEST_SLOTS, MOST_SLOTS, "IDs a day")
    end_s = _integer(number, entry, "time_end", 0, 0xFFFFFFFF, "Unix seconds")
    if not start_s <= end_s <= start_s + MAX_DAYS * DAY_S:
        raise _bad(number, f"has a time_end that is not within the {MAX_DAYS} days after its time_start")
    return PublishedDays(bytes.fromhex(key), start_s, end_s, slots)


def _integer(number: int, entry: dict[str, Any], name: str, low: int, high: int, unit: str) -> int:
    value = entry.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise _bad(number, f"has no {name} from {low} to {high} ({unit})")
    return value


def _bad(number: int, what: str) -> BadKeyFile:
    return BadKeyFile(f"Entry {number} of the file {what}: nothing was imported.")
