"""A listener who ties identifiers together: what it records, what it measures of each, and whom it takes for whom.

It has every burst to the millisecond, everything told, and the same clock all day. It lacks the addresses, which
change with every burst.
"""

import math
import random
import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, median
from typing import Any

from bluetoken.study.rendezvous import Run, Token, World
from bluetoken.study.sleepers import Herder
from bluetoken.study.traces import Trace
from wearable import schedule
from wearable.protocols import bluezone, gaen

APP = Path(schedule.__file__).with_name("app.py")  # which runs where there is a board
LATE_S = int(re.search(r"^LATE_S = (\d+)", APP.read_text(encoding="utf-8"), re.M)[1])  # type: ignore[index]
GAEN = (gaen.INTERVAL_S,)
BOTH = (bluezone.SLOT_S, bluezone.SLOT_S)  # how long the identifiers of each protocol last, as App has it
APART = (gaen.INTERVAL_S, bluezone.SLOT_S)  # as it has not
UTC_ERROR_S = 5.0
DRIFT_PPM = 50.0
BUDGET_UA = 2500
PEOPLE = 20

Burst = tuple[float, int]  # when it began, ms; what was told
Recorded = dict[tuple[int, int], list[Burst]]  # by token and period: the truth, which the listener lacks


class Worn(Herder):
    """A token whose identifiers change as in app.py: the recording sees to that."""

    def __init__(self, now_ms: int, utc_ms: int, chance: random.Random) -> None:
        self.utc_error_ms = chance.gauss(0, UTC_ERROR_S * 1000)
        super().__init__(now_ms, utc_ms + int(self.utc_error_ms), BUDGET_UA, World().draws, chance)
        # A day like any other lies behind it.
        self.purse.left_mc = int(self.purse.most_mc * chance.uniform(*self.purse_from_to))
        self.chance = chance
        self.periods: list[int] = []  # of its identifiers, a number for each protocol
        self.turn = 0  # whose burst it is

    purse_from_to = 0.0, 1.0

    def renews(self, now_ms: int) -> bool:
        return False


class Steady(Worn):
    """One whose purse is where months of such days leave it."""

    purse_from_to = 0.35, 0.45


class Recording(Run):
    """A run that keeps when every identifier talked, and what it told.

    `recorded` has for each protocol the bursts that were its turn, `together` all of a period: the best case of a
    listener who knows which identifiers of different protocols are one token's.
    """

    keeps_turns = False  # whether turns go on over a change of identifiers

    def __init__(
        self,
        trace: Trace,
        hours: float,
        seed: int,
        worn: type[Worn] = Worn,
        periods_s: tuple[int, ...] = GAEN,
    ) -> None:
        world = World(drift_ppm=DRIFT_PPM, set_within_ms=0)
        # Noon, when nobody saves for the night.
        super().__init__(trace, world, worn, seed, (12.0, 12.0 + hours))
        self.periods_s = periods_s
        self.recorded: list[Recorded] = [defaultdict(list) for _ in periods_s]
        self.together: Recorded = defaultdict(list)
        self.turns: dict[tuple[int, int], list[int]] = defaultdict(list)

    def _begin(self, token: Token, at_ms: float) -> None:
        worn: Any = token.sleeper
        now_ms = token.clock.local_ms(at_ms)
        worn.herd.set_utc(now_ms, int(at_ms + worn.utc_error_ms))
        if not worn.herd.silent:
            self._change_identifiers(token, worn, int(at_ms + worn.utc_error_ms) // 1000, now_ms)
        super()._begin(token, at_ms)
        if not token.current.silent:
            burst = float(round(at_ms)), token.told
            self.recorded[worn.turn][token.number, worn.periods[worn.turn]].append(burst)
            self.together[token.number, worn.periods[-1]].append(burst)
            self.turns[token.number, worn.periods[-1]].append(worn.turn)
            worn.turn = (worn.turn + 1) % len(self.periods_s)

    def _change_identifiers(self, token: Token, worn: Any, now_s: int, now_ms: int) -> None:
        """Do as App._change_identifiers, each protocol with a period of its own."""
        periods = [now_s // period_s for period_s in self.periods_s]
        if periods == worn.periods:
            return
        late = not worn.periods or any(
            now_s % period_s > LATE_S or period != before + 1
            for period_s, period, before in zip(self.periods_s, periods, worn.periods, strict=True)
            if period != before
        )
        if late or worn.herd.changes(now_ms):
            worn.herd.renew(now_ms, worn.chance.getrandbits(30))
            worn.periods = periods
            if len(periods) > 1 and not self.keeps_turns:
                worn.turn = worn.chance.randrange(len(self.periods_s))
            token.renew(periods[-1])


def alone() -> Trace:
    """Return a trace of twenty who meet nobody."""
    return Trace({}, {f"{n:02}": [(0, 86400)] for n in range(PEOPLE)}, {})


def crowd() -> Trace:
    """Return a trace of twenty in one room."""
    people = [f"{n:02}" for n in range(PEOPLE)]
    return Trace({}, {each: [(0, 86400)] for each in people}, dict.fromkeys(people, "room"))


@dataclass
class Traits:
    """What the listener measures of an identifier; None where it could not."""

    begin_s: float
    end_s: float
    phase_ms: float
    pattern: int
    drift_ppm: float | None
    lean_ms: float | None
    spread_ms: float | None
    cadence: float
    strays: float
    settled: float
    first_at_ms: float
    first_lean_ms: float | None  # of its first burst alone
    last_lean_ms: float | None


def _virtual(burst: Burst) -> tuple[float, bool]:
    """Return the virtual time at which a burst began, and whether a meeting tells it to the millisecond."""
    _, told = burst
    about_ms = told % (schedule.CYCLE_MS // schedule.UNIT_MS) * schedule.UNIT_MS - schedule.UNIT_MS // 2
    pattern = schedule.pattern_of(told)
    slot = about_ms % schedule.CYCLE_MS // schedule.SLOT_MS
    meeting_ms = schedule.meeting_ms(slot, pattern)
    if abs(schedule.apart_ms(meeting_ms, about_ms)) <= schedule.UNIT_MS:
        return meeting_ms, True
    return about_ms, False


def traits(bursts: list[Burst], others: Callable[[float], float | None]) -> Traits:
    """Measure an identifier; `others(at_ms)` is when the median of a meeting's bursts began."""
    virtual = [_virtual(each) for each in bursts]
    # Virtual less real time: to the millisecond, from meetings alone where there are any.
    sure = [(at_ms, ms) for (at_ms, _), (ms, exact) in zip(bursts, virtual, strict=True) if exact]
    points = sure or [(at_ms, ms) for (at_ms, _), (ms, _) in zip(bursts, virtual, strict=True)]
    origin_ms = points[0][1] - points[0][0]
    offsets = [
        (at_ms / 1000, schedule.apart_ms(round(ms - at_ms), round(origin_ms))) for at_ms, ms in points
    ]
    leans = [at_ms - there_ms for at_ms, _ in sure if (there_ms := others(at_ms)) is not None]
    lean_ms = fmean(leans) if leans else None
    first_ms, last_ms = others(bursts[0][0]), others(bursts[-1][0])
    return Traits(
        begin_s=bursts[0][0] / 1000,
        end_s=bursts[-1][0] / 1000,
        phase_ms=(origin_ms + fmean(offset for _, offset in offsets)) % schedule.CYCLE_MS,
        pattern=schedule.pattern_of(bursts[0][1]),
        drift_ppm=_slope(offsets) * 1000 if len(offsets) > 5 else None,
        lean_ms=lean_ms,
        spread_ms=fmean(abs(each - lean_ms) for each in leans) if leans else None,
        cadence=len(sure) / max(1.0, (bursts[-1][0] - bursts[0][0]) / schedule.SLOT_MS),
        strays=1 - len(sure) / len(bursts),
        settled=fmean(told >> 15 for _, told in bursts),
        first_at_ms=bursts[0][0],
        first_lean_ms=None if first_ms is None else bursts[0][0] - first_ms,
        last_lean_ms=None if last_ms is None else bursts[-1][0] - last_ms,
    )


def _slope(points: list[tuple[float, float]]) -> float:
    mean_x, mean_y = fmean(x for x, _ in points), fmean(y for _, y in points)
    return sum((x - mean_x) * (y - mean_y) for x, y in points) / sum((x - mean_x) ** 2 for x, _ in points)


def meetings_of(recorded: Recorded) -> Callable[[float], float | None]:
    """Return what tells when the median of those who burst at about a time began."""
    times: dict[int, list[float]] = defaultdict(list)
    for bursts in recorded.values():
        for at_ms, _ in bursts:
            for bin in (-1, 0, 1):
                times[int(at_ms // 250) + bin].append(at_ms)

    def others(at_ms: float) -> float | None:
        near = [each for each in times[int(at_ms // 250)] if abs(each - at_ms) < 200]
        return median(near) if len(near) > 4 else None

    return others


# By how much an earlier and a later identifier differ, if they were one token's.
def _phase(one: Traits, other: Traits) -> float:
    return schedule.apart_ms(round(other.phase_ms), round(one.phase_ms)) / 1000


def _difference(name: str) -> Callable[[Traits, Traits], float]:
    def difference(one: Traits, other: Traits) -> float:
        mine, theirs = getattr(one, name), getattr(other, name)
        return 0.0 if mine is None or theirs is None else float(theirs - mine)

    return difference


def _kept_lean(one: Traits, other: Traits) -> float:
    """Whether the new identifier's first burst comes as the old one's did."""
    mine = one.last_lean_ms if one.last_lean_ms is not None else one.lean_ms
    return 0.0 if mine is None or other.first_lean_ms is None else other.first_lean_ms - mine


def _kept_meeting(one: Traits, other: Traits) -> float:
    """By how much the new identifier's first burst misses the old one's meetings, seconds."""
    virtual_ms = round(other.first_at_ms + one.phase_ms) % schedule.CYCLE_MS
    slot = virtual_ms // schedule.SLOT_MS
    return min(abs(schedule.apart_ms(schedule.meeting_ms(slot, one.pattern), virtual_ms)) / 1000, 1.0)


FEATURES: dict[str, Callable[[Traits, Traits], float]] = {
    "phase": _phase,
    "pattern": lambda one, other: float(one.pattern != other.pattern),
    **{name: _difference(name) for name in ("drift_ppm", "lean_ms", "spread_ms", "cadence", "strays", "settled")},
    "kept_lean": _kept_lean,
    "kept_meeting": _kept_meeting,
    "change": lambda one, other: other.begin_s - one.end_s,
    "begin": lambda one, other: other.begin_s - one.begin_s,
}


# Whom it takes for whom.

Change = tuple[list[tuple[int, Traits]], list[tuple[int, Traits]]]  # (token, traits) before and after


def changes(recorded: Recorded, chance: random.Random, from_interval: int, count: int) -> list[Change]:
    """Return what the listener has to sort at each of `count` changes, in no order."""
    others = meetings_of(recorded)
    found = []
    for enin in range(from_interval, from_interval + count):
        sides = []
        for side in (enin, enin + 1):
            tokens = [n for n, each in recorded if each == side and len(recorded[n, side]) > 5]
            sides.append([(n, traits(recorded[n, side], others)) for n in chance.sample(tokens, len(tokens))])
        found.append((sides[0], sides[1]))
    return found


Weights = dict[str, tuple[float, float, float, float]]  # mean and deviation of a difference, where true and of any pair


def learnt(training: Iterable[Change]) -> Weights:
    """Learn from changes whose truth is known how each trait differs from one identifier to the next."""
    true: dict[str, list[float]] = defaultdict(list)
    every: dict[str, list[float]] = defaultdict(list)
    for before, after in training:
        for n, one in before:
            for m, other in after:
                for name, difference in FEATURES.items():
                    (true if n == m else every)[name].append(difference(one, other))
    return {name: (*_normal(true[name]), *_normal(every[name])) for name in FEATURES}


def _normal(values: list[float]) -> tuple[float, float]:
    """Return mean and standard deviation; of the middle nine tenths, for a few are far out."""
    values = sorted(values)
    cut = len(values) // 20
    kept = values[cut : len(values) - cut]
    mean = fmean(kept)
    return mean, math.sqrt(fmean((each - mean) ** 2 for each in kept)) + 1e-3


def linked(change: Change, weights: Weights, names: Iterable[str], chance: random.Random) -> tuple[int, int]:
    """Return how many of how many the listener gets right who looks at these traits."""
    before, after = change
    costs = [[chance.random() * 1e-6 + sum(_cost(name, one, other, weights) for name in names) for _, other in after]
             for _, one in before]
    partner = assigned(costs)
    right = sum(before[row][0] == after[column][0] for row, column in enumerate(partner) if column is not None)
    return right, len(before)


def _cost(name: str, one: Traits, other: Traits, weights: Weights) -> float:
    mean, deviation, any_mean, any_deviation = weights[name]
    difference = FEATURES[name](one, other)
    unlike = min(((difference - mean) / deviation) ** 2, 50.0)
    return unlike - min(((difference - any_mean) / any_deviation) ** 2, 50.0)


def assigned(costs: list[list[float]]) -> list[int | None]:
    """Return the column of each row so that the sum of the costs is the least (the Hungarian method)."""
    if len(costs) > len(costs[0]):
        partner: list[int | None] = [None] * len(costs)
        for column, row in enumerate(assigned([list(each) for each in zip(*costs, strict=True)])):
            if row is not None:
                partner[row] = column
        return partner
    rows, columns = len(costs), len(costs[0])
    by_row, by_column, taken = [0.0] * (rows + 1), [0.0] * (columns + 1), [0] * (columns + 1)
    for row in range(1, rows + 1):
        taken[0] = row
        column = 0
        least, way, done = [math.inf] * (columns + 1), [0] * (columns + 1), [False] * (columns + 1)
        while taken[column]:
            done[column] = True
            here = taken[column]
            left = [n for n in range(1, columns + 1) if not done[n]]
            for n in left:
                reduced = costs[here - 1][n - 1] - by_row[here] - by_column[n]
                if reduced < least[n]:
                    least[n], way[n] = reduced, column
            nearest = min(left, key=least.__getitem__)
            step = least[nearest]
            for n in range(columns + 1):
                if done[n]:
                    by_row[taken[n]] += step
                    by_column[n] -= step
                else:
                    least[n] -= step
            column = nearest
        while column:
            taken[column] = taken[way[column]]
            column = way[column]
    partner = [None] * rows
    for n in range(1, columns + 1):
        if taken[n]:
            partner[taken[n] - 1] = n - 1
    return partner


def chained(recording: Recording, at_s: int, before_s: int, after_s: int) -> tuple[int, int]:
    """Return how many of how many a listener links by what goes on while RPIs change at `at_s`.

    Of the other protocol it takes what was said before and after for one token's, as it may, and ties the old RPI to
    the one half and the new RPI to the other by the virtual time that they tell in those stretches.
    """
    rpis, zones = recording.recorded
    number = at_s // recording.periods_s[0]

    def within(bursts: list[Burst], from_s: float, to_s: float) -> list[Burst]:
        return [each for each in bursts if from_s * 1000 <= each[0] < to_s * 1000]

    old = {n: within(rpis[n, number - 1], at_s - before_s, at_s + after_s) for n in range(PEOPLE)}
    new = {n: within(rpis[n, number], at_s - before_s, at_s + after_s) for n in range(PEOPLE)}
    known = [n for n in range(PEOPLE) if len(old[n]) > 2 and len(new[n]) > 2]
    bridges = {}
    for key, bursts in zones.items():
        changed_s = new[key[0]][0][0] / 1000 if new[key[0]] else at_s
        halves = within(bursts, at_s - before_s, changed_s), within(bursts, changed_s, at_s + after_s)
        if all(len(half) > 2 for half in halves):
            bridges[key] = halves
    if not bridges:
        return 0, len(known)
    first = _nearest({n: old[n] for n in known}, {key: halves[0] for key, halves in bridges.items()})
    second = _nearest({n: new[n] for n in known}, {key: halves[1] for key, halves in bridges.items()})
    return sum(first[n] == second[n] for n in known), len(known)


def _nearest(named: dict[int, list[Burst]], bridges: dict[tuple[int, int], list[Burst]]) -> dict[int, tuple[int, int]]:
    """Return, for each identifier, which of the other protocol's halves tells the most similar time and pattern."""

    def unlike(one: Traits, other: Traits) -> float:
        return abs(_phase(one, other)) + (one.pattern != other.pattern)

    theirs = {key: traits(bursts, lambda _: None) for key, bursts in bridges.items()}
    mine = {n: traits(bursts, lambda _: None) for n, bursts in named.items()}
    return {n: min(theirs, key=lambda key: unlike(each, theirs[key])) for n, each in mine.items()}


def interval(right: int, tries: int, z: float = 2.576) -> tuple[float, float]:
    """Return Wilson's interval of a share, 99 % as it stands."""
    share = right / tries
    middle = (share + z * z / (2 * tries)) / (1 + z * z / tries)
    half = z * math.sqrt(share * (1 - share) / tries + z * z / (4 * tries * tries)) / (1 + z * z / tries)
    return middle - half, middle + half
