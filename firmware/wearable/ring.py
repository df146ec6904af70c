"""Where the scan handler leaves what it heard, until the main loop comes by (pure).

Everything is allocated once. Bytes move by slice assignment between memoryviews made beforehand,
with a slice object made beforehand: writing `view[a:b]` would allocate at every advertisement.
"""

from array import array

from . import const

ID_BYTES = 18  # a Rolling Proximity Identifier and the metadata's first two bytes, or a Bluezone ID and this:
# Service and company as on the air. Whoever ends an RPI so could as well have said it as a Bluezone ID.
BLUEZONE_TAIL = b"\x56\x4e\xb5\x22\x00\x00"
_ADVERT_BYTES = const(31)

# Places in Ring.places; the handler in ear.py has them as well.
_HEAD = const(0)
_TAIL = const(1)
_SLOTS = const(2)
_DROPPED = const(3)


class _Slice:
    def __getitem__(self, index):
        return index


ALL = _Slice()[:]

# An advertisement passes through here: the first n bytes, and ID_BYTES from the nth.
_staging = memoryview(bytearray(_ADVERT_BYTES))
WHOLE = [_staging[:n] for n in range(_ADVERT_BYTES + 1)]
FROM = [_staging[n : n + ID_BYTES] for n in range(_ADVERT_BYTES - ID_BYTES + 1)]


def shelves(count):
    """Return room for `count` identifiers: the nth is the view [n >> 4][n & 15].

    Views, so that none is allocated while adverts come; on shelves, because the collector remembers some tens of
    objects at a time: after a list of more it goes through the whole heap again, at every collection.
    """
    store = memoryview(bytearray(count * ID_BYTES))
    views = [store[n * ID_BYTES : (n + 1) * ID_BYTES] for n in range(count)]
    return [views[n : n + 16] for n in range(0, count, 16)]


class Ring:
    """A queue of (identifier, RSSI, time) that drops and counts what comes while it is full.

    The handler, which moves the head, writes into the lists and arrays itself.
    """

    def __init__(self, slots=64):
        self.ids = shelves(slots)
        self.rssi_dbm = array("b", bytes(slots))
        self.at_ms = [0] * slots
        self.told = array("i", [0] * slots)  # a token's virtual time, -1 of what is no token
        self.places = array("I", [0, 0, slots, 0])

    @property
    def dropped(self):
        return self.places[_DROPPED]

    def drain(self, consumer):
        """Call consumer(identifier, rssi_dbm, at_ms, told) for each, oldest first; the view is on loan."""
        places = self.places
        tail = places[_TAIL]
        while tail != places[_HEAD]:
            consumer(self.ids[tail >> 4][tail & 15], self.rssi_dbm[tail], self.at_ms[tail], self.told[tail])
            tail += 1
            if tail == places[_SLOTS]:
                tail = 0
            places[_TAIL] = tail

    def clear(self):
        self.places[_TAIL] = self.places[_HEAD]
