"""Packets become samples: each for itself, or what one device heard of another in a quarter of an hour. Pure."""

import statistics
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

from bluetoken.study.rssi_data import Packet
from bluetoken.study.rssi_scores import Tally

WINDOW_S = 900
#: The phones listened for some seconds every four minutes: after such a silence another burst begins.
BURST_GAP_S = 60
#: Whoever was heard in a single burst was not heard for a quarter of an hour.
MIN_BURSTS = 2

#: What can be made of a window's packets; the product keeps mean and strongest of an identifier (SPEC 2.6).
PREDICTORS: dict[str, Callable[[Sequence[int]], float]] = {
    "mean": statistics.fmean,
    "median": statistics.median,
    "strongest": min,
    "weakest": max,
}

Pair = tuple[str, str]


class Sample(NamedTuple):
    """An attenuation and the truth. The two directions of a pair are one pair, in all scenarios."""

    scenario: str
    pair: Pair
    attenuation_db: int
    distance_m: float


def single(packets: Iterable[Packet]) -> list[Sample]:
    """Return every packet as a sample."""
    return [Sample(each.scenario, _pair(each), each.attenuation_db, each.distance_m) for each in packets]


def windows(packets: Iterable[Packet]) -> list[list[Packet]]:
    """Return what each device heard of each other in each window, where that was in enough bursts."""
    found: dict[tuple[str, str, str, int], list[Packet]] = {}
    for each in packets:
        key = each.scenario, each.receiver, each.sender, int(each.at_s // WINDOW_S)
        found.setdefault(key, []).append(each)
    return [window for _, window in sorted(found.items()) if bursts(each.at_s for each in window) >= MIN_BURSTS]


def bursts(times_s: Iterable[float]) -> int:
    """Return in how many bursts something was heard."""
    return 1 + sum(after - before > BURST_GAP_S for before, after in pairwise(sorted(times_s)))


def summed_up(found: Iterable[Sequence[Packet]], predictor: Callable[[Sequence[int]], float]) -> list[Sample]:
    """Return a sample for each window; its distance is the median of its packets'."""
    return [
        Sample(
            scenario=window[0].scenario,
            pair=_pair(window[0]),
            attenuation_db=round(predictor([each.attenuation_db for each in window])),
            distance_m=statistics.median(each.distance_m for each in window),
        )
        for window in found
    ]


def tally(samples: Iterable[Sample], close_m: float) -> Tally:
    """Count samples; close is at most `close_m`."""
    found = Tally()
    for each in samples:
        found.add(each.attenuation_db, each.distance_m <= close_m)
    return found


def tallies_by_pair(samples: Iterable[Sample], close_m: float) -> dict[Pair, Tally]:
    """Count the samples of each pair for itself."""
    found: dict[Pair, Tally] = {}
    for each in samples:
        found.setdefault(each.pair, Tally()).add(each.attenuation_db, each.distance_m <= close_m)
    return found


def _pair(packet: Packet) -> Pair:
    return min(packet.receiver, packet.sender), max(packet.receiver, packet.sender)
