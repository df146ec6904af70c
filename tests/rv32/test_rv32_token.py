"""A whole token on RV32 is a token like the others: the same files, cable, air, flash, and less room."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bluetoken.bench import rv32
from bluetoken.bench.speed import AUTHORITY_ID, AUTHORITY_PRIVATE
from bluetoken.deployment import Deployment
from bluetoken.exposure.opening import open_segment
from bluetoken.link.desk import Desk
from bluetoken.link.repl import Repl
from bluetoken.virtual.scenario import PhonePlan, Place, load_scenario
from bluetoken.virtual.stage import Stage
from bluetoken.virtual.token import HARD, HeapUse
from wearable import reading, records

SCENARIO = """
name = "test"
seed = 1
start = 2026-03-02T00:00:00Z
duration = "1h"
[[token]]
name = "A"
position = [0, 0]
processor = "rv32"
"""
LOOPS = {
    "busy": "while True: pass\n",
    "allocating": "while True: [0] * 50\n",
    "asleep": "import time\nwhile True: time.sleep(1)\n",
    "writing": "while True:\n with open('/f', 'w') as f: f.write('x' * 500)\n",
}
TIMES = 20
NEAR = (Place(0, (1.0, 1.0)),)


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """A bare one that has started."""
    told = tmp_path / "a scenario.toml"
    told.write_text(SCENARIO)
    stage = Stage(load_scenario(told), tmp_path)
    try:
        stage.start()
        stage.world.run_for(2, 60)
        yield stage
    finally:
        stage.close()


def mpremote(stage: Stage, *arguments: str | Path) -> str:
    port = stage.world.tokens[0].cable.path
    command = [sys.executable, "-m", "mpremote", "connect", port, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.replace("\r\n", "\n")


def wait_for_hard_resets(stage: Stage, count: int) -> None:
    """mpremote's `reset` comes a tenth of a second after it has gone: only then does main run again."""
    token = stage.world.tokens[0]
    end_s = time.monotonic() + 10
    while stage.world.call(lambda: [cause for _, cause in token.resets]).count(HARD) < count:
        assert time.monotonic() < end_s, "it was not reset"
        time.sleep(0.01)


def test_it_is_a_small_chip_with_all_of_its_heap_to_itself(stage: Stage) -> None:
    told = mpremote(stage, "exec", "import gc, sys; print(sys.maxsize, gc.mem_free())").split()
    assert int(told[0]) == 2**31 - 1
    assert 0.95 * rv32.HEAP_BYTES < int(told[1]) < rv32.HEAP_BYTES


def test_files_come_and_go_as_they_are(stage: Stage, tmp_path: Path) -> None:
    there, back = tmp_path / "there", tmp_path / "back"
    there.write_bytes(bytes(range(256)) * 20)
    mpremote(stage, "fs", "cp", there, ":/file")
    mpremote(stage, "fs", "cp", ":/file", back)
    assert back.read_bytes() == there.read_bytes()
    assert "file" in mpremote(stage, "fs", "ls")


@pytest.mark.parametrize("loop", LOOPS.values(), ids=LOOPS)
def test_mpremote_gets_through_to_a_running_main(loop: str, stage: Stage) -> None:
    stage.world.live()
    repl = Repl(stage.world.tokens[0].cable.path)
    try:
        repl.write_file("/main.py", loop.encode())
        repl.leave("import machine\nprint()\nmachine.reset()")
    finally:
        repl.close()
    for n in range(TIMES):
        assert mpremote(stage, "exec", f"print({n})", "+", "reset") == f"{n}\n"
        wait_for_hard_resets(stage, n + 2)
    assert stage.world.call(lambda: stage.world.tokens[0].flash.overwritten) == 0


def test_computing_takes_time_and_always_the_same(stage: Stage) -> None:
    program = (
        "import time\nstart = time.ticks_us()\nfor _ in range(20000): pass\n"
        "print(time.ticks_diff(time.ticks_us(), start))"
    )
    first, second = (int(mpremote(stage, "exec", program)) for _ in range(2))
    assert first > 1000
    assert first == pytest.approx(second, rel=0.01)


def test_the_demonstration_on_four_of_them(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "from bluetoken.cli import main\nmain()", "virtual", "demo"]
    command += ["--processor", "rv32", "--folder", str(tmp_path / "a demo")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=400)
    assert done.returncode == 0, done.stderr
    outcomes = {line.split()[0]: line for line in done.stdout.splitlines() if " DEMO-1  " in line}
    assert set(outcomes) == {"Binh", "Chi", "Dung"}
    assert {name for name, line in outcomes.items() if "candidate" in line} == {"Binh"}


def test_an_hour_among_native_ones_fits_into_its_heap() -> None:
    heap = rv32.heap_through(hours=1, neighbours=5)
    assert 20_000 < heap.after_boot <= heap.highest < 0.9 * rv32.HEAP_BYTES
    assert heap.longest_free > 8192


@pytest.mark.parametrize(
    ("deployment", "phones"),
    [
        (Deployment(protocol="both"), (PhonePlan("android", NEAR),)),
        (
            Deployment(protocol="both", read_iphones=True),
            tuple(PhonePlan(f"iphone{n}", NEAR, system="iphone") for n in range(3)),
        ),
    ],
    ids=["both protocols", "and iPhones"],
)
def test_so_does_one_with_bluezone(deployment: Deployment, phones: tuple[PhonePlan, ...]) -> None:
    heap = rv32.heap_through(1, 5, deployment, phones)
    print(heap)
    # A restart would show as a heap that was nearly empty once more.
    assert 80_000 < heap.after_boot <= heap.highest < 0.93 * rv32.HEAP_BYTES
    assert heap.longest_free > 4096


@pytest.mark.long
def test_a_day_with_twenty_neighbours() -> None:
    with rv32.issued(neighbours=20, heap_threshold=rv32.THRESHOLD_BYTES) as stage:
        token = stage.world.tokens[0]
        # The desk's Ctrl-C has filled the heap, to overwrite it; the day begins with the start after that.
        stage.world.call(lambda: setattr(token, "heap", HeapUse()))
        stage.world.run_for(86_400)
        heap = stage.world.call(lambda: replace(token.heap))
        stage.plug(token)
        stage.world.run_for(40)
        with Desk(token.cable.path) as desk:
            assert desk.status()["crash_log"] == ""
            raws = [desk.fetch(segment) for segment in desk.segments()]
        found = [
            record
            for raw in raws
            for body in open_segment(records.unpack_header(raw), raw, {AUTHORITY_ID: AUTHORITY_PRIVATE}).bodies
            for record in body.records
            if isinstance(record, reading.Encounter)
        ]
        print(f"{len(found)} encounters, heap {heap}")
        # Each of the twenty has 144 identifiers that day, and hardly one of them goes unheard.
        assert len({each.rpi for each in found}) > 0.9 * 20 * 144
        # What is found before a collection is not all needed; that it goes on is what counts.
        assert heap.highest < 0.93 * rv32.HEAP_BYTES and heap.longest_free > 8192
