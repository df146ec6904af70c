"""The other interpreter's results reach pytest, whatever becomes of it."""

from pathlib import Path

import pytest

from .. import micropython_items
from ..micropython_items import run

TESTS = """
from skipping import Skip
def test_passes(): print("fine")
def test_fails():
    assert 1 == 2, "the cat"
def test_skips(): raise Skip("no reason")
def test_raises(): raise KeyboardInterrupt
def test_also_passes(): pass
def test_goes_round_for_ever():
    while True: pass
def test_ends_the_interpreter():
    import os
    os.system("kill -9 $PPID")
    while True: pass
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "test_example.py"
    path.write_text(TESTS)
    return path


def test_each_function_has_its_own_result(path: Path) -> None:
    found = run(path, ["test_passes", "test_fails", "test_skips", "test_raises", "test_also_passes"])
    assert [outcome.word for outcome in found.values()] == ["PASS", "FAIL", "SKIP", "FAIL", "PASS"]
    assert found["test_passes"].text == "fine\n"
    assert "line 5" in found["test_fails"].text and "the cat" in found["test_fails"].text
    assert found["test_skips"].text == "no reason\n"
    assert "KeyboardInterrupt" in found["test_raises"].text


def test_only_what_is_asked_for_is_run(path: Path) -> None:
    assert list(run(path, ["test_also_passes"])) == ["test_also_passes"]


def test_no_interpreter_is_a_failure_that_says_what_to_do(path: Path) -> None:
    found = run(path, ["test_passes"], Path("no/such/micropython"))
    assert found["test_passes"].word == "FAIL" and "make setup" in found["test_passes"].text


def test_an_interpreter_that_dies_fails_what_it_did_not_reach(path: Path) -> None:
    found = run(path, ["test_passes", "test_ends_the_interpreter", "test_also_passes"])
    assert [outcome.word for outcome in found.values()] == ["PASS", "FAIL", "FAIL"]
    assert "exit code -9" in found["test_also_passes"].text


def test_an_interpreter_that_hangs_is_ended(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(micropython_items, "LIMIT_S", 1)
    found = run(path, ["test_passes", "test_goes_round_for_ever"])
    assert [outcome.word for outcome in found.values()] == ["PASS", "FAIL"]
    assert "within 1 s" in found["test_goes_round_for_ever"].text


def test_a_file_that_cannot_be_imported_fails_all_of_its_tests(path: Path) -> None:
    path.write_text("import no_such_module\n" + TESTS)
    found = run(path, ["test_passes", "test_skips"])
    for outcome in found.values():
        assert outcome.word == "FAIL" and "no_such_module" in outcome.text
