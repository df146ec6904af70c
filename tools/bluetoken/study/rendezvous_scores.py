"""What was caught, held against what was (pure).

A pair's minutes of a day are those that the side noted who noted more.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from statistics import fmean, pstdev

from bluetoken.study.rendezvous import Caught
from bluetoken.study.rendezvous_plan import LONG_S, MET_S
from bluetoken.study.traces import DAY_S, Pair, Stretch, Trace

LENGTHS_S = (60, 120, 300, 900, 1 << 31)
LENGTH_TITLES = ("under 1 min", "1-2", "2-5", "5-15", "longer")
_BURST_S = 0.6  # a contact that ends during a burst may still be sighted in it


@dataclass(frozen=True)
class Scores:
    """How good a catch is; shares and means are None where there is nothing to share.

    seen: of the contacts of each of LENGTHS_S. A first meeting that never came counts as infinitely late: None too.
    """

    recall: float | None
    precision: float | None
    pair_days: int
    seen: tuple[float | None, ...]
    contacts: tuple[int, ...]
    met_median_s: float | None
    met_p90_s: float | None
    error_mean_min: float | None
    error_sd_min: float | None


def scores(trace: Trace, caught: Caught, days: Collection[int], left_out: Collection[str] = ()) -> Scores:
    """Score a run over these days; pairs with one of `left_out` do not count."""
    right = missed = false = 0
    errors_min = []
    for true_s, noted_s in _pair_days(trace, caught, days, left_out):
        if true_s >= LONG_S:
            errors_min.append((noted_s - true_s) / 60)
            right += noted_s >= LONG_S
            missed += noted_s < LONG_S
        else:
            false += noted_s >= LONG_S
    contacts = list(_first_sightings(trace, caught, days, left_out))
    delays_s = sorted(delay_s for length_s, delay_s in contacts if length_s >= MET_S)
    seen: list[list[bool]] = [[] for _ in LENGTHS_S]
    for length_s, delay_s in contacts:
        seen[_length_class(length_s)].append(delay_s < math.inf)
    return Scores(
        recall=_share(right, right + missed),
        precision=_share(right, right + false),
        pair_days=right + missed,
        seen=tuple(_share(sum(each), len(each)) for each in seen),
        contacts=tuple(map(len, seen)),
        met_median_s=_quantile(delays_s, 0.5),
        met_p90_s=_quantile(delays_s, 0.9),
        error_mean_min=fmean(errors_min) if errors_min else None,
        error_sd_min=pstdev(errors_min) if errors_min else None,
    )


def _pair_days(
    trace: Trace, caught: Caught, days: Collection[int], left_out: Collection[str]
) -> Iterator[tuple[float, float]]:
    """Yield (seconds that a pair faced each other on a day, seconds noted)."""
    for day in days:
        true_s = trace.facing_s(day)
        noted = {(min(one, other), max(one, other)) for one, other, noted_day in caught.noted_s if noted_day == day}
        for one, other in sorted(noted.union(true_s)):
            if one not in left_out and other not in left_out:
                sides_s = (caught.noted_s.get((one, other, day), 0), caught.noted_s.get((other, one, day), 0))
                yield true_s.get((one, other), 0), max(sides_s)


def _first_sightings(
    trace: Trace, caught: Caught, days: Collection[int], left_out: Collection[str]
) -> Iterator[tuple[int, float]]:
    """Yield (length of a contact, seconds until either noticed the other, infinite for never)."""
    for pair, stretches in trace.contacts.items():
        if pair[0] in left_out or pair[1] in left_out:
            continue
        for stretch in stretches:
            if stretch[0] // DAY_S in days:
                yield stretch[1] - stretch[0], _delay_s(caught, pair, stretch)


def _delay_s(caught: Caught, pair: Pair, stretch: Stretch) -> float:
    start_s, end_s = stretch
    times_s = caught.sighted_s.get(pair, [])
    first = bisect_left(times_s, start_s)
    if first < len(times_s) and times_s[first] <= end_s + _BURST_S:
        return times_s[first] - start_s
    return math.inf


def _length_class(length_s: int) -> int:
    """Return which of LENGTHS_S; exactly a minute is the next class already."""
    return bisect_right(LENGTHS_S, length_s)


def _quantile(ordered: Sequence[float], share: float) -> float | None:
    if not ordered:
        return None
    value = ordered[math.ceil(share * len(ordered)) - 1]
    return value if value < math.inf else None


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
