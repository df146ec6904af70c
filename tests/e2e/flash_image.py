"""A token's flash seen from outside, without asking the token."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from bluetoken.virtual.stage import find_micropython

PROGRAM = Path(__file__).parent / "look_into_flash.py"
JOURNAL = "/journal/"


def files(image: bytes) -> dict[str, bytes]:
    """Every file of an image by its path."""
    lines = _look(image)[0].splitlines()
    return {path: bytes.fromhex(data.strip("-")) for path, data in map(str.split, lines)}


def segments(image: bytes) -> dict[int, bytes]:
    """The journal's segments by number."""
    return {number_of(path): data for path, data in files(image).items() if path.endswith(".seg")}


def with_files(image: bytes, put: Mapping[str, bytes]) -> bytes:
    """The image with some files written into it, as its own file system writes them."""
    return _look(image, "".join(f"{path} {data.hex()}\n" for path, data in put.items()))[1]


def path_of(number: int) -> str:
    return f"{JOURNAL}{number:08}.seg"


def number_of(path: str) -> int:
    return int(Path(path).stem)


def _look(image: bytes, put: str = "") -> tuple[str, bytes]:
    """What the program prints, and the image after it."""
    with tempfile.TemporaryDirectory(prefix="a flash ") as folder:
        path, listing = Path(folder) / "image", Path(folder) / "put"
        path.write_bytes(image)
        listing.write_text(put)
        command = [find_micropython(), "-X", "heapsize=4M", PROGRAM, path, *([listing] if put else [])]
        done = subprocess.run(command, capture_output=True, text=True, timeout=20)
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr
        return done.stdout, path.read_bytes()
