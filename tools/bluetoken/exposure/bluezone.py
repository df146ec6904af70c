"""Which encounters were with whom by Bluezone's protocol (facts: protocols.md, A5). Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from bluetoken.exposure.matching import TOLERANCE_S, Match
from bluetoken.exposure.sightings import BluezoneEncounter
from wearable.protocols import bluezone

DAY_S = 86400
#: What Bluezone's phones are told to send with, Android's TX_POWER_LOW: nominal, and not in their packets. Estimated.
PHONE_TX_POWER_DBM = -15


@dataclass(frozen=True)
class PublishedDays:
    """What a programme tells of a case: a daily key, and the time that it and its successors were in use.

    `clock_error_s` is what must be added to the times at which the case's own token believed to use it, and
    `clock_uncertainty_s` how well that is known, None for not at all. Of phones nothing is known, and nothing allowed.
    """

    daily_key: bytes
    time_start_s: int  # Unix seconds: the UTC midnight of `daily_key`
    time_end_s: int  # the last ID is the one whose time begins then or before
    slots_a_day: int = bluezone.SLOTS_A_DAY
    case: str = ""
    tx_power_dbm: int = PHONE_TX_POWER_DBM
    clock_error_s: int = 0
    clock_uncertainty_s: int | None = 0

    @property
    def end_s(self) -> int:
        """When the last ID's time is over at the latest, by the case's clock."""
        return self.time_end_s + DAY_S // self.slots_a_day


class Slot(NamedTuple):
    """An ID and when it may have been heard, in Unix milliseconds, both ends included."""

    bluezone_id: bytes
    start_ms: int
    end_ms: int

    def off_ms(self, at_ms: int) -> int:
        """Return by how much a time is outside: 0 where the apps take it for a contact."""
        return max(self.start_ms - at_ms, at_ms - self.end_ms, 0)


@dataclass(frozen=True, slots=True)
class OffSlot:
    """An ID of a case that was heard `off_s` outside its time, which the clocks' uncertainty (None: unknown) allows."""

    encounter: BluezoneEncounter
    case: str
    off_s: int
    clock_uncertainty_s: int | None


@dataclass
class Matches:
    """What was heard of cases: at the right time, which is what counts, and apart from that what may have been."""

    exact: list[Match] = field(default_factory=list)
    off_slot: list[OffSlot] = field(default_factory=list)


def slots(days: PublishedDays) -> Iterator[Slot]:
    """Yield every ID with its time, as `checkContactF` of the apps goes through them."""
    step_ms = DAY_S * 1000 // days.slots_a_day
    start_ms, last_ms = days.time_start_s * 1000, days.time_end_s * 1000
    daily_key = days.daily_key
    while start_ms <= last_ms:
        sub_key = bluezone.first_sub_key(daily_key)
        for _ in range(days.slots_a_day):
            if start_ms > last_ms:
                return
            yield Slot(bluezone.identifier_of(sub_key), start_ms, start_ms + step_ms)
            sub_key = bluezone.next_sub_key(sub_key)
            start_ms += step_ms
        daily_key = bluezone.next_daily_key(daily_key)


def match(
    encounters_by_token: Mapping[str, Sequence[BluezoneEncounter]],
    published: Iterable[PublishedDays],
    from_s: int = 0,
) -> dict[str, Matches]:
    """Return each token's matches by time; a token without any is absent.

    An encounter counts if its first or its last time is in the ID's, to the second: there is no other tolerance. It
    counts for as long as both last. What begins before `from_s` (Unix seconds) and ends before it is left out.
    """
    index: dict[bytes, list[tuple[str, BluezoneEncounter]]] = {}
    for token, encounters in encounters_by_token.items():
        for encounter in encounters:
            index.setdefault(encounter.bluezone_id, []).append((token, encounter))
    found: dict[str, Matches] = {}
    for days in published:
        for slot in slots(days):
            if slot.bluezone_id not in index or slot.end_ms // 1000 + days.clock_error_s <= from_s:
                continue
            for token, encounter in index[slot.bluezone_id]:
                _sort_in(found, token, _at_true_time(slot, days.clock_error_s), days, encounter)
    for matches in found.values():
        matches.exact.sort(key=lambda each: (each.encounter.start_s, each.encounter.identifier))
        matches.off_slot.sort(key=lambda each: (each.encounter.start_s, each.encounter.identifier))
    return found


def _at_true_time(slot: Slot, clock_error_s: int) -> Slot:
    error_ms = clock_error_s * 1000
    return slot._replace(start_ms=slot.start_ms + error_ms, end_ms=slot.end_ms + error_ms)


def _sort_in(
    found: dict[str, Matches], token: str, slot: Slot, days: PublishedDays, encounter: BluezoneEncounter
) -> None:
    first_ms, last_ms = encounter.start_s * 1000, (encounter.start_s + encounter.span_s) * 1000
    off_s = -(-min(slot.off_ms(first_ms), slot.off_ms(last_ms)) // 1000)
    if off_s == 0:
        heard = _within(slot, encounter)
        found.setdefault(token, Matches()).exact.append(
            Match(
                heard,
                days.case,
                typical_attenuation_db=max(days.tx_power_dbm - heard.rssi_mean_dbm, 0),
                min_attenuation_db=max(days.tx_power_dbm - heard.rssi_max_dbm, 0),
            )
        )
        return
    uncertainty_s = _both(encounter.clock_uncertainty_s, days.clock_uncertainty_s)
    if off_s <= (TOLERANCE_S if uncertainty_s is None else uncertainty_s):
        found.setdefault(token, Matches()).off_slot.append(
            OffSlot(encounter, days.case, off_s, uncertainty_s)
        )


def _within(slot: Slot, encounter: BluezoneEncounter) -> BluezoneEncounter:
    """Return the part of an encounter that lies in the ID's time: whoever says it later is somebody else."""
    start_s = max(encounter.start_s, -(-slot.start_ms // 1000))
    end_s = min(encounter.start_s + encounter.span_s, slot.end_ms // 1000)
    return replace(encounter, start_s=start_s, span_s=max(end_s - start_s, 0))


def _both(first_s: int | None, second_s: int | None) -> int | None:
    return None if first_s is None or second_s is None else first_s + second_s
