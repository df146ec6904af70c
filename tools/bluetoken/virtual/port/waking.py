"""Of ESP32's esp32 module: pins that end a light sleep. It is all of that module where flash is C (token.c)."""

import bus
from machine import _number

WAKEUP_ALL_LOW = False
WAKEUP_ANY_HIGH = True

_pins = b""


def wake_on_gpio(pins=None, level=WAKEUP_ALL_LOW):
    """As MicroPython 1.27 has it; without pins it changes the level alone."""
    global _pins
    if pins is not None:
        _pins = bytes(_number(pin) for pin in pins)
    bus.call(bus.WAKE, bytes([bool(level)]) + _pins)
