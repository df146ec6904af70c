"""Imports the firmware with the fake chip under it."""

import sys

import chip_time


def load(*names):
    """Import modules of `wearable` anew and return them, the last one's state untouched by earlier tests.

    They share each other: load("power", "clock") gives the power that this clock uses. Pure modules are
    imported as anywhere else, so that an exception class is the same for everybody.
    """
    package = __import__("wearable")
    for name in _HARDWARE:
        if sys.modules.pop("wearable." + name, None):
            delattr(package, name)
    at_chip_time(_import, names)
    found = [sys.modules["wearable." + name] for name in names]
    return found[0] if len(found) == 1 else found


def _import(names):
    for name in names:
        __import__("wearable." + name)
        if name == "app":
            # It imports these when it has begun, and the time would be another then.
            __import__("wearable.meetings")


def at_chip_time(step, *arguments):
    """Call something that may import; what it imports has the chip's time."""
    real = sys.modules.get("time")
    sys.modules["time"] = chip_time
    try:
        return step(*arguments)
    finally:
        if real is None:
            del sys.modules["time"]
        else:
            sys.modules["time"] = real


_HARDWARE = (
    "app board clock desk ear gatt indicator iphone_ear logbook meetings power radio reader supervisor trim wearer"
    " zone_ear"
).split()
