"""The application onto a board that runs MicroPython: compiled, and only what has changed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from bluetoken.boards import Board
from bluetoken.link.compiling import architecture, compiled
from bluetoken.link.repl import Repl

FIRMWARE = Path(__file__).parents[3] / "firmware"
PACKAGE = "/lib/wearable"
PLAIN = ("boot.py", "main.py")  # the port runs these by name and cannot take them compiled


@dataclass
class FlashResult:
    """Paths on the board, in the order in which they were looked at."""

    written: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)


def application(architecture: str | None = None, firmware: Path = FIRMWARE) -> dict[str, bytes]:
    """The application as {path under /lib: .mpy bytes}."""
    found = {}
    for source in sorted((firmware / "wearable").rglob("*.py")):
        name = source.relative_to(firmware)
        found[name.with_suffix(".mpy").as_posix()] = compiled(source, name.as_posix(), architecture)
    return found


def flash(
    port: str, board: Board, progress: Callable[[int, int], None] | None = None, force: bool = False
) -> FlashResult:
    """Put the application and the board's description on the board at `port`, then restart it.

    main.py goes last: a board whose cable is torn meanwhile starts into the REPL, not into half an
    application. `progress` is called with (files done, files in all).
    """
    repl = Repl(port)
    try:
        files = {f"/lib/{name}": data for name, data in application(_architecture(repl)).items()}
        files["/board.json"] = board.for_token()
        files.update({f"/{name}": (FIRMWARE / name).read_bytes() for name in PLAIN})
        result = FlashResult()
        hashes = {} if force else _hashes(repl, list(files))
        stale = [path for path in files if hashes.get(path) != hashlib.sha256(files[path]).hexdigest()]
        if stale:
            _make_folders(repl, files)
            _remove(repl, "/main.py")
            if "/main.py" not in stale:
                stale.append("/main.py")
        for done, (path, data) in enumerate(files.items()):
            if path in stale:
                repl.write_file(path, data)
                result.written.append(path)
            else:
                result.unchanged.append(path)
            if progress:
                progress(done + 1, len(files))
        result.removed = _clean(repl, set(files))
        repl.leave("import machine\nprint()\nmachine.reset()")
        return result
    finally:
        repl.close()


def _architecture(repl: Repl) -> str | None:
    return architecture(int(repl.run("import sys\nprint(getattr(sys.implementation, '_mpy', 0))")))


_HASHES = """
from hashlib import sha256
from binascii import hexlify
for path in {paths!r}:
    try:
        with open(path, "rb") as file:
            h = sha256()
            while True:
                data = file.read(512)
                if not data:
                    break
                h.update(data)
        print(path, hexlify(h.digest()).decode())
    except OSError:
        pass
"""


def _hashes(repl: Repl, paths: list[str]) -> dict[str, str]:
    """SHA-256 of the files that are there, hashed on the board in one go."""
    lines = repl.run(_HASHES.format(paths=paths)).split("\n")
    return dict(line.split() for line in lines if line.strip())


def _make_folders(repl: Repl, files: dict[str, bytes]) -> None:
    folders = sorted({str(parent) for path in files for parent in Path(path).parents} - {"/"})
    lines = "".join(f"try:\n os.mkdir({folder!r})\nexcept OSError: pass\n" for folder in folders)
    repl.run("import os\n" + lines)


def _remove(repl: Repl, path: str) -> None:
    repl.run(f"import os\ntry:\n os.remove({path!r})\nexcept OSError: pass\n")


_LIST = """
import os
def walk(folder):
    try:
        entries = list(os.ilistdir(folder))
    except OSError:
        return
    for entry in entries:
        path = folder + "/" + entry[0]
        if entry[1] == 0x4000:
            walk(path)
        else:
            print(path)
walk({folder!r})
"""


def _clean(repl: Repl, keep: set[str]) -> list[str]:
    """Remove what an older version left in the package; returns the paths."""
    there = repl.run(_LIST.format(folder=PACKAGE)).split()
    old = [path for path in there if path not in keep]
    for path in old:
        _remove(repl, path)
    return old
