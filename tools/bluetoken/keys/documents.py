"""What the health authority's two kinds of file have in common: JSON that says what it is, and of which version."""

import json
import re
from collections.abc import Collection
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bluetoken.errors import AuthorityFileTooNew, CannotRead, DamagedAuthorityFile, NotAnAuthorityFile

PRIVATE_FORMAT = "bluetoken authority keys"
PUBLIC_FORMAT = "bluetoken authority public key"
VERSION = 1

#: Nobody's memory and time are at the mercy of a file: this is about a hundred pairs.
MAX_BYTES = 65536

_WRONG_KIND = {
    PRIVATE_FORMAT: "holds private keys: use its public file, and keep this one away from laptops that collect",
    PUBLIC_FORMAT: "holds a public key only: name the file with the private keys",
}


class Malformed(Exception):
    """A file is not as docs/SPEC.md says; the text says where, for a sentence that names the file."""


def dump(kind: str, content: dict[str, Any]) -> bytes:
    """Return a document as the bytes of its file."""
    return (json.dumps({"format": kind, "version": VERSION, **content}, indent=2) + "\n").encode()


def read(path: Path) -> bytes:
    """Return the bytes of a file; CannotRead where that is impossible."""
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise CannotRead(f"The file {path} cannot be read ({error.strerror or error}).") from None
    if len(raw) > MAX_BYTES:
        raise NotAnAuthorityFile(f"The file {path} is too long to hold authority keys: check its name.")
    return raw


def parse(raw: bytes, kind: str, path: Path) -> dict[str, Any]:
    """Return the document in a file's bytes, if it is of this kind and of a version known here."""
    try:
        document = json.loads(raw.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        if kind.encode() in raw:
            raise DamagedAuthorityFile(f"The file {path} is damaged (no JSON): take its backup.") from None
        document = None
    found = document.get("format") if isinstance(document, dict) else None
    if found != kind:
        what = _WRONG_KIND.get(found) if isinstance(found, str) else None
        raise NotAnAuthorityFile(f"The file {path} {what or 'holds no authority keys: check its name'}.")
    assert isinstance(document, dict)
    version = document.get("version")
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise DamagedAuthorityFile(f"The file {path} is damaged (no version): take its backup.")
    if version > VERSION:
        raise AuthorityFileTooNew(f"The file {path} was written by a newer Bluetoken: update this program.")
    return document


def require_keys(value: object, names: Collection[str], where: str) -> dict[str, Any]:
    """Return an object that has these keys and no others: one we did not know would be lost by a rotation."""
    if not isinstance(value, dict) or set(value) != set(names):
        raise Malformed(f"{where} does not have exactly the keys {', '.join(names)}")
    return value


def hexadecimal(entry: dict[str, Any], name: str, size: int) -> bytes:
    """Return an entry's bytes, written as hexadecimal digits in lower case."""
    text = entry[name]
    if not isinstance(text, str) or not re.fullmatch(f"[0-9a-f]{{{2 * size}}}", text):
        raise Malformed(f"{name} is not {2 * size} hexadecimal digits")
    return bytes.fromhex(text)


def instant(entry: dict[str, Any], name: str) -> datetime:
    """Return an entry's instant, written as `in_words` does."""
    try:
        moment = datetime.strptime(entry[name], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except (ValueError, TypeError):
        moment = None
    # Far from today lie instants that no zone can tell.
    if moment is None or in_words(moment) != entry[name] or not 2020 <= moment.year < 2200:
        raise Malformed(f"{name} is no instant such as 2026-11-25T08:00:00Z")
    return moment


def in_words(moment: datetime) -> str:
    """Return an aware instant as it stands in the files: in UTC, to the second."""
    return moment.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"
