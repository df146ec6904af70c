"""ESP32's machine module, as far as tokens use it; the world plays the silicon."""

import bus
import struct
from micropython import const

PWRON_RESET = 1
HARD_RESET = 2
WDT_RESET = 3
DEEPSLEEP_RESET = 4
SOFT_RESET = 5
PIN_WAKE = 2
TIMER_WAKE = 4
SLEEP = 2
DEEPSLEEP = 4

_ACTIVE = const(0)
_LIGHT = const(1)
_HARD = const(0)
_SOFT = const(1)
_DEEP = const(2)

_cause, _unique_id = bus.chip()


def reset_cause():
    return _cause


def wake_reason():
    return TIMER_WAKE if _cause == DEEPSLEEP_RESET else 0


def unique_id():
    return _unique_id


def freq(hz=None):
    return 160000000 if hz is None else None


def idle():
    bus.sleep_ms(1)


def lightsleep(time_ms=None):
    bus.sleep_ms(-1 if time_ms is None else time_ms, _LIGHT)


def deepsleep(time_ms=None):
    bus.leave(_DEEP, -1 if time_ms is None else time_ms)


def reset():
    bus.leave(_HARD)


def soft_reset():
    raise SystemExit


class Pin:
    IN = 1
    OUT = 3
    OPEN_DRAIN = 7
    PULL_DOWN = 1
    PULL_UP = 2

    def __init__(self, id, mode=None, pull=-1, *, value=None, drive=0, hold=None):
        self._id = _number(id)
        self.init(mode, pull, value=value)

    def init(self, mode=None, pull=-1, *, value=None, drive=0, hold=None):
        if value is not None:
            self.value(value)

    def value(self, x=None):
        level = bus.call(bus.PIN, struct.pack("<Bb", self._id, -1 if x is None else bool(x)))
        return level[0] if x is None else None

    def __call__(self, x=None):
        return self.value(x)

    def on(self):
        self.value(1)

    def off(self):
        self.value(0)

    def toggle(self):
        self.value(not self.value())


def _number(pin):
    """A Pin, or the number of one."""
    return pin._id if isinstance(pin, Pin) else pin


class ADC:
    ATTN_0DB = 0
    ATTN_2_5DB = 1
    ATTN_6DB = 2
    ATTN_11DB = 3

    def __init__(self, pin, *, atten=0):
        self._id = _number(pin)

    def atten(self, atten):
        pass

    def read_uv(self):
        return struct.unpack("<I", bus.call(bus.ADC, bytes([self._id])))[0]

    def read_u16(self):
        return min(self.read_uv() // 1000 * 65535 // 3100, 65535)


class RTC:
    def init(self, datetime):
        year, month, day, hour, minute, second, us, _ = datetime
        self.datetime((year, month, day, 0, hour, minute, second, us))

    def datetime(self, datetimetuple=None):
        import time

        if datetimetuple is None:
            us = time.time_ns() // 1000
            year, month, day, hour, minute, second, weekday, _ = time.gmtime(us // 1000000)
            return (year, month, day, weekday, hour, minute, second, us % 1000000)
        year, month, day, _, hour, minute, second, us = datetimetuple
        bus.set_rtc(time.mktime((year, month, day, hour, minute, second, 0, 0)), us)

    def memory(self, data=None):
        if data is None:
            return bus.call(bus.MEMORY)
        if len(data) > 2048:
            raise ValueError("buffer too long")
        bus.call(bus.MEMORY, b"\x01" + (data.encode() if isinstance(data, str) else bytes(data)))


class WDT:
    def __init__(self, id=0, timeout=5000):
        bus.call(bus.WATCHDOG, struct.pack("<I", timeout))

    def feed(self):
        bus.call(bus.WATCHDOG, struct.pack("<I", 0))
