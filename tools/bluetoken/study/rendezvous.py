"""What a schedule catches: people of a contact trace, each with a token, through days and nights.

Every token has its own clock, wakes when its schedule says, and hears those in range whose adverts fall into its
ears. Left to chance are single packets: adverts that overlap on the air, those sent while the listener itself talks,
and a tenth that is lost anyway. Encounters are counted by the firmware's own table.

Range is one thing and contact another: everybody in a room is heard and helps to keep time, but only who is faced is
noted, as if signal strength told. What it really tells is a study of its own (`bluetoken study rssi`).
"""

from __future__ import annotations

import heapq
import math
import random
import struct
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from bluetoken.study.sleepers import Burst, Draws, Sleeper
from bluetoken.study.traces import DAY_S, Pair, Trace
from wearable import reading, schedule
from wearable.protocols.gaen import INTERVAL_S
from wearable.records import DWELL_UNIT_S, body_prefix
from wearable.sightings import Sightings

ADVERT_MS = 0.376  # 31 bytes of data at 1 Mbit/s, on one channel
OWN_SHARE = 0.06  # of its time a talking listener sends: three channels in 30 ms
LOST = 0.1  # adverts lost for no reason known; an assumption
CAPTURE = 0.6  # of the adverts that overlap, those that neither survives; an assumption
WAITING = 8  # reports that NimBLE keeps for MicroPython
BLOCKED_MS = 5.0  # how long the interpreter keeps them waiting at worst, once in an ear; estimated
FLUSH_S = 600
RSSI_DBM = -60
_IDENTIFIER = "<II8x"  # whose, and of which interval: as long as an RPI


@dataclass(frozen=True)
class World:
    """What is the same for all: how clocks are, who hears whom.

    hear: "room" for everybody in the same room, "contact" for those who are faced.
    """

    hear: str = "room"
    drift_ppm: float = 50.0
    set_within_ms: int = 1000
    draws: Draws = field(default_factory=lambda: Draws(0.35, 10.0, 21.0, 64.0, 0.35))


class Oscillator:
    """A token's milliseconds: off by some from the start, drifting, and by another rate every hour."""

    def __init__(self, chance: random.Random, start_ms: float, drift_ppm: float) -> None:
        self._chance = chance
        self._drift_ppm = chance.gauss(0, drift_ppm)
        self._from_ms = start_ms
        self._local_ms = float(chance.randrange(1 << 29))
        self._until_ms = start_ms
        self._rate = 1.0

    def local_ms(self, at_ms: float) -> int:
        """Return what it shows; time must not go back."""
        while at_ms >= self._until_ms:
            self._local_ms += (self._until_ms - self._from_ms) * self._rate
            self._from_ms = self._until_ms
            self._until_ms += 3600000
            # Sleep and temperature: a fifth of the drift comes and goes with the hours.
            self._rate = 1 + self._drift_ppm * (1 + 0.2 * self._chance.gauss(0, 1)) * 1e-6
        return int(self._local_ms + (at_ms - self._from_ms) * self._rate) & schedule.TICKS

    def later_ms(self, wait_ms: float) -> float:
        """Return how long `wait_ms` of this clock really take."""
        return wait_ms / self._rate


class Token:
    """A person's token: its clock, its schedule, what it noted, what it drew."""

    def __init__(self, number: int, clock: Oscillator, sleeper: Sleeper) -> None:
        self.number = number
        self.clock = clock
        self.sleeper = sleeper
        self.sightings = Sightings(number * 2 + 1)
        self.burst_number = 0
        self.bursts: list[tuple[float, float]] = []  # when it talked last, from and to
        self.current = Burst(0, ())
        self.begun_ms = 0.0
        self.told = 0  # in the first part of the last burst
        self.renew(0)  # until its first burst
        self.interval = -1
        self.flushed_s = 0
        self.facing: set[int] = set()
        self.room: set[int] | None = None
        self.present = False
        self.charge_mc = 0.0
        self.charge_present_mc = 0.0

    def told_at(self, at_ms: float) -> int:
        """Return what it told at a time in its last burst: that changes with each part, by as much."""
        if self.sleeper.always_ms:
            return self.sleeper.told(self.clock.local_ms(at_ms))
        parts = int(at_ms - self.begun_ms) // schedule.PART_MS
        units = self.told + parts * (schedule.PART_MS // schedule.UNIT_MS)
        told_ms = schedule.CYCLE_MS // schedule.UNIT_MS
        return units % told_ms | self.told & -told_ms

    def renew(self, interval: int) -> None:
        self.interval = interval
        self.identifier = struct.pack(_IDENTIFIER, self.number, interval) + bytes(2)


@dataclass
class Caught:
    """What came of it: seconds noted of each pair on each day by each side, and when somebody was noted."""

    noted_s: dict[tuple[str, str, int], float]
    sighted_s: dict[Pair, list[float]]
    mean_ma: float  # of all who are not special
    present_ma: float


SleeperFactory = Callable[[int, int, random.Random], Sleeper]


class Run:
    """One run of a trace under a schedule."""

    def __init__(
        self, trace: Trace, world: World, factory: SleeperFactory, seed: int, hours: tuple[float, float],
        special: Mapping[str, SleeperFactory] | None = None,
    ) -> None:
        """`factory(now_ms, utc_ms, chance)` makes a token's schedule; `special` is for some persons' another."""
        self._trace = trace
        self._world = world
        self._chance = random.Random(seed)
        self._start_ms, self._end_ms = hours[0] * 3.6e6, hours[1] * 3.6e6
        self._people = trace.people
        self._number = {person: n for n, person in enumerate(self._people)}
        special = special or {}
        self._ordinary = [person not in special for person in self._people]
        self.tokens = [self._token(person, special.get(person, factory)) for person in self._people]
        self._noted_s: dict[tuple[int, int, int], float] = defaultdict(float)
        self._sighted_s: dict[tuple[int, int], list[float]] = defaultdict(list)
        self._rooms: dict[str, set[int]] = defaultdict(set)
        self._changes = self._movements()
        self._next_change = 0
        self._queue: list[tuple[float, int, bool]] = []

    def _token(self, person: str, factory: SleeperFactory) -> Token:
        chance = random.Random(self._chance.getrandbits(64))
        clock = Oscillator(chance, self._start_ms, self._world.drift_ppm)
        now_ms = clock.local_ms(self._start_ms)
        utc_ms = int(self._start_ms + chance.uniform(-1, 1) * self._world.set_within_ms)
        return Token(self._number[person], clock, factory(now_ms, utc_ms, chance))

    def _movements(self) -> list[tuple[float, int, int, int | str]]:
        """Return (when, what, who, with whom or where).

        0 and 1: end and begin to face; 2 and 3: leave and enter a room; 4 and 5: go home and come.
        """
        changes: list[tuple[float, int, int, int | str]] = []
        for (one, other), stretches in self._trace.contacts.items():
            for start_s, end_s in stretches:
                changes.append((start_s * 1000.0, 1, self._number[one], self._number[other]))
                changes.append((end_s * 1000.0, 0, self._number[one], self._number[other]))
        for person, start_s, end_s, room in self._trace.in_rooms():
            changes.append((start_s * 1000.0, 3, self._number[person], room))
            changes.append((end_s * 1000.0, 2, self._number[person], room))
        for person, stretches in self._trace.present.items():
            for start_s, end_s in stretches:
                changes.append((start_s * 1000.0, 5, self._number[person], ""))
                changes.append((end_s * 1000.0, 4, self._number[person], ""))
        return sorted(changes, key=lambda change: change[:3])

    def run(self, progress: Callable[[float], None] = lambda share: None) -> Caught:
        for token in self.tokens:
            self._plan(token, self._start_ms)
        steps = 0
        while self._queue and self._queue[0][0] < self._end_ms:
            at_ms, number, begins = heapq.heappop(self._queue)
            self._move_people(at_ms)
            token = self.tokens[number]
            if begins:
                self._begin(token, at_ms)
            else:
                self._listen(token)
                token.sleeper.end(token.clock.local_ms(at_ms))
                if at_ms / 1000 - token.flushed_s > FLUSH_S:
                    self._flush(token, at_ms)
                self._plan(token, at_ms)
            steps += 1
            if steps % 20000 == 0:
                progress((at_ms - self._start_ms) / (self._end_ms - self._start_ms))
        for token in self.tokens:
            self._flush(token, self._end_ms)
        return self._caught()

    def _plan(self, token: Token, at_ms: float) -> None:
        wait_ms = token.sleeper.wait_ms(token.clock.local_ms(at_ms), at_ms / 3.6e6 % 24)
        heapq.heappush(self._queue, (at_ms + token.clock.later_ms(wait_ms), token.number, True))

    def _move_people(self, at_ms: float) -> None:
        changes = self._changes
        while self._next_change < len(changes) and changes[self._next_change][0] <= at_ms:
            _, what, who, whom = changes[self._next_change]
            self._next_change += 1
            if what < 2:
                for one, other in ((who, whom), (whom, who)):
                    facing = self.tokens[one].facing  # type: ignore[index]
                    (facing.add if what else facing.discard)(other)  # type: ignore[arg-type]
            elif what > 3:
                self.tokens[who].present = what == 5
            else:
                room = self._rooms[whom]  # type: ignore[index]
                (set.add if what == 3 else set.discard)(room, who)
                self.tokens[who].room = room if what == 3 else None

    def _begin(self, token: Token, at_ms: float) -> None:
        sleeper = token.sleeper
        now_ms = token.clock.local_ms(at_ms)
        interval = int(at_ms / 1000) // INTERVAL_S
        if interval != token.interval and (token.interval < 0 or sleeper.renews(now_ms)):
            token.renew(interval)
        burst = token.current = sleeper.begin(now_ms)
        token.begun_ms = at_ms
        token.told = sleeper.told(now_ms)
        token.burst_number += 1
        if not burst.silent:
            token.bursts = [*token.bursts[-2:], (at_ms, at_ms + burst.length_ms)]
        ears_ms = sum(end_ms - start_ms for start_ms, end_ms in burst.ears)
        advert_ms = 0 if burst.silent else sleeper.advert_ms
        if sleeper.always_ms:
            charge_mc = self._world.draws.listening_mc(ears_ms)
        else:
            charge_mc = self._world.draws.burst_mc(burst.length_ms, ears_ms, advert_ms)
        token.charge_mc += charge_mc
        if token.present:
            token.charge_present_mc += charge_mc
        heapq.heappush(self._queue, (at_ms + burst.length_ms, token.number, False))

    # On the air.

    def _listen(self, token: Token) -> None:
        in_range = token.facing
        if self._world.hear == "room" and token.room:
            in_range = token.room | token.facing
        begun_ms = token.begun_ms
        ears = [(begun_ms + start_ms, begun_ms + end_ms) for start_ms, end_ms in token.current.ears]
        talkers = []
        adverts = [0.0] * len(ears)
        for number in in_range:
            if number != token.number:
                overlaps = self._overlaps(self.tokens[number], ears)
                if overlaps:
                    talkers.append((number, overlaps))
                    for ear, from_ms, to_ms, every_ms in overlaps:
                        adverts[ear] += (to_ms - from_ms) / every_ms
        if not talkers:
            return
        missed = [self._missed(token, count, ear[1] - ear[0]) for count, ear in zip(adverts, ears, strict=True)]
        for number, overlaps in talkers:
            at_ms = self._heard_at(overlaps, missed)
            if at_ms is not None:
                self._hear(token, self.tokens[number], at_ms)

    @staticmethod
    def _overlaps(talker: Token, ears: list[tuple[float, float]]) -> list[tuple[int, float, float, float]]:
        """Return (ear, from, to, advertising interval) of what of these ears a talker fills."""
        if talker.sleeper.always_ms:
            every_ms = talker.sleeper.always_ms
            return [
                (n, from_ms, to_ms, every_ms)
                for n, ear in enumerate(ears)
                for from_ms, to_ms in talker.sleeper.talking(*ear)
            ]
        found = []
        for start_ms, end_ms in talker.bursts:
            if end_ms > ears[0][0] and start_ms < ears[-1][1]:
                for n, ear in enumerate(ears):
                    from_ms, to_ms = max(start_ms, ear[0]), min(end_ms, ear[1])
                    if to_ms > from_ms:
                        found.append((n, from_ms, to_ms, talker.sleeper.advert_ms))
        return found

    @staticmethod
    def _missed(token: Token, adverts: float, ear_ms: float) -> float:
        """Return the chance that one advert of so many in an ear is not heard."""
        rate = adverts / ear_ms  # adverts a millisecond, all talkers together
        clear = math.exp(-2 * rate * ADVERT_MS * CAPTURE)
        talking = 0 if token.current.silent else OWN_SHARE
        dropped = max(0.0, rate * BLOCKED_MS - WAITING) / max(adverts, 1.0)
        return 1 - (1 - LOST) * (1 - talking) * clear * (1 - min(dropped, 1.0))

    def _heard_at(self, overlaps: list[tuple[int, float, float, float]], missed: list[float]) -> float | None:
        chance = self._chance.random
        for ear, from_ms, to_ms, every_ms in overlaps:
            count = int((to_ms - from_ms) / every_ms + chance())
            if count and chance() > missed[ear] ** count:
                return from_ms + chance() * (to_ms - from_ms)
        return None

    def _hear(self, token: Token, talker: Token, at_ms: float) -> None:
        told, local_ms = talker.told_at(at_ms), token.clock.local_ms(at_ms)
        stands_s = token.sleeper.stands_s(told, local_ms)
        token.sleeper.heard(told, local_ms)
        if talker.number in token.facing:
            token.sightings.stands_s = stands_s
            token.sightings.bridge_s = token.sleeper.bridge_s
            token.sightings.note(talker.identifier, RSSI_DBM, int(at_ms / 1000), token.burst_number)
            self._sighted_s[token.number, talker.number].append(at_ms / 1000)

    # What was noted.

    def _flush(self, token: Token, at_ms: float) -> None:
        body = reading.unpack_body(body_prefix(0) + token.sightings.pack(0), 0)
        token.sightings.clear()
        token.flushed_s = int(at_ms / 1000)
        for each in body.records:
            number, interval = struct.unpack_from(_IDENTIFIER, each.rpi)
            self._noted_s[token.number, number, interval * INTERVAL_S // DAY_S] += each.periods * DWELL_UNIT_S

    def _caught(self) -> Caught:
        names = self._people
        sighted: dict[Pair, list[float]] = defaultdict(list)
        for (one, other), times_s in self._sighted_s.items():
            pair = min(names[one], names[other]), max(names[one], names[other])
            sighted[pair] = sorted(sighted[pair] + times_s)
        mean_ma, present_ma = self._currents_ma()
        return Caught(
            noted_s={(names[one], names[other], day): s for (one, other, day), s in self._noted_s.items()},
            sighted_s=sighted,
            mean_ma=mean_ma,
            present_ma=present_ma,
        )

    def _currents_ma(self) -> tuple[float, float]:
        """Return the mean currents of the hours run and of those in which people were there."""
        tokens = [token for token, counts in zip(self.tokens, self._ordinary, strict=True) if counts]
        resting_ma = sum(self._world.draws.resting_ma(each.sleeper.always_ms) for each in tokens) / len(tokens)
        hours_s = len(tokens) * (self._end_ms - self._start_ms) / 1000
        present_s = sum(self._present_s(self._people[each.number]) for each in tokens)
        return (
            resting_ma + sum(each.charge_mc for each in tokens) / hours_s,
            resting_ma + sum(each.charge_present_mc for each in tokens) / max(present_s, 1.0),
        )

    def _present_s(self, person: str) -> float:
        from_s, to_s = self._start_ms / 1000, self._end_ms / 1000
        stretches = self._trace.present[person]
        return sum(max(0.0, min(end_s, to_s) - max(start_s, from_s)) for start_s, end_s in stretches)
