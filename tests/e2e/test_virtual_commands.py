"""What `bluetoken virtual` promises: the same day for the same seed, and tokens that mpremote takes for real."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bluetoken.virtual.demo import SCENARIO

BLUETOKEN = [sys.executable, "-c", "from bluetoken.cli import main\nmain()", "virtual"]


@contextmanager
def running(*arguments: str | Path) -> Iterator[subprocess.Popen[str]]:
    """`bluetoken virtual ARGUMENTS`, ended with the block if it has not ended by itself."""
    environment = os.environ | {"PYTHONUNBUFFERED": "1"}
    command = [*BLUETOKEN, *map(str, arguments)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    ) as process:
        try:
            yield process
        finally:
            process.terminate()


def ended_well(process: subprocess.Popen[str]) -> str:
    """What it printed."""
    out, err = process.communicate(timeout=200)
    assert process.returncode == 0, out + err
    return out


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """The demonstration: what it printed, and its folder."""
    folder = tmp_path_factory.mktemp("once") / "a demo"
    with running("demo", "--folder", folder) as process:
        return ended_well(process), folder


def test_the_one_who_was_near_for_long_is_the_only_candidate(demo: tuple[str, Path]) -> None:
    printed, folder = demo
    outcomes = {line.split()[0]: line for line in printed.splitlines() if " DEMO-1  " in line}
    assert set(outcomes) == {"Binh", "Chi", "Dung"}
    assert {name for name, line in outcomes.items() if "candidate" in line} == {"Binh"}
    assert str(folder / "report.html") in printed
    assert "Binh" in (folder / "report.html").read_text()
    lights = (folder / "lights.html").read_text()
    assert all(f"{name}, light" in lights for name in ("An", "Binh", "Chi", "Dung")) and "all is well" in lights


def test_a_token_and_a_phone_with_bluezone_s_app_note_each_other(tmp_path: Path) -> None:
    with running("demo", "--bluezone", "--folder", tmp_path / "a demo") as process:
        printed = ended_well(process)
    asked, told = re.search(r"Em's phone heard An (\d+) times", printed), {}
    assert asked and int(asked[1]) >= 3
    for line in printed.splitlines():
        if "  Bluezone key 1  " in line or "  DEMO-1  " in line:
            told[line.split()[0], "Bluezone key" in line] = line
    # 30 minutes at a metre from the phone, and Binh 25 from An: the minutes of both protocols are one.
    assert "candidate" in told["An", True] and 20 < minutes(told["An", True]) <= 30
    assert "candidate" in told["Binh", False] and 20 < minutes(told["Binh", False]) <= 25.5
    assert "no contact" in told["Binh", True]


def minutes(line: str) -> float:
    return float(re.split(r"  +", line.strip())[3])


@pytest.mark.long
def test_the_same_seed_gives_the_same_report_to_the_byte(demo: tuple[str, Path], tmp_path: Path) -> None:
    with running("demo", "--folder", tmp_path / "once more", "--json") as process:
        again = Path(json.loads(ended_well(process))["report"])
    assert again.read_bytes() == (demo[1] / "report.html").read_bytes()


@pytest.mark.long
def test_another_seed_is_another_day(demo: tuple[str, Path], tmp_path: Path) -> None:
    with running("demo", "--folder", tmp_path / "another day", "--seed", "7", "--json") as process:
        other = Path(json.loads(ended_well(process))["report"])
    assert other.read_bytes() != (demo[1] / "report.html").read_bytes()


def test_tokens_stay_on_ptys_for_mpremote_until_their_time_is_over(tmp_path: Path) -> None:
    scenario = tmp_path / "a scenario.toml"
    scenario.write_text(SCENARIO.read_text())
    with running("run", scenario, "--for", "5", "--json", "--folder", tmp_path / "the flashes") as process:
        assert process.stdout is not None
        text = ""
        while not text.endswith("}\n}\n"):
            text += (line := process.stdout.readline())
            assert line, text
        devices = json.loads(text)["tokens"]
        assert set(devices) == {"An", "Binh", "Chi", "Dung"}
        for name in ("An", "Chi"):
            command = [sys.executable, "-m", "mpremote", "connect", devices[name], "exec", "print(6 * 7)"]
            told = subprocess.run(command, capture_output=True, text=True, timeout=20)
            assert told.stdout == "42\n", told.stderr
        assert process.wait(20) == 0
    assert {path.stem for path in (tmp_path / "the flashes").iterdir()} == set(devices)


def test_what_a_wearer_would_have_seen_is_told(tmp_path: Path, flashed: bytes) -> None:
    scenario = tmp_path / "a scenario.toml"
    head = 'name = "one"\nseed = 1\nstart = 2026-03-02T00:00:00Z\nduration = "1h"\n'
    scenario.write_text(f'{head}[[token]]\nname = "A"\nposition = [0, 0]\nplugged = [["50m", "1h"]]\n')
    flashes = tmp_path / "the flashes"
    flashes.mkdir()
    (flashes / "A.flash").write_bytes(flashed)
    running_for = ("--forward", "1m", "--for", "0.1", "--json", "--folder", flashes)
    with running("run", scenario, *running_for) as process:
        seen = json.loads(ended_well(process))["signs"]["A"]
    assert {each["sign"] for each in seen} == {"WAITING"} and {each["part"] for each in seen} == {"light"}
    assert 25 <= len(seen) <= 30 and seen[1]["at_s"] - seen[0]["at_s"] < 2.5
