"""The far end of a cable, byte by byte: what a person at a terminal has."""

from __future__ import annotations

import os
import time
import tty

PROMPT = b">>> "


class Line:
    def __init__(self, path: str) -> None:
        self._fd = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        tty.setraw(self._fd)

    def __enter__(self) -> Line:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._fd)

    def say(self, data: bytes) -> None:
        os.write(self._fd, data)

    def hear(self, ending: bytes = b"\xff never", timeout_s: float = 5) -> bytes:
        """What comes, up to and with `ending`, or until nobody has said it for so long."""
        heard = bytearray()
        end_s = time.monotonic() + timeout_s
        while ending not in heard and time.monotonic() < end_s:
            try:
                heard += os.read(self._fd, 4096)
            except BlockingIOError:
                time.sleep(0.002)
        return bytes(heard)
