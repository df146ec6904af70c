"""Advertisements become encounters, in a table of fixed size (pure).

An encounter is one identifier over one stretch: first and last time, for how long it was there, strongest and
mean RSSI. Whoever is heard again within `bridge_s` was there in between, and any other sighting stands for as long
as it takes from one burst to the next. Nothing here grows: when the table is full, the identifier that
was heard in a single burst longest ago makes room, and where there is none the newcomer is refused.
Whom a burst heard twice, as it hears most who are near, goes after those whom it heard once: what is said
once and never again would otherwise drive out everybody before the next burst can tell who stays.
"""

from array import array

from . import const
from .records import ENCOUNTER_BYTES, pack_bluezone_encounter, pack_encounter
from .ring import ALL, BLUEZONE_TAIL, ID_BYTES, shelves

CAPACITY = 128
CONFIRM_S = 45  # who was heard twice in a burst gets until the next one to be heard again
_EMPTY = const(0xFF)
_GONE = const(0xFE)
_NO_BURST = -1
_TAIL = ID_BYTES - len(BLUEZONE_TAIL)


def _is_bluezone(identifier):
    # Byte by byte, because a slice would be allocated; the first one tells nearly always.
    for n in range(len(BLUEZONE_TAIL)):
        if identifier[_TAIL + n] != BLUEZONE_TAIL[n]:
            return False
    return True


class Sightings:
    """The encounters since the last flush.

    `salt` is a random byte pair that keeps a stranger from choosing identifiers that collide. `capacity` is a power of
    two, 128 at most.
    """

    def __init__(self, salt=0, capacity=CAPACITY):
        self._capacity = capacity
        self._ids = shelves(capacity)
        self._first_s = array("I", [0] * capacity)
        self._last_s = array("I", [0] * capacity)
        self._bursts = array("H", [0] * capacity)
        self._burst = array("i", [0] * capacity)
        self._dwell_s = array("H", [0] * capacity)
        self._adverts = array("H", [0] * capacity)
        self._rssi_sum = array("i", [0] * capacity)
        self._rssi_max = array("b", [0] * capacity)
        self._bluezone = bytearray(capacity)
        # Open addressing, twice as many places as entries, so that a walk always ends.
        self._index = bytearray(b"\xff" * (2 * capacity))
        self._mask = 2 * capacity - 1
        # Odd, and so small that the product with 16 bits stays a small integer.
        self._salt = salt & 0x3FFF | 1
        self._gone = 0
        self.stands_s = 10  # what a sighting stands for now
        self.bridge_s = 32  # heard again as soon, somebody was there in between
        self.count = 0
        self.evicted = 0
        self.refused = 0
        self.left_out = 0  # by pack(), for want of quota

    def note(self, identifier, rssi_dbm, at_s, burst):
        """Count one advertisement of `identifier` (18 bytes) in listening burst number `burst`.

        Returns whether it is the first of this identifier in the burst.
        A frame of more than eleven words, locals and arguments of calls, would come from the heap: none here does.
        """
        entry = self._find(identifier)
        if entry < 0:
            entry = self._begin(identifier, at_s)
            if entry < 0:
                self.refused += 1
                return False
        burst &= 0xFFFF
        first = self._burst[entry] != burst
        if first:
            self._burst[entry] = burst
            self._count_burst(entry, at_s)
        self._last_s[entry] = at_s
        if rssi_dbm > self._rssi_max[entry]:
            self._rssi_max[entry] = rssi_dbm
        if self._adverts[entry] < 0xFFFF:
            self._adverts[entry] += 1
            self._rssi_sum[entry] += rssi_dbm
        return first

    def _count_burst(self, entry, at_s):
        gap_s = at_s - self._last_s[entry]
        if self._bursts[entry] == 0 or not 0 <= gap_s <= self.bridge_s:
            gap_s = self.stands_s
        if self._bursts[entry] < 0xFFFF:
            self._bursts[entry] += 1
        self._dwell_s[entry] = min(self._dwell_s[entry] + gap_s, 0xFFFF)

    def _find(self, identifier):
        """Return the entry of an identifier, or -1."""
        index = self._index
        place = self._place(identifier)
        entry = index[place]
        while entry != _EMPTY:
            if entry != _GONE and self._ids[entry >> 4][entry & 15] == identifier:
                return entry
            place = (place + 1) & self._mask
            entry = index[place]
        return -1

    def _begin(self, identifier, at_s):
        """Return an entry for a new identifier, which nothing is counted in yet, or -1."""
        entry = self._room(at_s)
        if entry >= 0:
            index = self._index
            place = self._place(identifier)
            while index[place] < _GONE:
                place = (place + 1) & self._mask
            index[place] = entry
            self._ids[entry >> 4][entry & 15][ALL] = identifier
            self._bluezone[entry] = _is_bluezone(identifier)
            self._first_s[entry] = at_s
            self._burst[entry] = _NO_BURST
            self._bursts[entry] = self._dwell_s[entry] = self._adverts[entry] = self._rssi_sum[entry] = 0
            self._rssi_max[entry] = -128
        return entry

    def _place(self, identifier):
        return (identifier[0] | identifier[1] << 8) * self._salt >> 7 & self._mask

    def _room(self, at_s):
        """Return a free entry, or that of a single sighting: longest ago, and of a single advert if there is one."""
        if self.count < self._capacity:
            self.count += 1
            return self.count - 1
        oldest = once = -1
        for entry in range(self._capacity):
            if self._bursts[entry] == 1:
                if self._adverts[entry] > 1 and at_s - self._last_s[entry] < CONFIRM_S:
                    if oldest < 0 or self._last_s[entry] < self._last_s[oldest]:
                        oldest = entry
                elif once < 0 or self._last_s[entry] < self._last_s[once]:
                    once = entry
        if once >= 0:
            oldest = once
        if oldest >= 0:
            self.evicted += 1
            self._forget(oldest)
        return oldest

    def _forget(self, entry):
        index = self._index
        place = self._place(self._ids[entry >> 4][entry & 15])
        while index[place] != entry:
            place = (place + 1) & self._mask
        index[place] = _GONE
        self._gone += 1
        if self._gone >= self._capacity // 2:
            self._rebuild(entry)

    def _rebuild(self, without):
        """Make the index anew: the marks of the gone would let a walk go round for ever."""
        index = self._index
        for place in range(len(index)):
            index[place] = _EMPTY
        for entry in range(self.count):
            if entry != without:
                place = self._place(self._ids[entry >> 4][entry & 15])
                while index[place] != _EMPTY:
                    place = (place + 1) & self._mask
                index[place] = entry
        self._gone = 0

    def earliest_s(self):
        """Return the first time in the table; it must not be empty."""
        earliest = self._first_s[0]
        for entry in range(1, self.count):
            earliest = min(earliest, self._first_s[entry])
        return earliest

    def worth(self, most, most_brief):
        """Return how many encounters pack() would take."""
        lasting = self._lasting()
        taken = min(lasting, most)
        return taken + min(self.count - lasting, most_brief, most - taken)

    def _lasting(self):
        """Return how many were heard in more than one burst."""
        lasting = 0
        for entry in range(self.count):
            if self._bursts[entry] > 1:
                lasting += 1
        return lasting

    def pack(self, start_s, most=CAPACITY, most_brief=CAPACITY):
        """Return the records of the encounters, with times counted from `start_s`.

        Of at most `most`: those heard in the most bursts, then the strongest; among them at most `most_brief` that
        were heard in one burst only.
        """
        chosen = self._chosen(most, most_brief)
        self.left_out += self.count - len(chosen)
        bluezone = self._bluezone
        buffer = bytearray(len(chosen) * ENCOUNTER_BYTES)
        end = 0
        for entry in chosen:
            pack = pack_bluezone_encounter if bluezone[entry] else pack_encounter
            end = pack(
                buffer,
                end,
                self._ids[entry >> 4][entry & 15],
                self._first_s[entry] - start_s,
                self._last_s[entry] - self._first_s[entry],
                self._dwell_s[entry],
                self._rssi_max[entry],
                self._rssi_sum[entry] // self._adverts[entry],
            )
        # Bluezone's records are shorter.
        return buffer if end == len(buffer) else buffer[:end]

    def _chosen(self, most, most_brief):
        if self.worth(most, most_brief) == self.count:
            return range(self.count)
        # One number each, to be sorted without a function that is called for every one.
        order = []
        for entry in range(self.count):
            order.append(min(self._bursts[entry], 0xFF) << 16 | self._rssi_max[entry] + 128 << 8 | entry)
        order.sort(reverse=True)
        lasting = self._lasting()
        taken = min(lasting, most)
        brief = min(most_brief, most - taken)
        return [number & 0xFF for number in order[:taken] + order[lasting : lasting + brief]]

    def clear(self):
        self.count = 0
        self._gone = 0
        for place in range(len(self._index)):
            self._index[place] = _EMPTY
