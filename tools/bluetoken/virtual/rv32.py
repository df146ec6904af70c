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
from collections.abc import Iterable, Mapping
from pathlib import Path

from mpremote.romfs import VfsRomWriter

from bluetoken.errors import NoRv32
from bluetoken.link.compiling import compiled
from bluetoken.virtual.interpreter import PORT, Processor

INTERPRETER = Path(__file__).parents[3] / ".rv32" / "firmware.elf"
QEMU = "qemu-system-riscv32"
# What ESP32 has in C, by the file of port/; the others the interpreter has itself.
STAND_INS = {"bluetooth": "bluetooth", "machine": "machine", "esp32": "waking", "gatt_client": "gatt_client"}
ROM_ADDRESS = 0x81000000  # as in token.c
FLASH_ADDRESS = 0x82000000
NOT_COUNTED = -1
_LENGTH = "<H"


def _search_path() -> str:
    """PATH, with the folders of an unpacked toolchain in front, as tools/rv32/build.sh has them."""
    toolchain = os.environ.get("RV32_TOOLCHAIN")
    folders = [f"{toolchain}/bin", f"{toolchain}/usr/bin"] if toolchain else []
    return os.pathsep.join([*folders, os.environ.get("PATH", os.defpath)])


def find_qemu() -> str:
    """QEMU, where the interpreter is there too."""
    qemu = shutil.which(QEMU, path=_search_path())
    if not INTERPRETER.is_file() or qemu is None:
        raise NoRv32(f"There is no {'MicroPython for RV32' if qemu else QEMU} here: run `make rv32`.")
    return qemu


def is_built() -> bool:
    """Whether tokens can be put on RV32 here."""
    try:
        find_qemu()
    except NoRv32:
        return False
    return True


def machine(files: Mapping[int, str | Path], words: Iterable[str] = ()) -> list[str]:
    """The command that starts a machine with `files` in its memory, by address, and `words` on its command line.

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
    for name, file in STAND_INS.items():
        writer.mkfile(f"{name}.mpy", compiled(PORT / f"{file}.py", f"{name}.py"))
    fd = os.memfd_create("stand-ins")
    os.write(fd, writer.finalise())
    return fd


class Rv32Interpreter(Processor):
    """A running machine.

    `heap_threshold` is after how many bytes a collection is due, which is then reported (bus operation
    HEAP); 0 reports those that happen anyway, NOT_COUNTED none.
    """

    # A KeyboardInterrupt is raised between two bytecodes, below which littlefs is.
    uninterruptible = frozenset(b"CUK")
    counts_time = True

    def __init__(self, flash_fd: int, heap_threshold: int = NOT_COUNTED) -> None:
        self._questions_fd, asking_fd = os.pipe()
        answers_fd, self._answering_fd = os.pipe()
        print_fd, printing_fd = os.pipe()
        theirs = (asking_fd, answers_fd, printing_fd)
        files = {ROM_ADDRESS: f"/dev/fd/{stand_ins_fd()}", FLASH_ADDRESS: f"/dev/fd/{flash_fd}"}
        command = machine(files, ["token", *map(str, theirs), str(heap_threshold)])
        fds = (*theirs, stand_ins_fd(), flash_fd)
        super().__init__([*command, "-serial", "none"], printing_fd, print_fd, fds)
        for fd in theirs:
            os.close(fd)

    @property
    def bus_fd(self) -> int:
        return self._questions_fd

    def question(self) -> bytes:
        head = self._read(struct.calcsize(_LENGTH))
        return self._read(*struct.unpack(_LENGTH, head)) if head else b""

    def _read(self, length: int) -> bytes:
        data = b""
        while len(data) < length:
            more = os.read(self._questions_fd, length - len(data))
            if not more:
                return b""
            data += more
        return data

    def answer(self, reply: bytes) -> None:
        with contextlib.suppress(OSError):  # it died; question() will tell
            os.write(self._answering_fd, struct.pack(_LENGTH, len(reply)) + reply)

    def interrupt(self) -> None:
        """Nothing: its own timer asks, and the answer says so."""

    def _hang_up(self) -> None:
        os.close(self._questions_fd)
        os.close(self._answering_fd)
