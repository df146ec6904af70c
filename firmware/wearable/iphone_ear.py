"""The scan handler of a token that reads iPhones: zone_ear.py's, and before it a note of who may be one.

A Bluezone iPhone lists a service of 128 bits while the app is on its screen. In the background iOS says no more than
that somebody here has a service whose hash is that bit (the pattern that Bluezone's Android app filters by). Neither
says an identifier. What is none of this is zone_ear.hear()'s. Bytecode, unlike that: it takes a third of the heap, and
an ear that costs some hundred microseconds still hears all of a crowd.
"""

from array import array

from micropython import const

from . import ear, zone_ear

_IRQ_SCAN_RESULT = const(5)
_IRQ_CONNECT = const(7)
_IRQ_SERVICE = const(9)
_IRQ_CHARACTERISTIC = const(11)
_IRQ_READ = const(15)
_IRQ_READ_DONE = const(16)
_SCAN_RESPONSE = const(4)
_SOME_UUIDS = const(6)
_ALL_UUIDS = const(7)
_MOST = const(8)  # as many in one burst
_ENTRY_BYTES = const(8)  # the address's kind, the address, the strength
_ADVERTS = const(0)  # in ear.counts
_FAULTS = const(1)

# 00004E56-73F5-4BC4-A12F-17D1AD07A667 in a list of services of 128 bits, of which type 6 is one as well; and of Apple's
# overflow area the bit that stands for it.
_FOREGROUND = b"\x11\x07\x67\xa6\x07\xad\xd1\x17\x2f\xa1\xc4\x4b\xf5\x73\x56\x4e\x00\x00"
_BACKGROUND = b"\x14\xff\x4c\x00\x01\x08\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"

# Places in `told`; gatt.py has them as well.
_EVENT = const(0)  # the newest of a connection
_CONNECTION = const(1)
_FROM = const(2)  # handles of the service
_TO = const(3)
_VALUE = const(4)  # handle of the characteristic
_LENGTH = const(5)  # of its value

heard = bytearray(1 + _MOST * _ENTRY_BYTES)  # how many in this burst, and who
told = array("H", bytes(12))
name = bytearray(12)


def hear(event, data):
    """Take an event of the Bluetooth stack."""
    try:
        if event == _IRQ_SCAN_RESULT:
            if data[2] != _SCAN_RESPONSE and _is_iphone(data[4]):
                ear.counts[_ADVERTS] += 1
                _remember(data[0], data[1], data[3])
                return
        elif _IRQ_CONNECT <= event <= _IRQ_READ_DONE:
            _tell(event, data)
            return
    except Exception:
        ear.counts[_FAULTS] += 1
        return
    zone_ear.hear(event, data)


def _is_iphone(advert):
    place = 0
    end = len(advert)
    while place + len(_FOREGROUND) <= end:
        step = advert[place]
        if step == 0:
            return False
        like = _FOREGROUND if step == _FOREGROUND[0] else _BACKGROUND
        what = advert[place + 1]
        if what == _SOME_UUIDS:
            what = _ALL_UUIDS
        if step == like[0] and what == like[1] and place + step < end:
            n = 2
            while n <= step and advert[place + n] == like[n]:
                n += 1
            if n > step:
                return True
        place += 1 + step
    return False


def _remember(kind, address, rssi_dbm):
    """Keep who may be an iPhone until the burst is over, each once."""
    end = 1 + heard[0] * _ENTRY_BYTES
    for place in range(1, end, _ENTRY_BYTES):
        n = 0
        while n < 6 and heard[place + 1 + n] == address[n]:
            n += 1
        if n == 6:
            return
    if heard[0] < _MOST:
        heard[end] = kind
        for n in range(6):
            heard[end + 1 + n] = address[n]
        heard[end + 7] = rssi_dbm & 0xFF
        heard[0] += 1


def _tell(event, data):
    if event == _IRQ_CONNECT:
        told[_CONNECTION] = data[0]
    elif event == _IRQ_SERVICE:
        told[_FROM] = data[1]
        told[_TO] = data[2]
    elif event == _IRQ_CHARACTERISTIC:
        told[_VALUE] = data[2]
    elif event == _IRQ_READ:
        told[_LENGTH] = len(data[2])
        if len(data[2]) == len(name):
            name[:] = data[2]
    told[_EVENT] = event
