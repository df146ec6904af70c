"""A flood of invented and malformed adverts harms nobody but the one who sends it."""

from __future__ import annotations

import struct
from random import Random

import pytest

from bluetoken.exposure.decoding import NO_ROOM
from wearable import reading, records

from . import flash_image, journal_bytes
from .clinic import Clinic
from .conftest import Restore
from .day import STEADY, Day
from .neighbour import Neighbour, advert
from .snapshots import Snapshot

LE_SET_SCAN_ENABLE = 0x200C
FLOOD, A_TIME, SPACING_US = 5000, 625, 400
MINUTE_US = 60_000_000
TABLE = 128  # encounters between two flushes


class Flooder(Neighbour):
    """Knows at once when its victim listens, and says as much as the air takes, each under its own address."""

    def __init__(self, day: Day, place: int, from_us: int) -> None:
        super().__init__(day, day.tokens[place])
        self._from_us = from_us
        self._send = day.token.controller.send
        day.token.controller.send = self._eavesdrop  # type: ignore[method-assign]
        self.invented: set[bytes] = set()
        self.said = 0

    def _eavesdrop(self, packet: bytes, at_us: int) -> bytes:
        (opcode,) = struct.unpack_from("<H", packet, 1)
        if opcode == LE_SET_SCAN_ENABLE and packet[4] and at_us > self._from_us and self.said < FLOOD:
            for n in range(A_TIME):
                self._say_something(at_us + n * SPACING_US)
        return self._send(packet, at_us)

    def _say_something(self, at_us: int) -> None:
        data = self._malformed() if self.said % 4 == 3 else self._invented()
        self.said += 1
        self.say_once(data, at_us)

    def _invented(self) -> bytes:
        self.invented.add(identifier := self._random.randbytes(16))
        return advert(identifier, self._random.randbytes(4))

    def _malformed(self) -> bytes:
        whole = advert(self._random.randbytes(16))
        place = self._random.randrange(len(whole))
        return self._random.choice(
            [
                b"",
                bytes(31),
                b"\xff" * 31,
                whole[:place],
                self._random.randbytes(31),
                whole[:7] + self._random.randbytes(1) + whole[8:],
                b"\x1f\x16" + whole[8:],
            ]
        )


@pytest.fixture
def flooded(restore: Restore, issued: Snapshot) -> tuple[Day, Flooder, set[bytes], Clinic]:
    """A meets somebody for twenty-two minutes, in the midst of which a flood comes."""
    images = issued.images | {"F": issued.images["B"]}
    snapshot = Snapshot(images, issued.registry, issued.after)
    day, clinic = restore(snapshot, "A", "B", "F", path_loss=STEADY, at_m={"F": 6.0})
    day.set_clock(day.token)
    now_us = day.look(lambda: day.world.now_us)
    friend = set(Neighbour(day, day.tokens[1]).talk(now_us, now_us + 22 * MINUTE_US))
    flooder = Flooder(day, 2, now_us + 9 * MINUTE_US)
    day.pass_s(30 * 60)
    return day, flooder, friend, day.at(clinic)


def test_a_flood_is_survived_counted_and_costs_nobody_an_honest_encounter(
    flooded: tuple[Day, Flooder, set[bytes], Clinic],
) -> None:
    day, flooder, friend, clinic = flooded
    assert flooder.said == FLOOD
    causes = day.causes(day.token)
    day.stop(day.token)
    assert "/crash.log" not in flash_image.files(day.image(day.token))
    assert causes == day.causes(day.token)[: len(causes)] and len(causes) == 3, "no restart but the desk's"

    segments = day.segments(day.token)
    found = journal_bytes.found(segments, reading.Encounter)
    strangers = {each.rpi for each in found} - friend
    assert len(strangers) > 100 and strangers <= flooder.invented, (
        "nothing malformed was taken for an identifier"
    )
    met_s = sum(each.span_s + 30 for each in found if each.rpi in friend)
    assert met_s >= 20 * 60

    counters = {each.code for each in journal_bytes.found(segments, reading.Event) if each.value}
    assert {records.EVENT_DROPPED, records.EVENT_EVICTED} <= counters
    for raw in segments.values():
        for body in journal_bytes.bodies(raw):
            assert len(body.records) <= TABLE + 8

    lost = [each for each in journal_bytes.found(segments, reading.Event) if each.code in NO_ROOM]
    assert clinic.sync(day.token.cable.path).no_room == sum(each.value for each in lost) > 0


def test_random_bytes_under_random_lengths_are_no_reason_to_stop(restore: Restore, issued: Snapshot) -> None:
    day, _ = restore(issued, "A", "B")
    neighbour, random = Neighbour(day, day.tokens[1]), Random(8)
    now_us = day.look(lambda: day.world.now_us)
    for n in range(600):
        data = random.randbytes(random.randrange(32))
        neighbour.say(data, now_us + n * 200_000, now_us + n * 200_000 + 3_000_000)
    day.pass_s(150)
    assert "/crash.log" not in flash_image.files(day.image(day.token))
    assert day.look(lambda: day.token.controller.lost_reports) < 1000
