"""Who faced whom: contact traces as SocioPatterns publishes them, and as the study's own days are made.

A row is `time id1 id2 ...`: the two faced each other in the `step_s` seconds before that time. What follows may name
the groups of both; a group shares a room.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from bluetoken.errors import BadTrace

DAY_S = 86400
STEP_S = 20
_DELIMITER = re.compile(r"[\t,; ]+")

Pair = tuple[str, str]
Stretch = tuple[int, int]  # from and to, seconds
Key = TypeVar("Key", str, Pair)


@dataclass
class Trace:
    """Contacts of pairs, when everybody was there, and who shared a room.

    contacts: for each pair, lower name first, the stretches in which they faced each other.
    present: for each person the stretches of presence.
    group: the room that somebody who is present is in, where the trace tells.
    rooms: for each person (from, to, room) where rooms change; without it everybody is in their group's.
    """

    contacts: dict[Pair, list[Stretch]]
    present: dict[str, list[Stretch]]
    group: dict[str, str]
    rooms: dict[str, list[tuple[int, int, str]]] = field(default_factory=dict)

    @property
    def people(self) -> list[str]:
        return sorted(self.present)

    @property
    def days(self) -> list[int]:
        return sorted({start_s // DAY_S for each in self.contacts.values() for start_s, _ in each})

    def facing_s(self, day: int) -> dict[Pair, int]:
        """Return for how long each pair faced each other on a day."""
        total: dict[Pair, int] = defaultdict(int)
        for pair, stretches in self.contacts.items():
            for start_s, end_s in stretches:
                if start_s // DAY_S == day:
                    total[pair] += end_s - start_s
        return dict(total)

    def in_rooms(self) -> Iterable[tuple[str, int, int, str]]:
        """Yield (person, from, to, room)."""
        for person, stretches in self.present.items():
            if person in self.rooms:
                yield from ((person, *each) for each in self.rooms[person])
            elif person in self.group:
                yield from ((person, start_s, end_s, self.group[person]) for start_s, end_s in stretches)

    def only(self, people: Iterable[str]) -> Trace:
        """Return the same trace of some of its people."""
        kept = set(people)
        return Trace(
            {pair: each for pair, each in self.contacts.items() if kept.issuperset(pair)},
            {person: each for person, each in self.present.items() if person in kept},
            self.group,
            {person: each for person, each in self.rooms.items() if person in kept},
        )

    def twice(self) -> Trace:
        """Return the same again once a day later, so that a night comes before the second day."""
        return Trace(
            {pair: each + _later(each) for pair, each in self.contacts.items()},
            {person: each + _later(each) for person, each in self.present.items()},
            self.group,
            {
                person: each + [(from_s + DAY_S, to_s + DAY_S, room) for from_s, to_s, room in each]
                for person, each in self.rooms.items()
            },
        )

    def until(self, day: int) -> Trace:
        """Return what was before a day begins; what lasts beyond is cut."""
        end_s = day * DAY_S
        return Trace(
            _cut(self.contacts, end_s),
            _cut(self.present, end_s),
            self.group,
            {
                person: [(start_s, min(last_s, end_s), room) for start_s, last_s, room in each if start_s < end_s]
                for person, each in self.rooms.items()
            },
        )


def _later(stretches: list[Stretch]) -> list[Stretch]:
    return [(from_s + DAY_S, to_s + DAY_S) for from_s, to_s in stretches]


def _cut(stretches: dict[Key, list[Stretch]], end_s: int) -> dict[Key, list[Stretch]]:
    cut = {
        key: [(start_s, min(last_s, end_s)) for start_s, last_s in each if start_s < end_s]
        for key, each in stretches.items()
    }
    return {key: each for key, each in cut.items() if each}


def merged(times_s: Iterable[int], step_s: int = STEP_S) -> list[Stretch]:
    """Return the stretches that rows at these times make up."""
    stretches: list[Stretch] = []
    for time_s in sorted(set(times_s)):
        if stretches and stretches[-1][1] >= time_s - step_s:
            stretches[-1] = (stretches[-1][0], time_s)
        else:
            stretches.append((time_s - step_s, time_s))
    return stretches


def read_trace(path: Path, step_s: int = STEP_S) -> Trace:
    """Read a trace; a first line that is not a row is a heading. BadTrace says which line is none."""
    times: dict[Pair, list[int]] = defaultdict(list)
    group: dict[str, str] = {}
    try:
        with path.open(newline="", encoding="utf-8") as file:
            for number, line in enumerate(file, 1):
                row = _row(line)
                if row is None:
                    if number > 1 and line.strip():
                        raise BadTrace(f"{path}, line {number}: a row is a time in seconds and two ids.")
                    continue
                time_s, one, other, groups = row
                times[min(one, other), max(one, other)].append(time_s)
                if len(groups) == 2:
                    group[one], group[other] = groups
    except OSError as error:
        raise BadTrace(f"{path} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise BadTrace(f"{path} cannot be read: it is not text.") from None
    if not times:
        raise BadTrace(f"{path} has no row with a time and two ids.")
    contacts = {pair: merged(each, step_s) for pair, each in times.items()}
    return Trace(contacts, _presence(contacts), group)


def _row(line: str) -> tuple[int, str, str, list[str]] | None:
    parts = _DELIMITER.split(line.strip())
    if len(parts) < 3 or not re.fullmatch(r"\d+(\.0*)?", parts[0]) or parts[1] == parts[2]:
        return None
    return int(float(parts[0])), parts[1], parts[2], parts[3:]


def _presence(contacts: dict[Pair, list[Stretch]]) -> dict[str, list[Stretch]]:
    """Somebody is there from the first to the last contact of a day."""
    days: dict[str, dict[int, Stretch]] = defaultdict(dict)
    for pair, stretches in contacts.items():
        for start_s, end_s in stretches:
            for person in pair:
                first_s, last_s = days[person].get(start_s // DAY_S, (start_s, end_s))
                days[person][start_s // DAY_S] = min(first_s, start_s), max(last_s, end_s)
    return {person: [days[person][day] for day in sorted(days[person])] for person in days}
