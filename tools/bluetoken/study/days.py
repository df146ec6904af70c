"""Two days that were made up, for what a school's trace lacks: a clinic with strangers, a village with nights.

Somebody's day is a walk through rooms. In a room each pair meets by chance, as often as the two have to do with each
other. Most contacts take less than a minute and a few take long, as the published traces have it; the rates are
guesses. The same seed gives the same day.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable, Mapping
from itertools import combinations

from bluetoken.study.traces import DAY_S, STEP_S, Pair, Stretch, Trace, merged

HOUR_S = 3600
MINUTE_S = 60
_TAIL = 1.3  # contacts longer than x: (STEP_S / x) ** _TAIL of them
_LONGEST_S = 2700

Walk = list[tuple[int, int, str]]  # from, to, room
Rates = Callable[[str, str, str], float]  # contacts an hour of two in a room


class Day:
    """People and their walks, of which a trace is made."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.walks: dict[str, Walk] = {}
        self.beds: list[tuple[Pair, Stretch]] = []  # who lies beside whom, and from when to when

    def between(self, from_h: float, to_h: float) -> int:
        """Return a moment between two hours, on a step of the trace."""
        return round(self.chance.uniform(from_h, to_h) * HOUR_S / STEP_S) * STEP_S

    def walk(self, person: str, *stays: tuple[int, str]) -> None:
        """Let somebody be in rooms, each from a moment until the next; "" is outside, where nobody is."""
        ends_s = [start_s for start_s, _ in stays[1:]] + [DAY_S]
        self.walks[person] = [
            (start_s, end_s, room)
            for (start_s, room), end_s in zip(stays, ends_s, strict=True)
            if room and end_s > start_s
        ]

    def wander(self, rooms: list[str], from_s: int, to_s: int, stay_min: tuple[int, int]) -> list[tuple[int, str]]:
        """Return stays of somebody who moves about."""
        stays = []
        while from_s < to_s:
            stays.append((from_s, self.chance.choice(rooms)))
            from_s += self.chance.randint(*stay_min) * MINUTE_S
        return stays

    def trace(self, rates: Rates) -> Trace:
        """Return the day with the contacts that come of it."""
        times: dict[Pair, list[int]] = defaultdict(list)
        visits: dict[str, list[tuple[int, int, str]]] = defaultdict(list)
        for person, walk in sorted(self.walks.items()):
            for start_s, end_s, room in walk:
                visits[room].append((start_s, end_s, person))
        for room, stays in sorted(visits.items()):
            for (from_s, to_s, one), (start_s, end_s, other) in combinations(stays, 2):
                together = max(from_s, start_s), min(to_s, end_s)
                if one != other and together[0] < together[1]:
                    rate = rates(one, other, room)
                    times[min(one, other), max(one, other)] += self._met(together, rate)
        for pair, (start_s, end_s) in self.beds:
            times[pair] += range(start_s + STEP_S, end_s + 1, STEP_S)
        contacts = {pair: merged(each) for pair, each in sorted(times.items()) if each}
        present = {person: _joined(walk) for person, walk in sorted(self.walks.items())}
        return Trace(contacts, present, {}, self.walks)

    def _met(self, together: Stretch, rate: float) -> list[int]:
        """Return the steps in which two meet."""
        met: list[int] = []
        at_s, end_s = together
        while rate > 0:
            at_s += int(self.chance.expovariate(rate) * HOUR_S / STEP_S) * STEP_S
            length_s = min(STEP_S * self.chance.random() ** (-1 / _TAIL), _LONGEST_S)
            until_s = min(at_s + int(length_s / STEP_S) * STEP_S, end_s)
            if at_s >= end_s:
                break
            met += range(at_s + STEP_S, until_s + 1, STEP_S)
            at_s = until_s
        return met


def _joined(walk: Walk) -> list[Stretch]:
    joined: list[Stretch] = []
    for start_s, end_s, _ in walk:
        if joined and joined[-1][1] == start_s:
            joined[-1] = joined[-1][0], end_s
        else:
            joined.append((start_s, end_s))
    return joined


def clinic(seed: int) -> Trace:
    """A clinic: 30 in five wards, 20 who work by day and 6 by night, 120 who come once and wait."""
    day = Day(seed)
    wards = [f"ward{n}" for n in range(5)]
    rooms = [f"room{n}" for n in range(6)]
    for n in range(30):
        day.walk(f"patient{n:02}", (0, wards[n // 6]))
    for n in range(20):
        come_s, go_s = day.between(6.5, 7.5), day.between(15.5, 17)
        # Six see those who come in a room of their own; the others go round.
        stays = [(come_s, rooms[n])] if n < 6 else day.wander([*wards, "desk", "waiting"], come_s, go_s, (8, 50))
        lunch_s = day.between(11.5, 12.5)
        stays = [each for each in stays if not lunch_s <= each[0] < lunch_s + 30 * MINUTE_S]
        stays += [(lunch_s, "canteen"), (lunch_s + 30 * MINUTE_S, rooms[n] if n < 6 else "desk"), (go_s, "")]
        day.walk(f"staff{n:02}", *sorted(each for each in stays if each[0] <= go_s))
    for n in range(6):
        go_s, come_s = day.between(6.5, 7.2), day.between(19.5, 20.2)
        by_night = day.wander(wards, 0, go_s, (15, 60)), day.wander(wards, come_s, DAY_S, (15, 60))
        day.walk(f"night{n:02}", *by_night[0], (go_s, ""), *by_night[1])
    for n in range(120):
        come_s = day.between(7, 14)
        called_s = come_s + day.between(0.2, 1.8)
        done_s = called_s + day.between(0.1, 0.3)
        day.walk(f"stranger{n:03}", (come_s, "waiting"), (called_s, day.chance.choice(rooms)), (done_s, ""))
    return day.trace(_clinic_rate)


def _clinic_rate(one: str, other: str, room: str) -> float:
    if room.startswith("room"):
        return 12.0 if "staff" in one + other else 0.5
    if room.startswith("ward"):
        return 1.5
    return {"canteen": 3.0, "desk": 3.0}.get(room, 0.4)


def village(seed: int) -> Trace:
    """A village: 30 households of three to six, shared beds, two classes, a market, fields, visits in the evening."""
    day = Day(seed)
    for house in range(30):
        home = f"house{house:02}"
        people = [f"h{house:02}p{n}" for n in range(day.chance.randint(3, 6))]
        asleep_s, awake_s = day.between(21, 22.5), day.between(4.5, 6)
        for one, other in zip(people[::2], people[1::2], strict=False):
            day.beds += [((one, other), (0, awake_s)), ((one, other), (asleep_s, DAY_S))]
        for n, person in enumerate(people):
            stays = _grown_up(day, house) if n < 2 else _child(day, n)
            day.walk(person, (0, home), *stays(home), (asleep_s, home))
    return day.trace(_village_rate)


def _child(day: Day, n: int) -> Callable[[str], list[tuple[int, str]]]:
    leave_s, come_s = day.between(6.8, 7.3), day.between(11.3, 11.8)
    play_s = day.between(14, 16)
    return lambda home: [
        (leave_s, f"class{n % 2}"),
        (come_s, home),
        (play_s, "green"),
        (play_s + day.between(0.5, 2), home),
    ]


def _grown_up(day: Day, house: int) -> Callable[[str], list[tuple[int, str]]]:
    leave_s, back_s = day.between(6.2, 7.5), day.between(15.5, 17.5)
    visit_s = day.between(18, 19.5)
    host = f"house{day.chance.randrange(30):02}"
    evening = [(visit_s, host), (visit_s + day.between(0.3, 1.2), "")] if day.chance.random() < 0.3 else []
    # Every fifth house sells at the market, some go there to buy, the others are in a field with three houses more.
    if house % 5 == 0:
        morning = [(leave_s, "market")]
    else:
        buy_s = day.between(8, 10)
        bought_s = buy_s + day.between(0.3, 1)
        field = f"field{house // 4}"
        buys = day.chance.random() < 0.4
        morning = [(leave_s, field), (buy_s, "market"), (bought_s, field)] if buys else [(leave_s, field)]
    return lambda home: [*morning, (back_s, home), *((at_s, room or home) for at_s, room in evening)]


def _village_rate(one: str, other: str, room: str) -> float:
    if one[:3] == other[:3]:
        return 4.0 if room.startswith("house") else 1.0
    places = {"hous": 4.0, "clas": 0.8, "fiel": 1.5, "mark": 0.5, "gree": 1.0}
    return places.get(room[:4], 0.0)


SYNTHETIC: Mapping[str, Callable[[int], Trace]] = {"clinic": clinic, "village": village}
