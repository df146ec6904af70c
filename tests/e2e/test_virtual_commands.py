"""What the README promises of `bluetoken virtual`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bluetoken.virtual.demo import SCENARIO

BLUETOKEN = [sys.executable, "-c", "from bluetoken.cli import main; main()"]


def demo(folder: Path, *more: str) -> str:
    done = subprocess.run(
        [*BLUETOKEN, "virtual", "demo", "--folder", str(folder), *more],
        capture_output=True,
        text=True,
        timeout=180,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("again", [pytest.param("a second time", marks=pytest.mark.long)])
def test_the_same_seed_gives_the_same_report(again: str, tmp_path: Path) -> None:
    demo(tmp_path / "once")
    demo(tmp_path / again)
    assert (tmp_path / "once" / "report.html").read_bytes() == (tmp_path / again / "report.html").read_bytes()


def test_the_demo_finds_the_one_who_was_near_for_long(tmp_path: Path) -> None:
    printed = demo(tmp_path / "a folder")
    lines = {
        name: line
        for line in printed.splitlines()
        for name in ("Binh", "Chi", "Dung")
        if "DEMO-1" in line and name in line
    }
    assert "candidate: needs interview" in lines["Binh"]
    assert "below the rule" in lines["Chi"]
    assert "below the rule" in lines["Dung"]
    assert (tmp_path / "a folder" / "report.html").read_text().startswith("<!doctype html>")


def test_tokens_stay_on_ptys_for_mpremote() -> None:
    environment = os.environ | {"PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        [*BLUETOKEN, "virtual", "run", str(SCENARIO), "--for", "6", "--json"],
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    ) as running:
        assert running.stdout is not None
        text = ""
        while not text.endswith("}\n}\n"):
            text += running.stdout.readline()
        devices = json.loads(text)["tokens"]
        told = subprocess.run(
            [sys.executable, "-m", "mpremote", "connect", devices["Chi"], "eval", "6*7"],
            capture_output=True,
            text=True,
            timeout=20,
        )
        assert told.stdout.strip() == "42"
        assert running.wait(20) == 0
