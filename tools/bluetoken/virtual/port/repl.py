"""What MicroPython's C does around a program: boot.py, main.py, the friendly and the raw REPL.

The unix port of 1.25 has no raw REPL, and mpremote speaks nothing else, so pyexec.c is retold here,
byte for byte as far as a host can see it.
"""

import bus
import sys
from micropython import const, heap_lock, heap_unlock

_WINDOW = const(128)
_BANNER = "MicroPython %s; %s\r\nType \"help()\" for more information.\r\n"

_out = sys.stdout.buffer
_pending = b""
_names = {"__name__": "__main__"}


def _byte():
    global _pending
    if not _pending:
        _pending = bus.call(bus.INPUT)
    byte = _pending[0]
    _pending = _pending[1:]
    return byte


def _line():
    """Bytes up to a control character, which is returned too; Ctrl-C begins anew."""
    global _pending
    data = bytearray()
    while True:
        if not _pending:
            _pending = bus.call(bus.INPUT)
        for n, byte in enumerate(_pending):
            if byte in b"\x01\x02\x03\x04":
                data.extend(_pending[:n])
                _pending = _pending[n + 1 :]
                break
        else:
            data.extend(_pending)
            _pending = b""
            continue
        if byte != 3:
            return data, byte
        data = bytearray()


def _pasted():
    """Raw-paste: the source comes in windows, each opened by a byte; None where it was given up."""
    global _pending
    _out.write(b"R\x01" + bytes([_WINDOW & 0xFF, _WINDOW >> 8]) + b"\x01")
    data = bytearray()
    left = _WINDOW
    while True:
        if not _pending:
            _pending = bus.call(bus.INPUT)
        take = min(left, len(_pending))
        for n in range(take):
            if _pending[n] in b"\x03\x04":
                ending = _pending[n]
                data.extend(_pending[:n])
                _pending = _pending[n + 1 :]
                _out.write(b"\x04")
                return data if ending == 4 else None
        data.extend(_pending[:take])
        _pending = _pending[take:]
        left -= take
        if left == 0:
            _out.write(b"\x01")
            left = _WINDOW


def _execute(source, mode, name="<stdin>"):
    """Run a program; returns what it ended with, and whether it asked for a soft reset."""
    ended_with = None
    leave = False
    try:
        # Only a program is interrupted; to the prompt Ctrl-C is a byte.
        bus.call(bus.KEYBOARD, b"\x01")
        exec(compile(source, name, mode), _names)
    except SystemExit:
        leave = True
    except KeyboardInterrupt as error:
        ended_with = error
    except Exception as error:
        ended_with = error
    return ended_with, leave


def _answer(source, mode):
    """Run what was said at the prompt."""
    told = _execute(source, mode)
    _be_deaf_to_interrupts()
    return told


def _be_deaf_to_interrupts():
    while True:
        try:
            bus.call(bus.KEYBOARD, b"\x00")
            break
        except KeyboardInterrupt:
            pass  # it came too late
    # The unix port raises in its signal handler, perhaps while memory was being allocated.
    heap_lock()
    while heap_unlock():
        pass


def _raw():
    """The raw REPL, until Ctrl-B (True) or a soft reset (False)."""
    while True:
        print("raw REPL; CTRL-B to exit\r")
        while True:
            print(">", end="")
            data, ending = _line()
            if ending == 1:
                if data != b"\x05A":
                    break
                data = _pasted()
                if data is None:
                    print("\x04", end="")
                    print("\x04", end="")
                    continue
            elif ending == 2:
                print("\r")
                return True
            else:
                print("OK", end="")
                if not data:
                    print("\r")
                    return False
            error, leave = _answer(bytes(data), "exec")
            print("\x04", end="")
            if error is not None:
                sys.print_exception(error)
            print("\x04", end="")
            if leave:
                return False


def _greet():
    print(_BANNER % (sys.version, sys.implementation._machine), end="")


def _friendly():
    """The friendly REPL, until Ctrl-A (True) or a soft reset (False)."""
    _greet()
    source = ""
    line = ""
    print(">>> ", end="")
    while True:
        byte = _byte()
        if byte == 1:
            print("\r")
            return True
        if byte == 4 and not line and not source:
            print("\r")
            return False
        if byte in (2, 3):
            source = line = ""
            print("\r")
            if byte == 2:
                _greet()
            print(">>> ", end="")
        elif byte in (8, 127):
            if line:
                line = line[:-1]
                print("\x08 \x08", end="")
        elif byte in (10, 13):
            print("\r")
            if source or line.rstrip().endswith(":"):
                source += line + "\n"
            elif line.strip():
                source = line
            if source and (not line.strip() or not source.endswith("\n")):
                error, leave = _answer(source, "single")
                source = ""
                if error is not None:
                    sys.print_exception(error)
                if leave:
                    return False
            line = ""
            print("... " if source else ">>> ", end="")
        elif byte >= 32:
            line += chr(byte)
            print(chr(byte), end="")


def run_file(path):
    """Run /boot.py or /main.py; True when it asked for a soft reset, None when it was broken off."""
    try:
        with open(path) as file:
            source = file.read()
    except OSError:
        return False
    error, leave = _execute(source, "exec", path)
    if error is not None:
        sys.print_exception(error)
        return None
    return leave


def run(raw):
    """Run the token until a soft reset; returns whether the raw REPL was on, which survives it."""
    try:
        leave = run_file("/boot.py")
        if leave is False and not raw:
            leave = run_file("/main.py")
        _be_deaf_to_interrupts()
        while not leave:
            leave = not (_raw() if raw else _friendly())
            if not leave:
                raw = not raw
        print("MPY: soft reboot\r")
    except KeyboardInterrupt:
        # It came in the moment between a program's end and the prompt.
        _be_deaf_to_interrupts()
        raw = run_prompt(raw)
    return raw


def run_prompt(raw):
    while True:
        try:
            while _raw() if raw else _friendly():
                raw = not raw
            print("MPY: soft reboot\r")
            return raw
        except KeyboardInterrupt:
            continue
