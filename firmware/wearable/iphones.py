"""Which iPhones are asked what they are called, and what they said (pure).

An iPhone says its Bluezone identifier only to who connects. So each address is asked once in a quarter of an hour, one
in a burst, while the hour's allowance lasts; afterwards hearing the address is hearing the identifier. Whoever sends
many addresses, or answers none, costs the allowance and no more.
"""

from . import const
from .protocols.bluezone_said import ID_BYTES as NAME_BYTES
from .protocols.bluezone_said import SLOT_S
from .ring import BLUEZONE_TAIL, ID_BYTES

READING_MS = 4000  # for one iPhone: the app gives ten seconds, but has a phone's battery
AN_HOUR_MS = 20000
PLACES = 16
_ADDRESS_BYTES = const(7)  # its kind first
_HOUR_MS = const(3600000)


class Iphones:
    """The addresses of this quarter of an hour, and the allowance."""

    def __init__(self, now_ms, ticks_diff):
        self._addresses = bytearray(PLACES * _ADDRESS_BYTES)
        store = memoryview(bytearray((bytes(NAME_BYTES) + BLUEZONE_TAIL) * PLACES))
        self._names = [store[n * ID_BYTES : (n + 1) * ID_BYTES] for n in range(PLACES)]
        self._answered = bytearray(PLACES)
        self._count = 0
        self._slot = 0
        self._ticks_diff = ticks_diff
        self._earned_ms = now_ms
        self._rest = 0
        self.left_ms = AN_HOUR_MS // 4  # a restart does not bring a whole hour's

    def begin(self, now_s, now_ms):
        """Take the time: with a new quarter of an hour every address is asked anew."""
        if now_s // SLOT_S != self._slot:
            self._slot = now_s // SLOT_S
            self._count = 0
        passed_ms = self._ticks_diff(now_ms, self._earned_ms) + self._rest
        self._earned_ms = now_ms
        self._rest = passed_ms % (_HOUR_MS // AN_HOUR_MS)
        self.left_ms = min(self.left_ms + passed_ms // (_HOUR_MS // AN_HOUR_MS), AN_HOUR_MS)

    def place_of(self, kind, address):
        """Return where an address is kept, or -1 for one that was not asked yet."""
        kept = self._addresses
        for place in range(min(self._count, PLACES)):
            at = place * _ADDRESS_BYTES
            if kept[at] == kind and kept[at + 1 : at + _ADDRESS_BYTES] == address:
                return place
        return -1

    def name_at(self, place):
        """Return what it answered, 18 bytes as the ring has them and on loan, or None."""
        return self._names[place] if self._answered[place] else None

    def may_ask(self):
        """Whether the allowance lasts for one more."""
        return self.left_ms >= READING_MS

    def keep(self, kind, address, answer, took_ms):
        """Note what an address answered, 12 bytes or None, and how long that took; the oldest makes room."""
        place = self._count % PLACES
        self._count += 1
        at = place * _ADDRESS_BYTES
        self._addresses[at] = kind
        self._addresses[at + 1 : at + _ADDRESS_BYTES] = address
        self._answered[place] = answer is not None
        if answer is not None:
            self._names[place][:NAME_BYTES] = answer
        self.left_ms -= took_ms
        return place
