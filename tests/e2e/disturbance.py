"""A line on which bytes go wrong."""

from __future__ import annotations

from collections.abc import Callable

from bluetoken.virtual.token import VirtualToken

from .day import Day

Harm = Callable[[int], int]


class Disturbance:
    """Of what a token says from now on, every byte that `hits` picks by its place goes through `harm`."""

    def __init__(self, day: Day, token: VirtualToken, hits: Callable[[int], bool], harm: Harm) -> None:
        self._hits, self._harm = hits, harm
        self._said = 0
        self.done = 0
        self._write = token.cable.write
        day.look(lambda: setattr(token.cable, "write", self._pass_on))

    def _pass_on(self, data: bytes) -> None:
        spoilt = bytearray(data)
        for n in range(len(data)):
            if self._hits(self._said + n):
                spoilt[n] = self._harm(spoilt[n])
                self.done += 1
        self._said += len(data)
        self._write(bytes(spoilt))
