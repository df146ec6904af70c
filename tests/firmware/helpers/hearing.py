"""The handler without a radio, and the plain Python that it is held to."""

import chip
from loading import load
from wearable.protocols import bluezone, gaen, gaen_reading
from wearable.ring import BLUEZONE_TAIL, Ring

SCAN_RESULT = 5
SCAN_RESPONSE = 4
ADVERT_BYTES = 31
WANTED = gaen.wanted()

ear, zone_ear = load("ear", "zone_ear")


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


def told_in(advert):
    """Return what a token tells beside a Bluezone ID: the last such structure counts, as of all that are there."""
    told, place = -1, 0
    while place < len(advert) and advert[place]:
        end = place + 1 + advert[place]
        if end > len(advert):
            break
        if bytes(advert[place : place + 4]) == b"\x05\x16\x56\x4e":
            told = advert[place + 4] | advert[place + 5] << 8
        place = end
    return told


class ZoneReference:
    """What the handler of who speaks Bluezone has to do, with allocations."""

    def __init__(self, slots, wanted):
        self.room = slots - 1
        self.wanted = wanted
        self.adverts = self.faults = self.dropped = 0
        self.kept = []

    def hear(self, kind, rssi_dbm, at_ms, advert):
        self.adverts += 1
        if kind == SCAN_RESPONSE:
            return
        identifier, told = bluezone.parse(advert), -1
        if identifier is not None:
            identifier += BLUEZONE_TAIL
            told = told_in(advert)
        elif self.wanted == WANTED:
            offset = gaen_reading.find(advert)
            if offset < 0:
                return
            identifier = bytes(advert[offset : offset + 18])
            if advert[2] == gaen.TOKEN_FLAGS:
                told = advert[offset + 18] | advert[offset + 19] << 8
        if identifier is None:
            return
        if len(self.kept) == self.room:
            self.dropped += 1
        else:
            self.kept.append((identifier, rssi_dbm, at_ms, told))


class BothZones:
    """The handler of who speaks Bluezone and its reference on the same air."""

    def __init__(self, wanted=WANTED, slots=8):
        self.ring = Ring(slots)
        ear.listen_for(self.ring, wanted)
        self.reference = ZoneReference(slots, wanted)

    def hear(self, advert, kind=2, rssi_dbm=-60, at_ms=0):
        chip.current().ticks_ms = at_ms
        zone_ear.hear(SCAN_RESULT, (1, b"", kind, rssi_dbm, advert))
        self.reference.hear(kind, rssi_dbm, at_ms, advert)

    def check(self):
        expected, found = self.reference, []

        def take(identifier, rssi_dbm, at_ms, told):
            found.append((bytes(identifier), rssi_dbm, at_ms, told))

        self.ring.drain(take)
        assert found == expected.kept, (found, expected.kept)
        assert self.ring.dropped == expected.dropped
        assert list(ear.counts)[:2] == [expected.adverts, expected.faults]
        expected.kept = []


def mutilated(count, begun, shortest):
    """Yield (advert, kind, RSSI, time): beginnings, `shortest` or longer, of adverts in which a byte is exchanged.

    begun(state) gives the 31 bytes, anew for every fourth.
    """
    state = 99
    advert = bytearray(ADVERT_BYTES)
    views = [memoryview(advert)[:length] for length in range(ADVERT_BYTES + 1)]
    for number in range(count):
        state = (state * 1103515245 + 12345) & 0x3FFFFFFF
        if number % 4 == 0:
            advert[:] = begun(state)
        if number % 2:
            advert[(state >> 8) % ADVERT_BYTES] = state >> 16 & 0xFF
        length = ADVERT_BYTES - (state >> 13) % (ADVERT_BYTES - shortest + 1)
        yield views[length], state >> 20 & 7, -(state >> 9) % 128, state >> 3 & 0xFFFFF
