"""From a token's segments to encounters in Unix seconds."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from wearable import reading, records
from wearable.protocols import bluezone
from wearable.trim import LIMIT_E7

#: What is left of a clock's error once this computer has measured it: sleep drifts unevenly.
CORRECTED_UNCERTAINTY_S = 600
#: What a desk's setting and another's look may differ by, cable and all.
SET_WITHIN_S = 2


@dataclass(frozen=True, slots=True)
class Encounter:
    """One identifier heard over one stretch of time; RSSI with the board's calibration added.

    `clock_uncertainty_s` is None where nobody knows how wrong the token's clock was.
    """

    rpi: bytes
    power: int  # the metadata's byte of TX power, enciphered
    start_s: int  # Unix seconds
    span_s: int
    periods: int
    rssi_max_dbm: int
    rssi_mean_dbm: int
    period_s: int  # what `periods` counts
    clock_uncertainty_s: int | None

    @property
    def identifier(self) -> bytes:
        """What was heard, whatever the protocol."""
        return self.rpi


@dataclass(frozen=True, slots=True)
class BluezoneEncounter:
    """The same by Bluezone's protocol, whose packets do not tell the power they are sent with."""

    bluezone_id: bytes
    start_s: int  # Unix seconds
    span_s: int
    periods: int
    rssi_max_dbm: int
    rssi_mean_dbm: int
    period_s: int
    clock_uncertainty_s: int | None

    @property
    def identifier(self) -> bytes:
        """What was heard, whatever the protocol."""
        return self.bluezone_id


@dataclass(frozen=True, slots=True)
class Listening:
    """That a token listened, whether or not it heard anybody."""

    start_s: int  # Unix seconds
    seconds: int


@dataclass(frozen=True, slots=True)
class OwnKey:
    """A Temporary Exposure Key of the token itself, with what is known of the clock it was used by.

    `rolling_start` is what that clock said, however wrong it was: identifiers are computed with it.
    """

    tek: bytes
    rolling_start: int
    rolling_period: int
    clock_error_s: int
    clock_uncertainty_s: int | None
    run: tuple[int, int] = (0, 0)  # of the clock, see clock_run()


@dataclass(frozen=True, slots=True)
class OwnBluezoneKey:
    """A Bluezone key of the token itself; times are by the token's clock, in Unix seconds."""

    daily_key: bytes
    day_start_s: int  # UTC midnight
    start_s: int  # when it was first used, in full quarters of an hour
    clock_error_s: int
    clock_uncertainty_s: int | None


@dataclass(frozen=True)
class Correction:
    """A token's clock, compared with a better one at `at_s`: `offset_s` is to be added to its time.

    Where a desk had set the clock before, the error has grown from nothing since; where it was lost, or
    set wrong, it was the same all along, for monotonic time ran on. `within_s` says that nobody looked:
    the error lies so much to either side.
    """

    at_s: int  # Unix seconds
    offset_s: float
    within_s: int | None = None

    def seconds(self, header: records.Header, unix_s: int) -> int:
        """Return what is to be added to the time `unix_s` of this segment."""
        if not self.is_drift(header):
            return round(self.offset_s)
        set_at_s = header.set_s + records.EPOCH_UNIX_S
        elapsed_s = self.at_s - self.offset_s - set_at_s
        if elapsed_s <= 0:
            return 0
        share = min(max((unix_s - set_at_s) / elapsed_s, 0.0), 1.0)
        return round(self.offset_s * share)

    def is_drift(self, header: records.Header) -> bool:
        """Whether the error is such as an oscillator makes: more than that was there from the beginning."""
        if header.clock_state != records.CLOCK_SET or self.within_s is not None:
            return False
        elapsed_s = self.at_s - self.offset_s - header.set_s - records.EPOCH_UNIX_S
        # Where the comparison is older than the setting, it says nothing: seconds() takes it for no drift.
        return elapsed_s <= 0 or abs(self.offset_s) <= SET_WITHIN_S + elapsed_s * LIMIT_E7 / 1e7


def clock_run(header: records.Header) -> tuple[int, int]:
    """Return what tells one run of a token's clock from another; an older firmware's is as long as a boot."""
    return header.clock_state, header.set_s or -header.boot


def sightings(
    header: records.Header, bodies: Sequence[reading.Body], correction: Correction | None = None
) -> list[Encounter]:
    """Return the encounters of a segment, in the order they were written.

    Parameters
    ----------
    header, bodies
        as `wearable.reading.read_segment` returns them.
    correction
        of the token's clock, where it was compared with this computer's in the same boot.
    """
    return [
        Encounter(rpi=found.rpi, power=found.power, **_stay(header, found, correction))
        for found in _records(bodies, reading.Encounter)
    ]


def bluezone_sightings(
    header: records.Header, bodies: Sequence[reading.Body], correction: Correction | None = None
) -> list[BluezoneEncounter]:
    """Return the encounters by Bluezone's protocol, in the order they were written."""
    return [
        BluezoneEncounter(bluezone_id=found.bluezone_id, **_stay(header, found, correction))
        for found in _records(bodies, reading.BluezoneEncounter)
    ]


def _stay(
    header: records.Header, found: reading.Encounter | reading.BluezoneEncounter, correction: Correction | None
) -> dict[str, Any]:
    """Return what encounters of both protocols say: when, for how long, and how strong."""
    return {
        "start_s": _true_time(header, found.start_s, correction),
        "span_s": found.span_s,
        "periods": max(found.periods, 1),
        "rssi_max_dbm": found.rssi_max_dbm + header.rssi_offset_db,
        "rssi_mean_dbm": found.rssi_mean_dbm + header.rssi_offset_db,
        "period_s": header.period_s,
        "clock_uncertainty_s": _uncertainty_s(header, correction),
    }


def listening(
    header: records.Header, bodies: Sequence[reading.Body], correction: Correction | None = None
) -> list[Listening]:
    """Return when the token listened: what is absent from `sightings` was not there only at such times."""
    return [
        Listening(_true_time(header, body.start_s, correction), body.periods * header.period_s)
        for body in bodies
        if body.periods
    ]


def own_keys(
    header: records.Header, bodies: Sequence[reading.Body], correction: Correction | None = None
) -> list[OwnKey]:
    """Return the token's own Temporary Exposure Keys in a segment."""
    found = []
    for key in _records(bodies, reading.Key):
        at_s = key.rolling_start * 600
        error_s = correction.seconds(header, at_s) if correction else 0
        uncertainty_s = _uncertainty_s(header, correction)
        run = clock_run(header)
        found.append(OwnKey(key.tek, key.rolling_start, key.rolling_period, error_s, uncertainty_s, run))
    return found


def own_bluezone_keys(
    header: records.Header, bodies: Sequence[reading.Body], correction: Correction | None = None
) -> list[OwnBluezoneKey]:
    """Return the token's own Bluezone keys in a segment."""
    found = []
    for key in _records(bodies, reading.BluezoneKey):
        day_start_s = records.EPOCH_UNIX_S + key.day * 86400
        start_s = day_start_s + key.slot * bluezone.SLOT_S
        error_s = correction.seconds(header, start_s) if correction else 0
        uncertainty_s = _uncertainty_s(header, correction)
        found.append(OwnBluezoneKey(key.daily_key, day_start_s, start_s, error_s, uncertainty_s))
    return found


def events(
    header: records.Header, bodies: Sequence[reading.Body], correction: Correction | None = None
) -> list[reading.Event]:
    """Return what happened to the token, at Unix seconds."""
    return [
        reading.Event(each.code, _true_time(header, each.at_s, correction), each.value)
        for each in _records(bodies, reading.Event)
    ]


def _records(bodies: Iterable[reading.Body], kind: type) -> Iterable:
    return (record for body in bodies for record in body.records if isinstance(record, kind))


def _true_time(header: records.Header, token_s: int, correction: Correction | None) -> int:
    unix_s = token_s + records.EPOCH_UNIX_S
    return unix_s + correction.seconds(header, unix_s) if correction else unix_s


def _uncertainty_s(header: records.Header, correction: Correction | None) -> int | None:
    if header.clock_state == records.CLOCK_SET and (correction is None or correction.is_drift(header)):
        return header.uncertainty_s
    if correction is None:
        return None
    return CORRECTED_UNCERTAINTY_S if correction.within_s is None else correction.within_s
