"""Where the scan handler leaves what it heard, until the main loop comes by (pure).

Everything is allocated once. Bytes move by slice assignment between memoryviews made beforehand,
with a slice object made beforehand: writing `view[a:b]` would allocate at every advertisement.
"""

from array import array

ID_BYTES = 18  # a Rolling Proximity Identifier and the metadata's first two bytes
_ADVERT_BYTES = 31


class _Slice:
    def __getitem__(self, index):
        return index


_ALL = _Slice()[:]


class Ring:
    """A queue of (identifier, RSSI, time) that drops and counts what comes while it is full."""

    def __init__(self, slots=64):
        staging = memoryview(bytearray(_ADVERT_BYTES))
        self._whole = [staging[:n] for n in range(_ADVERT_BYTES + 1)]
        self._from = [staging[n : n + ID_BYTES] for n in range(_ADVERT_BYTES - ID_BYTES + 1)]
        store = memoryview(bytearray(slots * ID_BYTES))
        self._ids = [store[n * ID_BYTES : (n + 1) * ID_BYTES] for n in range(slots)]
        self._rssi_dbm = array("b", bytes(slots))
        self._at_ms = [0] * slots
        self._slots = slots
        self._head = 0
        self._tail = 0
        self.dropped = 0

    def put(self, adv_data, offset, rssi_dbm, at_ms):
        """Copy the identifier at `offset` of an advertisement of at most 31 bytes. Allocates nothing."""
        head = self._head
        after = head + 1
        if after == self._slots:
            after = 0
        if after == self._tail:
            self.dropped += 1
            return
        self._whole[len(adv_data)][_ALL] = adv_data
        self._ids[head][_ALL] = self._from[offset]
        self._rssi_dbm[head] = rssi_dbm
        self._at_ms[head] = at_ms
        self._head = after

    def drain(self, consumer):
        """Call consumer(identifier, rssi_dbm, at_ms) for each, oldest first; the view is on loan."""
        while self._tail != self._head:
            tail = self._tail
            consumer(self._ids[tail], self._rssi_dbm[tail], self._at_ms[tail])
            self._tail = 0 if tail + 1 == self._slots else tail + 1

    def clear(self):
        self._tail = self._head
