"""ESP32's time module on virtual time: integers, epoch 2000, ticks that wrap at 2**30."""

import bus
from utime import gmtime as _gmtime
from utime import mktime as _mktime

_EPOCH_2000_S = 946684800
_PERIOD = 1 << 30
_WRAP = _PERIOD - 1


def time():
    return bus.since_2000_us() // 1000000


def time_ns():
    return bus.since_2000_us() * 1000


def gmtime(secs=None):
    return _gmtime((time() if secs is None else secs) + _EPOCH_2000_S)[:8]


localtime = gmtime


def mktime(local_time):
    return int(_mktime(tuple(local_time) + (0,))) - _EPOCH_2000_S


def ticks_add(ticks, delta):
    # The unix port's own wrap at 2**62.
    if abs(delta) >= _PERIOD // 2:
        raise OverflowError("ticks interval overflow")
    return (ticks + delta) & _WRAP


def ticks_diff(ticks1, ticks2):
    return ((ticks1 - ticks2 + _PERIOD // 2) & _WRAP) - _PERIOD // 2


def ticks_us():
    return (bus.read_clock() - bus.start_us) & _WRAP


ticks_cpu = ticks_us


def ticks_ms():
    return (bus.read_clock() - bus.start_us) // 1000 & _WRAP


def sleep_us(us):
    bus.sleep_until(bus.now_us + us)


def sleep_ms(ms):
    bus.sleep_until(bus.now_us + ms * 1000)


def sleep(seconds):
    bus.sleep_until(bus.now_us + int(seconds * 1000000))
