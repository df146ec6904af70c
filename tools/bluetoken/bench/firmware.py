"""The firmware's hot paths on the interpreter at hand."""

from __future__ import annotations

import subprocess
from pathlib import Path

from bluetoken.link.flash import FIRMWARE
from bluetoken.virtual.stage import find_micropython


def figures() -> dict[str, int]:
    """What on_micropython.py measured, by name."""
    script = Path(__file__).parent / "on_micropython.py"
    done = subprocess.run(
        [find_micropython(), "-X", "heapsize=4m", script, FIRMWARE],
        capture_output=True,
        text=True,
        check=True,
    )
    return {name: int(value) for name, value in (line.split("=") for line in done.stdout.split())}


def report() -> list[str]:
    found = figures()
    return [
        "On this machine's MicroPython (64-bit, bytecode; an ESP32 is slower, allocation is the same),",
        "per advert, with the table behind the ring; bytes allocated in 10,000:",
        f"  handler, kept     {found['kept_ns'] / 1000:6.2f} us  {found['kept_allocated']:5d} bytes",
        f"  handler, foreign  {found['foreign_ns'] / 1000:6.2f} us  {found['foreign_allocated']:5d} bytes",
        f"  journal           {found['journal_records_s']:6d} records a second in batches of 40, "
        f"{found['journal_programmed_permille'] / 1000:.2f} bytes programmed a byte of records",
        f"  sealing           {found['encapsulation_us'] / 1000:6.2f} ms to encapsulate a segment's key, "
        f"{found['seal_us']} us for a batch of 1,100 bytes",
    ]
