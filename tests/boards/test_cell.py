"""A week's charge by a cell's voltage."""

from __future__ import annotations

from itertools import pairwise

import pytest

from bluetoken.cell import CURVE_MV, MEAN_MA, USABLE, charge_percent, low_sign, voltage_mv


def test_the_curve_rises_everywhere() -> None:
    assert all(a[0] < b[0] and a[1] < b[1] for a, b in pairwise(CURVE_MV))
    assert (CURVE_MV[0][0], CURVE_MV[-1][0]) == (0, 100)


def test_voltage_and_charge_are_each_other_s_inverse() -> None:
    for percent in range(0, 101, 3):
        assert charge_percent(voltage_mv(percent)) == pytest.approx(percent, abs=0.6)
    assert charge_percent(4300) == 100 and charge_percent(2900) == 0


@pytest.mark.parametrize("capacity_mah", [1000, 1500, 2000, 5000])
def test_what_is_left_at_the_sign_is_a_week(capacity_mah: int) -> None:
    sign = low_sign(capacity_mah)
    left_mah = charge_percent(sign.low_mv) / 100 * capacity_mah * USABLE
    assert left_mah == pytest.approx(7 * 24 * MEAN_MA, rel=0.02)
    assert sign.is_a_week and sign.days == pytest.approx(7)


@pytest.mark.parametrize(("capacity_mah", "hours"), [(120, 10.2), (400, 34), (900, 76.5)])
def test_a_cell_too_small_for_a_week_says_so_and_speaks_at_the_last_quarter(capacity_mah: int, hours: float) -> None:
    sign = low_sign(capacity_mah)
    assert not sign.is_a_week and sign.percent == 25 and sign.low_mv == 3750
    assert sign.days * 24 == pytest.approx(hours)


def test_who_draws_more_is_warned_at_more() -> None:
    assert low_sign(2000, mean_ma=4.6).low_mv > low_sign(2000).low_mv
