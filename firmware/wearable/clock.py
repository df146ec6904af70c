"""UTC and how far it can be trusted.

The RTC runs on through every reset but a loss of power, and then begins again at its epoch. Seconds
are token seconds (records.EPOCH_UNIX_S); what the chip calls zero is found out at run time.
"""

import time

from machine import RTC

from . import power
from .records import CLOCK_RESTORED, CLOCK_SET, CLOCK_UNSET, EPOCH_UNIX_S

_EPOCH_2000_UNIX_S = 946684800
_CHIP_EPOCH_UNIX_S = _EPOCH_2000_UNIX_S if time.gmtime(0)[0] == 2000 else 0
_CHIP_TO_TOKEN_S = _CHIP_EPOCH_UNIX_S - EPOCH_UNIX_S

# Field reports for the RC oscillator that runs in sleep are far worse than a crystal's 20 ppm.
_DRIFT_PPM = 200
_SET_WITHIN_S = 1
UNKNOWN_S = 0xFFFF


class Clock:
    """The time now, from the RTC and what is known of its past."""

    def __init__(self):
        self._rtc = RTC()
        retained = power.retained()
        self.state = retained.clock_state
        self.set_s = retained.set_s
        self._started_ms = time.ticks_ms()
        self._up_s = 0

    def now_s(self):
        """Return token seconds."""
        return time.time() + _CHIP_TO_TOKEN_S

    def now(self):
        """Return (token seconds, milliseconds within the second)."""
        ns = time.time_ns()
        return ns // 1000000000 + _CHIP_TO_TOKEN_S, ns // 1000000 % 1000

    def up_s(self):
        """Return seconds since this start; to be called at least once a day, for ticks wrap."""
        now_ms = time.ticks_ms()
        passed_s = time.ticks_diff(now_ms, self._started_ms) // 1000
        self._started_ms = time.ticks_add(self._started_ms, passed_s * 1000)
        self._up_s += passed_s
        return self._up_s

    def uncertainty_s(self):
        """Return by how much now_s() may be off, UNKNOWN_S where nobody can tell."""
        if self.state != CLOCK_SET:
            return UNKNOWN_S
        return min(_SET_WITHIN_S + (self.now_s() - self.set_s) // 1000 * _DRIFT_PPM // 1000, UNKNOWN_S - 1)

    def restore(self, written_s):
        """After a start: where the RTC lost its time, go on from the last time written down.

        Nothing written (0) and nothing set: token time begins at zero, for it must not be negative.
        """
        now_s = self.now_s()
        # RTC memory that still says "set" shares its power with the RTC: then a desk has set it back.
        if now_s >= written_s or (self.state == CLOCK_SET and now_s >= self.set_s):
            return
        self.set_s = 0
        self.state = CLOCK_RESTORED if written_s else CLOCK_UNSET
        self._put_ms(written_s, 0)
        power.retain(clock_state=self.state, set_s=0)

    def set_unix_ms(self, unix_ms):
        """Take the time from a desk; returns what this clock showed, in Unix milliseconds."""
        seconds, ms = self.now()
        before_ms = (seconds + EPOCH_UNIX_S) * 1000 + ms
        self._put_ms(unix_ms // 1000 - EPOCH_UNIX_S, unix_ms % 1000)
        self.state = CLOCK_SET
        self.set_s = self.now_s()
        # What the next comparison finds is not the error of the run before.
        power.retain(clock_state=self.state, set_s=self.set_s, boot=0)
        return before_ms

    def _put_ms(self, token_s, ms):
        year, month, day, hour, minute, second, weekday, _ = time.gmtime(token_s - _CHIP_TO_TOKEN_S)
        self._rtc.datetime((year, month, day, weekday, hour, minute, second, ms * 1000))
