"""Ctrl-C at any moment: a prompt, the radio off, and what was heard until then is written down."""

from __future__ import annotations

import time
from random import Random

import pytest

from bluetoken.virtual.meter import State
from bluetoken.virtual.token import VirtualToken
from wearable import reading, records

from . import journal_bytes
from .conftest import Restore
from .day import Day
from .line import PROMPT, Line
from .neighbour import Neighbour
from .snapshots import Snapshot

DAY_US = 86_400_000_000


class Hearing:
    """When a token last heard something, in token seconds."""

    def __init__(self, day: Day, token: VirtualToken) -> None:
        self._day = day
        self._reports = token.controller.reports
        self.last_s = 0.0
        token.controller.reports = self._listen  # type: ignore[method-assign]

    def _listen(self, until_us: int) -> list[tuple[int, bytes]]:
        heard = self._reports(until_us)
        if heard:
            self.last_s = self._day.scenario.unix_ms(heard[-1][0]) / 1000 - records.EPOCH_UNIX_S
        return heard


@pytest.fixture
def day(restore: Restore, issued: Snapshot) -> Day:
    """A knows what time it is, and somebody beside it talks all day."""
    day, _ = restore(issued, "A", "B")
    day.set_clock(day.token)
    Neighbour(day, day.tokens[1]).talk(0, DAY_US)
    return day


def interrupt(day: Day) -> None:
    """Ctrl-C, and there is a prompt; then back to work with Ctrl-D."""
    with Line(day.token.cable.path) as line:
        line.say(b"\r\x03")
        assert PROMPT in line.hear(PROMPT), "no prompt"
        day.settle()
        controller = day.token.controller
        assert day.look(lambda: (controller.listening, controller.advertising)) == (False, False)
        line.say(b"print(6 * 7)\r")
        assert b"42" in line.hear(b"42")


def back_to_work(day: Day) -> None:
    with Line(day.token.cable.path) as line:
        line.say(b"\x04")
        assert b"soft reboot" in line.hear(b"soft reboot")
    day.settle()


def pass_to_a_burst(day: Day) -> None:
    """Let time pass until the radio is on."""
    for _ in range(600):
        day.pass_s(0.2)
        if day.look(lambda: day.token.meter._state) in (State.RADIO, State.RECEIVE):
            return
    raise AssertionError("no burst in two minutes")


@pytest.mark.parametrize("when", ["anywhere", "around a burst"])
def test_at_random_moments_all_that_was_heard_is_written_down(when: str, day: Day) -> None:
    random = Random(when)
    hearing = Hearing(day, day.token)
    for _ in range(10):
        day.pass_s(random.uniform(20, 70))
        if when == "around a burst":
            pass_to_a_burst(day)
            day.pass_s(random.uniform(0, 0.4))
        interrupt(day)
        found = journal_bytes.found(day.segments(day.token), reading.Encounter)
        newest_s = max((each.start_s + each.span_s for each in found), default=0)
        assert abs(newest_s - hearing.last_s) <= 1
        back_to_work(day)


def test_at_random_moments_between_any_two_steps_of_the_program_there_is_a_prompt(day: Day) -> None:
    random = Random(3)
    for _ in range(10):
        day.world.live(speed=300)
        time.sleep(random.uniform(0.02, 0.2))
        interrupt(day)
        day.world.hold()
        back_to_work(day)
    assert "/crash.log" not in day.ask("import os\nprint(['/' + name for name in os.listdir('/')])")
    assert len(journal_bytes.found(day.segments(day.token), reading.Encounter)) >= 3
