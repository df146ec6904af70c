"""A sync that dies, at whatever point, costs nothing and repeats nothing."""

from __future__ import annotations

import signal

import pytest

from bluetoken.checkpoint import POINTS
from bluetoken.virtual.token import WDT

from .clinic import Clinic
from .conftest import Restore
from .day import Day
from .snapshots import Snapshot


def die_at(point: str, day: Day, clinic: Clinic) -> None:
    died = clinic.run("sync", "--port", day.token.cable.path, BLUETOKEN_KILL_AT=point)
    assert died.code == -signal.SIGKILL, died.out + died.err


def assert_whole(stored: dict[int, bytes], recorded: dict[int, bytes]) -> None:
    """The registry has what the token had: no byte less, and each number once."""
    assert {number: stored.get(number) for number in recorded} == recorded


@pytest.mark.parametrize("point", POINTS)
def test_a_sync_killed_at(point: str, restore: Restore, worked: Snapshot) -> None:
    day, clinic = restore(worked, "A")
    day.stop(day.token)
    recorded = day.segments(day.token)
    assert len(recorded) >= 3
    die_at(point, day, clinic)
    held = set(clinic.stored()) | set(day.segments(day.token))
    assert held == set(recorded), "between the killed sync and the next nothing is missing in both places"
    report = clinic.sync(day.token.cable.path)
    assert_whole(clinic.stored(), recorded)
    assert not set(report.new) & set(report.known)
    day.settle()
    assert not set(day.segments(day.token)) & set(recorded), "the token gave up what is committed"


@pytest.mark.parametrize("point", [pytest.param("after-hello", marks=pytest.mark.long), "after-commit"])
def test_a_token_whose_desk_died_goes_back_to_work_by_itself(
    point: str, restore: Restore, worked: Snapshot
) -> None:
    day, clinic = restore(worked, "A", "B")
    day.stop(day.token)
    recorded = day.segments(day.token)
    die_at(point, day, clinic)
    starts = len(day.causes(day.token))
    day.pass_s(16 * 60)
    assert day.causes(day.token)[starts:] == [WDT], "the watchdog sends it back to work"
    day.pass_s(20 * 60)
    clinic = day.at(clinic)
    report = clinic.sync(day.token.cable.path)
    assert set(report.new) | set(report.known) > set(recorded), "it recorded more"
    assert_whole(clinic.stored(), recorded)


@pytest.mark.long
def test_killed_at_one_point_after_another_a_sync_still_comes_to_its_end(
    restore: Restore, worked: Snapshot
) -> None:
    day, clinic = restore(worked, "A")
    day.stop(day.token)
    recorded = day.segments(day.token)
    for point in POINTS:
        die_at(point, day, clinic)
    clinic.succeed("sync", "--port", day.token.cable.path)
    assert clinic.stored() == recorded
