"""UTC and how far it can be trusted.

The RTC runs on through every reset but a loss of power, and then begins again at its epoch. Seconds
are token seconds (records.EPOCH_UNIX_S); what the chip calls zero is found out at run time.

Between two times that the RTC is put, the clock runs by itself: that is a run, and nothing in it makes
time go backward. Its trim stays the same throughout, so that its error is a straight line.
"""

import time

from machine import RTC

from . import const, power
from .records import CLOCK_RESTORED, CLOCK_SET, CLOCK_UNSET, EPOCH_UNIX_S

_EPOCH_2000_UNIX_S = const(946684800)
_CHIP_EPOCH_UNIX_S = _EPOCH_2000_UNIX_S if time.gmtime(0)[0] == 2000 else 0
_CHIP_TO_TOKEN_S = _CHIP_EPOCH_UNIX_S - EPOCH_UNIX_S

# Field reports for the RC oscillator that runs in sleep are far worse than a crystal's 20 ppm. So much is assumed
# of one that nobody has measured.
_DRIFT_PPM = const(200)
_SET_WITHIN_S = const(1)
_RESET_COSTS_S = const(5)  # at a reset the RTC is calibrated anew, and may go back by a moment
UNKNOWN_S = 0xFFFF


class Clock:
    """The time now, from the RTC and what is known of its past.

    set_s : the time to which it was last put; with `state` it tells this run from every other.
    trim_e7 : what it adds to the chip's time in this run, see trim.py.
    drift_ppm : by how much it is taken to drift all the same.
    """

    def __init__(self):
        self._rtc = RTC()
        self._take_up()
        self._started_ms = time.ticks_ms()
        self._up_s = 0

    def _take_up(self):
        retained = power.retained()
        self.state = retained.clock_state
        self.set_s = retained.set_s
        self.trim_e7 = retained.trim_e7
        self.drift_ppm = retained.drift_ppm or _DRIFT_PPM

    def now_s(self):
        """Return token seconds; behind now() by less than one, for it does without big integers."""
        chip_s = time.time() + _CHIP_TO_TOKEN_S
        return chip_s + self._correction_ms(chip_s, 0) // 1000

    def now(self):
        """Return (token seconds, milliseconds within the second)."""
        ns = time.time_ns()
        chip_s, ms = ns // 1000000000 + _CHIP_TO_TOKEN_S, ns // 1000000 % 1000
        ms += self._correction_ms(chip_s, ms)
        return chip_s + ms // 1000, ms % 1000

    def _correction_ms(self, chip_s, ms):
        """Return what the trim adds at this time of the chip's."""
        passed_s = chip_s - self.set_s
        if not self.trim_e7 or passed_s < 0:
            return 0
        # In parts that stay small integers for 22 years. Each is rounded down: together they never go back by more
        # than the millisecond that has passed.
        return (
            passed_s // 10000 * self.trim_e7
            + passed_s % 10000 * self.trim_e7 // 10000
            + ms * self.trim_e7 // 10000000
        )

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
        return min(_SET_WITHIN_S + (self.now_s() - self.set_s) // 1000 * self.drift_ppm // 1000, UNKNOWN_S - 1)

    def restore(self, written_s):
        """After a start: where the RTC lost its time, go on from the last time written down.

        One second later than that: so no two runs of the clock begin at the same time, and a desk can tell
        them apart. Nothing written (0) and nothing set: token time begins there, for it must not be negative.
        """
        now_s = self.now_s()
        # RTC memory that still says to what it was put shares its power with the RTC: then a desk has set it back.
        if now_s >= written_s or (self.set_s and now_s >= self.set_s - _RESET_COSTS_S):
            return
        self._put_ms(CLOCK_RESTORED if written_s else CLOCK_UNSET, written_s + 1, 0)

    def set_unix_ms(self, unix_ms):
        """Take the time from a desk, and the trim as it is written down now.

        Returns what this clock showed, in Unix milliseconds.
        """
        seconds, ms = self.now()
        before_ms = (seconds + EPOCH_UNIX_S) * 1000 + ms
        self._put_ms(CLOCK_SET, unix_ms // 1000 - EPOCH_UNIX_S, unix_ms % 1000)
        return before_ms

    def _put_ms(self, state, token_s, ms):
        """Begin a run of the clock."""
        # Imported late: a start in the midst of a run needs none of it.
        from . import trim

        year, month, day, hour, minute, second, weekday, _ = time.gmtime(token_s - _CHIP_TO_TOKEN_S)
        self._rtc.datetime((year, month, day, weekday, hour, minute, second, ms * 1000))
        trim_e7, drift_ppm = trim.load()
        # What the next comparison finds is not the error of the run before, so the boot is none yet.
        power.retain(clock_state=state, set_s=token_s, trim_e7=trim_e7, drift_ppm=drift_ppm, boot=0)
        self._take_up()
