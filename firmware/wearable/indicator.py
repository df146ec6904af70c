"""What the wearer sees: few signs, the same on every board."""

import time

# (flashes, on_ms, off_ms); a sign is short, for the light costs more than the processor.
WELL = (1, 15, 0)
BATTERY_LOW = (2, 15, 200)
CLOCK_LOST = (3, 15, 200)
FULL = (4, 15, 200)
WAITING = (1, 200, 0)  # not issued yet, or stopped after repeated crashes: bring it to the desk


class Indicator:
    def __init__(self, board):
        self._light = board.light

    def show(self, sign):
        """Give a sign once; takes as long as the sign."""
        if self._light is None:
            return
        flashes, on_ms, off_ms = sign
        for n in range(flashes):
            if n:
                time.sleep_ms(off_ms)
            self._light.set(True)
            time.sleep_ms(on_ms)
            self._light.set(False)

    def hold(self, on):
        """Leave the light on or off."""
        if self._light is not None:
            self._light.set(on)
