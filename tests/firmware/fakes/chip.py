"""The silicon under the fake `machine` and `time`: it stands still unless told to go on."""

TICKS_PERIOD = 1 << 30
EPOCH_UNIX_S = {1970: 0, 2000: 946684800}
POWER_ON = 1
# Ticks begin close to their wrap, so that whoever subtracts them meets it.
FIRST_TICKS_MS = TICKS_PERIOD - 2000


class Restarted(BaseException):
    """machine.reset() does not return."""


class Chip:
    def __init__(self, epoch_year=2000):
        self.epoch_unix_s = EPOCH_UNIX_S[epoch_year]
        self.rtc_ms = 0  # since the chip's epoch
        self.ticks_ms = FIRST_TICKS_MS
        self.rtc_memory = b""
        self.reset_cause = POWER_ON
        self.levels = {}  # gpio -> 0 or 1
        self.adc_uv = {}  # gpio -> microvolts
        self.i2c = {}  # address -> {register: byte}
        self.pulls = {}  # gpio -> pull of an input
        self.watchdogs_ms = []
        self.fed = 0
        self.light_slept_ms = []
        self.slept_ms = []
        self.wakes = None  # ((gpio, ...), level) by which a light sleep ends
        self.refused_gpios = ()  # wake_on_ext0() takes only some
        self.when_sleeping = None  # called at every time.sleep_ms()

    def pass_ms(self, duration_ms):
        self.rtc_ms += duration_ms
        self.ticks_ms = (self.ticks_ms + duration_ms) % TICKS_PERIOD

    def lose_power(self):
        """The RTC is back at its epoch, its memory empty."""
        self.rtc_ms = 0
        self.ticks_ms = FIRST_TICKS_MS
        self.rtc_memory = b""
        self.reset_cause = POWER_ON

    def unix_ms(self):
        return self.epoch_unix_s * 1000 + self.rtc_ms

    def show_unix_ms(self, unix_ms):
        self.rtc_ms = unix_ms - self.epoch_unix_s * 1000


_now = [Chip()]


def current():
    return _now[0]


def switch_on(epoch_year=2000):
    """Put a new chip under the fakes and return it."""
    _now[0] = Chip(epoch_year)
    return _now[0]
