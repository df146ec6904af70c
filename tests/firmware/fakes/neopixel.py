"""What the firmware uses of MicroPython's `neopixel`."""

import chip


class NeoPixel:
    def __init__(self, pin, count):
        self._gpio = pin.gpio
        self._colours = [(0, 0, 0)] * count

    def __setitem__(self, index, colour):
        self._colours[index] = colour

    def write(self):
        chip.current().levels[self._gpio] = self._colours[0]
