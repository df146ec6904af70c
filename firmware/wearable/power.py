"""Sleep, resets, the watchdog, and the few bytes that outlive a reset."""

import time
from collections import namedtuple

import esp32
import machine

from . import records

WATCHDOG_MS = 120000
# Somebody who is alone at night sleeps for minutes; after so long it wakes to say that all is well, and to see a cable.
LONGEST_SLEEP_MS = 30000
# A desk may take its time, and nobody feeds the watchdog while it talks.
DESK_WATCHDOG_MS = 900000
# Where a press cannot end a sleep, it is seen all the same if it is as long as a long one.
LOOK_MS = 1000

Retained = namedtuple("Retained", ("clock_state", "crashes", "trim_e7", "drift_ppm", "set_s", "boot", "no_room"))

_watchdog = None


def watch(timeout_ms=WATCHDOG_MS):
    """Start the watchdog, or give the running one another time: it cannot be stopped."""
    global _watchdog
    _watchdog = machine.WDT(timeout=timeout_ms)


def feed():
    if _watchdog is not None:
        _watchdog.feed()


def retained():
    """Return what RTC memory kept since power came; zeros after a loss of power."""
    found = records.unpack_retained(machine.RTC().memory())
    return Retained(*found) if found else Retained(records.CLOCK_UNSET, 0, 0, 0, 0, 0, 0)


def retain(
    clock_state=None, crashes=None, trim_e7=None, drift_ppm=None, set_s=None, boot=None, no_room=None
):
    """Change what outlives a reset."""
    old = retained()
    machine.RTC().memory(
        records.pack_retained(
            old.clock_state if clock_state is None else clock_state,
            old.crashes if crashes is None else crashes,
            old.trim_e7 if trim_e7 is None else trim_e7,
            old.drift_ppm if drift_ppm is None else drift_ppm,
            old.set_s if set_s is None else set_s,
            old.boot if boot is None else boot,
            old.no_room if no_room is None else no_room,
        )
    )


def reset_cause():
    """Return machine.PWRON_RESET, HARD_RESET, WDT_RESET, DEEPSLEEP_RESET or SOFT_RESET."""
    return machine.reset_cause()


def unique_id():
    """Return the chip's own number, 6 bytes."""
    return machine.unique_id()


def hung():
    """Return whether the watchdog ended the last run."""
    return machine.reset_cause() == machine.WDT_RESET


def restart():
    machine.reset()


def sleep_ms(duration_ms, awake, button=None):
    """Wait; `awake` keeps the cable alive, otherwise the chip sleeps. The radio must be off.

    A caller in a loop: a sleep is over after LONGEST_SLEEP_MS at the latest.
    button : a board's button, which ends the sleep when it is pressed, or makes it no longer than LOOK_MS.
    """
    if duration_ms <= 0:
        return
    feed()
    duration_ms = min(duration_ms, LONGEST_SLEEP_MS)
    if awake:
        time.sleep_ms(duration_ms)
        return
    if button is not None and not _wake_on(button):
        duration_ms = min(duration_ms, LOOK_MS)
    machine.lightsleep(duration_ms)


def _wake_on(button):
    """Have a press end the sleep; returns False where that cannot be.

    What wakes is a level, not an edge: with a button that hangs, the chip would not sleep at all. wake_on_gpio() came
    with MicroPython 1.27 and takes any pin, wake_on_ext0() is older, and neither for the C3 nor for every pin.
    """
    free = not button.is_on()
    try:
        if hasattr(esp32, "wake_on_gpio"):
            esp32.wake_on_gpio((button.pin,) if free else (), button.on_level)
        elif hasattr(esp32, "wake_on_ext0"):
            esp32.wake_on_ext0(button.pin if free else None, button.on_level)
        else:
            return False
    except ValueError:
        return False
    return free
