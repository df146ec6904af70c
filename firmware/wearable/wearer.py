"""What passes between a token and its wearer: presses of the button, signs, and what the battery is said to be."""

import time

from .battery import Gauge
from .button import Presses
from .indicator import Indicator
from .signs import BATTERY_LOW, CLOCK_LOST, FULL, PAUSED, PAUSED_EVERY_S, RESUMED, WELL


class Wearer:
    """`clock` tells how long the token has been up: a motor speaks of the same thing but rarely."""

    paused_every_s = PAUSED_EVERY_S

    def __init__(self, board, clock):
        self._board = board
        self._clock = clock
        self._indicator = Indicator(board)
        self._presses = Presses()
        self._gauge = Gauge(board.low_mv)
        self._looked_ms = time.ticks_ms()
        self._battery_low = False
        self.paused = False

    def pressed(self):
        """Return what was meant by the button since the last look, as button.py has it."""
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
            self.show(self._sign(clock_lost, full))

    def show_resumed(self):
        self.show(RESUMED)

    def show(self, sign):
        self._indicator.show(sign, self._clock.up_s())

    def _sign(self, clock_lost, full):
        if self.paused:
            return PAUSED
        if self._battery_low:
            return BATTERY_LOW
        if clock_lost:
            return CLOCK_LOST
        return FULL if full else WELL
