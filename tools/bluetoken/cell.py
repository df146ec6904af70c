"""What a lithium cell's voltage says of its charge, and below which a token says that the battery is low. Pure.

The rule: a week before the end, at the mean current that tokens are built for. Where a week would be more than half
of what the cell gives, so that the sign would be on for most of the time and nobody would look at it any more, it comes
at the last quarter.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from wearable.pace import BUDGET_UA

WEEK_H = 7 * 24
#: The goal for an ESP32-C3: 14 days on 1000 mAh. docs/DESIGN.md.
MEAN_MA = BUDGET_UA / 1000
#: What a worn cell gives of its capacity in the cold.
USABLE = 0.85
MOST_PERCENT = 50
SMALL_PERCENT = 25

#: (percent of what the cell gives, its voltage in mV after a rest), one LiPo cell at room temperature. Estimated: the
#: table that goes round among model builders, from memory, with nobody's measurement behind it. Loads of some tens of
#: mA take 10 to 20 mV more (150 milli-ohms), and on the plateau 10 mV are 5 percent.
CURVE_MV = (
    (0, 3270),
    (5, 3610),
    (10, 3690),
    (15, 3710),
    (20, 3730),
    (25, 3750),
    (30, 3770),
    (35, 3790),
    (40, 3800),
    (45, 3820),
    (50, 3840),
    (55, 3850),
    (60, 3870),
    (65, 3910),
    (70, 3950),
    (75, 3980),
    (80, 4020),
    (85, 4080),
    (90, 4110),
    (95, 4150),
    (100, 4200),
)


@dataclass(frozen=True)
class LowSign:
    """When a battery is called low, and how long it then lasts."""

    low_mv: int
    percent: float
    days: float

    @property
    def is_a_week(self) -> bool:
        """Whether the wearer has a week's time."""
        return self.days >= WEEK_H / 24 - 0.01


def low_sign(capacity_mah: int, low_mv: int | None = None, mean_ma: float = MEAN_MA) -> LowSign:
    """Return when a cell is called low: by the rule, or below `low_mv` where the board has its own word."""
    gives_mah = capacity_mah * USABLE
    week_percent = 100 * WEEK_H * mean_ma / gives_mah
    percent = week_percent if week_percent <= MOST_PERCENT else SMALL_PERCENT
    if low_mv is None:
        low_mv = voltage_mv(percent)
    else:
        percent = charge_percent(low_mv)
    return LowSign(low_mv, percent, percent / 100 * gives_mah / mean_ma / 24)


def voltage_mv(percent: float) -> int:
    """Return the voltage at so much charge."""
    return round(_between(CURVE_MV, percent))


def charge_percent(battery_mv: float) -> float:
    """Return the charge at a voltage."""
    return _between([(mv, percent) for percent, mv in CURVE_MV], battery_mv)


def _between(points: Sequence[tuple[float, float]], x: float) -> float:
    """Straight lines between the points, and level beyond them."""
    x = min(max(x, points[0][0]), points[-1][0])
    n = max(bisect_left(points, x, key=lambda point: point[0]), 1)
    (low_x, low_y), (high_x, high_y) = points[n - 1], points[n]
    return low_y + (x - low_x) / (high_x - low_x) * (high_y - low_y)
