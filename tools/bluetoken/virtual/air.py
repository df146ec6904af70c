"""The air between virtual tokens: who hears which advertisement, how strongly, in virtual time.

Nothing is simulated that nobody listens to. An advertiser leaves a *train* (when it began, how often
it sends, what it says); reception is a question asked afterwards over the trains of the past, at the
moment a listener's slice of time ends. The answer depends on the seed and on times alone, not on the
order in which tokens were served, so the same scenario gives the same day.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from bluetoken.virtual.connection import Peripheral

ADV_DELAY_US = 10_000  # Core Specification Vol 6 Part B 4.4.2.2: advDelay is 0 to 10 ms
PDU_US = 376  # a legacy PDU with 31 bytes of data at 1 Mbit/s
CHANNEL_STEP_US = 550  # from one advertising channel to the next, radio turnaround included
CAPTURE_DB = 8  # a packet this much stronger survives a collision
OWN_DBM = 200.0  # one's own transmission drowns everything
NEVER_US = 1 << 62


@dataclass(frozen=True)
class PathLoss:
    """Signal between two worn devices, fitted to phones at lunch, in a train and in an office
    (DP-3T experiment 34; docs/DESIGN.md, "The air", says how and what that is worth).

    attenuation = loss_1m_db + 10 * exponent * log10(distance / 1 m) + posture + movement + fading

    Posture is who stands how to whom and changes in some twenty minutes, movement in some twenty
    seconds; both are the same in either direction. Fading is drawn for each packet. Beyond ten
    metres, where nothing was measured, walls and people make it fall faster.
    """

    loss_1m_db: float = 56.5
    exponent: float = 1.67
    far_exponent: float = 3.5
    far_m: float = 10.0
    posture_sd_db: float = 6.2
    posture_s: int = 1320
    movement_sd_db: float = 4.9
    movement_s: int = 24
    fading_sd_db: float = 3.5
    sensitivity_dbm: int = -97

    def mean_db(self, distance_m: float) -> float:
        near_m = min(max(distance_m, 0.3), self.far_m)
        loss_db = self.loss_1m_db + 10 * self.exponent * math.log10(near_m)
        return loss_db + 10 * self.far_exponent * math.log10(max(distance_m / self.far_m, 1.0))


@dataclass
class Train:
    """One run of an advertiser, from enable to disable."""

    sender: int
    start_us: int
    interval_us: int
    event_type: int
    address_type: int
    address: bytes
    data: bytes
    random: Random
    stop_us: int = NEVER_US
    events_us: list[int] = field(default_factory=list)

    def between(self, from_us: int, to_us: int) -> list[int]:
        """Times at which an advertising event begins, in [from_us, to_us)."""
        events = self.events_us
        if not events:
            events.append(self.start_us + self.random.randrange(1_000))
        while events[-1] < to_us:
            events.append(events[-1] + self.interval_us + self.random.randrange(ADV_DELAY_US))
        to_us = min(to_us, self.stop_us)
        return events[bisect_left(events, from_us) : bisect_left(events, to_us)]


@dataclass(frozen=True)
class Ear:
    """One run of a scanner: its channel changes with every interval, it is deaf outside the window."""

    start_us: int
    interval_us: int
    window_us: int

    def hears(self, at_us: int, channel: int) -> bool:
        intervals, phase_us = divmod(at_us - self.start_us, self.interval_us)
        return intervals >= 0 and intervals % 3 == channel and phase_us + PDU_US <= self.window_us


@dataclass(frozen=True)
class Report:
    at_us: int
    train: Train
    rssi_dbm: int


class Arrival(NamedTuple):
    """A packet at a listener's antenna."""

    at_us: int
    sender: int
    channel: int
    train: Train
    level_dbm: float


class Air:
    """All trains of the recent past, and what each listener makes of them.

    Parameters
    ----------
    seed : what the day is drawn from.
    position_m : (node, at_us) -> (x, y) in metres, or None where the node is out of the world.
    tx_power_dbm : node -> dBm.
    """

    def __init__(
        self,
        seed: int,
        position_m: Callable[[int, int], tuple[float, float] | None],
        tx_power_dbm: Callable[[int], int],
        path_loss: PathLoss | None = None,
    ) -> None:
        self.seed = seed
        self.path_loss = path_loss or PathLoss()
        self._position_m = position_m
        self._tx_power_dbm = tx_power_dbm
        self._trains: list[Train] = []
        self._count = 0
        self._body_db: dict[tuple[int, int, int, int], float] = {}
        self.collided = 0
        #: Whom one can connect to, by node.
        self.peripherals: dict[int, Peripheral] = {}

    def start(
        self,
        sender: int,
        at_us: int,
        interval_us: int,
        event_type: int,
        address_type: int,
        address: bytes,
        data: bytes,
    ) -> Train:
        random = Random(f"{self.seed}/train/{sender}/{at_us}")
        train = Train(sender, at_us, interval_us, event_type, address_type, address, data, random)
        self._trains.append(train)
        self._count += 1
        if self._count % 256 == 0:
            self._trains = [t for t in self._trains if t.stop_us > at_us - 5_000_000]
        return train

    def heard(self, listener: int, ear: Ear, from_us: int, to_us: int, random: Random) -> list[Report]:
        """Advertisements received by `listener` that end in [from_us, to_us), in the order of time.

        Asking in pieces gives the same as asking at once, if each piece begins where the last one
        ended and `random` is the same object.
        """
        # What began a packet earlier may still drown the first, and what begins before to_us the last.
        on_air = self._transmissions(listener, from_us - 2 * PDU_US, to_us)
        reports = []
        for n, packet in enumerate(on_air):
            end_us = packet.at_us + PDU_US
            if not from_us <= end_us < to_us or not ear.hears(packet.at_us, packet.channel):
                continue
            fading_db = random.gauss(0, self.path_loss.fading_sd_db)
            rssi_dbm = round(packet.level_dbm - fading_db)
            if packet.sender == listener or rssi_dbm < self.path_loss.sensitivity_dbm:
                continue
            if self._drowned(on_air, n, listener):
                self.collided += 1
                continue
            reports.append(Report(end_us, packet.train, min(rssi_dbm, 20)))
        return reports

    def _transmissions(self, listener: int, from_us: int, to_us: int) -> list[Arrival]:
        """What arrives at the listener's antenna and is not too faint to disturb."""
        on_air: list[Arrival] = []
        faint_dbm = self.path_loss.sensitivity_dbm - 4 * self.path_loss.fading_sd_db
        for train in self._trains:
            if train.start_us >= to_us or train.stop_us <= from_us - 3 * CHANNEL_STEP_US:
                continue
            sender = train.sender
            for event_us in train.between(from_us - 2 * CHANNEL_STEP_US, to_us):
                level_dbm = OWN_DBM if sender == listener else self.level_dbm(sender, listener, event_us)
                if level_dbm < faint_dbm:
                    continue
                for channel in range(3):
                    at_us = event_us + channel * CHANNEL_STEP_US
                    if from_us <= at_us < to_us:
                        on_air.append(Arrival(at_us, sender, channel, train, level_dbm))
        on_air.sort(key=lambda packet: packet[:3])
        return on_air

    @staticmethod
    def _drowned(on_air: list[Arrival], n: int, listener: int) -> bool:
        """Whether another on its channel is too strong for the n-th packet, or the listener speaks."""
        packet = on_air[n]
        for step in (-1, 1):
            m = n + step
            while 0 <= m < len(on_air) and abs(on_air[m].at_us - packet.at_us) < PDU_US:
                other = on_air[m]
                near = other.channel == packet.channel or other.sender == listener
                if near and other.level_dbm > packet.level_dbm - CAPTURE_DB:
                    return True
                m += step
        return False

    def level_dbm(self, sender: int, receiver: int, at_us: int) -> float:
        """Mean received power without fast fading; -inf where one of the two is out of the world."""
        here, there = self._position_m(sender, at_us), self._position_m(receiver, at_us)
        if here is None or there is None:
            return -math.inf
        loss_db = self.path_loss.mean_db(math.dist(here, there))
        return self._tx_power_dbm(sender) - loss_db - self._body_between_db(sender, receiver, at_us)

    def reaches(self, sender: int, receiver: int, at_us: int, random: Random) -> bool:
        """Whether a packet of a connection arrives; on its channels nobody else is taken to speak."""
        level_dbm = self.level_dbm(sender, receiver, at_us) - random.gauss(0, self.path_loss.fading_sd_db)
        return level_dbm >= self.path_loss.sensitivity_dbm

    def _body_between_db(self, a: int, b: int, at_us: int) -> float:
        """Shadowing by the two bodies, in either direction alike."""
        loss = self.path_loss
        return self._drawn_db(a, b, at_us, loss.posture_s, loss.posture_sd_db) + self._drawn_db(
            a, b, at_us, loss.movement_s, loss.movement_sd_db
        )

    def _drawn_db(self, a: int, b: int, at_us: int, stretch_s: int, sd_db: float) -> float:
        """One draw for a pair and a stretch of time."""
        key = (min(a, b), max(a, b), stretch_s, at_us // (stretch_s * 1_000_000))
        if key not in self._body_db:
            if len(self._body_db) > 50_000:
                self._body_db.clear()
            self._body_db[key] = Random(f"{self.seed}/body/{key}").gauss(0, sd_db)
        return self._body_db[key]
