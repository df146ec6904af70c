"""What outlives a reset, the watchdog, and sleep."""

import chip
import esp32
from loading import load


def fresh():
    return chip.switch_on(), load("power")


def test_without_power_nothing_was_retained():
    silicon, power = fresh()
    assert tuple(power.retained()) == (0,) * 7
    silicon.rtc_memory = b"somebody else's"
    assert tuple(power.retained()) == (0,) * 7


def test_what_is_retained_changes_one_by_one():
    _, power = fresh()
    power.retain(clock_state=2, set_s=1000)
    power.retain(trim_e7=-15000)
    power.retain(drift_ppm=1500)
    power.retain(crashes=3)
    power.retain(boot=17)
    power.retain(no_room=70000)
    assert tuple(power.retained()) == (2, 3, -15000, 1500, 1000, 17, 70000)
    power.retain(clock_state=0, crashes=0, trim_e7=0, drift_ppm=0, set_s=0, boot=0, no_room=0)
    assert tuple(power.retained()) == (0,) * 7


def test_what_is_retained_fits_rtc_memory():
    silicon, power = fresh()
    power.retain(crashes=1)
    assert 0 < len(silicon.rtc_memory) <= 2048


def test_only_a_watchdog_that_runs_is_fed():
    silicon, power = fresh()
    power.feed()
    assert silicon.fed == 0
    power.watch()
    power.feed()
    assert silicon.watchdogs_ms == [power.WATCHDOG_MS] and silicon.fed == 1


def test_the_watchdog_can_be_given_another_time():
    silicon, power = fresh()
    power.watch()
    power.watch(power.DESK_WATCHDOG_MS)
    assert silicon.watchdogs_ms == [power.WATCHDOG_MS, power.DESK_WATCHDOG_MS]


def test_hung_is_what_the_watchdog_ended():
    silicon, power = fresh()
    for cause in (1, 2, 3, 4, 5):
        silicon.reset_cause = cause
        assert power.hung() == (cause == 3) and power.reset_cause() == cause


def test_awake_the_cable_lives_asleep_the_battery_does():
    silicon, power = fresh()
    power.sleep_ms(300, True)
    power.sleep_ms(400, False)
    assert silicon.slept_ms == [300] and silicon.light_slept_ms == [400]


def test_no_time_is_no_sleep():
    silicon, power = fresh()
    for duration_ms in (0, -5):
        power.sleep_ms(duration_ms, True)
        power.sleep_ms(duration_ms, False)
    assert silicon.slept_ms == silicon.light_slept_ms == []


# A press ends a sleep, where this MicroPython can.


class Pin:
    gpio = 9


class Press:
    pin = Pin()
    on_level = False

    def __init__(self, down=False):
        self.down = down

    def is_on(self):
        return self.down


class Without:
    """`esp32` without wake_on_gpio(), and with `ext0` as its wake_on_ext0() unless that is None."""

    def __init__(self, ext0=None):
        self._ext0 = ext0

    def __enter__(self):
        self._gpio = esp32.wake_on_gpio
        del esp32.wake_on_gpio
        if self._ext0:
            esp32.wake_on_ext0 = self._ext0

    def __exit__(self, *_):
        esp32.wake_on_gpio = self._gpio
        if self._ext0:
            del esp32.wake_on_ext0


def test_a_press_ends_a_sleep_that_is_as_long_as_asked():
    silicon, power = fresh()
    power.sleep_ms(30000, False, Press())
    assert silicon.wakes == ((9,), False) and silicon.light_slept_ms == [30000]


def test_a_button_that_hangs_does_not_keep_the_chip_awake():
    silicon, power = fresh()
    power.sleep_ms(30000, False, Press(down=True))
    assert silicon.wakes == ((), False) and silicon.light_slept_ms == [power.LOOK_MS]


def test_an_older_micropython_wakes_by_ext0():
    silicon, power = fresh()
    armed = []
    with Without(lambda pin, level: armed.append((pin and pin.gpio, level))):
        power.sleep_ms(30000, False, Press())
        power.sleep_ms(30000, False, Press(down=True))
    assert armed == [(9, False), (None, False)]
    assert silicon.light_slept_ms == [30000, power.LOOK_MS]


def refuse(pin, level):
    raise ValueError("invalid pin")


def test_where_nothing_can_wake_it_looks_often_enough_for_a_long_press():
    from wearable.button import LONG_MS

    for ext0 in (None, refuse):
        silicon, power = fresh()
        with Without(ext0):
            power.sleep_ms(30000, False, Press())
        assert silicon.light_slept_ms == [power.LOOK_MS] and power.LOOK_MS * 2 < LONG_MS


def test_awake_nothing_is_armed():
    silicon, power = fresh()
    power.sleep_ms(300, True, Press())
    assert silicon.wakes is None and silicon.slept_ms == [300]
