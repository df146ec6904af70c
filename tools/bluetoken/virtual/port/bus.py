"""The one wire between a virtual token and its simulated silicon (MicroPython, unix port).

The 32-bit interpreter has the same module in C (tools/rv32/module/bluetoken/token.c), so that `bluetooth`
and `machine` stand on either.

Every request is one datagram and is answered by one datagram; `docs/VIRTUAL.md` has the layout.
Time belongs to the world: the token carries its own oscillator's microseconds along, moves them by
a little at every reading, and learns the truth with every answer. A Ctrl-C may interrupt between
any two bytecodes, so an answer carries the tag of its request and a stale one is thrown away.
"""

import ffi
import struct
import sys
from micropython import const

_READING_US = 5  # what one look at the clock is taken to cost
_READINGS = 256  # so many looks without a request are a busy wait: let the world catch up

_REQUEST = "<BBQ"
_REPLY = "<BBQH"
_EVENT = "<IB"
_REPLY_BYTES = struct.calcsize(_REPLY)
_EVENT_BYTES = struct.calcsize(_EVENT)
_NEVER_US = 1 << 61
_INTERRUPTED = const(0x80)  # in the operation of an answer: and a Ctrl-C came

SLEEP = const(0x53)  # u64 until_us, u8 kind -> nothing, or u8 1 where a pin ended it; events
SYNC = const(0x54)  # -> nothing; waits until the world has caught up
POLL = const(0x50)  # -> nothing, no events; asked by the 32-bit one alone, and HEAP too
HEAP = const(0x48)  # u32 bytes in use, u32 longest free stretch -> nothing
HCI = const(0x43)  # H4 commands -> H4 events, up to the first that is refused
FLASH = const(0x46)  # u8 operation (1 program, 2 erase, 3 size), u32 offset, data -> u32 blocks for 3
PIN = const(0x47)  # u8 pin, i8 value or -1 to read -> u8
WAKE = const(0x45)  # u8 level, u8 pins that end a light sleep by it -> nothing
ADC = const(0x41)  # u8 pin -> u32 microvolts
MEMORY = const(0x4D)  # RTC memory: 0x01 and data to write, or nothing to read -> data
RTC = const(0x44)  # i64 offset_us to set, or nothing -> i64 offset_us
RESET = const(0x52)  # u8 kind, u64 until_us -> never
WATCHDOG = const(0x57)  # u32 timeout_ms, 0 to feed
RANDOM = const(0x59)  # u16 count -> bytes
INFO = const(0x49)  # -> what the chip knows about itself at the start
INPUT = const(0x55)  # wait for bytes from the cable -> bytes
KEYBOARD = const(0x4B)  # u8 whether 0x03 interrupts; 2: an interrupt came at a bad moment, repeat it

_libc = ffi.open("libc.so.6")
_send = _libc.func("l", "send", "iPli")
_receive = _libc.func("l", "recv", "iPli")

_fd = -1
_folder = sys.path[0]  # of the stand-ins, as long as nobody has changed it
flash_fd = -1  # the image, for reading
_buffer = bytearray(4096)
_view = memoryview(_buffer)
_head = bytearray(10)
_tag = 0
_readings = 0

now_us = 0
start_us = 0  # when this boot began: ticks count from here
_rtc_us = 0  # what the RTC shows when the oscillator stands at zero
_chip = (0, b"")
_on_hci = None
_alarm_us = 0
_on_alarm = None


def open(fd, image_fd):
    """Join the world; returns whether the raw REPL is to be on."""
    global _fd, flash_fd, start_us, _rtc_us, _chip
    _fd = fd
    flash_fd = image_fd
    cause, raw, start_us, unique_id = struct.unpack("<BBQ6s", call(INFO))
    _chip = (cause, unique_id)
    (_rtc_us,) = struct.unpack("<q", call(RTC))
    return bool(raw)


def load(name):
    """Import one more of the stand-ins, whose folder is out of sight by now."""
    import vfs

    before = sys.path[:]
    vfs.mount(vfs.VfsPosix(_folder), "/stand-ins")
    try:
        sys.path[:] = ["/stand-ins"]
        return __import__(name)
    finally:
        sys.path[:] = before
        vfs.umount("/stand-ins")


def chip():
    """Return (reset cause, unique id)."""
    return _chip


def listen(on_hci, on_alarm):
    """Give the receiver of H4 packets, and who is called when set_alarm()'s time has come."""
    global _on_hci, _on_alarm
    _on_hci = on_hci
    _on_alarm = on_alarm


def set_alarm(after_ms):
    """Break a sleep at that time: a timed scan ends. 0 for none."""
    global _alarm_us
    _alarm_us = now_us + after_ms * 1000 if after_ms else 0


def call(operation, payload=b""):
    """Make a request; returns the answer's bytes and hands on what was heard meanwhile."""
    global _tag, now_us, _readings
    _readings = 0
    _tag = tag = (_tag + 1) & 0xFF
    struct.pack_into(_REQUEST, _head, 0, operation, tag, now_us)
    request = _head + payload
    if _send(_fd, request, len(request), 0) != len(request):
        raise OSError("the world is gone")
    while True:
        size = _receive(_fd, _buffer, len(_buffer), 0)
        if size == 0:
            raise SystemExit
        if size > 0 and _buffer[1] == tag:
            break
    _, _, after_us, length = struct.unpack_from(_REPLY, _buffer)
    interrupted = _buffer[0] & _INTERRUPTED
    end = _REPLY_BYTES + length
    result = bytes(_view[_REPLY_BYTES:end])
    if end < size:
        _dispatch(bytes(_view[end:size]), after_us)
    # While a desk works the world's clock may lag behind what was read here.
    now_us = max(now_us, after_us)
    if interrupted:
        raise KeyboardInterrupt
    return result


def _dispatch(events, after_us):
    # The handler runs at the time of the event, as it would on the Bluetooth task.
    global now_us
    view = memoryview(events)
    offset = 0
    while offset < len(events):
        before_us, length = struct.unpack_from(_EVENT, events, offset)
        offset += _EVENT_BYTES
        now_us = after_us - before_us
        if _on_hci:
            _on_hci(view[offset : offset + length])
        offset += length


def sleep_until(until_us, kind=0):
    """Sleep until then, or out of light sleep (kind 1) until a pin wakes."""
    woken = b""
    while now_us < until_us and not woken:
        if 0 < _alarm_us < until_us:
            if now_us < _alarm_us:
                woken = call(SLEEP, struct.pack("<QB", _alarm_us, kind))
            if now_us >= _alarm_us:
                _on_alarm()
        else:
            woken = call(SLEEP, struct.pack("<QB", until_us, kind))


def sleep_ms(ms, kind=0):
    """Sleep; for ever where `ms` is negative."""
    sleep_until(_NEVER_US if ms < 0 else now_us + ms * 1000, kind)


def leave(kind, after_ms=0):
    """End this boot; deep sleep (kind 2) for `after_ms`, negative for ever."""
    until_us = _NEVER_US if after_ms < 0 else now_us + after_ms * 1000
    while True:
        call(RESET, struct.pack("<BQ", kind, until_us))


def since_2000_us():
    """What the RTC shows."""
    return read_clock() + _rtc_us


def set_rtc(seconds, us):
    """Set it, counted from 2000."""
    global _rtc_us
    _rtc_us = seconds * 1000000 + us - read_clock()
    call(RTC, struct.pack("<q", _rtc_us))


def read_clock():
    """Microseconds of this token's oscillator since it was made."""
    global now_us, _readings
    now_us += _READING_US
    _readings += 1
    if _readings > _READINGS:
        call(SYNC)
    return now_us
