"""How well an attenuation tells "close" from "beyond": counting, and nothing but counting. Pure.

Attenuations are whole dB, so all that matters of a sample is two histograms.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Tally:
    """How often each attenuation (whole dB) was seen among the close and among those beyond."""

    close: Counter[int] = field(default_factory=Counter)
    beyond: Counter[int] = field(default_factory=Counter)

    def add(self, attenuation_db: int, is_close: bool, times: int = 1) -> None:
        (self.close if is_close else self.beyond)[attenuation_db] += times

    def add_all(self, other: "Tally", times: int = 1) -> None:
        """Add another tally so many times."""
        for mine, others in ((self.close, other.close), (self.beyond, other.beyond)):
            for attenuation_db, count in others.items():
                mine[attenuation_db] += times * count

    @property
    def base_rate(self) -> float:
        """The share of the close."""
        close = self.close.total()
        return close / (close + self.beyond.total())

    def steps_db(self) -> list[int]:
        """Return every attenuation there is, least first."""
        return sorted(self.close | self.beyond)


def auc(tally: Tally) -> float:
    """Return how often the close one of two has the smaller attenuation; a tie counts half."""
    won2 = nearer = 0  # twice what was won, to stay among whole numbers
    for db in tally.steps_db():
        won2 += tally.beyond[db] * (2 * nearer + tally.close[db])
        nearer += tally.close[db]
    return won2 / (2 * tally.close.total() * tally.beyond.total())


def kept(histogram: Counter[int], above_db: float, up_to_db: float) -> float:
    """Return the share of a histogram that lies in (above_db, up_to_db]."""
    return sum(count for db, count in histogram.items() if above_db < db <= up_to_db) / histogram.total()


@dataclass(frozen=True)
class Point:
    """What "at most so many dB means close" is worth."""

    threshold_db: int
    sensitivity: float  # of the close, the share that it says so of
    specificity: float  # of those beyond, the share that it does not


def roc(tally: Tally) -> Iterator[Point]:
    """Yield a point for every whole dB from the least attenuation to the greatest."""
    close, beyond = tally.close.total(), tally.beyond.total()
    close_so_far = beyond_so_far = 0
    steps_db = tally.steps_db()
    for db in range(steps_db[0], steps_db[-1] + 1):
        close_so_far += tally.close[db]
        beyond_so_far += tally.beyond[db]
        yield Point(db, close_so_far / close, 1 - beyond_so_far / beyond)


def ratio(among_close: float, among_beyond: float) -> float:
    """Return a likelihood ratio: how much more often it is found among the close."""
    return among_close / among_beyond if among_beyond else float("inf")


def posterior(among_close: float, among_beyond: float, prevalence: float) -> float | None:
    """Return how probable "close" is once it was found, by Bayes; None for what is never found."""
    found = among_close * prevalence
    total = found + among_beyond * (1 - prevalence)
    return found / total if total else None
