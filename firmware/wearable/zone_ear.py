"""The scan handler of a token that speaks Bluezone: ear.py's, and before it what that protocol has on the air.

An identifier there is two structures, in any order: the manufacturer's data, and the list that names the service. So
each advertisement is gone through to its end, and what is not Bluezone's is ear.hear()'s. What ear.py says of itself
goes for this file: machine code where a board takes it, no allocation, no exception. It writes nothing through a
pointer but the twelve bytes of an identifier. protocols/bluezone.py's parse() is what it is held to.
"""

from micropython import const

from . import ear
from .ear import ptr8, ptr32
from .ring import BLUEZONE_TAIL

_IRQ_SCAN_RESULT = const(5)
_SCAN_RESPONSE = const(4)
_MOST_BYTES = const(31)
# AD types, and what the length byte of the structures that count here is.
_SOME_UUIDS = const(2)
_ALL_UUIDS = const(3)
_SERVICE_DATA = const(0x16)
_MANUFACTURER = const(0xFF)
_MANUFACTURER_BYTES = const(15)
_TOLD_BYTES = const(5)
# Service and company, as they are on the air.
_SERVICE_LOW = const(0x56)
_SERVICE_HIGH = const(0x4E)
_COMPANY_LOW = const(0xB5)
_COMPANY_HIGH = const(0x22)
_BLUEZONE_BYTES = const(12)

NOTHING_ELSE = b"\xff\xff\xff\xff"  # for ear.listen_for(): a structure so long is in no advertisement

_identifier = bytearray(bytes(_BLUEZONE_BYTES) + BLUEZONE_TAIL)
_always = (len, _identifier, memoryview(_identifier), ear.hear, ear.put, ear.counts)


def hear(event, data):
    """Take an event of the Bluetooth stack."""
    length_of, identifier, view, hear_others, put, counts = _always
    try:
        if int(event) == _IRQ_SCAN_RESULT:
            _, _, kind, rssi_dbm, advert = data
            heard = ptr8(advert)
            end = int(length_of(advert))
            place = 0
            found = 0
            listed = 0
            told = -1
            while place + 1 < end:
                step = int(heard[place])
                following = place + 1 + step
                if step == 0 or following > end:  # early termination, or cut off
                    break
                what = int(heard[place + 1])
                if what == _MANUFACTURER:
                    if step == _MANUFACTURER_BYTES and heard[place + 2] == _COMPANY_LOW:
                        if heard[place + 3] == _COMPANY_HIGH:
                            found = place + 4
                elif what == _SOME_UUIDS or what == _ALL_UUIDS:
                    place += 2
                    while place + 2 <= following:
                        if heard[place] == _SERVICE_LOW and heard[place + 1] == _SERVICE_HIGH:
                            listed = 1
                        place += 2
                elif what == _SERVICE_DATA and step == _TOLD_BYTES:
                    # Only tokens have it.
                    if heard[place + 2] == _SERVICE_LOW and heard[place + 3] == _SERVICE_HIGH:
                        told = int(heard[place + 4]) | int(heard[place + 5]) << 8
                place = following
            if found and listed and end <= _MOST_BYTES and int(kind) != _SCAN_RESPONSE:
                state = ptr32(counts)
                state[0] += 1
                to = ptr8(identifier)
                place = 0
                while place < _BLUEZONE_BYTES:
                    to[place] = heard[found + place]
                    place += 1
                put(view, rssi_dbm, told)
                return
    except Exception:
        state = ptr32(counts)
        state[1] += 1
        return
    hear_others(event, data)
