"""The scan handler of a token that reads iPhones: zone_ear.py's, and before it a note of who may be one.

A Bluezone iPhone lists a service of 128 bits while the app is on its screen. In the background iOS says no more than
that somebody here has a service whose hash is that bit (the pattern that Bluezone's Android app filters by). Neither
says an identifier. What is none of this is zone_ear.hear()'s, and what ear.py says of itself goes for this file.
"""

from micropython import const

from . import ear, gatt, zone_ear

_IRQ_SCAN_RESULT = const(5)
_IRQ_SCAN_DONE = const(6)
_IRQ_READ_DONE = const(16)
_SCAN_RESPONSE = const(4)
_LONG_UUIDS_BYTES = const(17)
_SOME_LONG_UUIDS = const(6)
_ALL_LONG_UUIDS = const(7)
_APPLE_BYTES = const(20)
_MANUFACTURER = const(0xFF)
_ADDRESS_BYTES = const(6)
_MOST = const(8)  # as many in one burst
_ENTRY_BYTES = const(8)  # the address's kind, the address, the strength

# 00004E56-73F5-4BC4-A12F-17D1AD07A667, as on the air.
_SERVICE = b"\x67\xa6\x07\xad\xd1\x17\x2f\xa1\xc4\x4b\xf5\x73\x56\x4e\x00\x00"
# Apple's company, and of the bits of its overflow area the one that stands for that service.
_OVERFLOW = b"\x4c\x00\x01\x08\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"

heard = bytearray(65)  # how many in this burst, and from the second byte on who: _MOST times _ENTRY_BYTES
_always = (len, _SERVICE, _OVERFLOW, ear.counts, zone_ear.hear, gatt.tell)


def ptr8(buffer):
    """Stand for viper's cast where there is no viper."""
    return buffer


def ptr32(buffer):
    """Stand for viper's cast where there is no viper."""
    return buffer


def hear(event, data):
    """Take an event of the Bluetooth stack."""
    length_of, service, overflow, counts, hear_others, tell = _always
    total = ptr32(counts)
    what = 0
    try:
        what = int(event)
        if what == _IRQ_SCAN_RESULT:
            kind, address, how, strength, advert = data
            said = ptr8(advert)
            end = int(length_of(advert))
            place = 0
            while place + _LONG_UUIDS_BYTES < end:
                step = int(said[place])
                what = int(said[place + 1])
                length = 0
                pattern = ptr8(service)
                if step == _LONG_UUIDS_BYTES and (what == _ALL_LONG_UUIDS or what == _SOME_LONG_UUIDS):
                    length = step - 1
                elif step == _APPLE_BYTES and what == _MANUFACTURER and place + step < end:
                    length = step - 1
                    pattern = ptr8(overflow)
                if length:
                    n = 0
                    while n < length and said[place + 2 + n] == pattern[n]:
                        n += 1
                    if n == length and int(how) != _SCAN_RESPONSE:
                        total[0] += 1
                        remember(kind, address, strength)
                        return
                if step == 0:
                    break
                place += 1 + step
        elif what > _IRQ_SCAN_DONE and what <= _IRQ_READ_DONE:
            tell(what, data)
            return
    except Exception:
        total[1] += 1
        return
    hear_others(event, data)


def remember(kind, address, strength):
    """Keep who may be an iPhone until the burst is over, each once."""
    kept = ptr8(heard)
    theirs = ptr8(address)
    count = int(kept[0])
    place = 1
    while place < 1 + count * _ENTRY_BYTES:
        n = 0
        while n < _ADDRESS_BYTES and kept[place + 1 + n] == theirs[n]:
            n += 1
        if n == _ADDRESS_BYTES:
            return
        place += _ENTRY_BYTES
    if count < _MOST:
        kept[place] = int(kind)
        n = 0
        while n < _ADDRESS_BYTES:
            kept[place + 1 + n] = theirs[n]
            n += 1
        kept[place + 1 + _ADDRESS_BYTES] = int(strength) & 0xFF
        kept[0] = count + 1
