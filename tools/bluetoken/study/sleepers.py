"""How a token spends its radio time, by one schedule or another: what the rendezvous study sets against each other.

A sleeper plans bursts in its own clock's milliseconds. In a burst it talks from beginning to end and listens in its
ears. Ours is the firmware's own `schedule.py` and `pace.py`.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from bluetoken.boards import ADVERT_INTERVAL_MS, RANDOM_DELAY_MS
from bluetoken.virtual.phone import LISTEN_PAUSE_S, LISTEN_S, SEND_INTERVAL_US, SEND_PAUSE_S, SEND_S
from wearable import pace, schedule

PHONE = -1  # what a phone tells of its herd: that it has none


@dataclass(frozen=True)
class Draws:
    """What a board draws, in the schedule's terms: mA, and mC an event. From the `[energy]` of its TOML."""

    sleep_ma: float
    start_mc: float
    awake_ma: float  # radio on, not listening
    listen_ma: float  # on top of that
    advert_mc: float

    @classmethod
    def of(cls, energy: Mapping[str, Mapping[str, Any]]) -> Draws:
        return cls(
            sleep_ma=energy["light_sleep"]["ua"] / 1000,
            start_mc=energy["ble_start"]["uc"] / 1000,
            awake_ma=energy["radio"]["ua"] / 1000,
            listen_ma=(energy["receive"]["ua"] - energy["radio"]["ua"]) / 1000,
            advert_mc=energy["advert"]["uc"] / 1000,
        )

    def burst_mc(self, burst_ms: float, ears_ms: float, advert_ms: float) -> float:
        """Return the charge of a burst that advertises every `advert_ms`, 0 for not at all."""
        adverts = burst_ms / advert_ms if advert_ms else 0
        return (
            self.start_mc
            + burst_ms / 1000 * self.awake_ma
            + ears_ms / 1000 * self.listen_ma
            + adverts * self.advert_mc
        )

    def resting_ma(self, always_ms: float) -> float:
        """Return the mean current between bursts: asleep, or awake where adverts go out every `always_ms`."""
        return self.awake_ma + self.advert_mc / always_ms * 1000 if always_ms else self.sleep_ma

    def listening_mc(self, ears_ms: float) -> float:
        """Return what listening takes of a token whose radio is on anyway."""
        return ears_ms / 1000 * self.listen_ma


@dataclass(slots=True)
class Burst:
    """Milliseconds from its beginning: how long it lasts, and (from, to) of each ear."""

    length_ms: int
    ears: tuple[tuple[int, int], ...]
    silent: bool = False


class Sleeper(Protocol):
    """One person's token."""

    always_ms: float  # the advertising interval of one that talks without a pause, 0 for one that sleeps
    advert_ms: float  # the advertising interval in a burst, its random delay included
    bridge_s: int  # who is heard again as soon was there in between

    def talking(self, from_ms: float, to_ms: float) -> Iterable[tuple[float, float]]:
        """Yield when one with `always_ms` talks: all the time, unless it says otherwise."""
        return [(from_ms, to_ms)]

    def stands_s(self, told: int, at_ms: int) -> int: ...

    def wait_ms(self, now_ms: int, hour: float) -> float: ...

    def begin(self, now_ms: int) -> Burst: ...

    def told(self, now_ms: int) -> int: ...

    def heard(self, told: int, at_ms: int) -> None: ...

    def end(self, now_ms: int) -> None: ...

    def renews(self, now_ms: int) -> bool: ...


class Herder(Sleeper):
    """The firmware's schedule: schedule.Herd for when, pace.Purse for how often."""

    always_ms = 0.0
    bridge_s = pace.bridge_s(0)
    advert_ms = float(ADVERT_INTERVAL_MS)

    def __init__(self, now_ms: int, utc_ms: int, budget_ua: int, draws: Draws, chance: random.Random) -> None:
        self._chance = chance
        self.herd = schedule.Herd(now_ms, utc_ms, chance.getrandbits(30))
        burst_ma = draws.awake_ma + draws.advert_mc / self.advert_ms * 1000
        micro = (draws.sleep_ma, draws.start_mc, burst_ma, draws.listen_ma)
        self.purse = pace.Purse(budget_ua, *(round(each * 1000) for each in micro))
        self._last_ms = now_ms
        self._level = 0

    def wait_ms(self, now_ms: int, hour: float) -> float:
        self.purse.earn(now_ms - self._last_ms & schedule.TICKS)
        self._last_ms = now_ms
        level = self.purse.level(self.herd.unheard_ms(now_ms), int(hour))
        wait_ms = self.herd.wait_ms(now_ms, level, self._chance.getrandbits(30), self.purse.in_debt)
        self._level = 0 if self.herd.visiting else level
        self.bridge_s = pace.bridge_s(self._level)
        return wait_ms

    def stands_s(self, told: int, at_ms: int) -> int:
        return pace.stands_for_s(self._level, told == PHONE or self.herd.knows(told, at_ms))

    def begin(self, now_ms: int) -> Burst:
        herd = self.herd
        herd.begin()
        if herd.silent:
            silent_ms = schedule.SILENT_PARTS * schedule.PART_MS
            self.purse.spend(silent_ms, silent_ms)
            return Burst(silent_ms, ((0, silent_ms),), True)
        self.purse.spend(schedule.BURST_MS, schedule.EARS_MS)
        last_ms = schedule.BURST_MS - schedule.PART_MS
        return Burst(schedule.BURST_MS, ((0, schedule.PART_MS), (last_ms, schedule.BURST_MS)))

    def renews(self, now_ms: int) -> bool:
        if not self.herd.changes(now_ms):
            return False
        self.herd.renew(now_ms, self._chance.getrandbits(30))
        return True

    def told(self, now_ms: int) -> int:
        return self.herd.told(now_ms)

    def heard(self, told: int, at_ms: int) -> None:
        if told != PHONE:
            self.herd.heard(told, at_ms)

    def end(self, now_ms: int) -> None:
        self.herd.end(now_ms)


class Liar(Herder):
    """Talks without a pause, from nearby, and tells a virtual time that is ahead of its herd's by `ahead_ms`."""

    always_ms = Herder.advert_ms

    def __init__(self, *arguments: Any, ahead_ms: int, jumps: bool = False) -> None:
        super().__init__(*arguments)
        self._ahead_ms = ahead_ms
        self._jumps = jumps

    def told(self, now_ms: int) -> int:
        if self._jumps:
            # Another herd with every minute, all within reach.
            ahead_ms = (now_ms // 60000 * 7919) % (schedule.REACH_MS // 2)
        else:
            ahead_ms = self._ahead_ms
        return self.herd.told(now_ms + ahead_ms) | schedule.SETTLED


class Plain(Sleeper):
    """Schedules that learn nothing from what they hear."""

    bridge_s = 36

    def __init__(
        self,
        chance: random.Random,
        period_ms: float,
        burst: Burst,
        advert_ms: float,
        always: bool = False,
        grid_from_ms: int | None = None,
        stands_for_ms: float | None = None,
    ) -> None:
        """Burst every `period_ms`: at random times, or on a grid of its own clock where `grid_from_ms` is given.

        A sighting stands for a period, or for as long as it takes from one to the next where most bursts miss.
        """
        self._chance = chance
        self._period_ms = period_ms
        self._burst = burst
        self._grid_from_ms = grid_from_ms
        self._stands_s = round((stands_for_ms or period_ms) / 1000)
        self.advert_ms = advert_ms
        self.always_ms = advert_ms if always else 0.0

    def wait_ms(self, now_ms: int, hour: float) -> float:
        pause_ms = self._period_ms - self._burst.length_ms
        if self._grid_from_ms is None:
            # From half the pause to one and a half: where there is no pause, no chance is left.
            return pause_ms * (0.5 + self._chance.random())
        past_ms = (now_ms - self._grid_from_ms) % self._period_ms
        return self._period_ms - past_ms

    def begin(self, now_ms: int) -> Burst:
        return self._burst

    def stands_s(self, told: int, at_ms: int) -> int:
        return self._stands_s

    def told(self, now_ms: int) -> int:
        return 0

    def heard(self, told: int, at_ms: int) -> None:
        return

    def end(self, now_ms: int) -> None:
        return

    def renews(self, now_ms: int) -> bool:
        return True


class Phone(Plain):
    """A phone with Bluezone's app in the background: it sends for a while, pauses, and listens rarely but long."""

    def __init__(self, chance: random.Random) -> None:
        period_ms, listen_ms = (LISTEN_S + LISTEN_PAUSE_S) * 1000, LISTEN_S * 1000
        super().__init__(
            chance,
            period_ms,
            Burst(listen_ms, ((0, listen_ms),)),
            SEND_INTERVAL_US / 1000 + RANDOM_DELAY_MS,
            always=True,
            grid_from_ms=chance.randrange(period_ms),
        )
        self._sends_from_ms = chance.random() * (SEND_S + SEND_PAUSE_S) * 1000

    def talking(self, from_ms: float, to_ms: float) -> Iterable[tuple[float, float]]:
        period_ms = (SEND_S + SEND_PAUSE_S) * 1000
        begin_ms = from_ms - (from_ms - self._sends_from_ms) % period_ms
        while begin_ms < to_ms:
            sends = max(from_ms, begin_ms), min(to_ms, begin_ms + SEND_S * 1000)
            if sends[0] < sends[1]:
                yield sends
            begin_ms += period_ms

    def told(self, now_ms: int) -> int:
        return PHONE
