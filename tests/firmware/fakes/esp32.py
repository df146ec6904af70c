"""What the firmware uses of MicroPython's `esp32`: that a pin ends a light sleep."""

import chip


def wake_on_gpio(pins, level):
    chip.current().wakes = tuple(pin.gpio for pin in pins), level
