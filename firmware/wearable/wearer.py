"""What passes between a token and its wearer: presses of the button, signs, and what the battery is said to be."""

import time

from . import button, signs
from .battery import Gauge
from .indicator import Indicator


class Wearer:
    """`clock` tells how long the token has been up: a motor speaks of the same thing but rarely."""

    LONG = button.LONG
    SHORT = button.SHORT

    def __init__(self, board, clock):
        self._board = board
        self._clock = clock
        self._indicator = Indicator(board)
        self._presses = button.Presses()
        self._gauge = Gauge(board.low_mv)
        self._looked_ms = time.ticks_ms()
        self._battery_low = False
        self.paused = False

    def pressed(self):
        """Return LONG or SHORT for what was meant by the button since the last look, or nothing of the two."""
        now_ms = time.ticks_ms()
        passed_ms = time.ticks_diff(now_ms, self._looked_ms)
        self._looked_ms = now_ms
        return self._presses.look(self._board.button_pressed(), passed_ms)

    def is_pressing(self):
        """Whether a press has begun whose meaning is open."""
        return self._presses.is_undecided()

    def look_at_battery(self):
        """Once a burst, with the radio off. On USB power the charger's voltage says nothing of the battery."""
        if not self._board.usb_present():
            self._battery_low = self._gauge.look(self._board.battery_mv())

    def show_state(self, clock_lost, full):
        """Show how the token is: on USB power the light stays on, else the most urgent sign there is."""
        plugged = bool(self._board.usb_present())
        self._indicator.hold(plugged)
        if self.paused or not plugged:
            self._show(self._sign(clock_lost, full))

    def show_resumed(self):
        self._show(signs.RESUMED)

    def _show(self, sign):
        self._indicator.show(sign, self._clock.up_s())

    def _sign(self, clock_lost, full):
        if self.paused:
            return signs.PAUSED
        if self._battery_low:
            return signs.BATTERY_LOW
        if clock_lost:
            return signs.CLOCK_LOST
        return signs.FULL if full else signs.WELL
