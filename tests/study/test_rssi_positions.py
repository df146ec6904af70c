"""Levels of carry positions, on signals that were made up."""

import math

import pytest

from bluetoken.study.rssi_data import Mark
from bluetoken.study.rssi_positions import cells, compare, levels

LEVELS_DBM = {"pocket": -75.0, "shirt": -60.0}


def marks(distances_m: dict[str, tuple[float, ...]], exponent: float = 2.0) -> list[Mark]:
    return [
        Mark(position, m, angle_deg, round(LEVELS_DBM[position] - 10 * exponent * math.log10(m / 2) + swing_db))
        for position, of_position in distances_m.items()
        for m in of_position
        for angle_deg, swing_db in ((0.0, 3), (180.0, -3))
    ]


def test_a_cell_is_the_mean_at_one_distance_and_angle() -> None:
    found = cells([Mark("p", 1.0, 0.0, -60), Mark("p", 1.0, 0.0, -63), Mark("p", 1.0, 45.0, -70)])
    assert [each.rssi_dbm for each in found["p"]] == [-61.5, -70]


def test_levels_and_exponent_come_out_as_they_went_in() -> None:
    # At 0.2, 2 and 20 m every level is a whole number.
    exponent, found = levels(cells(marks({"pocket": (0.2, 2.0, 20.0), "shirt": (2.0, 20.0)})), 2.0)
    assert exponent == pytest.approx(2.0)
    assert found == pytest.approx(LEVELS_DBM)


def test_a_position_seen_at_one_distance_takes_the_others_exponent() -> None:
    _, found = levels(cells(marks({"pocket": (0.2, 20.0), "shirt": (20.0,)})), 2.0)
    assert found == pytest.approx(LEVELS_DBM)


def test_positions_side_by_side() -> None:
    found = compare(cells(marks({"pocket": (0.2, 2.0, 20.0), "shirt": (20.0,)})), 2.0, 100, 1)
    pocket, shirt = found.each
    assert pocket.offset_db.value == pytest.approx(-7.5) and shirt.offset_db.value == pytest.approx(7.5)
    assert shirt.offset_db.low < 7.5 < shirt.offset_db.high
    assert pocket.auc == 1.0 and pocket.borders is not None
    assert (shirt.auc, shirt.borders, shirt.lost) == (None, None, None)  # nobody close in a shirt
    # Of 16 comparisons one is lost: 2 m in a pocket, back to back (-78 dBm), and 20 m in a shirt, face to face (-77).
    assert found.auc == 15 / 16 and shirt.taken == 0.0
