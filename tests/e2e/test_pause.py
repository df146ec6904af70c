"""A long press pauses and says so; the next one, or two hours, end it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import pytest

from bluetoken.link.desk import Desk
from bluetoken.virtual.strip import Sign
from wearable import button, reading, records

from . import journal_bytes
from .conftest import Restore
from .day import Day
from .snapshots import Snapshot

AWAKE_S = 120
PAUSE_S = 7200
EVERY_S = 30
LONG_MS = button.LONG_MS + 1000  # a burst may begin meanwhile, in which nobody looks at the button
SHORT_MS = 150


@dataclass
class Worn:
    """A and B lie beside each other, off the cable and asleep."""

    day: Day

    def press(self, for_ms: int) -> float:
        """Press A's button in the middle of a sleep; returns when that was, in seconds of the world."""
        while self.day.look(lambda: self.day.token.reachable):
            self.day.pass_s(0.2)
        at_s = self.day.look(lambda: self.day.world.now_us) / 1e6
        self.day.stage.press(self.day.token, for_ms)
        self.day.pass_s(for_ms / 1000 + 5)
        return at_s

    def now_s(self) -> float:
        return self.day.look(lambda: self.day.world.now_us) / 1e6

    def signs(self, from_s: float, part: str = "light") -> list[Sign]:
        found = self.day.stage.signs(self.day.token)
        return [sign for sign in found if sign.part == part and sign.at_us >= from_s * 1e6]

    def names(self, from_s: float, part: str = "light") -> list[str]:
        return [sign.name for sign in self.signs(from_s, part)]

    def adverts(self) -> int:
        return self.day.look(lambda: self.day.token.meter.adverts)

    def journal(self, kind: type) -> list:
        return journal_bytes.found(self.day.segments(self.day.token), kind)

    def events(self) -> list[reading.Event]:
        known = (records.EVENT_PAUSED, records.EVENT_RESUMED)
        return [event for event in self.journal(reading.Event) if event.code in known]


@pytest.fixture
def worn(restore: Restore, issued: Snapshot) -> Worn:
    day, _ = restore(issued, "A", "B")
    for token in day.tokens:
        with Desk(token.cable.path) as desk:
            desk.set_clock(day.unix_ms + 2000)  # ahead of what this start has written down
            desk.resume()
        day.stage.unplug(token)
    day.pass_s(AWAKE_S + 60)
    return Worn(day)


def test_a_short_press_ends_the_sleep_shows_how_it_is_and_wakes_the_cable(worn: Worn) -> None:
    at_s = worn.press(SHORT_MS)
    shown = worn.signs(at_s)
    assert {sign.name for sign in shown} == {"WELL"} and shown[0].at_us / 1e6 - at_s < 1
    assert worn.day.look(lambda: worn.day.token.reachable)
    worn.day.pass_s(AWAKE_S / 2)
    assert worn.day.look(lambda: worn.day.token.reachable)
    assert not worn.events()


def test_a_long_press_pauses_at_once_and_says_so_all_the_while(worn: Worn) -> None:
    at_s = worn.press(LONG_MS)
    said = worn.adverts()
    assert worn.names(at_s) == ["PAUSED"] and worn.names(at_s, "motor") == ["PAUSED"]
    worn.day.pass_s(600)
    assert worn.adverts() == said, "a token that is paused says nothing"
    shown = worn.signs(at_s)
    assert {sign.name for sign in shown} == {"PAUSED"} and len(shown) >= 600 // (EVERY_S + 2)
    gaps_s = [(after.at_us - before.at_us) / 1e6 for before, after in pairwise(shown)]
    assert max(gaps_s) <= EVERY_S + 3
    assert [(event.code, event.value) for event in worn.events()] == [(records.EVENT_PAUSED, PAUSE_S)]


def test_the_next_long_press_resumes_with_another_key_and_says_how_long(worn: Worn) -> None:
    paused_s = worn.press(LONG_MS)
    keys = len(worn.journal(reading.Key))
    said = worn.adverts()
    worn.day.pass_s(300)
    resumed_s = worn.press(LONG_MS)
    assert worn.names(resumed_s)[0] == "RESUMED" and worn.names(resumed_s, "motor") == ["RESUMED"]
    worn.day.pass_s(90)
    assert worn.adverts() > said
    assert "PAUSED" not in worn.names(resumed_s)
    found = worn.events()
    assert [event.code for event in found] == [records.EVENT_PAUSED, records.EVENT_RESUMED]
    assert found[1].value == pytest.approx(resumed_s - paused_s, abs=2)
    assert found[1].at_s - found[0].at_s == pytest.approx(found[1].value, abs=2)
    assert len(worn.journal(reading.Key)) == keys + 1


def test_a_pause_ends_by_itself(worn: Worn) -> None:
    at_s = worn.press(LONG_MS)
    said = worn.adverts()
    worn.day.pass_s(PAUSE_S - 60)
    assert worn.adverts() == said
    worn.day.pass_s(120)
    assert worn.adverts() > said
    assert worn.names(at_s).count("RESUMED") == 1
    felt = worn.names(at_s, "motor")
    assert felt == ["PAUSED"] * 4 + ["RESUMED"]
    assert [event.value for event in worn.events()] == [PAUSE_S, pytest.approx(PAUSE_S, abs=1)]


def test_encounters_after_a_pause_have_their_time(worn: Worn) -> None:
    worn.press(LONG_MS)
    worn.day.pass_s(PAUSE_S + 1800)
    met = [each.start_s for each in worn.journal(reading.Encounter)]
    resumed = worn.events()[1].at_s
    assert any(start_s > resumed for start_s in met)
    paused = worn.events()[0].at_s
    assert not any(paused + 60 < start_s < resumed - 60 for start_s in met)


def test_a_desk_that_comes_into_a_pause_finds_it_in_the_journal(restore: Restore, issued: Snapshot) -> None:
    day, clinic = restore(issued, "A")
    worn = Worn(day)
    day.stage.unplug(day.token)
    day.pass_s(AWAKE_S + 60)
    worn.press(LONG_MS)
    day.pass_s(300)
    day.stage.plug(day.token)
    plugged_s = worn.now_s()
    day.pass_s(3 * EVERY_S)
    assert {"PAUSED", "ON"} <= set(worn.names(plugged_s))
    day.at(clinic).succeed("sync", "--port", day.token.cable.path)
    stored = journal_bytes.found(clinic.stored(), reading.Event)
    codes = [event.code for event in stored if event.code in (records.EVENT_PAUSED, records.EVENT_RESUMED)]
    assert codes == [records.EVENT_PAUSED, records.EVENT_RESUMED]
