"""The token goes on, whatever its program, the air or a clinic does to it."""

from __future__ import annotations

from random import Random

import pytest

from bluetoken.link.desk import Desk
from bluetoken.link.repl import Repl
from bluetoken.virtual.token import HARD
from wearable import records

from .conftest import Restore
from .day import Day
from .neighbour import Neighbour, advert
from .snapshots import Snapshot

CRASH = """
with open("/lib/wearable/schedule.py", "w") as file:
    file.write("def guard(uncertainty_ms):\\n    raise ValueError('a bug')\\n")
import os
os.remove("/lib/wearable/schedule.mpy")
import machine
machine.reset()
"""


def put_a_bug_in(day: Day) -> None:
    repl = Repl(day.token.cable.path)
    try:
        repl.leave(CRASH.replace("def guard", "PERIOD_S = 30\\ndef guard"))
    finally:
        repl.close()


def test_a_program_that_keeps_crashing_waits_for_the_cable(restore: Restore, issued: Snapshot) -> None:
    day, _ = restore(issued, "A")
    starts = len(day.causes(day.token))
    put_a_bug_in(day)
    day.pass_s(600)
    restarts = day.causes(day.token)[starts:]
    assert restarts.count(HARD) == 1 + 5, "five crashes, and then it waits"
    with Desk(day.token.cable.path) as desk:
        status = desk.status()
        desk.resume()
    assert status["crashes"] == 5
    assert status["crash_log"].count("ValueError: a bug") == 5
    assert "crash 5 at" in status["crash_log"]


def test_resuming_forgives_the_crashes(restore: Restore, issued: Snapshot) -> None:
    day, _ = restore(issued, "A")
    put_a_bug_in(day)
    day.pass_s(300)
    with Desk(day.token.cable.path) as desk:
        starts = len(day.causes(day.token))
        desk.resume()
    day.pass_s(300)
    assert len(day.causes(day.token)) == starts + 1 + 5, "it tries five times more"


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.long) for seed in (1, 2))])
def test_ctrl_c_at_any_moment_ends_in_a_prompt_with_all_written_down(
    seed: int, restore: Restore, issued: Snapshot
) -> None:
    day, _ = restore(issued, "A", "B")
    for token in day.tokens:
        day.set_clock(token)
    random = Random(seed)
    for _ in range(10):
        day.pass_s(random.uniform(1, 70))
        day.stop(day.token)
        controller = day.token.controller
        assert not controller.advertising
        assert not controller.listening
        with Desk(day.token.cable.path) as desk:
            assert desk.status()["crash_log"] == ""
            desk.resume()
    seen = [
        record.bursts
        for data in day.segments(day.token).values()
        for body in records.read_segment(data)[1]
        for record in body.records
        if isinstance(record, records.Encounter)
    ]
    assert sum(seen) >= 5


def test_a_sleeping_token_notices_the_cable_within_half_a_minute(restore: Restore, issued: Snapshot) -> None:
    day, clinic = restore(issued, "A")
    day.stage.unplug(day.token)
    day.pass_s(300)
    for _ in range(60):
        if day.look(lambda: day.token.asleep):
            break
        day.pass_s(1)
    assert not day.look(lambda: day.token.reachable)
    day.stage.plug(day.token)
    day.pass_s(35)
    assert day.look(lambda: day.token.reachable)
    clinic.succeed("status", "--port", day.token.cable.path)


def hostile(random: Random) -> bytes:
    """An advertisement as nobody should send it."""
    kind = random.randrange(3)
    if kind == 0:
        return random.randbytes(random.randrange(32))
    whole = advert(random.randbytes(16))
    return whole[: random.randrange(len(whole))] if kind == 1 else bytes(31)


def test_a_flood_of_invented_and_malformed_adverts(restore: Restore, issued: Snapshot) -> None:
    day, _ = restore(issued, "A", "B")
    flooder = Neighbour(day, day.tokens[1])
    random = Random(4)
    begin_us = day.look(lambda: day.world.now_us)
    minute_us = 60_000_000
    (friend,) = flooder.talk(begin_us, begin_us + 8 * minute_us, change_us=8 * minute_us)
    for n in range(5000):
        at_us = begin_us + minute_us + n * 120_000_000 // 5000
        data = advert(random.randbytes(16)) if n % 2 else hostile(random)
        flooder.say(data, at_us, at_us + 1_000_000)
    day.pass_s(12 * 60)
    day.stop(day.token)
    with Desk(day.token.cable.path) as desk:
        assert desk.status()["crash_log"] == ""
    bodies = [body for data in day.segments(day.token).values() for body in records.read_segment(data)[1]]
    found = [record for body in bodies for record in body.records]
    friends = [r for r in found if isinstance(r, records.Encounter) and r.rpi == friend]
    assert sum(r.bursts for r in friends) >= 12, "the honest neighbour of eight minutes is kept"
    assert 20 < len(found) < 12 * 128, "the flood was heard, and bounded"
