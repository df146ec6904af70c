"""The schedules that the rendezvous study sets against each other, by name.

Those that sleep get a period that spends the budget. Those that never sleep draw what they draw.
"""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from bluetoken.study.rendezvous import SleeperFactory
from bluetoken.study.rendezvous_plan import AHEAD_MS, FAR_MS, Case
from bluetoken.study.sleepers import Burst, Draws, Herder, Liar, Plain, Sleeper
from wearable import schedule

RANDOM_BURST_MS = 650
GRID_BURST_MS = 600
OURS = "ours"


@dataclass(frozen=True)
class Kind:
    """What is compared: its title, and whether it can keep to a budget."""

    title: str
    budgeted: bool


KINDS: Mapping[str, Kind] = {
    OURS: Kind("ours: herds", True),
    "random": Kind("random bursts", True),
    "utc": Kind("UTC grid, never corrected", True),
    "en": Kind("Exposure Notification", False),
    "tracetogether": Kind("TraceTogether", False),
    "always": Kind("always on", False),
}


@dataclass(frozen=True)
class AlwaysOn:
    """A radio that never sleeps: advertising interval, its random delay included, and how it scans."""

    advert_ms: float
    scan_ms: int
    every_ms: int


ALWAYS_ON: Mapping[str, AlwaysOn] = {
    "en": AlwaysOn(255.0, 4000, 300_000),
    "tracetogether": AlwaysOn(92.0, 100, 15_000),
    # In pieces: shorter ones would place short contacts better, and take as much longer.
    "always": AlwaysOn(255.0, 20_000, 20_000),
}


def factory(case: Case) -> SleeperFactory:
    """Return what makes a token's schedule."""
    if case.schedule == OURS:
        return token_held_to(case.mean_ma, case.draws)
    if case.schedule in ALWAYS_ON:
        return partial(_always_on, ALWAYS_ON[case.schedule])
    burst = _burst(RANDOM_BURST_MS if case.schedule == "random" else GRID_BURST_MS)
    period_ms = affordable_ms(burst, case.mean_ma, case.draws)
    return partial(_random if case.schedule == "random" else _grid, burst, period_ms)


def token_held_to(mean_ma: float, draws: Draws) -> SleeperFactory:
    """Return what makes one of our tokens that is held to a mean current."""
    return partial(_ours, round(mean_ma * 1000), draws)


def liar(case: Case) -> SleeperFactory:
    """Return what makes the schedule of one who lies."""
    ahead_ms = {"ahead": AHEAD_MS, "far": FAR_MS, "jumps": 0}[case.liar]
    return partial(_liar, round(case.mean_ma * 1000), case.draws, ahead_ms, case.liar == "jumps")


def affordable_ms(burst: Burst, mean_ma: float, draws: Draws) -> float:
    """Return how often such a burst may come for a mean current."""
    ears_ms = sum(end_ms - start_ms for start_ms, end_ms in burst.ears)
    return draws.burst_mc(burst.length_ms, ears_ms, Herder.advert_ms) / (mean_ma - draws.sleep_ma) * 1000


def _burst(length_ms: int) -> Burst:
    """A burst with ears at both ends, as long as ours."""
    return Burst(length_ms, ((0, schedule.PART_MS), (length_ms - schedule.PART_MS, length_ms)))


def _ours(budget_ua: int, draws: Draws, now_ms: int, utc_ms: int, chance: random.Random) -> Sleeper:
    return Herder(now_ms, utc_ms, budget_ua, draws, chance)


def _liar(
    budget_ua: int, draws: Draws, ahead_ms: int, jumps: bool, now_ms: int, utc_ms: int, chance: random.Random
) -> Sleeper:
    return Liar(now_ms, utc_ms, budget_ua, draws, chance, ahead_ms=ahead_ms, jumps=jumps)


def _random(burst: Burst, period_ms: float, now_ms: int, utc_ms: int, chance: random.Random) -> Sleeper:
    # Bursts of two that overlap at all are heard, which is so for one in period / (2 x length).
    stands_for_ms = period_ms**2 / (2 * burst.length_ms)
    return Plain(chance, period_ms, burst, Herder.advert_ms, stands_for_ms=stands_for_ms)


def _grid(burst: Burst, period_ms: float, now_ms: int, utc_ms: int, chance: random.Random) -> Sleeper:
    return Plain(chance, period_ms, burst, Herder.advert_ms, grid_from_ms=now_ms - utc_ms)


def _always_on(radio: AlwaysOn, now_ms: int, utc_ms: int, chance: random.Random) -> Sleeper:
    burst = Burst(radio.scan_ms, ((0, radio.scan_ms),))
    return Plain(chance, radio.every_ms, burst, radio.advert_ms, always=True)
