# SPDX-License-Identifier: Apache-2.0
"""A 32-bit MicroPython on the ESP32-C3's instruction set: QEMU with the interpreter that build.sh made.

    python tools/rv32/run.py 'import gc; print(gc.mem_free())'

The machine is bare: 4-byte words, single-precision floats, 96 KiB of heap, littlefs. An instruction is a nanosecond
of its time, whatever the host is doing, so the same program takes the same time in every run.

How files get there: QEMU loads a ROMFS image into RAM that the interpreter does not use. What a token would have on
its flash is copied from there to littlefs, so that importing it costs the heap what it costs a token's; the rest
stays on ROMFS, where bytecode runs in place and takes no heap from what is measured. No cable and no semihosting
call has a part in it: it takes no time and cannot fail halfway.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import tty
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import TracebackType

import serial
from mpremote.romfs import VfsRomWriter
from mpremote.transport import TransportError
from mpremote.transport_serial import SerialTransport

from bluetoken.errors import NoRv32
from bluetoken.link.compiling import compiled
from bluetoken.virtual import rv32

REPOSITORY = Path(__file__).resolve().parents[2]
FIRMWARE = REPOSITORY / "firmware"
ARCHITECTURE = "rv32imc"
FLASH_BLOCKS = 512
LIMIT_S = 120.0

# Littlefs with ESP32's parameters, and on it whatever the image has under flash/.
_SET_UP = """
import gc, os, rv32, sys, vfs
flash = rv32.Flash(%d)
vfs.VfsLfs2.mkfs(flash, readsize=32, progsize=32, lookahead=32)
vfs.mount(vfs.VfsLfs2(flash, readsize=32, progsize=32, lookahead=32), "/token")
vfs.mount(vfs.VfsRom(rv32.rom()), "/rom")
def install(source, target):
    for entry in os.ilistdir(source):
        there = target + "/" + entry[0]
        if entry[1] & 0x4000:
            os.mkdir(there)
            install(source + "/" + entry[0], there)
        else:
            with open(source + "/" + entry[0], "rb") as old, open(there, "wb") as new:
                new.write(old.read())
install("/rom/flash", "/token")
sys.path[:] = ["/token"]
del install
gc.collect()
"""


class Failure(Exception):
    """The program raised, or the machine stopped; the text is what it printed."""


def modules(
    folder: Path, under: str, sources: bool = False, paths: Iterable[Path] | None = None
) -> dict[str, bytes]:
    """Return a folder's modules, or some of them, as files for a machine: compiled for it, or the sources."""
    found = {}
    for path in sorted(folder.rglob("*.py") if paths is None else paths):
        name = f"{under}/{path.relative_to(folder).as_posix()}"
        if sources:
            found[name] = path.read_bytes()
        else:
            found[name.removesuffix(".py") + ".mpy"] = compiled(path, name, ARCHITECTURE)
    return found


def firmware(sources: bool = False) -> dict[str, bytes]:
    """Return what a token has on its flash, except boot.py and main.py, which would start it."""
    return modules(FIRMWARE / "wearable", "flash/wearable", sources)


def romfs(files: Mapping[str, bytes]) -> bytes:
    writer = VfsRomWriter()

    def write(tree: Mapping[str, object]) -> None:
        for name, content in sorted(tree.items()):
            if isinstance(content, bytes):
                writer.mkfile(name, content)
            else:
                writer.opendir(name)
                write(content)
                writer.closedir()

    tree: dict = {"flash": {}}
    for path, content in files.items():
        *folders, name = path.split("/")
        place = tree
        for folder in folders:
            place = place.setdefault(folder, {})
        place[name] = content
    write(tree)
    return bytes(writer.finalise())


class Rv32:
    """A started machine with these files: those under flash/ are on littlefs in /token, the others in /rom."""

    def __init__(self, files: Mapping[str, bytes] | None = None) -> None:
        rv32.find_qemu()
        self._folder = tempfile.TemporaryDirectory(prefix="rv32-")
        image = Path(self._folder.name) / "image"
        image.write_bytes(romfs(files or {}))
        self._log = (Path(self._folder.name) / "log").open("w+b")
        # A pty of ours, with QEMU at the far end: QEMU's own looks for somebody at its end once a second.
        master, self._slave = os.openpty()
        tty.setraw(self._slave)
        self._qemu = subprocess.Popen(
            rv32.machine({rv32.ROM_ADDRESS: image})
            + ["-chardev", "stdio,id=cable,signal=off", "-serial", "chardev:cable"],
            stdin=master,
            stdout=master,
            stderr=self._log,
        )
        os.close(master)
        self._transport: SerialTransport | None = None
        try:
            self._transport = SerialTransport(os.ttyname(self._slave), timeout=5.0)
            # mpremote reads a pty byte by byte without a timeout of its own.
            self._transport.is_pty = False
            self._transport.enter_raw_repl(soft_reset=False)
            self.exec(_SET_UP % FLASH_BLOCKS)
        except (TransportError, serial.SerialException, OSError) as error:
            what = self._what_happened(error)
            self.close()
            raise Failure(what) from error
        except Failure:
            self.close()
            raise

    def exec(self, source: str, limit_s: float = LIMIT_S) -> str:
        """Run a program and return what it printed; an exception there is a Failure here."""
        printed = bytearray()
        try:
            self._transport.exec_raw_no_follow(source)
            _, error = self._transport.follow(limit_s, data_consumer=printed.extend)
        except (TransportError, serial.SerialException, OSError) as lost:
            raise Failure(_text(printed) + self._what_happened(lost)) from lost
        said = _text(printed.removesuffix(b"\x04"))
        if error:
            raise Failure(said + _text(error))
        return said

    def close(self) -> None:
        self._qemu.kill()
        self._qemu.wait()
        if self._transport:
            self._transport.serial.close()
        os.close(self._slave)
        self._log.close()
        self._folder.cleanup()

    def __enter__(self) -> Rv32:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self.close()

    def _what_happened(self, error: Exception) -> str:
        self._log.seek(0)
        log = self._log.read().decode(errors="replace")
        code = self._qemu.poll()
        return (
            f"The machine {'does not answer' if code is None else f'ended with code {code}'}: {error}\n{log}"
        )


def _text(data: bytes | bytearray) -> str:
    return data.decode(errors="replace").replace("\r\n", "\n")


if __name__ == "__main__":
    try:
        with Rv32(firmware()) as machine:
            print(machine.exec(" ".join(sys.argv[1:])), end="")
    except (NoRv32, Failure) as problem:
        sys.exit(str(problem))
