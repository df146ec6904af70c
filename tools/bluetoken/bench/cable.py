"""Bytes a second over the cable: our stream, `mpremote fs cp`, and what the line could carry."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path

from bluetoken.boards import load_board
from bluetoken.link.desk import Desk
from bluetoken.link.flash import flash
from bluetoken.link.repl import Repl
from bluetoken.virtual.scenario import Scenario
from bluetoken.virtual.stage import Stage

BAUD = 115200


@dataclass(frozen=True)
class CableFigures:
    """Bytes of payload a second."""

    ours: float
    mpremote: float


def measure(scenario: Scenario, baud: int | None, size: int) -> CableFigures:
    """Read `size` random bytes from a token over a line of `baud` (None: as fast as a pty goes)."""
    plan = replace(scenario.tokens[0], baud=None)
    with tempfile.TemporaryDirectory() as folder:
        stage = Stage(replace(scenario, tokens=(plan,)), Path(folder))
        try:
            stage.start()
            stage.world.live()
            time.sleep(0.2)
            port = stage.world.tokens[0].cable.path
            flash(port, load_board("virtual"))
            _put_random_segment(port, size)
            stage.world.call(lambda: setattr(stage.world.tokens[0].cable, "baud", baud))
            return CableFigures(_ours(port, size), _mpremote(port, size, Path(folder)))
        finally:
            stage.close()


def _put_random_segment(port: str, size: int) -> None:
    repl = Repl(port)
    try:
        repl.run(
            "import os\nfrom wearable.journal import Journal\n"
            f"with open(Journal().path(1), 'wb') as file:\n"
            f" for _ in range({size // 512}): file.write(os.urandom(512))"
        )
    finally:
        repl.close()


def _ours(port: str, size: int) -> float:
    with Desk(port) as desk:
        (segment,) = desk.segments()
        began_s = time.monotonic()
        data = desk.fetch(segment)
        assert len(data) == size
        return size / (time.monotonic() - began_s)


def _mpremote(port: str, size: int, folder: Path) -> float:
    """The same file by `mpremote fs cp`, less what connecting costs."""
    command = [sys.executable, "-m", "mpremote", "connect", port]
    began_s = time.monotonic()
    subprocess.run([*command, "eval", "1"], check=True, capture_output=True)
    idle_s = time.monotonic() - began_s
    began_s = time.monotonic()
    target = folder / "copied"
    subprocess.run(
        [*command, "fs", "cp", ":/journal/00000001.seg", str(target)], check=True, capture_output=True
    )
    assert target.stat().st_size == size
    return size / (time.monotonic() - began_s - idle_s)


def report(scenario: Scenario) -> list[str]:
    line = measure(scenario, BAUD, 64 * 1024)
    native = measure(scenario, None, 512 * 1024)
    capacity = BAUD / 10
    return [
        "Over the cable, random bytes read from a virtual token:",
        f"  {BAUD} baud  ours {line.ours / 1000:6.1f} kB/s = {line.ours / capacity:.2f} of the line;"
        f"  mpremote fs cp {line.mpremote / 1000:.1f} kB/s = {line.mpremote / capacity:.2f}",
        f"  unlimited    ours {native.ours / 1000:6.1f} kB/s, {native.ours / native.mpremote:.1f} times"
        f" mpremote fs cp with {native.mpremote / 1000:.1f} kB/s",
    ]
