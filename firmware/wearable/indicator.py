"""Gives the signs of signs.py, by whatever light and motor the board has."""

import time

from .signs import LIGHT, MOTOR

_GAP_MS = 400  # a light that was held goes out for so long before and after a sign


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
            _give(self._light, LIGHT, sign)
            if self._held:
                time.sleep_ms(_GAP_MS)
                self._light.set(True)
        if self._motor is not None and self._is_to_be_felt(sign, up_s):
            _give(self._motor, MOTOR, sign)

    def hold(self, on):
        """Leave the light on or off."""
        self._held = on
        if self._light is not None:
            self._light.set(on)

    def _is_to_be_felt(self, sign, up_s):
        every_s = sign[2]
        if not every_s:
            return False
        last_s = self._felt_s.get(sign)
        if last_s is not None and up_s - last_s < every_s:
            return False
        self._felt_s[sign] = up_s
        return True


def _give(part, timing, sign):
    count, length, _ = sign
    on_ms, off_ms = timing[length]
    try:
        for n in range(count):
            if n:
                time.sleep_ms(off_ms)
            part.set(True)
            time.sleep_ms(on_ms)
            part.set(False)
    finally:
        # Ctrl-C comes at any moment, and a motor does not stop by itself.
        part.set(False)
