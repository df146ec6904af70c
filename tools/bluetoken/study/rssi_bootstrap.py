"""How far a figure may be off: the study over again with pairs, or people, drawn anew. Pure.

Packets of a pair are not independent, so it is pairs that are drawn. Nor are two pairs that share a person:
where people are drawn, a pair counts as often as the one was drawn times the other.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from random import Random

from bluetoken.study.rssi_samples import Pair
from bluetoken.study.rssi_scores import Tally


@dataclass(frozen=True)
class Estimate:
    """A figure, and where 95 of 100 repetitions put it."""

    value: float
    low: float
    high: float


def interval(value: float, repeated: list[float]) -> Estimate:
    """Return a figure with the 2.5 and 97.5 percentiles of its repetitions (the figure itself where there are none)."""
    if not repeated:
        return Estimate(value, value, value)
    ordered = sorted(repeated)
    last = len(ordered) - 1
    return Estimate(value, ordered[round(0.025 * last)], ordered[round(0.975 * last)])


def pairs_drawn(pairs: list[Pair], random: Random) -> Mapping[Pair, int]:
    """Draw as many pairs as there are, with replacement."""
    return Counter(random.choices(pairs, k=len(pairs)))


def people_drawn(pairs: list[Pair], random: Random) -> Mapping[Pair, int]:
    """Draw as many people as there are, with replacement."""
    people = sorted({person for pair in pairs for person in pair})
    drawn = Counter(random.choices(people, k=len(people)))
    return {(a, b): drawn[a] * drawn[b] for a, b in pairs}


Draw = Callable[[list[Pair], Random], Mapping[Pair, int]]


def resampled(by_pair: Mapping[Pair, Tally], draw: Draw, resamples: int, seed: int) -> Iterator[Tally]:
    """Yield the whole tally again and again, each time of another draw; those with one outcome only are left out."""
    random = Random(seed)
    pairs = sorted(by_pair)
    for _ in range(resamples):
        total = Tally()
        for pair, times in draw(pairs, random).items():
            total.add_all(by_pair[pair], times)
        if total.close.total() and total.beyond.total():
            yield total
