"""MicroPython's `time` on ESP32, told by the chip: whole seconds, and ticks that wrap."""

import time as _real

import chip

_HALF = chip.TICKS_PERIOD // 2


def time():
    return chip.current().rtc_ms // 1000


def time_ns():
    return chip.current().rtc_ms * 1000000


def gmtime(seconds):
    return tuple(_real.gmtime(seconds + chip.current().epoch_unix_s))[:8]


def ticks_ms():
    return chip.current().ticks_ms


def ticks_add(ticks, delta):
    return (ticks + delta) % chip.TICKS_PERIOD


def ticks_diff(end, start):
    return (end - start + _HALF) % chip.TICKS_PERIOD - _HALF


def sleep_ms(duration_ms):
    silicon = chip.current()
    silicon.slept_ms.append(duration_ms)
    silicon.pass_ms(duration_ms)
    if silicon.when_sleeping:
        silicon.when_sleeping()
