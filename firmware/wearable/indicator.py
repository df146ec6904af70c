"""Gives the signs of signs.py, by whatever light and motor the board has."""

import time

from . import const, signs

_GAP_MS = const(400)  # a light that was held goes out for so long before and after a sign


class Indicator:
    def __init__(self, board):
        self._light = board.light
        self._motor = board.motor
        self._held = False
        self._felt_s = {}  # sign: when the motor gave it last; there are no more than there are signs

    def show(self, sign, up_s=0):
        """Give a sign once, at `up_s` seconds since the start; takes as long as the sign."""
        if self._light is not None:
            if self._held:
                self._light.set(False)
                time.sleep_ms(_GAP_MS)
            _give(self._light, signs.LIGHT_MS, sign)
            if self._held:
                time.sleep_ms(_GAP_MS)
                self._light.set(True)
        if self._motor is not None and self._is_to_be_felt(sign, up_s):
            _give(self._motor, signs.MOTOR_MS, sign)

    def hold(self, on):
        """Leave the light on or off."""
        self._held = on
        if self._light is not None:
            self._light.set(on)

    def _is_to_be_felt(self, sign, up_s):
        every_s = signs.felt_every_s(sign)
        if not every_s or up_s - self._felt_s.get(sign, -every_s) < every_s:
            return False
        self._felt_s[sign] = up_s
        return True


def _give(part, timing_ms, sign):
    count, length = sign % signs.LONG, sign // signs.LONG
    try:
        for n in range(count):
            if n:
                time.sleep_ms(timing_ms[2 * length + 1])
            part.set(True)
            time.sleep_ms(timing_ms[2 * length])
            part.set(False)
    finally:
        # Ctrl-C comes at any moment, and a motor does not stop by itself.
        part.set(False)
