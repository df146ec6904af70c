"""The MicroPython process that plays a token's processor."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
from pathlib import Path
from typing import Protocol

START = Path(__file__).parent / "port" / "start.py"


class Processor(Protocol):
    """What a virtual token computes with."""

    print_fd: int
    uninterruptible: frozenset[int]
    counts_time: bool  # what it asks says how long it has computed

    @property
    def bus_fd(self) -> int: ...

    @property
    def pid(self) -> int: ...

    def question(self) -> bytes:
        """The next request, or nothing where the process has ended."""

    def answer(self, reply: bytes) -> None: ...

    def interrupt(self) -> None:
        """Raise a KeyboardInterrupt in a program that asks nothing."""

    def printed(self) -> bytes:
        """What it has printed since the last call."""

    def wait(self) -> int: ...

    def kill(self) -> bytes:
        """End it here and now; returns what it had still printed."""


class Interpreter:
    """A running interpreter: questions on `bus_fd`, what it prints on `print_fd`.

    A Ctrl-C comes with the answer to a question, where that is no C function on the chip, in whose middle
    nothing is raised: littlefs below FLASH, the Bluetooth stack above HCI. To a program that computes
    without asking it comes as a signal, which this port raises at once, in the middle of whatever C it is
    in; that it does not always survive.
    """

    uninterruptible = frozenset(b"FCUK")
    counts_time = False

    def __init__(self, micropython: Path, heap_bytes: int, flash_fd: int) -> None:
        self._bus, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.print_fd, write_fd = os.pipe()
        self._process = subprocess.Popen(
            [micropython, "-X", f"heapsize={heap_bytes}", START, str(its.fileno()), str(flash_fd)],
            stdin=subprocess.DEVNULL,
            stdout=write_fd,
            stderr=write_fd,
            pass_fds=(its.fileno(), flash_fd),
            start_new_session=True,
        )
        its.close()
        os.close(write_fd)
        os.set_blocking(self.print_fd, False)

    @property
    def bus_fd(self) -> int:
        return self._bus.fileno()

    @property
    def pid(self) -> int:
        return self._process.pid

    def question(self) -> bytes:
        """The next request, or nothing where the process has ended."""
        try:
            return self._bus.recv(8192)
        except (ConnectionError, BlockingIOError):
            return b""

    def answer(self, reply: bytes) -> None:
        with contextlib.suppress(OSError):  # it died; question() will tell
            self._bus.send(reply)

    def interrupt(self) -> None:
        self._process.send_signal(signal.SIGINT)

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
        self._bus.close()
        os.close(self.print_fd)
        return last
