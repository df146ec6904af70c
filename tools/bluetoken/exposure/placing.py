"""Where in time each segment lies: which comparison of clocks corrects it, and what bounds it where none does. Pure.

A token's clock goes by itself from one moment it is put to the next: a run. A desk that looks at the clock corrects
the run that it finds, and no other. A run whose end no desk saw, because the power was lost, lies between its
neighbours.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from math import ceil

from bluetoken.exposure.sightings import CORRECTED_UNCERTAINTY_S, Correction, clock_run
from wearable import records
from wearable.records import Header


@dataclass(frozen=True)
class Comparison:
    """A token's clock beside this computer's: which run that was, and what is to be added to the token's time."""

    sync_id: int
    at_s: int  # Unix seconds
    offset_s: float
    boot: int | None
    clock_state: int | None = None  # this and the next are unknown of what an older firmware told
    set_s: int | None = None

    def is_of(self, header: Header) -> bool:
        """Whether it was of the run in which the segment was begun."""
        if self.set_s and header.set_s:
            return (self.clock_state, self.set_s) == (header.clock_state, header.set_s)
        return self.boot == header.boot


@dataclass(frozen=True)
class Stored:
    """A segment's bytes, and which sync brought them; None where that is not known."""

    raw: bytes
    sync_id: int | None = None


@dataclass(frozen=True)
class _Place:
    """A readable segment, and where it is by the token's own clock: Unix seconds."""

    header: Header
    begin_s: int
    end_s: int
    sync_id: int | None
    correction: Correction | None = None

    @property
    def is_lost(self) -> bool:
        return self.header.clock_state != records.CLOCK_SET

    @property
    def is_exact(self) -> bool:
        return not self.is_lost or self.correction is not None

    def offset_s(self, at_s: int) -> int:
        return self.correction.seconds(self.header, at_s) if self.correction else 0


def corrections(
    segments: Sequence[Stored], comparisons: Sequence[Comparison]
) -> list[Correction | None]:
    """Return what corrects each segment's times; None where nothing does, or nothing has to.

    Parameters
    ----------
    segments
        of one token, in the order they were written.
    comparisons
        of its clock, in the order they were made.
    """
    places = [_place(each, comparisons) for each in segments]
    known = [each for each in places if each]
    found: list[Correction | None] = []
    for place in places:
        if place is None or place.correction is not None:
            found.append(place.correction if place else None)
        else:
            found.append(_bounded(place, known, comparisons))
    return found


def _place(segment: Stored, comparisons: Sequence[Comparison]) -> _Place | None:
    try:
        header = records.unpack_header(segment.raw)
    except records.Damaged:
        return None
    begin_s = header.opened_s + records.EPOCH_UNIX_S
    read = BytesIO(segment.raw[records.HEADER_BYTES :]).read
    end_s = begin_s + sum(batch.span_s for batch in records.batches(header.segment, read))
    return _Place(header, begin_s, end_s, segment.sync_id, _compared(header, segment, comparisons))


def _compared(header: Header, segment: Stored, comparisons: Sequence[Comparison]) -> Correction | None:
    """Return the first comparison in the segment's own run, made when it was read or later.

    The sync that read it may have been killed before it compared the clocks: then the next one did. Where the
    segment did not come over the cable the first time, the one before it did.
    """
    of_run = [each for each in comparisons if each.is_of(header)]
    later = [each for each in of_run if segment.sync_id is None or each.sync_id >= segment.sync_id]
    if not later and header.set_s:
        later = of_run[-1:]
    return Correction(later[0].at_s, later[0].offset_s) if later else None


def _bounded(place: _Place, known: Sequence[_Place], comparisons: Sequence[Comparison]) -> Correction | None:
    """Return where a run lies whose clock no desk looked at: halfway between its bounds.

    Not before what was written down before it, and not after what came next. A clock that a desk set is taken at
    its word, unless it says that it was written after that.
    """
    run = [each for each in known if _same_run(each, place)]
    before, after = _neighbours(run, known)
    latest_s = _latest_offset_s(run[-1], after, comparisons)
    if not place.is_lost:
        late_s = CORRECTED_UNCERTAINTY_S + run[-1].header.uncertainty_s
        if latest_s is None or latest_s >= -late_s:
            return None
    if before is None or latest_s is None:
        return None
    end_s = before.end_s + before.offset_s(before.end_s)
    # A restored clock goes on where the one before it stopped, so it is late by as much and more.
    earliest_s = before.offset_s(before.end_s) if place.is_lost else end_s - run[0].begin_s
    if before.correction is None:
        earliest_s -= before.header.uncertainty_s
    half_s = max(latest_s - earliest_s, 0) / 2
    within_s = ceil(half_s) + CORRECTED_UNCERTAINTY_S
    return Correction(run[-1].end_s, earliest_s + half_s, within_s)


def _same_run(one: _Place, other: _Place) -> bool:
    return clock_run(one.header) == clock_run(other.header)


def _neighbours(run: Sequence[_Place], known: Sequence[_Place]) -> tuple[_Place | None, _Place | None]:
    """Return the last segment before a run and the first after it that are exactly placed."""
    first, last = known.index(run[0]), known.index(run[-1])
    before = next((each for each in reversed(known[:first]) if each.is_exact), None)
    after = next((each for each in known[last + 1 :] if each.is_exact), None)
    return before, after


def _latest_offset_s(
    last: _Place, after: _Place | None, comparisons: Sequence[Comparison]
) -> float | None:
    """Return what can be added at most to the times of the run that ends with `last`."""
    bounds: list[float] = []
    if after is not None:
        offset_s = after.offset_s(after.begin_s)
        # Where it was restored, from what was written here or later, it is at least as late.
        bounds.append(offset_s if after.is_lost else after.begin_s + offset_s - last.end_s)
    sync = next((each for each in comparisons if last.sync_id and each.sync_id >= last.sync_id), None)
    if sync is not None:
        # When it was read, it had been written; and the clock that the desk found had been restored from it.
        lost_since = sync.clock_state not in (None, records.CLOCK_SET)
        bounds.append(sync.offset_s if lost_since else sync.at_s - last.end_s)
    return min(bounds, default=None)
