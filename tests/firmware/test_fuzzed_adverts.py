"""Malformed adverts of every length: no exception, no allocation, and what plain Python makes of them."""

import gc
import os

from hearing import SCAN_RESULT, WANTED, Both, ear, find
from skipping import MICROPYTHON, SMALL, not_on_32_bits, only_on_micropython
from wearable.protocols import gaen
from wearable.ring import ALL, Ring

# On MicroPython, where a token runs, a million; elsewhere, and on the small machine, a sample.
ADVERTS = 1000000 if MICROPYTHON and not SMALL else 20000
LONGEST = 255
LEGACY = 31
SLOTS = 8
VALID = gaen.advertisement(bytes(16), bytes(4))[7:]  # the structure that is looked for
# Half of the bytes that are put in are of those that mean something.
MEANING = bytes((0, 1, 2, 3, 0x16, 0x17, 0x18, 0x1A, 0x1F, 0x6F, 0xFD, 0xFF)) + WANTED
NEW_EVERY = 8


class Mutilated:
    """An advert in which three bytes are exchanged at each step; now and then it begins anew, valid or as noise.

    It allocates nothing, so that it can stand beside a handler of which that is to be shown.
    """

    def __init__(self, longest):
        self._data = bytearray(LONGEST)
        self._views = [memoryview(self._data)[:length] for length in range(longest + 1)]
        self._lengths = longest + 1
        self._whole = memoryview(self._data)
        self._from = [self._whole[offset : offset + len(VALID)] for offset in range(8)]
        self._noise = [os.urandom(LONGEST) for _ in range(16)]
        self._state = 99
        self._step = 0

    def next(self):
        """Return the next advert, on loan; random() tells more of it."""
        self._step += 1
        if self._step % NEW_EVERY == 0:
            self._begin_anew()
        for _ in range(3):
            state = self.random()
            value = state >> 20 & 0xFF
            if state & 0x1000:
                value = MEANING[value & 15]
            self._data[(state >> 13 & 0x7F) % 32] = value
        length = (self.random() >> 12) % self._lengths
        # Every other one is as long as ours or nearly.
        return self._views[length if self._step & 1 else self._lengths - 1 - (length & 7)]

    def random(self):
        self._state = (self._state * 1103515245 + 12345) & 0x3FFFFFFF
        return self._state

    def _begin_anew(self):
        turn = self._step // NEW_EVERY
        self._whole[ALL] = self._noise[turn & 15]
        if turn & 3:
            offset = turn >> 2 & 7
            self._data[0] = offset - 1 & 7  # a structure before it
            self._from[offset][ALL] = VALID


def allocated(longest, calls):
    """Return the bytes that stay taken and those that had been taken before a collection."""
    only_on_micropython("CPython cannot say what it allocates")
    not_on_32_bits("these random numbers are big integers there, and allocate")
    ring, mutilated = Ring(SLOTS), Mutilated(longest)
    ear.listen_for(ring, WANTED)
    heard = [1, b"", 2, -60, b""]  # a list, which hear() unpacks as well, for a tuple would be new each time
    hear, queue = ear.hear, ring.places
    hear(SCAN_RESULT, heard)
    gc.collect()
    gc.disable()
    try:
        before = gc.mem_alloc()
        for _ in range(calls):
            heard[4] = mutilated.next()
            hear(SCAN_RESULT, heard)
            queue[1] = queue[0]  # emptied, without an object
        taken = gc.mem_alloc() - before
    finally:
        gc.enable()
    assert ear.counts[0] == calls + 1
    gc.collect()
    return gc.mem_alloc() - before, taken, ear.counts[1]


def test_malformed_adverts_allocate_nothing():
    assert allocated(LEGACY, ADVERTS // 4) == (0, 0, 0)


def test_longer_than_any_legacy_advert_they_are_counted_and_leave_nothing_behind():
    """No controller that scans for legacy adverts reports such a one; the exceptions that they cost are caught."""
    calls = 20000  # nothing is collected in between
    stays, taken, faults = allocated(LONGEST, calls)
    assert stays == 0 and faults > calls // 20 and taken > 0


def test_malformed_adverts_are_what_plain_python_takes_them_for():
    """On MicroPython a million of them; on every machine as many as begin well, end early, or carry us twice."""
    for longest, calls in ((LEGACY, ADVERTS * 3 // 4), (LONGEST, ADVERTS // 4)):
        pair = Both(Ring(SLOTS), SLOTS, WANTED, lambda advert: find(advert, WANTED))
        mutilated, kept = Mutilated(longest), 0
        for number in range(calls):
            state = mutilated.random()
            pair.hear(mutilated.next(), state >> 14 & 7, -(state >> 18 & 0x7F), number)
            if number % 16 == 0:
                kept += len(pair.reference.kept)
                pair.check()
        kept += len(pair.reference.kept)
        pair.check()
        assert pair.reference.adverts == calls and kept + pair.reference.faults > calls // 50
        assert (pair.reference.faults > 0) == (longest > LEGACY)
        print("%d of %d adverts kept, %d faults" % (kept, calls, pair.reference.faults))
