"""Whatever is wrong, the desk says one sentence, ends with a code that is not 0, and loses nothing."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

import pytest

from . import flash_image, journal_bytes
from .clinic import Clinic
from .complaints import assert_one_sentence
from .conftest import MakeDay, Restore
from .day import Day
from .snapshots import Snapshot

ISSUE = ("issue", "--label", "new", "--holder", "somebody", "--legal-basis", "form 3")
CASE = ("case", "open", "--token", "nobody", "--consent", "signed", "--tested-on")
DEMO_FOLDER = ("virtual", "demo", "--folder")

# What is wrong with a command line or a file that it names, before any token is asked.
COMMANDS = {
    "an unknown board": (("flash", "--board", "esp33", "--port", "/dev/null"), "UnknownBoard"),
    "no port at all": (("status", "--port", "/dev/there is none"), "NoSuchPort"),
    "a port that is none": (("status", "--port", "/dev/null"), "NoSuchPort"),
    "an unknown label": ((*CASE, "2026-03-01"), "UnknownToken"),
    "a test in the future": ((*CASE, "2026-03-03"), "BadInput"),
    "an empty label": ((*ISSUE, "--label", " "), "BadInput"),
    "an unknown case": (("exposures", "2026-007"), "UnknownCase"),
    "a scenario that is not there": (("virtual", "run", "there is none.toml"), "BadScenario"),
    "a folder that cannot be made": ((*DEMO_FOLDER, "/dev/null/demo"), "CannotWrite"),
}
SCENARIOS = {
    "not TOML": "name = ",
    "not text": "\udcff",
    "without tokens": 'name = "x"\nseed = 1\nstart = 2026-03-02T00:00:00Z\nduration = "1h"\n',
    "without a zone": 'name = "x"\nseed = 1\nstart = 2026-03-02T00:00:00\nduration = "1h"\n[[token]]\nname = "a"',
}


@pytest.mark.parametrize(("command", "kind"), COMMANDS.values(), ids=COMMANDS)
def test_a_command_that_cannot_be_done(command: tuple[str, ...], kind: str, clinic: Clinic) -> None:
    assert_one_sentence(clinic.run(*command, "--json"), kind)


@pytest.mark.parametrize("text", SCENARIOS.values(), ids=SCENARIOS)
def test_a_scenario_that_is_none(text: str, clinic: Clinic, tmp_path: Path) -> None:
    path = tmp_path / "a scenario.toml"
    path.write_bytes(text.encode(errors="surrogateescape"))
    done = clinic.run("virtual", "run", path, "--for", "1", "--json")
    assert_one_sentence(done, "BadScenario")
    assert str(path) in done.err


def test_without_json_nothing_is_printed_but_the_sentence(clinic: Clinic) -> None:
    assert_one_sentence(clinic.run("status", "--port", "/dev/null"))


def test_a_date_that_is_none_is_wrong_usage_and_names_the_option(clinic: Clinic) -> None:
    done = clinic.run(*CASE, "2026-13-45", COLUMNS="200")
    assert (done.code, done.out) == (2, "")
    assert "Invalid value for '--tested-on'" in done.err and "Traceback" not in done.err


def test_a_port_with_nobody_behind_it(clinic: Clinic) -> None:
    master, slave = os.openpty()
    try:
        patience = "from bluetoken.link import repl\nrepl.ENTER_TIMEOUT_S = 1"
        done = clinic.run("sync", "--port", os.ttyname(slave), "--json", before=patience)
        assert_one_sentence(done, "NotAToken")
    finally:
        os.close(master)
        os.close(slave)


@pytest.mark.parametrize("command", [("status",), pytest.param(("sync",), marks=pytest.mark.long), ISSUE])
def test_a_foreign_micropython(command: tuple[str, ...], make_day: MakeDay, clinic: Clinic) -> None:
    day = make_day({"A": None})
    assert_one_sentence(clinic.run(*command, "--port", day.token.cable.path, "--json"), "NoApp")


def test_a_token_that_was_given_to_nobody(make_day: MakeDay, flashed: bytes, clinic: Clinic) -> None:
    day = make_day({"A": flashed})
    assert_one_sentence(clinic.run("sync", "--port", day.token.cable.path, "--json"), "NotIssued")


# What must not cost a token its segments, nor the registry what it has.


class Visit:
    """A token with several segments comes to the desk."""

    def __init__(self, day: Day, clinic: Clinic) -> None:
        self.day, self.clinic = day, clinic
        day.stop(day.token)
        self.recorded = day.segments(day.token)
        assert len(self.recorded) >= 3

    def fails(self, kind: str, *command: str, **more: str) -> None:
        port = self.day.token.cable.path
        assert_one_sentence(self.clinic.run(*command, "--port", port, "--json", **more), kind)

    def assert_on_token(self) -> None:
        """The token still has what it had, and may have written more."""
        now = self.day.segments(self.day.token)
        assert {number: now.get(number) for number in self.recorded} == self.recorded

    def assert_sync_gets_all(self, clinic: Clinic) -> None:
        clinic.sync(self.day.token.cable.path)
        stored = clinic.stored()
        assert {number: stored.get(number) for number in self.recorded} == self.recorded


@pytest.fixture
def visit(restore: Restore, worked: Snapshot) -> Visit:
    return Visit(*restore(worked, "A"))


def test_a_token_of_another_clinic_keeps_everything(visit: Visit, tmp_path: Path) -> None:
    issuer, visit.clinic = visit.clinic, Clinic(tmp_path / "elsewhere")
    visit.fails("ForeignToken", "sync")
    visit.fails("ForeignToken", *ISSUE, "--again")
    visit.assert_on_token()
    visit.assert_sync_gets_all(issuer)


def test_a_token_with_unsynced_data_is_not_given_to_another(visit: Visit) -> None:
    visit.fails("AlreadyIssued", *ISSUE)
    visit.fails("UnsyncedData", *ISSUE, "--again")
    visit.assert_on_token()
    visit.assert_sync_gets_all(visit.clinic)


def test_a_registry_that_another_program_writes_to(visit: Visit) -> None:
    hurry = "from bluetoken.registry import database\ndatabase.BUSY_TIMEOUT_MS = 200"
    other = sqlite3.connect(visit.clinic.registry_path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    visit.fails("RegistryLocked", "sync", before=hurry)
    other.close()
    visit.assert_on_token()
    visit.assert_sync_gets_all(visit.clinic)


# A database that may not grow by a page; a file system that takes no more bytes; and one that has none left.
FULL_DATABASE = """
from bluetoken.registry import database
set_up = database._set_up_sqlite
def set_up_full(connection, record):
    set_up(connection, record)
    pages = connection.execute("PRAGMA page_count").fetchone()[0]
    connection.execute(f"PRAGMA max_page_count={pages}")
database._set_up_sqlite = set_up_full
"""
SMALL_FILES = "import resource\nresource.setrlimit(resource.RLIMIT_FSIZE, (20000, 20000))"
NO_SPACE = """
import errno
from bluetoken.registry import database
def refuse(path):
    raise OSError(errno.ENOSPC, "No space left on device")
database._create_privately = refuse
"""
FULL = {
    "a page too few": (FULL_DATABASE, "DiskFull"),
    "a file too long": (SMALL_FILES, "RegistryUnusable"),
    "no space left": (NO_SPACE, "DiskFull"),
}


@pytest.mark.parametrize(("before", "kind"), FULL.values(), ids=FULL)
def test_a_full_disk(before: str, kind: str, restore: Restore, laden: Snapshot) -> None:
    visit = Visit(*restore(laden, "A"))
    visit.fails(kind, "sync", before=before)
    assert set(visit.clinic.stored()) | set(visit.day.segments(visit.day.token)) >= set(visit.recorded)
    visit.assert_sync_gets_all(visit.clinic)


def hurt(raw: bytes, how: str) -> bytes:
    if how == "a byte flipped":
        return raw[:-20] + bytes([raw[-20] ^ 0x10]) + raw[-19:]
    return raw[:-7] if how == "cut short" else raw[:20]


@pytest.mark.parametrize("how", ["a byte flipped", "cut short", "cut in its header"])
def test_a_segment_that_is_damaged_on_the_token_is_stored_as_it_is_and_told(
    how: str, restore: Restore, worked: Snapshot
) -> None:
    image = worked.images["A"]
    number, raw = min(flash_image.segments(image).items())
    damaged = flash_image.with_files(image, {flash_image.path_of(number): hurt(raw, how)})
    day, clinic = restore(Snapshot({"A": damaged}, worked.registry, worked.after), "A")
    told = clinic.succeed("sync", "--port", day.token.cable.path).out
    assert f"Stored all the same: segment {number}: " in told
    stored = clinic.stored()
    assert stored[number] == hurt(raw, how)
    assert journal_bytes.whole_bytes(stored[number + 1]) == stored[number + 1], "the others are whole"
