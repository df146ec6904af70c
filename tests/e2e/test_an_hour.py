"""Two tokens meet for an hour, and the clinic knows it afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import pytest

from wearable import reading, records

from . import journal_bytes
from .clinic import Clinic
from .conftest import MakeDay
from .day import Day
from .snapshots import issue

INTERVAL_S = 600
FOUND_S = 600  # two who are alone have found each other by then
LONGEST_S = 40  # from burst to burst in company
LATE_S = 400  # an identifier is used on until its herd changes its own
ROUNDED_S = 12  # what the first sighting of an identifier stands for beside what it may stand for, and roundings


def encounters(segments: dict[int, bytes]) -> list[reading.Encounter]:
    return journal_bytes.found(segments, reading.Encounter)


def token_s(unix_ms: int) -> float:
    return unix_ms / 1000 - records.EPOCH_UNIX_S


@dataclass
class Hour:
    """A and B met for an hour, from and to in token seconds, and were synced."""

    day: Day
    clinic: Clinic
    from_s: float
    to_s: float

    def syncs(self) -> dict[str, dict]:
        ports = {token.name: token.cable.path for token in self.day.tokens}
        at_desk = self.day.at(self.clinic)
        return {name: at_desk.succeed("sync", "--json", "--port", port).json for name, port in ports.items()}


@pytest.fixture
def hour(make_day: MakeDay, clinic: Clinic, flashed: bytes) -> Iterator[Hour]:
    day = make_day({"A": flashed, "B": flashed})
    issue(day, clinic)
    from_s = token_s(day.unix_ms)
    day.send_out(3600)
    yield Hour(day, clinic, from_s, token_s(day.unix_ms))


def test_an_hour_together_is_an_hour_in_the_registry_and_no_minute_twice(hour: Hour) -> None:
    before = {token.name: hour.day.segments(token) for token in hour.day.tokens}
    first = hour.syncs()
    for name, report in first.items():
        assert set(report["new"]) >= set(before[name]) and not report["known"], (
            "the sync stores what there was"
        )
        stored = hour.clinic.stored(name)
        assert all(stored[number].startswith(raw) for number, raw in before[name].items())
        assert_right_durations(encounters(stored), hour)

    hour.day.pass_s(5 * 60)
    second = hour.syncs()
    for name, report in second.items():
        assert report["new"] and not set(report["new"]) & set(first[name]["new"]), "only what is new comes"
        found = encounters(hour.clinic.stored(name))
        assert len({(each.rpi, each.start_s) for each in found}) == len(found), "nothing is there twice"

    state = hour.day.at(hour.clinic).succeed("status", "--json", "--port", hour.day.token.cable.path).json
    assert (state["hello"]["label"], state["registry"]["label"]) == ("A", "A")
    assert state["registry"]["segments_stored"] == len(hour.clinic.stored("A"))
    told = hour.clinic.succeed("status", "--port", hour.day.token.cable.path).out
    assert told.startswith("Token A, issued, given to holder of A on 2026-03-02")


def assert_right_durations(found: list[reading.Encounter], hour: Hour) -> None:
    """The other was there for the hour, less the minutes until two strangers find each other.

    Somebody met alone is written down every quarter of an hour, so an identifier may be told of in two pieces.
    """
    by_identifier: dict[bytes, list[reading.Encounter]] = {}
    for each in sorted(found, key=lambda each: each.start_s):
        by_identifier.setdefault(each.rpi, []).append(each)
    assert 6 <= len(by_identifier) <= 8
    present_s = sum(each.periods for each in found) * records.DWELL_UNIT_S
    met_s = hour.to_s - min(each.start_s for each in found)
    assert met_s > 3600 - FOUND_S
    assert present_s == pytest.approx(met_s, abs=ROUNDED_S * len(found) + LONGEST_S)
    for pieces in by_identifier.values():
        assert len(pieces) <= 2
        assert pieces[-1].start_s + pieces[-1].span_s - pieces[0].start_s <= INTERVAL_S + LATE_S
        for before, after in pairwise(pieces):
            gap_s = after.start_s - before.start_s - before.span_s
            assert 0 < gap_s <= LONGEST_S, "no burst twice, none left out"
