"""The one place that knows mpremote, whose programming interface is declared unstable.

A `Repl` is a board in the raw REPL. Everything that can go wrong on the way is one of four things:
nobody answers as MicroPython does (NotAToken), MicroPython finds no file system (BrokenFileSystem), the
connection went away (CableLost), or the program on the board raised an exception (DeviceFault).
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator

import serial
from mpremote import transport_serial
from mpremote.transport import TransportError, TransportExecError
from mpremote.transport_serial import SerialTransport

from bluetoken.errors import BrokenFileSystem, CableLost, DeviceFault, NoSuchPort, NotAToken

# mpremote prints what it received before it raises; what is wrong is ours to say, and standard output
# may hold JSON. Redirecting it would not be safe in threads.
transport_serial.print = lambda *values: None

BAUD = 115200
READ_TIMEOUT_S = 5.0
ENTER_TIMEOUT_S = 10.0
OPEN_TIMEOUT_S = 1.0
END = b"\x04"
# What is written in one program: each costs mpremote a wait of 10 ms, and the board a few times its size in memory.
CHUNK_BYTES = 1024
# What ESP32's inisetup.py says every three seconds, for ever.
CORRUPTED = b"The filesystem appears to be corrupted."


@contextlib.contextmanager
def _cable_errors() -> Iterator[None]:
    try:
        yield
    except TransportExecError as error:
        raise DeviceFault(f"The token stopped with: {_last_line(error)}.") from error
    except (TransportError, serial.SerialException, OSError) as error:
        raise CableLost from error


def _last_line(error: TransportExecError) -> str:
    lines = str(error.error_output).strip().splitlines()
    return lines[-1].strip() if lines else "an unknown error"


def _open(port: str) -> SerialTransport:
    """Open a port; one that was just plugged in may be in the hands of the system for a moment."""
    end_s = time.monotonic() + OPEN_TIMEOUT_S
    while True:
        try:
            return SerialTransport(port, baudrate=BAUD, timeout=READ_TIMEOUT_S)
        except (TransportError, serial.SerialException, OSError) as error:
            if time.monotonic() > end_s:
                raise NoSuchPort(f"{port} cannot be opened: is another program using it?") from error
        time.sleep(0.05)


@contextlib.contextmanager
def _at_most(seconds: float, port: serial.Serial) -> Iterator[None]:
    """mpremote looks at the time when the line is silent: who never stops talking would keep it for ever."""
    end_s = time.monotonic() + seconds
    in_waiting = port.inWaiting

    def timed() -> int:
        if time.monotonic() > end_s:
            raise TransportError("it does not stop talking")
        return in_waiting()

    port.inWaiting = timed
    try:
        yield
    finally:
        del port.inWaiting


@contextlib.contextmanager
def _corruption_told(port: serial.Serial) -> Iterator[None]:
    """mpremote waits for a prompt, whatever else it reads: a file system that is refused never comes to one."""
    heard = bytearray()
    read = port.read

    def listened(size: int = 1) -> bytes:
        data = read(size)
        heard.extend(data)
        if CORRUPTED in heard:
            raise BrokenFileSystem
        return data

    port.read = listened
    try:
        yield
    finally:
        del port.read


class Repl:
    """A board's raw REPL on `port`, entered by a soft reset: boot.py ran, main.py did not."""

    def __init__(self, port: str) -> None:
        self._transport = _open(port)
        # mpremote reads a pty byte by byte without a timeout of its own; ours may be waited for.
        self._transport.is_pty = False
        try:
            line = self._transport.serial
            with _at_most(ENTER_TIMEOUT_S, line), _corruption_told(line):
                self._transport.enter_raw_repl(soft_reset=True, timeout_overall=ENTER_TIMEOUT_S)
        except TransportError as error:
            self.close()
            raise NotAToken(f"{port} does not answer as MicroPython does.") from error
        except BrokenFileSystem:
            self.close()
            raise
        except (serial.SerialException, OSError) as error:
            self.close()
            raise CableLost from error

    @property
    def transport(self) -> SerialTransport:
        return self._transport

    def run(self, program: str) -> str:
        """Run a program and return what it printed."""
        with _cable_errors():
            return self._transport.exec(program).decode(errors="replace")

    def stream(self, program: str, consume: Callable[[bytes], None], silence_s: float = 5.0) -> None:
        """Run a program whose output goes to `consume` as it comes, without the closing 0x04."""
        with _cable_errors():
            self._transport.exec_raw_no_follow(program)
            rest = self._pass_on(consume, silence_s)
            complaint = self._rest_until(rest, END)
            self._rest_until(complaint.partition(END)[2], b">")
            # The prompt is read already; mpremote wants one of its own.
            self._transport.serial.write(b"\x01")
        text = complaint.partition(END)[0].decode(errors="replace").strip()
        # Anything else is output behind a byte that the line turned into an END: `consume` misses it.
        if text.startswith("Traceback"):
            raise DeviceFault(f"The token stopped with: {text.splitlines()[-1]}.")

    def _pass_on(self, consume: Callable[[bytes], None], silence_s: float) -> bytes:
        """Output to `consume` up to the 0x04 that ends it; returns what came behind it."""
        port = self._transport.serial
        heard_s = time.monotonic()
        while True:
            data = port.read(max(port.in_waiting, 1))
            if data:
                heard_s = time.monotonic()
                body, end, rest = data.partition(END)
                consume(body)
                if end:
                    return rest
            elif time.monotonic() - heard_s > silence_s:
                raise CableLost

    def _rest_until(self, data: bytes, ending: bytes) -> bytes:
        while ending not in data:
            more = self._transport.serial.read(1)
            if not more:
                raise CableLost
            data += more
        return data

    def leave(self, program: str) -> None:
        """Start a program that prints a line and then resets the board, and hang up."""
        with contextlib.suppress(TransportError, serial.SerialException, OSError):
            self._transport.exec_raw_no_follow(program)
            # The line is the last that is heard of it, and may get lost in the reset.
            self._transport.serial.timeout = 0.5
            self._transport.serial.read_until(b"\n")

    def hash_file(self, path: str) -> bytes | None:
        """SHA-256 of a file on the board, or None where there is none."""
        try:
            return self._transport.fs_hashfile(path, "sha256")
        except OSError:
            return None
        except (TransportError, serial.SerialException) as error:
            raise CableLost from error

    def write_file(self, path: str, data: bytes) -> None:
        with _cable_errors():
            self._transport.fs_writefile(path, data, chunk_size=CHUNK_BYTES)

    def close(self) -> None:
        with contextlib.suppress(serial.SerialException, OSError):
            self._transport.close()
