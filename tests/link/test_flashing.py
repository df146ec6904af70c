"""The application onto a board: only what changed, and a torn cable leaves a board that can be reached."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bluetoken.boards import load_board
from bluetoken.errors import CableLost
from bluetoken.link import flash as flashing
from bluetoken.link.compiling import architecture
from bluetoken.link.desk import Desk
from bluetoken.link.flash import FlashResult, application, flash
from bluetoken.virtual.token import HARD
from e2e import flash_image
from e2e.conftest import MakeDay
from e2e.day import Day
from e2e.scissors import Scissors

MAIN, SCHEDULE, OLD = "/main.py", "/lib/wearable/schedule.mpy", "/lib/wearable/old.mpy"


@pytest.fixture
def day(make_day: MakeDay, flashed: bytes) -> Day:
    """A board with the application on it, and in its folder a module of an earlier version."""
    return make_day({"A": flash_image.with_files(flashed, {OLD: b"M"})})


def put_on(day: Day, board: str = "virtual") -> FlashResult:
    return flash(day.token.cable.path, load_board(board))


def test_a_second_run_writes_nothing_and_takes_away_what_is_no_longer_needed(day: Day) -> None:
    first = put_on(day)
    assert (first.written, first.removed) == ([], [OLD])
    second = put_on(day)
    assert (second.written, second.removed) == ([], [])
    assert set(second.unchanged) == {f"/lib/{name}" for name in application()} | {MAIN, "/boot.py", "/board.json"}
    assert OLD not in flash_image.files(day.image(day.token))


@pytest.fixture
def changed_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A firmware that differs from the one on the board in one module."""
    sources = tmp_path / "firmware of tomorrow"
    shutil.copytree(flashing.FIRMWARE, sources)
    with (sources / "wearable" / "schedule.py").open("a") as file:
        file.write("\nTOMORROW = True\n")
    monkeypatch.setattr(flashing, "application", lambda architecture: application(architecture, sources))


@pytest.mark.usefixtures("changed_source")
def test_a_changed_module_is_written_alone_and_main_after_it(day: Day) -> None:
    assert put_on(day).written == [SCHEDULE, MAIN]
    day.pass_s(3)
    assert "True" in day.ask("from wearable import schedule\nprint(schedule.TOMORROW)")


def test_another_board_changes_its_description_and_nothing_else(day: Day) -> None:
    assert put_on(day, "esp32c3_generic").written == ["/board.json", MAIN]


def test_a_file_that_was_damaged_on_the_board_is_written_again(make_day: MakeDay, flashed: bytes) -> None:
    hurt = flash_image.files(flashed)[SCHEDULE][:-1]
    assert put_on(make_day({"A": flash_image.with_files(flashed, {SCHEDULE: hurt})})).written == [SCHEDULE, MAIN]


def test_all_is_written_where_that_is_asked_for(day: Day) -> None:
    seen: list[tuple[int, int]] = []
    result = flash(day.token.cable.path, load_board("virtual"), lambda *told: seen.append(told), force=True)
    assert result.unchanged == [] and result.written[-1] == MAIN
    assert seen == [(n + 1, len(result.written)) for n in range(len(result.written))]


@pytest.mark.parametrize(("on_it", "after_files"), [("nothing", 12), ("the application", 1)])
def test_torn_in_the_middle_of_flashing_a_board_waits_at_its_prompt_and_the_next_run_completes(
    after_files: int, on_it: str, make_day: MakeDay, flashed: bytes
) -> None:
    day = make_day({"A": flashed if on_it == "the application" else None})

    def tear_soon(done: int, total: int) -> None:
        if done == after_files:
            Scissors(day, day.token, 40, day.token.cable.hang_up)

    with pytest.raises(CableLost):
        flash(day.token.cable.path, load_board("virtual"), tear_soon, force=True)
    day.look(day.token.cable.plug)
    day.look(lambda: day.token.reset(day.world.now_us, HARD))
    day.pass_s(5)
    assert MAIN not in flash_image.files(day.image(day.token))
    assert day.causes(day.token)[-1] == HARD, "it does not restart again and again"
    assert day.ask("print('here')").strip() == "here"
    again = put_on(day)
    assert len(again.unchanged) >= after_files, "what had been written is kept"
    assert again.written[-1] == MAIN
    with Desk(day.token.cable.path) as desk:
        assert desk.hello()["board"] == "virtual"
    assert put_on(day).written == []


def test_the_handler_is_machine_code_where_the_board_takes_it(day: Day, flashed: bytes) -> None:
    mpy = int(day.ask("import sys\nprint(sys.implementation._mpy)"))
    expected = mpy >> 10 & 0x0F if architecture(mpy) else 0
    files = flash_image.files(flashed)
    assert files["/lib/wearable/ear.mpy"][2] >> 2 == expected
    assert files[SCHEDULE][2] >> 2 == 0
