"""The timeline's geometry: one panel a case and day, one lane a wearer, bars for contacts. Pure."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from bluetoken.exposure.contacts import Part
from bluetoken.exposure.days import midnights
from bluetoken.exposure.evaluation import Result

LABEL_WIDTH = 140
LABEL_LETTERS = 20
AXIS_WIDTH = 620
RIGHT_MARGIN = 24
LANE_HEIGHT = 22
TOP = 22
#: A contact of a few minutes stays visible on an axis of a whole day.
MIN_BAR_WIDTH = 1.5


@dataclass(frozen=True)
class Bar:
    """A part of a contact, in pixels."""

    x: float
    y: float
    width: float
    band: str
    title: str


@dataclass(frozen=True)
class Lane:
    """A wearer's row."""

    label: str
    y: float
    bars: tuple[Bar, ...]


@dataclass(frozen=True)
class Tick:
    """An hour on the axis."""

    x: float
    text: str


@dataclass(frozen=True)
class Panel:
    """One day of one case."""

    case: str
    day: str
    ticks: tuple[Tick, ...]
    lanes: tuple[Lane, ...]

    @property
    def width(self) -> int:
        """In pixels."""
        return LABEL_WIDTH + AXIS_WIDTH + RIGHT_MARGIN

    @property
    def height(self) -> int:
        """In pixels."""
        return TOP + LANE_HEIGHT * len(self.lanes) + 4


def panels(results: Iterable[Result], zone: tzinfo) -> list[Panel]:
    """Return a panel for every case and day with contacts; the results' order is the lanes' order."""
    days: dict[tuple[str, datetime], list[tuple[Result, list[Part]]]] = {}
    for result in results:
        parts_by_day: dict[datetime, list[Part]] = {}
        for contact in result.contacts:
            for part in contact.parts:
                for day in midnights(part.start_s, part.end_s, zone):
                    parts_by_day.setdefault(day, []).append(part)
        for day, parts in parts_by_day.items():
            days.setdefault((result.case, day), []).append((result, parts))
    return [_panel(case, day, days[case, day], zone) for case, day in sorted(days)]


def _panel(case: str, day: datetime, rows: Sequence[tuple[Result, list[Part]]], zone: tzinfo) -> Panel:
    midnight_s = int(day.timestamp())
    parts = [part for _, of_wearer in rows for part in of_wearer]
    # Whole hours around what there is, at least three of them, within the day.
    first = max(math.floor((min(part.start_s for part in parts) - midnight_s) / 3600), 0)
    last = min(math.ceil((max(part.end_s for part in parts) - midnight_s) / 3600), 24)
    if last - first < 3:
        first = max(min(first - 1, 21), 0)
        last = max(last, first + 3)
    axis = _Axis(midnight_s, first, last)
    lanes = tuple(_lane(number, row, axis, zone) for number, row in enumerate(rows))
    return Panel(case, f"{day:%Y-%m-%d}", tuple(axis.ticks()), lanes)


@dataclass(frozen=True)
class _Axis:
    midnight_s: int
    first_hour: int
    last_hour: int

    def x(self, unix_s: int) -> float:
        hours = (unix_s - self.midnight_s) / 3600 - self.first_hour
        share = min(max(hours / (self.last_hour - self.first_hour), 0.0), 1.0)
        return LABEL_WIDTH + share * AXIS_WIDTH

    def ticks(self) -> Iterator[Tick]:
        step = 1 if self.last_hour - self.first_hour <= 12 else 2
        for hour in range(self.first_hour, self.last_hour + 1, step):
            yield Tick(round(self.x(self.midnight_s + hour * 3600), 1), f"{hour:02}:00")


def _lane(number: int, row: tuple[Result, list[Part]], axis: _Axis, zone: tzinfo) -> Lane:
    result, parts = row
    y = TOP + number * LANE_HEIGHT
    bars = []
    for part in parts:
        x, end = axis.x(part.start_s), axis.x(part.end_s)
        bars.append(
            Bar(
                x=round(x, 1),
                y=y + 4,
                width=round(max(end - x, MIN_BAR_WIDTH), 1),
                band=str(part.band),
                title=f"{_hour(part.start_s, zone)} - {_hour(part.end_s, zone)}, {part.band}, "
                f"{part.typical_attenuation_db} dB",
            )
        )
    return Lane(_shortened(result.label), y, tuple(bars))


def _shortened(label: str) -> str:
    return label if len(label) <= LABEL_LETTERS else label[: LABEL_LETTERS - 1] + "…"


def _hour(unix_s: int, zone: tzinfo) -> str:
    return f"{datetime.fromtimestamp(unix_s, zone):%H:%M}"
