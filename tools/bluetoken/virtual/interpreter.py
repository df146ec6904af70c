"""The process that plays a token's processor."""

from __future__ import annotations

import contextlib
import os
import random
import select
import signal
import socket
import subprocess
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path

PORT = Path(__file__).parent / "port"
START = PORT / "start.py"


def share_a_processor() -> None:
    """Keep this thread, and what it starts, on one processor of this machine.

    A token and its world take turns: to wake another processor for every question takes longer than the answer.
    """
    if hasattr(os, "sched_setaffinity"):  # Linux
        os.sched_setaffinity(0, {random.choice(sorted(os.sched_getaffinity(0)))})


class Processor(ABC):
    """A process that computes for a virtual token, until it is killed or ends by itself."""

    #: Questions that are never answered with an interrupt.
    uninterruptible: frozenset[int]
    #: Whether what it asks says how long it has computed.
    counts_time: bool

    def __init__(self, command: Sequence[str], printing_fd: int, print_fd: int, fds: Sequence[int]) -> None:
        """Start it with `fds` for its own and its output on `printing_fd`, whose other end is `print_fd`."""
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=printing_fd,
            stderr=printing_fd,
            pass_fds=fds,
            start_new_session=True,
        )
        self.print_fd = print_fd
        os.set_blocking(print_fd, False)
        self._asked = select.poll()
        self._asked.register(self.bus_fd, select.POLLIN)

    @property
    @abstractmethod
    def bus_fd(self) -> int:
        """Where its questions come from."""

    @property
    def pid(self) -> int:
        return self._process.pid

    def asks_within(self, ms: int) -> bool:
        """Whether there is a question, or the end of all questions, in that time."""
        return bool(self._asked.poll(ms))

    @abstractmethod
    def question(self) -> bytes:
        """The next request, or nothing where the process has ended."""

    @abstractmethod
    def answer(self, reply: bytes) -> None: ...

    @abstractmethod
    def interrupt(self) -> None:
        """Raise a KeyboardInterrupt in a program that asks nothing."""

    @abstractmethod
    def _hang_up(self) -> None:
        """Close the bus."""

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
        self._hang_up()
        os.close(self.print_fd)
        return last


class Interpreter(Processor):
    """A running interpreter of this machine.

    A Ctrl-C comes with the answer to a question, where that is no C function on the chip, in whose middle
    nothing is raised: littlefs below FLASH, the Bluetooth stack above HCI. To a program that computes
    without asking it comes as a signal, which this port raises at once, in the middle of whatever C it is
    in; that it does not always survive.
    """

    uninterruptible = frozenset(b"FCUK")
    counts_time = False

    def __init__(self, micropython: Path, heap_bytes: int, flash_fd: int) -> None:
        self._bus, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        print_fd, printing_fd = os.pipe()
        words = [f"heapsize={heap_bytes}", str(START), str(its.fileno()), str(flash_fd)]
        super().__init__([str(micropython), "-X", *words], printing_fd, print_fd, (its.fileno(), flash_fd))
        its.close()
        os.close(printing_fd)

    @property
    def bus_fd(self) -> int:
        return self._bus.fileno()

    def question(self) -> bytes:
        try:
            return self._bus.recv(8192)
        except (ConnectionError, BlockingIOError):
            return b""

    def answer(self, reply: bytes) -> None:
        with contextlib.suppress(OSError):  # it died; question() will tell
            self._bus.send(reply)

    def interrupt(self) -> None:
        self._process.send_signal(signal.SIGINT)

    def _hang_up(self) -> None:
        self._bus.close()
