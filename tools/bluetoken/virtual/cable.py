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
CHUNK_BYTES = 4096
GRACE_S = 0.02  # so much late may a byte of the host be looked at without losing time on the line


class Pace:
    """How many bytes a line has had time for since it last stood idle."""

    def __init__(self, baud: int | None) -> None:
        self._bytes_s = None if baud is None else baud / 10  # 8 bits, a start bit and a stop bit
        self._since_s = time.monotonic()

    def idle(self, since_s: float = 0.0) -> None:
        """Nothing was on the line until now, or until `since_s` ago."""
        self._since_s = max(self._since_s, time.monotonic() - since_s)

    def allowance(self) -> int:
        if self._bytes_s is None:
            return CHUNK_BYTES
        return min(int((time.monotonic() - self._since_s) * self._bytes_s), CHUNK_BYTES)

    def spend(self, count: int) -> None:
        if self._bytes_s is not None:
            self._since_s += count / self._bytes_s


class Cable:
    """One pty; `path` is the device that a host opens. `baud` None means as fast as it goes."""

    def __init__(self, baud: int | None = None) -> None:
        self._open()
        self._out = bytearray()
        self._moved_s = time.monotonic()
        self.baud = baud

    def _open(self) -> None:
        # The far end stays open here too, so that a host that hangs up does not end the pty.
        self.master, self._slave = pty.openpty()
        tty.setraw(self._slave)
        os.set_blocking(self.master, False)
        self.path = os.ttyname(self._slave)
        self.plugged = True
        self._torn = False

    @property
    def baud(self) -> int | None:
        return self._baud

    @baud.setter
    def baud(self, baud: int | None) -> None:
        self._baud = baud
        self._to_host, self._from_host = Pace(baud), Pace(baud)

    def write(self, data: bytes) -> None:
        """Take what the token says."""
        if not self.plugged:
            return
        if not self._out:
            self._moved_s = time.monotonic()
            self._to_host.idle()
        self._out += data

    @property
    def congested(self) -> bool:
        return len(self._out) >= BACKLOG_BYTES

    @property
    def pending(self) -> bool:
        return bool(self._out)

    def pump(self) -> None:
        """Pass on to the host what the line has had time for."""
        count = min(self._to_host.allowance(), len(self._out))
        if count == 0:
            return
        try:
            sent = os.write(self.master, self._out[:count])
        except BlockingIOError:
            self._to_host.idle()
            if time.monotonic() - self._moved_s > STALL_S:
                self._out.clear()
            return
        self._to_host.spend(sent)
        self._moved_s = time.monotonic()
        del self._out[:sent]

    def read(self) -> bytes:
        """Take what the host says, as far as the line has had time for it."""
        self._from_host.idle(GRACE_S)
        count = self._from_host.allowance()
        if count == 0:
            return b""
        try:
            data = os.read(self.master, count)
        except (BlockingIOError, OSError):
            return b""
        self._from_host.spend(len(data))
        return data if self.plugged else b""

    def unplug(self) -> None:
        """Say and hear nothing more, though the host still sees the device."""
        self.plugged = False
        self._out.clear()

    def plug(self) -> None:
        """The host sees the device, after hang_up() a new one at a new path."""
        if self._torn:
            gone = (self.master, self._slave)
            self._open()
            for fd in gone:
                os.close(fd)
        elif not self.plugged:
            # What the host said in the meantime it said to nobody, though nobody may have read it yet.
            with contextlib.suppress(BlockingIOError):
                while os.read(self.master, CHUNK_BYTES):
                    pass
        self.plugged = True

    def hang_up(self) -> None:
        """Tear the cable out: the device is gone, and the host's next read or write fails."""
        if self._torn:
            return
        self.unplug()
        self._torn = True
        # Whoever waits for the descriptor goes on waiting for it, now in vain.
        silence, other_end = os.pipe()
        os.set_blocking(silence, False)
        os.dup2(silence, self.master)
        for fd in (silence, self._slave):
            os.close(fd)
        self._slave = other_end

    def close(self) -> None:
        for fd in (self.master, self._slave):
            with contextlib.suppress(OSError):
                os.close(fd)
