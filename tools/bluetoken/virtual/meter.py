"""What a virtual token did with its time, as far as its battery would notice."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field


class State(enum.StrEnum):
    """What a board draws its current for; each name is a key of `[energy]` in the board's TOML."""

    OFF = "off"
    DEEP_SLEEP = "deep_sleep"
    LIGHT_SLEEP = "light_sleep"
    CPU = "cpu"  # awake, the radio off
    RADIO = "radio"  # the radio on, sending or idle
    RECEIVE = "receive"


@dataclass
class Meter:
    """Microseconds in each state, and how often what costs by the piece was done.

    Waiting busily is time awake; computing is too, where the processor counts it.
    """

    us: dict[State, int] = field(default_factory=lambda: dict.fromkeys(State, 0))
    boots: int = 0
    ble_starts: int = 0
    adverts: int = 0
    _state: State = State.OFF
    _since_us: int = 0

    def enter(self, state: State, at_us: int) -> None:
        """Note that the token is in `state` from `at_us` on."""
        if at_us > self._since_us:
            self.us[self._state] += at_us - self._since_us
            self._since_us = at_us
        self._state = state

    def restart(self, at_us: int) -> None:
        """Begin to count anew."""
        self.us = dict.fromkeys(State, 0)
        self.boots = self.ble_starts = self.adverts = 0
        self._since_us = at_us
