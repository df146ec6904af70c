"""Where the borders of the bands lie, and what a band is worth. Pure.

Each border may be wrong about one in ten, in the direction that hurts there:

- *immediate* ends where it would take in more than one in ten of those beyond;
- *near* ends where at most one in ten of the close is lost to *far*.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bluetoken.exposure.bands import Band
from bluetoken.study.rssi_samples import Sample, tally
from bluetoken.study.rssi_scores import Tally, kept, posterior, ratio, roc

WRONG_AT_MOST = 0.1
#: What a confidence is called, by thirds.
WORDS = ("low", "medium", "high")


@dataclass(frozen=True)
class Borders:
    """The greatest attenuation of the two stronger bands, in dB."""

    immediate_db: int
    near_db: int

    def within(self, band: Band) -> tuple[float, float]:
        """Return where a band begins (exclusively) and ends."""
        infinity = float("inf")
        return {
            Band.IMMEDIATE: (-infinity, self.immediate_db),
            Band.NEAR: (self.immediate_db, self.near_db),
            Band.FAR: (self.near_db, infinity),
        }[band]


def choose(found: Tally, wrong_at_most: float = WRONG_AT_MOST) -> Borders:
    """Return the borders that a tally of close and beyond asks for."""
    points = list(roc(found))
    # Sums of shares end in some 1e-16 more or less than one.
    allowed = wrong_at_most + 1e-9
    immediate_db = max(
        (each.threshold_db for each in points if 1 - each.specificity <= allowed),
        default=points[0].threshold_db - 1,
    )
    near_db = min(each.threshold_db for each in points if 1 - each.sensitivity <= allowed)
    return Borders(immediate_db, max(immediate_db, near_db))


@dataclass(frozen=True)
class Worth:
    """How often a band is found among the close and among those beyond."""

    band: Band
    among_close: float
    among_beyond: float

    @property
    def ratio(self) -> float:
        """The likelihood ratio."""
        return ratio(self.among_close, self.among_beyond)

    def confidence(self, prevalence: float) -> float | None:
        """Return how probable "close" is in this band, where so many are close; None where nobody is in it."""
        return posterior(self.among_close, self.among_beyond, prevalence)


def worth(found: Tally, borders: Borders) -> list[Worth]:
    """Return what each band is worth, strongest first."""
    return [
        Worth(band, kept(found.close, *borders.within(band)), kept(found.beyond, *borders.within(band)))
        for band in Band
    ]


def word(confidence: float) -> str:
    """Return what a confidence is called."""
    return WORDS[min(int(confidence * len(WORDS)), len(WORDS) - 1)]


@dataclass(frozen=True)
class Checked:
    """A band chosen and weighed without a scenario, then tried in it: `predicted` at that scenario's own base rate."""

    scenario: str
    borders: Borders
    band: Band
    samples: int
    predicted: float | None
    found: float | None


def cross_checked(samples: Iterable[Sample], close_m: float) -> list[Checked]:
    """Leave one scenario out at a time; every scenario must have both the close and those beyond."""
    by_scenario: dict[str, list[Sample]] = {}
    for each in samples:
        by_scenario.setdefault(each.scenario, []).append(each)
    return [each for name in by_scenario for each in _left_out(name, by_scenario, close_m)]


def _left_out(name: str, by_scenario: Mapping[str, list[Sample]], close_m: float) -> list[Checked]:
    others = tally((each for other in by_scenario if other != name for each in by_scenario[other]), close_m)
    tried = tally(by_scenario[name], close_m)
    borders = choose(others)
    checked = []
    for each in worth(others, borders):
        above_db, up_to_db = borders.within(each.band)
        close = sum(count for db, count in tried.close.items() if above_db < db <= up_to_db)
        beyond = sum(count for db, count in tried.beyond.items() if above_db < db <= up_to_db)
        found = close / (close + beyond) if close + beyond else None
        predicted = each.confidence(tried.base_rate)
        checked.append(Checked(name, borders, each.band, close + beyond, predicted, found))
    return checked
