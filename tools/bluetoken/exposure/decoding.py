"""Reading stored segments for matching, as far as they can be read."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from bluetoken.exposure.opening import CannotOpen, KeyMissing, Keys, open_segment, shortened
from bluetoken.exposure.pauses import Pause, pauses
from bluetoken.exposure.sightings import (
    BluezoneEncounter,
    Correction,
    Encounter,
    Listening,
    OwnBluezoneKey,
    OwnKey,
    bluezone_sightings,
    events,
    listening,
    own_bluezone_keys,
    own_keys,
    sightings,
)
from wearable import records
from wearable.reading import Event
from wearable.records import Header

#: Events that count what was heard and not kept.
NO_ROOM = (records.EVENT_DROPPED, records.EVENT_EVICTED, records.EVENT_QUOTA)


@dataclass(frozen=True)
class RawSegment:
    """A segment's bytes, and the correction of the clock they were written by."""

    raw: bytes
    correction: Correction | None = None


@dataclass(frozen=True)
class NoRoom:
    """That so many times something heard was not kept: a flood, or a large crowd."""

    at_s: int  # Unix seconds, when it was written down
    times: int


@dataclass
class Log:
    """Everything a token wrote down, in Unix seconds.

    `unreadable` says in words what could not be read, `rough` whose times are known only between bounds,
    `sealed_to` names the authority's keys that were missing.
    """

    encounters: list[Encounter] = field(default_factory=list)
    listening: list[Listening] = field(default_factory=list)
    keys: list[OwnKey] = field(default_factory=list)
    bluezone: list[BluezoneEncounter] = field(default_factory=list)
    bluezone_keys: list[OwnBluezoneKey] = field(default_factory=list)
    no_room: list[NoRoom] = field(default_factory=list)
    pauses: list[Pause] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)
    rough: list[str] = field(default_factory=list)
    sealed_to: list[str] = field(default_factory=list)


def decode(token_id: str, segments: Iterable[RawSegment], keys: Keys | None = None) -> Log:
    """Read a token's segments; one damaged batch does not hide the others.

    Parameters
    ----------
    segments
        in the order they were written.
    keys
        the authority's private keys by id, for what is sealed.
    """
    log = Log()
    sealed: Counter[str] = Counter()
    happened: list[Event] = []
    read = [(segment, header) for segment in segments if (header := _header(token_id, segment, log))]
    for (segment, header), (_, after) in zip(read, [*read[1:], (None, None)], strict=False):
        try:
            opened = open_segment(header, segment.raw, keys or {})
        except KeyMissing as error:
            sealed[str(error)] += 1
            continue
        except CannotOpen as error:
            log.unreadable.append(f"segment {header.segment}: {error}")
            continue
        short = shortened(header, len(opened.bodies), after)
        faults = opened.faults or ([short] if short else [])
        log.unreadable += [f"segment {header.segment}: {fault}" for fault in faults]
        if segment.correction and segment.correction.within_s is not None:
            hours = segment.correction.within_s / 3600
            log.rough.append(f"segment {header.segment}, to within {hours:.1f} h")
        log.encounters += sightings(header, opened.bodies, segment.correction)
        log.listening += listening(header, opened.bodies, segment.correction)
        log.keys += own_keys(header, opened.bodies, segment.correction)
        log.bluezone += bluezone_sightings(header, opened.bodies, segment.correction)
        log.bluezone_keys += own_bluezone_keys(header, opened.bodies, segment.correction)
        happened += events(header, opened.bodies, segment.correction)
    log.no_room = [NoRoom(each.at_s, each.value) for each in happened if each.code in NO_ROOM]
    log.pauses = pauses(happened)
    for key_id, count in sealed.items():
        segments_are = "1 segment is" if count == 1 else f"{count} segments are"
        log.unreadable.append(f"{segments_are} sealed to the authority's key {key_id}, which is not here")
    log.sealed_to = sorted(sealed)
    return log


def _header(token_id: str, segment: RawSegment, log: Log) -> Header | None:
    try:
        header = records.unpack_header(segment.raw)
    except records.Damaged as error:
        log.unreadable.append(str(error))
        return None
    if header.token_id.hex() != token_id:
        log.unreadable.append(f"segment {header.segment} was written under another token's id")
        return None
    return header
