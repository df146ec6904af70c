"""Reading stored segments for matching, as far as they can be read."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from io import BytesIO

from bluetoken.exposure.sightings import (
    Correction,
    Encounter,
    Listening,
    OwnKey,
    listening,
    own_keys,
    sightings,
)
from wearable import records


@dataclass(frozen=True)
class RawSegment:
    """A segment's bytes, and the correction of the clock they were written by."""

    raw: bytes
    correction: Correction | None = None


@dataclass
class Log:
    """Everything a token wrote down, in Unix seconds. `unreadable` says in words what could not be read."""

    encounters: list[Encounter] = field(default_factory=list)
    listening: list[Listening] = field(default_factory=list)
    keys: list[OwnKey] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)


def decode(token_id: str, segments: Iterable[RawSegment]) -> Log:
    """Read a token's segments; one damaged batch does not hide the others."""
    log = Log()
    for segment in segments:
        try:
            header = records.unpack_header(segment.raw)
        except records.Damaged as error:
            log.unreadable.append(str(error))
            continue
        if header.token_id.hex() != token_id:
            log.unreadable.append(f"segment {header.segment} was written under another token's id")
            continue
        if header.seal != records.SEAL_NONE:
            log.unreadable.append(f"segment {header.segment} is sealed and has not been unsealed")
            continue
        bodies = _bodies(header, segment.raw, log)
        log.encounters += sightings(header, bodies, segment.correction)
        log.listening += listening(header, bodies, segment.correction)
        log.keys += own_keys(header, bodies, segment.correction)
    return log


def _bodies(header: records.Header, raw: bytes, log: Log) -> list[records.Body]:
    bodies = []
    for body in records.batches(header.segment, BytesIO(raw[records.HEADER_BYTES :]).read):
        try:
            bodies.append(records.unpack_body(body))
        except records.Damaged as error:
            log.unreadable.append(f"segment {header.segment}: {error}")
    return bodies
