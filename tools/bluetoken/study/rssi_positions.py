"""What a carry position does to a signal. Pure.

One pair of phones stood at each mark and turned: a *cell* is one distance and one angle of one position, and its
mean is what a quarter of an hour at rest would give. Transmit powers are not told, so levels are compared, not
attenuations; and as each position is another pair of phones on other people, an offset is theirs too.

mean RSSI = level of the position - 10 * exponent * log10(distance / close)
"""

import math
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from random import Random

from bluetoken.study.rssi_bands import Borders, choose
from bluetoken.study.rssi_bootstrap import Estimate, interval
from bluetoken.study.rssi_data import Mark
from bluetoken.study.rssi_scores import Tally, auc, kept


@dataclass(frozen=True, slots=True)
class Cell:
    """A pair at one distance and one angle."""

    distance_m: float
    rssi_dbm: float  # the mean


@dataclass(frozen=True)
class Position:
    """What was found of one carry position; what takes both the close and those beyond is None without them."""

    name: str
    cells: int
    nearest_m: float
    farthest_m: float
    level_dbm: float  # at the distance that still is close
    offset_db: Estimate  # from the mean of all positions
    auc: float | None
    borders: Borders | None  # its own, in dB below 0 dBm
    lost: float | None  # of its close, what the common borders call far
    taken: float | None  # of those beyond, what the common borders call immediate


@dataclass(frozen=True)
class Positions:
    """All of them; the common borders are those of all cells pooled, in dB below 0 dBm."""

    exponent: float
    auc: float
    borders: Borders
    each: tuple[Position, ...]


Cells = Mapping[str, Sequence[Cell]]


def cells(marks: Iterable[Mark]) -> dict[str, list[Cell]]:
    """Return the cells of each position."""
    heard: dict[tuple[str, float, float], list[int]] = {}
    for each in marks:
        heard.setdefault((each.position, each.distance_m, each.angle_deg), []).append(each.rssi_dbm)
    found: dict[str, list[Cell]] = {}
    for (position, distance_m, _), rssi_dbm in sorted(heard.items()):
        found.setdefault(position, []).append(Cell(distance_m, statistics.fmean(rssi_dbm)))
    return found


def any_on_both_sides(by_position: Cells, close_m: float) -> bool:
    """Whether there are cells that are close and cells beyond; none of them at no distance at all."""
    distances_m = [each.distance_m for found in by_position.values() for each in found]
    return 0 < min(distances_m) <= close_m < max(distances_m)


def levels(by_position: Cells, close_m: float) -> tuple[float, dict[str, float]]:
    """Return the common exponent and each position's level, by least squares."""
    slope_over = slope_under = 0.0
    means: dict[str, tuple[float, float]] = {}
    for position, found in by_position.items():
        x = [10 * math.log10(each.distance_m / close_m) for each in found]
        y = [each.rssi_dbm for each in found]
        mean_x, mean_y = statistics.fmean(x), statistics.fmean(y)
        slope_over += sum((a - mean_x) * (b - mean_y) for a, b in zip(x, y, strict=True))
        slope_under += sum((a - mean_x) ** 2 for a in x)
        means[position] = mean_x, mean_y
    exponent = -slope_over / slope_under if slope_under else 0.0
    return exponent, {name: mean_y + exponent * mean_x for name, (mean_x, mean_y) in means.items()}


def offsets(by_position: Cells, close_m: float) -> dict[str, float]:
    """Return by how much each position is heard more strongly than the mean of all, in dB."""
    _, found = levels(by_position, close_m)
    mean = statistics.fmean(found.values())
    return {name: level - mean for name, level in found.items()}


def compare(by_position: Cells, close_m: float, resamples: int, seed: int) -> Positions:
    """Return what the positions have in common and what not; intervals by drawing cells anew within each."""
    exponent, level_dbm = levels(by_position, close_m)
    offset_db = offsets(by_position, close_m)
    repeated = list(_repeated_offsets(by_position, close_m, resamples, seed))
    pooled = _tally((each for found in by_position.values() for each in found), close_m)
    borders = choose(pooled)
    each = tuple(
        _position(
            name,
            found,
            level_dbm[name],
            interval(offset_db[name], [drawn[name] for drawn in repeated]),
            (_tally(found, close_m), borders),
        )
        for name, found in by_position.items()
    )
    return Positions(exponent, auc(pooled), borders, each)


def _position(
    name: str, found: Sequence[Cell], level_dbm: float, offset_db: Estimate, judged: tuple[Tally, Borders]
) -> Position:
    tally, common = judged
    both = bool(tally.close and tally.beyond)
    return Position(
        name=name,
        cells=len(found),
        nearest_m=min(each.distance_m for each in found),
        farthest_m=max(each.distance_m for each in found),
        level_dbm=level_dbm,
        offset_db=offset_db,
        auc=auc(tally) if both else None,
        borders=choose(tally) if both else None,
        lost=kept(tally.close, common.near_db, math.inf) if tally.close else None,
        taken=kept(tally.beyond, -math.inf, common.immediate_db) if tally.beyond else None,
    )


def _repeated_offsets(by_position: Cells, close_m: float, resamples: int, seed: int) -> Iterable[dict[str, float]]:
    random = Random(seed)
    for _ in range(resamples):
        yield offsets({name: random.choices(found, k=len(found)) for name, found in by_position.items()}, close_m)


def _tally(found: Iterable[Cell], close_m: float) -> Tally:
    tally = Tally()
    for each in found:
        tally.add(round(-each.rssi_dbm), each.distance_m <= close_m)
    return tally
