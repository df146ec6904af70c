"""Wear of the flash, and room on it: simulated days of a token's writing, on littlefs in RAM that counts."""

from __future__ import annotations

import subprocess
from pathlib import Path

from bluetoken.bench.speed import AUTHORITY
from bluetoken.boards import load_board
from bluetoken.link.flash import FIRMWARE
from bluetoken.virtual.stage import find_micropython

BOARD = "esp32c3_generic"
OTHER_BYTES = 131072  # the application, settings and crash log take less
RETENTION_DAYS = 21
YEARS_DAYS = 5 * 365
ENDURANCE = 100_000  # erases of a block, data sheet


def figures(
    days: int, encounters: int, retention_days: int = RETENTION_DAYS, folder: Path | None = None
) -> dict[str, int]:
    """What wear_on_micropython.py measured, by name; the raw image and what was deleted go to `folder`."""
    board = load_board(BOARD)
    flash = board.config["flash"]
    numbers = (board.file_system_blocks, OTHER_BYTES, days, encounters, retention_days)
    timings = (flash["erase_us"], flash["program_us"])
    script = Path(__file__).parent / "wear_on_micropython.py"
    arguments = [FIRMWARE, *numbers, *timings, AUTHORITY.hex(), *([folder] if folder else [])]
    done = subprocess.run(
        [find_micropython(), "-X", "heapsize=64m", script, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=True,
    )
    return {name: int(value) for name, value in (line.split("=") for line in done.stdout.split())}


def erases_in_five_years(found: dict[str, int], days: int) -> float:
    """Erases of the block that half of all have been erased less often than."""
    return found["erases_typical"] * YEARS_DAYS / days


def report() -> list[str]:
    """The figures of docs/DESIGN.md, "Wear and room"."""
    lines = ["Wear and room, 14 days on real littlefs in RAM that counts, timings of the board's TOML:"]
    for encounters in (500, 2000):
        lines += _lines(figures(14, encounters), 14)
    found = figures(50, 500)
    lines.append(
        f"  21 days kept at 500 a day: {found['least_free_blocks']} blocks were always free; what was deleted"
        f" was gone from the raw flash after {found['gone_after_most_s'] / 86400:.0f} days at most"
    )
    return lines


def _lines(found: dict[str, int], days: int) -> list[str]:
    each, programmed = found["encounter_bytes_permille"] / 1000, found["programmed_permille"] / 1000
    call_ms = found["call_longest_us"] / 1000
    mean_ms, worst_ms = found["flush_mean_us"] / 1000, found["flush_worst_us"] / 1000
    return [
        f"  {found['encounters'] / days:5.0f} encounters a day: {each:.1f} bytes of flash each, "
        f"{programmed:.1f} bytes programmed a byte of records,",
        f"        {erases_in_five_years(found, days):.0f} erases of the median block in 5 years, "
        f"at most {found['oldest_s']} s unwritten,",
        f"        the longest call into littlefs {call_ms:.0f} ms; a commit {mean_ms:.0f} ms on average, "
        f"{worst_ms:.0f} ms at worst, {found['flushes_over']} of {found['flushes']} over 100 ms",
    ]
