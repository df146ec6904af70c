"""What a band of signal strength says of whether somebody was close, from recordings with known distances."""

import statistics
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bluetoken.errors import BadStudyData
from bluetoken.study.rssi_bands import Borders, Checked, Worth, choose, cross_checked, worth
from bluetoken.study.rssi_bootstrap import Draw, Estimate, interval, pairs_drawn, people_drawn, resampled
from bluetoken.study.rssi_data import Packet, read_people, read_positions
from bluetoken.study.rssi_plan import CLOSE_M, VERY_CLOSE_M, Plan
from bluetoken.study.rssi_positions import Positions, any_on_both_sides, cells, compare
from bluetoken.study.rssi_samples import (
    PREDICTORS,
    Sample,
    single,
    summed_up,
    tallies_by_pair,
    tally,
    windows,
)
from bluetoken.study.rssi_scores import Point, Tally, auc, kept, roc


@dataclass(frozen=True)
class Discrimination:
    """AUCs of one predictor."""

    predictor: str
    close: Estimate  # within 2 m or not; pairs drawn anew
    close_by_people: Estimate  # the same, people drawn anew
    very_close: float  # within 1 m or not
    over_first: Estimate  # by how much it is better than the first predictor, in the same draws of pairs


@dataclass(frozen=True)
class Confidence:
    """What a band is worth, how probable "close" is in it, and where the truly close and the others land."""

    worth: Worth
    close: Estimate  # at the prevalence
    very_close_share: float  # of those within 1 m, the share in this band


@dataclass(frozen=True)
class Grain:
    """The study for one grain: a packet, or a quarter of an hour."""

    name: str
    samples: int
    pairs: int
    base_rate: float
    discrimination: tuple[Discrimination, ...]
    points: tuple[Point, ...]
    own_borders: Borders  # what this grain would ask for
    bands: tuple[Confidence, ...]  # at the borders that were chosen
    checked: tuple[Checked, ...]


@dataclass(frozen=True)
class Study:
    """Everything found; `borders` are those of the mean over a quarter of an hour, for which rules ask."""

    prevalence: float
    borders: Borders
    packet: Grain
    window: Grain
    seen_s: float  # in the median window, from the first packet to the last
    positions: Positions


def study(folder: Path, plan: Plan) -> Study:
    """Do the study on a folder's recordings."""
    packets = read_people(folder)
    marks = read_positions(folder)
    of_packets, of_windows = samples(packets)
    for found in (of_packets, *of_windows.values()):
        _check(found)
    by_position = cells(marks)
    if not any_on_both_sides(by_position, CLOSE_M):
        raise BadStudyData("The carry positions are too few: distances close and beyond are needed.")
    borders = chosen(of_windows["mean"])
    return Study(
        prevalence=plan.prevalence,
        borders=borders,
        packet=_grain("a packet", {"packet": of_packets}, borders, plan),
        window=_grain("15 minutes", of_windows, borders, plan),
        seen_s=statistics.median(each[-1].at_s - each[0].at_s for each in windows(packets)),
        positions=compare(by_position, CLOSE_M, plan.resamples, plan.seed),
    )


def samples(packets: Sequence[Packet]) -> tuple[list[Sample], dict[str, list[Sample]]]:
    """Return every packet, and every window by predictor."""
    found = windows(packets)
    return single(packets), {name: summed_up(found, of) for name, of in PREDICTORS.items()}


def chosen(of_windows: Iterable[Sample]) -> Borders:
    """Return the borders for means over windows."""
    return choose(tally(of_windows, CLOSE_M))


def confidences(found: Sequence[Sample], borders: Borders, plan: Plan) -> tuple[Confidence, ...]:
    """Return what each band is worth at these borders, strongest first; intervals by pair."""
    very_close = tally(found, VERY_CLOSE_M).close
    repeated = [worth(each, borders) for each in _redrawn(found, pairs_drawn, plan)]
    return tuple(
        Confidence(
            worth=each,
            close=interval(
                each.confidence(plan.prevalence) or 0.0,
                [value for drawn in repeated if (value := drawn[place].confidence(plan.prevalence)) is not None],
            ),
            very_close_share=kept(very_close, *borders.within(each.band)),
        )
        for place, each in enumerate(worth(tally(found, CLOSE_M), borders))
    )


def _grain(name: str, by_predictor: dict[str, list[Sample]], borders: Borders, plan: Plan) -> Grain:
    main = next(iter(by_predictor.values()))
    counted = tally(main, CLOSE_M)
    return Grain(
        name=name,
        samples=len(main),
        pairs=len({each.pair for each in main}),
        base_rate=counted.base_rate,
        discrimination=tuple(_discriminations(by_predictor, plan)),
        points=tuple(roc(counted)),
        own_borders=choose(counted),
        bands=confidences(main, borders, plan),
        checked=tuple(cross_checked(main, CLOSE_M)),
    )


def _discriminations(by_predictor: Mapping[str, Sequence[Sample]], plan: Plan) -> Iterator[Discrimination]:
    first_value, first_drawn = 0.0, list[float]()
    for predictor, found in by_predictor.items():
        value = auc(tally(found, CLOSE_M))
        drawn = [auc(each) for each in _redrawn(found, pairs_drawn, plan)]
        if not first_drawn:
            first_value, first_drawn = value, drawn
        better = [mine - firsts for mine, firsts in zip(drawn, first_drawn, strict=True)]
        yield Discrimination(
            predictor=predictor,
            close=interval(value, drawn),
            close_by_people=interval(value, [auc(each) for each in _redrawn(found, people_drawn, plan)]),
            very_close=auc(tally(found, VERY_CLOSE_M)),
            over_first=interval(value - first_value, better),
        )


def _redrawn(found: Sequence[Sample], draw: Draw, plan: Plan) -> Iterable[Tally]:
    return resampled(tallies_by_pair(found, CLOSE_M), draw, plan.resamples, plan.seed)


def _check(found: Sequence[Sample]) -> None:
    """Refuse recordings that leave something out of which the study is made."""
    by_scenario: dict[str, list[Sample]] = {}
    for each in found:
        by_scenario.setdefault(each.scenario, []).append(each)
    whole = all(_has_both(of_one, CLOSE_M) for of_one in by_scenario.values())
    if len(by_scenario) < 2 or not whole or not _has_both(found, VERY_CLOSE_M):
        raise BadStudyData("The recordings are too few: two scenarios with people close and beyond are needed.")


def _has_both(found: Sequence[Sample], close_m: float) -> bool:
    counted = tally(found, close_m)
    return bool(counted.close and counted.beyond)
