"""The handler without a radio, and the plain Python that it is held to."""

import chip
from loading import load
from wearable.protocols import gaen

SCAN_RESULT = 5
SCAN_RESPONSE = 4
ADVERT_BYTES = 31
WANTED = gaen.wanted()

ear = load("ear")


def put(ring, identifier, rssi_dbm, at_ms):
    """Have `ring` hear an advert that carries these 18 bytes."""
    ear.listen_for(ring, WANTED)
    chip.current().ticks_ms = at_ms
    ear.hear(SCAN_RESULT, (1, b"", 2, rssi_dbm, WANTED + identifier + b"\0\0"))


def drained(ring):
    found = []
    ring.drain(lambda identifier, rssi_dbm, at_ms, told: found.append((bytes(identifier), rssi_dbm, at_ms)))
    return found


def find(advert, wanted):
    """Return where the identifier lies in the first structure that is all there and begins with `wanted`, or -1."""
    place = 0
    while place < len(advert) and advert[place]:
        end = place + 1 + advert[place]
        if bytes(advert[place : place + 4]) == wanted and end <= len(advert):
            return place + 4
        place = end
    return -1


class Reference:
    """What the handler and its ring have to do, with allocations."""

    def __init__(self, slots, find):
        self.find = find
        self.room = slots - 1
        self.adverts = self.faults = self.dropped = 0
        self.kept = []

    def hear(self, kind, rssi_dbm, at_ms, advert):
        self.adverts += 1
        offset = self.find(advert)
        if offset < 0 or kind == SCAN_RESPONSE:
            return
        if len(self.kept) == self.room:
            self.dropped += 1
        elif len(advert) > ADVERT_BYTES:
            self.faults += 1
        else:
            self.kept.append((bytes(advert[offset : offset + 18]), rssi_dbm, at_ms))


class Both:
    """The handler and its reference on the same air; check() says whether they are of one opinion."""

    def __init__(self, ring, slots, wanted, find):
        ear.listen_for(ring, wanted)
        self.ring = ring
        self.reference = Reference(slots, find)

    def hear(self, advert, kind=2, rssi_dbm=-60, at_ms=0):
        chip.current().ticks_ms = at_ms
        ear.hear(SCAN_RESULT, (1, b"", kind, rssi_dbm, advert))
        self.reference.hear(kind, rssi_dbm, at_ms, advert)

    def check(self):
        expected = self.reference
        assert drained(self.ring) == expected.kept
        assert self.ring.dropped == expected.dropped
        assert list(ear.counts)[:2] == [expected.adverts, expected.faults]
        expected.kept = []
