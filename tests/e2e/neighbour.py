"""Somebody on the air who is no token: a node of the stage whose board has no power."""

from __future__ import annotations

from random import Random

from bluetoken.virtual.air import NEVER_US, Train
from bluetoken.virtual.token import VirtualToken

from .day import Day

NON_CONNECTABLE, RANDOM_ADDRESS = 3, 1
FLAGS_AND_UUID = bytes.fromhex("02011a 03036ffd 17166ffd")


def advert(identifier: bytes, metadata: bytes = b"\x40\x00\x00\x00") -> bytes:
    """An Exposure Notification advertisement of 31 bytes."""
    return FLAGS_AND_UUID + identifier + metadata


class Neighbour:
    """Takes the place of a token of the day, and says what a test wants said."""

    def __init__(self, day: Day, token: VirtualToken, seed: int = 1) -> None:
        self._day = day
        self._node = token.node
        self._random = Random(seed)
        day.look(lambda: token.power_down(day.world.now_us))

    def say(self, data: bytes, from_us: int, to_us: int = NEVER_US, every_us: int = 25_000) -> Train:
        """Send `data` under an address of its own through a stretch of virtual time."""
        address = self._random.randbytes(6)
        air = self._day.stage.air
        train = air.start(self._node, from_us, every_us, NON_CONNECTABLE, RANDOM_ADDRESS, address, data)
        train.stop_us = to_us
        return train

    def say_once(self, data: bytes, at_us: int) -> None:
        """Send `data` on all channels at the very moment, under an address of its own."""
        self.say(data, at_us, at_us + 2_000).events_us.append(at_us)

    def talk(self, from_us: int, to_us: int, change_us: int = 600_000_000) -> list[bytes]:
        """Be there like a token, with a new identifier every ten minutes; returns those it used."""
        used = []
        for start_us in range(from_us, to_us, change_us):
            used.append(self._random.randbytes(16))
            self.say(advert(used[-1]), start_us, min(start_us + change_us, to_us))
        return used
