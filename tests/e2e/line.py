"""The far end of a cable, as a person at a terminal has it: what comes comes, and may also be nothing."""

from __future__ import annotations

import os
import time

from virtual import bench

PROMPT = b">>> "


class Line(bench.Line):
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
