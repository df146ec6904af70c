"""main.py survives its own mistakes: each is written down, and after five in a row a host can get in."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

import pytest

from bluetoken.link.desk import Desk
from bluetoken.link.flash import FIRMWARE
from bluetoken.virtual.token import HARD
from wearable import reading, records

from . import flash_image, journal_bytes
from .conftest import Restore
from .day import Day
from .neighbour import Neighbour
from .snapshots import Snapshot

# The module as it is, with a mistake in what every cycle calls; found before the compiled one.
MODULE = "/lib/wearable/schedule.py"
MISTAKE = """
import time

_without_mistake = until_ms


def until_ms(virtual_ms, pattern, level):
    if time.ticks_ms() >= {after_s} * 1000:
        raise ValueError("a mistake in the cycle")
    return _without_mistake(virtual_ms, pattern, level)
"""
IN_A_ROW = 5
CYCLE_S = 70  # at most, where the clock is a guess
LONG_S = 700  # from ten minutes on a run counts as a good one
Break = Callable[..., Day]


@pytest.fixture
def broken(restore: Restore, issued: Snapshot) -> Break:
    """broken(90): a token whose every run fails in a cycle after a minute and a half."""

    def make(after_s: int, *others: str) -> Day:
        source = (FIRMWARE / "wearable" / "schedule.py").read_text() + MISTAKE.format(after_s=after_s)
        images = issued.images | {"A": flash_image.with_files(issued.images["A"], {MODULE: source.encode()})}
        day, _ = restore(Snapshot(images, issued.registry, issued.after), "A", *others)
        return day

    return make


def crash_log(day: Day) -> str:
    return flash_image.files(day.image(day.token)).get("/crash.log", b"").decode()


def test_a_mistake_is_written_down_with_its_traceback_and_the_token_restarts(broken: Break) -> None:
    day = broken(90)
    day.pass_s(90 + CYCLE_S)
    log = crash_log(day)
    assert log.startswith("crash 1 at ")
    assert "Traceback (most recent call last):" in log and "ValueError: a mistake in the cycle" in log
    assert "in until_ms" in log
    assert day.causes(day.token)[-1] == HARD


def test_what_was_heard_before_a_mistake_is_written_down(broken: Break) -> None:
    day = broken(240, "B")
    now_us = day.look(lambda: day.world.now_us)
    (friend,) = Neighbour(day, day.tokens[1]).talk(now_us, now_us + 600_000_000)
    day.pass_s(240 + CYCLE_S)
    assert "crash 1 at " in crash_log(day)
    found = journal_bytes.found(day.segments(day.token), reading.Encounter)
    assert {each.rpi for each in found} == {friend}


def test_after_five_in_a_row_it_waits_and_mpremote_and_the_desk_get_in(broken: Break) -> None:
    day = broken(0)
    day.pass_s(15 * 60)
    assert day.causes(day.token).count(HARD) == IN_A_ROW, "and then no more"
    command = [sys.executable, "-m", "mpremote", "connect", day.token.cable.path, "exec", "print(6 * 7)"]
    told = subprocess.run(command, capture_output=True, text=True, timeout=30)
    assert told.stdout == "42\n", told.stderr
    with Desk(day.token.cable.path) as desk:
        status = desk.status()
        desk.resume()
    assert status["crashes"] == IN_A_ROW
    assert status["crash_log"].count("ValueError: a mistake in the cycle") == IN_A_ROW
    assert f"crash {IN_A_ROW} at " in status["crash_log"]
    day.pass_s(15 * 60)
    assert day.causes(day.token).count(HARD) == 2 * IN_A_ROW + 1, "a visit to the desk gives it five more"


def test_a_token_that_ran_well_for_long_in_between_does_not_stop(broken: Break) -> None:
    day = broken(LONG_S)
    day.pass_s((IN_A_ROW + 2) * (LONG_S + CYCLE_S))
    assert day.causes(day.token).count(HARD) > IN_A_ROW
    assert "crash 2 at" not in crash_log(day)


def test_a_crash_is_told_in_the_records_too(broken: Break) -> None:
    day = broken(90)
    day.pass_s(2 * (90 + CYCLE_S))
    events = journal_bytes.found(day.segments(day.token), reading.Event)
    assert (records.EVENT_CRASH, 1) in {(each.code, each.value) for each in events}
