"""A cable torn in the middle of a sync: one sentence, and the repeated sync has everything."""

from __future__ import annotations

import pytest

from .clinic import Clinic
from .complaints import assert_one_sentence
from .conftest import Restore
from .day import Day
from .scissors import Scissors
from .snapshots import Snapshot

SILENCE = "from bluetoken.link.repl import Repl\nRepl.stream.__defaults__ = (0.5,)"


@pytest.fixture
def waiting(restore: Restore, laden: Snapshot) -> tuple[Day, Clinic, dict[int, bytes]]:
    """A token at its prompt, its clinic, and what it recorded."""
    day, clinic = restore(laden, "A")
    day.stop(day.token)
    return day, clinic, day.segments(day.token)


@pytest.fixture(scope="session")
def said_in_a_sync(laden: Snapshot, tmp_path_factory: pytest.TempPathFactory) -> int:
    """How many bytes a token says in a sync that nothing disturbs."""
    folder = tmp_path_factory.mktemp("an undisturbed sync")
    day, clinic = Day(folder, dict(laden.images)), Clinic(folder, laden.registry)
    try:
        day.begin()
        day.stop(day.token)
        heard = Scissors(day, day.token)
        clinic.sync(day.token.cable.path)
        return heard.said
    finally:
        day.close()


Waiting = tuple[Day, Clinic, dict[int, bytes]]
SOME = (0.0, 0.45, 0.95)
MORE = [pytest.param(n / 20, marks=pytest.mark.long) for n in range(1, 19)]


@pytest.mark.parametrize("part", [*SOME, *MORE])
def test_torn_in_the_middle_a_sync_is_repeated_without_loss(
    part: float, waiting: Waiting, said_in_a_sync: int
) -> None:
    day, clinic, recorded = waiting
    Scissors(day, day.token, 1 + int(part * said_in_a_sync), day.token.cable.hang_up)
    assert_one_sentence(clinic.run("sync", "--json", "--port", day.token.cable.path), "CableLost")
    assert set(clinic.stored()) | set(day.segments(day.token)) == set(recorded)
    day.look(day.token.cable.plug)
    clinic.sync(day.token.cable.path)
    assert clinic.stored() == recorded


@pytest.mark.long
def test_a_cable_that_falls_silent_is_as_good_as_torn(waiting: Waiting, said_in_a_sync: int) -> None:
    day, clinic, recorded = waiting
    Scissors(day, day.token, said_in_a_sync // 2, day.token.cable.unplug)
    assert_one_sentence(clinic.run("sync", "--port", day.token.cable.path, before=SILENCE))
    day.look(day.token.cable.plug)
    clinic.sync(day.token.cable.path)
    assert clinic.stored() == recorded
