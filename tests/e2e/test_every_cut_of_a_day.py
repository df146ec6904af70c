"""Power fails in every program and every erase of a day's journal: what a full campaign says."""

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
PROGRAM = f"""
import sys
sys.path += [{str(FIRMWARE)!r}, {str(FIRMWARE_TESTS / "helpers")!r}, {str(FIRMWARE_TESTS / "fakes")!r}]
import day_of_cuts
day = day_of_cuts.Day()
print(day_of_cuts.Figures(day, range(len(day.log)), %d))
"""


@pytest.mark.long
@pytest.mark.parametrize("seed", SEEDS)
def test_a_cut_in_every_operation_of_a_day_costs_no_committed_batch(seed: int, tmp_path: Path) -> None:
    path = tmp_path / "campaign.py"
    path.write_text(PROGRAM % seed)
    command = [find_micropython(), "-X", "heapsize=64M", path]
    done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT_S)
    print(done.stdout)
    assert done.returncode == 0, done.stdout + done.stderr
    operations, _, _, tried, torn_erases, survived, lost_s, at_stake_s = map(int, re.findall(r"\d+", done.stdout))
    assert survived == tried == operations > 2000
    assert torn_erases > 100
    assert lost_s <= at_stake_s <= 900
