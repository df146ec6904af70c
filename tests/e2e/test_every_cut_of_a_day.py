"""Power fails in every program and erase of a day of the journal; a thousand starts in an hour: whole campaigns."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from bluetoken.virtual.stage import find_micropython

FIRMWARE_TESTS = Path(__file__).parents[1] / "firmware"
FIRMWARE = FIRMWARE_TESTS.parents[1] / "firmware"
LIMIT_S = 600
# Each seed tears every operation at another place.
SEEDS = (1, 2, 3, 4)
PATH = f"""
import sys
sys.path += [{str(FIRMWARE)!r}, {str(FIRMWARE_TESTS / "helpers")!r}, {str(FIRMWARE_TESTS / "fakes")!r}]
"""
CUTS = """
import day_of_cuts
day = day_of_cuts.Day()
print(day_of_cuts.Figures(day, range(len(day.log)), %d))
"""
# 20 days of 40 kB lie there already; of starts 3.6 s apart every eighth lives to see a burst and writes its key.
STARTS = """
import many_starts
print(*many_starts.check(1000, 512, 20))
"""


def run(program: str, folder: Path) -> list[int]:
    """Have MicroPython run it; returns the numbers that it prints."""
    path = folder / "campaign.py"
    path.write_text(PATH + program)
    command = [find_micropython(), "-X", "heapsize=64M", path]
    done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT_S)
    print(done.stdout)
    assert done.returncode == 0, done.stdout + done.stderr
    return [int(number) for number in re.findall(r"\d+", done.stdout)]


@pytest.mark.long
@pytest.mark.parametrize("seed", SEEDS)
def test_a_cut_in_every_operation_of_a_day_costs_no_committed_batch(seed: int, tmp_path: Path) -> None:
    operations, _, _, tried, torn_erases, survived, lost_s, at_stake_s = run(CUTS % seed, tmp_path)
    assert survived == tried == operations > 2000
    assert torn_erases > 100
    assert lost_s <= at_stake_s <= 900


@pytest.mark.long
def test_a_thousand_starts_in_an_hour_cost_no_segment_of_the_past(tmp_path: Path) -> None:
    segments, took_bytes = run(STARTS, tmp_path)
    assert segments <= 2 * 125 + 2
    assert took_bytes < 700_000
