"""The USB cable: a pseudo-terminal whose far end mpremote takes for a token.

Both directions run at the line's rate in real time. With nobody at the far end bytes are dropped
after a while, as USB-Serial-JTAG does; unplugged, at once.
"""

from __future__ import annotations

import contextlib
import os
import pty
import time
import tty

STALL_S = 1.0
BACKLOG_BYTES = 16384


class Cable:
    """One pty; `path` is the device that a host opens. `baud` None means as fast as it goes."""

    def __init__(self, baud: int | None = None) -> None:
        self.baud = baud
        # The far end stays open here too, so that a host that hangs up does not end the pty.
        self.master, self._slave = pty.openpty()
        tty.setraw(self._slave)
        os.set_blocking(self.master, False)
        self.path = os.ttyname(self._slave)
        self.plugged = True
        self._out = bytearray()
        self._moved_s = time.monotonic()
        self._budget = {"in": 0.0, "out": 0.0}
        self._budget_s = {"in": self._moved_s, "out": self._moved_s}

    def write(self, data: bytes) -> None:
        """Take what the token says."""
        if not self.plugged:
            return
        if not self._out:
            self._moved_s = time.monotonic()
        self._out += data

    @property
    def congested(self) -> bool:
        return len(self._out) >= BACKLOG_BYTES

    @property
    def pending(self) -> bool:
        return bool(self._out)

    def _allowance(self, way: str) -> int:
        if self.baud is None:
            return 65536
        now_s = time.monotonic()
        bytes_s = self.baud / 10
        budget = self._budget[way] + (now_s - self._budget_s[way]) * bytes_s
        self._budget[way] = min(budget, max(bytes_s * 0.02, 16))
        self._budget_s[way] = now_s
        return int(self._budget[way])

    def pump(self) -> None:
        """Pass on to the host what the line has had time for."""
        if not self._out:
            return
        count = min(self._allowance("out"), len(self._out), 4096)
        if count == 0:
            return
        try:
            sent = os.write(self.master, self._out[:count])
        except BlockingIOError:
            if time.monotonic() - self._moved_s > STALL_S:
                self._out.clear()
            return
        if self.baud is not None:
            self._budget["out"] -= sent
        self._moved_s = time.monotonic()
        del self._out[:sent]

    def read(self) -> bytes:
        """Take what the host says, as far as the line has had time for it."""
        count = self._allowance("in")
        if count == 0:
            return b""
        try:
            data = os.read(self.master, min(count, 4096))
        except (BlockingIOError, OSError):
            return b""
        if self.baud is not None:
            self._budget["in"] -= len(data)
        return data if self.plugged else b""

    def unplug(self) -> None:
        self.plugged = False
        self._out.clear()

    def plug(self) -> None:
        self.plugged = True

    def hang_up(self) -> None:
        """Tear the pty away for good: the host's next read or write fails."""
        self.unplug()
        self.close()

    def close(self) -> None:
        for fd in (self.master, self._slave):
            with contextlib.suppress(OSError):
                os.close(fd)
