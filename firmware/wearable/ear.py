"""The scan handler: on ESP32 it runs on the Bluetooth task, with eight reports waiting behind it.

It looks, copies and counts; it allocates nothing, keeps nothing of what it is given, and raises nothing,
because an exception would remove it for good. There is one radio, so there is one ear: functions and
globals, which cost a third of what a method and attributes do.

`bluetoken flash` has this file compiled by viper, to machine code, for a board that takes it. Elsewhere the
same text is bytecode, and CPython runs it in the tests. For viper, a number that comes out of an object goes
through int(), a buffer through ptr8() or ptr32(), and arguments have no defaults. Machine code checks no
index: through these pointers it reads an advertisement up to its end, and writes nothing but the counters. The
identifier moves between memoryviews, which check.
"""

from array import array
from time import ticks_ms

from micropython import const

from .ring import ALL, FROM, WHOLE

_IRQ_SCAN_RESULT = const(5)
_IRQ_SCAN_DONE = const(6)
_SCAN_RESPONSE = const(4)
# The flags of a token: not discoverable, no BR/EDR. Phones that speak the same protocol have others.
_TOKEN = const(0x04)
# What must follow the length of an AD structure for an identifier to fit: type, two bytes, ring.ID_BYTES.
_SHORTEST = const(21)

# Places in `counts`; radio.py has the first three as well.
_ADVERTS = const(0)  # everything heard, ours or not
_FAULTS = const(1)  # exceptions in the handler
_SCANNING = const(2)
_LENGTH = const(3)  # the four bytes that begin an AD structure worth keeping
_TYPE = const(4)
_FIRST = const(5)
_SECOND = const(6)

# Places in Ring.places.
_HEAD = const(0)
_TAIL = const(1)
_SLOTS = const(2)
_DROPPED = const(3)

counts = array("I", bytes(28))
# What hear() takes always, and what it takes to keep an advert: a tuple is unpacked faster than a name is found.
_always = (counts, len)
_to_keep: tuple
_to_put: tuple


def ptr8(buffer):
    """Stand for viper's cast where there is no viper."""
    return buffer


def ptr32(buffer):
    """Stand for viper's cast where there is no viper."""
    return buffer


def listen_for(ring, wanted):
    """Put into `ring` what begins with the four bytes `wanted`: an AD structure's length, type and first two."""
    global _to_keep, _to_put
    if int(wanted[0]) < _SHORTEST:
        raise ValueError("an identifier does not fit")
    _to_put = (ring.places, ring.ids, ring.rssi_dbm, ring.at_ms, ring.told, ALL, ticks_ms)
    _to_keep = (WHOLE, FROM, ALL, put)
    for n in range(3):
        counts[n] = 0
    for n in range(4):
        counts[_LENGTH + n] = wanted[n]


def put(identifier, rssi_dbm, told):
    """Put what was heard just now into the ring, or count it where there is no room."""
    places, ids, rssis_dbm, at_ms, tolds, every_byte, now_ms = _to_put
    queue = ptr32(places)
    head = int(queue[_HEAD])
    then = head + 1
    if then == int(queue[_SLOTS]):
        then = 0
    if then == int(queue[_TAIL]):
        queue[_DROPPED] += 1
        return
    ids[head >> 4][head & 15][every_byte] = identifier
    rssis_dbm[head] = rssi_dbm
    at_ms[head] = now_ms()
    tolds[head] = told
    queue[_HEAD] = then


def hear(event, data):
    """Take an event of the Bluetooth stack."""
    numbers, length_of = _always
    state = ptr32(numbers)
    try:
        if int(event) == _IRQ_SCAN_RESULT:
            state[_ADVERTS] += 1
            _, _, kind, rssi_dbm, advert = data
            heard = ptr8(advert)
            length = int(state[_LENGTH])
            end = int(length_of(advert)) - length  # from here on such a structure has no room
            place = 0
            while place < end:
                step = int(heard[place])
                if (
                    step == length
                    and heard[place + 1] == state[_TYPE]
                    and heard[place + 2] == state[_FIRST]
                    and heard[place + 3] == state[_SECOND]
                ):
                    if int(kind) == _SCAN_RESPONSE:
                        return
                    whole, after, every_byte, keep = _to_keep
                    whole[end + length][every_byte] = advert
                    # What a token tells of its herd ends the structure.
                    told = -1
                    if heard[2] == _TOKEN:
                        told = int(heard[place + length - 1]) | int(heard[place + length]) << 8
                    keep(after[place + 4], rssi_dbm, told)
                    return
                if not step:  # early termination (Core Specification Vol 3 Part C 11)
                    return
                place += 1 + step
        elif int(event) == _IRQ_SCAN_DONE:
            state[_SCANNING] = 0
    except Exception:
        state[_FAULTS] += 1
