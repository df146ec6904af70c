"""What a wearer would have seen and felt: signs, read from the changes of a virtual token's light and motor. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from wearable import signs as language

#: Pulses this close belong to one sign; the longest pause within one is 300 ms, the shortest between two 400 ms.
TOGETHER_US = 350_000
#: A light that is on for so long is no pulse: it says that the token is plugged in.
HELD_US = 1_000_000
TOLERANCE_US = 5_000
ON, UNKNOWN = "ON", "?"
NAMES = ("WELL", "BATTERY_LOW", "CLOCK_LOST", "FULL", "WAITING", "PAUSED", "RESUMED")
#: name: (how many pulses, whether they are long)
SIGNS = {name: (getattr(language, name) % language.LONG, getattr(language, name) > language.LONG) for name in NAMES}
_TIMINGS_MS = {"light": language.LIGHT_MS, "motor": language.MOTOR_MS}


def timing_ms(part: str, is_long: bool) -> tuple[int, int]:
    """Return how long a part is on for a pulse, and off before the next."""
    on_ms, off_ms = _TIMINGS_MS[part][2:] if is_long else _TIMINGS_MS[part][:2]
    return on_ms, off_ms


@dataclass(frozen=True)
class Sign:
    """A sign of signs.py by its name, ON for a light that stays on, UNKNOWN for what is no sign."""

    at_us: int
    part: str  # "light" or "motor"
    name: str


@dataclass(frozen=True)
class Pulse:
    """A part was on."""

    from_us: int
    to_us: int

    @property
    def us(self) -> int:
        return self.to_us - self.from_us


def signs(changes: Iterable[tuple[int, int, int]], pins: Mapping[str, Mapping[str, Any]]) -> list[Sign]:
    """Return every sign by time; `changes` are a token's strip, `pins` those of its board."""
    known = list(changes)
    found = []
    for part in _TIMINGS_MS:
        if part in pins:
            for group in _groups(pulses(known, pins[part])):
                found.append(Sign(group[0].from_us, part, _name(group, part)))
    return sorted(found, key=lambda sign: sign.at_us)


def pulses(changes: Iterable[tuple[int, int, int]], pin: Mapping[str, Any]) -> list[Pulse]:
    """Return when one part was on; what is on still has not been a pulse yet."""
    found = []
    since_us = None
    for at_us, gpio, level in changes:
        if gpio != pin["gpio"]:
            continue
        on = bool(level) != pin.get("active_low", False)
        if on and since_us is None:
            since_us = at_us
        elif not on and since_us is not None:
            found.append(Pulse(since_us, at_us))
            since_us = None
    return found


def _groups(by_time: Iterable[Pulse]) -> list[list[Pulse]]:
    groups: list[list[Pulse]] = []
    for pulse in by_time:
        held = pulse.us >= HELD_US or (groups and groups[-1][-1].us >= HELD_US)
        if held or not groups or pulse.from_us - groups[-1][-1].to_us > TOGETHER_US:
            groups.append([])
        groups[-1].append(pulse)
    return groups


def _name(group: list[Pulse], part: str) -> str:
    if group[0].us >= HELD_US:
        return ON
    for name, (count, is_long) in SIGNS.items():
        on_us = timing_ms(part, is_long)[0] * 1000
        if len(group) == count and all(abs(pulse.us - on_us) <= TOLERANCE_US for pulse in group):
            return name
    return UNKNOWN
