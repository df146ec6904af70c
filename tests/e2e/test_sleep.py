"""A token that sleeps has no cable; plugged in, it has one within half a minute."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from bluetoken.bench.speed import crowd, issue_all
from bluetoken.virtual.demo import SCENARIO
from bluetoken.virtual.scenario import load_scenario
from bluetoken.virtual.stage import Stage

from .conftest import Restore
from .day import NOTICE_S, Day
from .line import Line
from .snapshots import Snapshot

AWAKE_S = 120  # after a start it is at the desk's disposal


def answers(day: Day) -> bool:
    with Line(day.token.cable.path) as line:
        line.say(b"\r\x03\r\x01")
        return bool(line.hear(timeout_s=0.4))


def sleep_on(day: Day) -> None:
    """Wait for the end of a burst, in which it cannot sleep."""
    while day.look(lambda: day.token.reachable):
        day.pass_s(3)


def test_asleep_it_does_not_answer_and_plugged_in_the_desk_gets_in(
    restore: Restore, issued: Snapshot
) -> None:
    day, clinic = restore(issued, "A")
    day.stage.unplug(day.token)
    day.pass_s(AWAKE_S + 60)
    sleep_on(day)
    assert not answers(day), "unplugged"
    day.stage.plug(day.token)
    assert not answers(day), "plugged in, and still asleep"
    day.pass_s(NOTICE_S)
    told = day.at(clinic).succeed("status", "--port", day.token.cable.path).out
    assert told.startswith("Token A, issued")


def test_plugged_in_it_stays_at_the_desks_disposal(restore: Restore, issued: Snapshot) -> None:
    day, _ = restore(issued, "A")
    day.pass_s(AWAKE_S + 600)
    assert answers(day)


def test_alone_at_night_it_sleeps_for_minutes_and_its_watchdog_lets_it(tmp_path: Path) -> None:
    evening = datetime(2026, 3, 2, 14, 5, tzinfo=UTC)  # 21:05 in Vietnam
    scenario = replace(crowd(load_scenario(SCENARIO), 1), start=evening)
    stage = Stage(scenario, tmp_path)
    try:
        stage.start()
        stage.world.run_for(2)
        issue_all(stage)
        token = stage.world.tokens[0]
        starts = stage.world.call(lambda: len(token.resets))
        stage.world.call(lambda: token.meter.restart(token.local_us))
        stage.world.run_for(3 * 3600)
        assert stage.world.call(lambda: len(token.resets)) == starts
        # So rarely that a burst is two minutes from the next, or more.
        assert 30 < stage.world.call(lambda: token.meter.ble_starts) < 150
    finally:
        stage.close()
