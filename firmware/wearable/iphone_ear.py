"""The scan handler of a token that reads iPhones: it notes who may be one, and what the stack tells of a connection.

A Bluezone iPhone lists a service of 128 bits while the app is on its screen. In the background iOS says no more than
that somebody here has a service whose hash is that bit (the pattern that Bluezone's Android app filters by). Neither
says an identifier. What is none of this is zone_ear.hear()'s, and what ear.py says of itself goes for this file.
"""

from array import array

from micropython import const

from . import ear, zone_ear

_IRQ_SCAN_RESULT = const(5)
_IRQ_PERIPHERAL_CONNECT = const(7)
_IRQ_PERIPHERAL_DISCONNECT = const(8)
_IRQ_SERVICE = const(9)
_IRQ_CHARACTERISTIC = const(11)
_IRQ_READ = const(15)
_IRQ_READ_DONE = const(16)
_SCAN_RESPONSE = const(4)
_LONG_UUIDS_BYTES = const(17)
_SOME_LONG_UUIDS = const(6)
_ALL_LONG_UUIDS = const(7)
_APPLE_BYTES = const(20)
_MANUFACTURER = const(0xFF)
_ADDRESS_BYTES = const(6)
_MOST = const(8)  # as many in one burst
_VALUE_BYTES = const(12)

# 00004E56-73F5-4BC4-A12F-17D1AD07A667, as on the air.
_SERVICE = b"\x67\xa6\x07\xad\xd1\x17\x2f\xa1\xc4\x4b\xf5\x73\x56\x4e\x00\x00"
# Apple's company, and of the bits of its overflow area the one that stands for that service.
_OVERFLOW = b"\x4c\x00\x01\x08\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"

# Places in `state`; gatt.py has them as well.
_COUNT = const(0)  # of who was heard in this burst
_CONNECTION = const(1)
_FROM = const(2)  # handles of the service
_TO = const(3)
_VALUE = const(4)  # handle of the characteristic
_LENGTH = const(5)  # of its value
_EVENT = const(6)  # the newest event of a connection
state = array("I", bytes(28))
kinds = bytearray(_MOST)  # of addresses: public or random
addresses = bytearray(48)  # _MOST times _ADDRESS_BYTES
rssi_dbm = array("b", bytes(_MOST))
value = bytearray(_VALUE_BYTES)
_always = (len, state, kinds, addresses, rssi_dbm, value, _SERVICE, _OVERFLOW, ear.counts, zone_ear.hear)


def ptr8(buffer):
    """Stand for viper's cast where there is no viper."""
    return buffer


def ptr32(buffer):
    """Stand for viper's cast where there is no viper."""
    return buffer


def hear(event, data):
    """Take an event of the Bluetooth stack."""
    length_of, numbers, _, _, _, _, service, overflow, counts, hear_others = _always
    what = 0
    try:
        what = int(event)
        if what == _IRQ_SCAN_RESULT:
            kind, address, how, strength, advert = data
            heard = ptr8(advert)
            end = int(length_of(advert))
            place = 0
            found = 0
            while place + _LONG_UUIDS_BYTES < end and found == 0:
                step = int(heard[place])
                if step == 0:
                    break
                length = 0
                if step == _LONG_UUIDS_BYTES:
                    if heard[place + 1] == _ALL_LONG_UUIDS or heard[place + 1] == _SOME_LONG_UUIDS:
                        pattern = ptr8(service)
                        length = step - 1
                elif step == _APPLE_BYTES and place + step < end:
                    if heard[place + 1] == _MANUFACTURER:
                        pattern = ptr8(overflow)
                        length = step - 1
                if length:
                    found = 1
                    n = 0
                    while n < length:
                        if heard[place + 2 + n] != pattern[n]:
                            found = 0
                        n += 1
                place += 1 + step
            if found and int(how) != _SCAN_RESPONSE:
                total = ptr32(counts)
                total[0] += 1
                remember(kind, address, strength)
                return
        elif what >= _IRQ_PERIPHERAL_CONNECT and what <= _IRQ_READ_DONE:
            tell(event, data)
            events = ptr32(numbers)
            events[_EVENT] = what
            return
    except Exception:
        total = ptr32(counts)
        total[1] += 1
        return
    hear_others(event, data)


def remember(kind, address, strength):
    """Keep who may be an iPhone until the burst is over, each once."""
    _, numbers, kept_kinds, kept_addresses, kept_rssi_dbm, _, _, _, _, _ = _always
    whole = ptr32(numbers)
    theirs = ptr8(address)
    kept = ptr8(kept_addresses)
    count = int(whole[_COUNT])
    place = 0
    while place < count:
        n = 0
        while n < _ADDRESS_BYTES and kept[place * _ADDRESS_BYTES + n] == theirs[n]:
            n += 1
        if n == _ADDRESS_BYTES:
            return
        place += 1
    if count < _MOST:
        n = 0
        while n < _ADDRESS_BYTES:
            kept[count * _ADDRESS_BYTES + n] = theirs[n]
            n += 1
        kept_kinds[count] = kind
        kept_rssi_dbm[count] = strength
        whole[_COUNT] = count + 1


def tell(event, data):
    """Keep what the stack says of a connection: handles, and the value that was read."""
    length_of, numbers, _, _, _, told, _, _, _, _ = _always
    whole = ptr32(numbers)
    what = int(event)
    if what == _IRQ_PERIPHERAL_CONNECT:
        connection, _, _ = data
        whole[_CONNECTION] = int(connection)
    elif what == _IRQ_SERVICE:
        _, first, last, _ = data
        whole[_FROM] = int(first)
        whole[_TO] = int(last)
    elif what == _IRQ_CHARACTERISTIC:
        _, _, handle, _, _ = data
        whole[_VALUE] = int(handle)
    elif what == _IRQ_READ:
        _, _, read = data
        length = int(length_of(read))
        whole[_LENGTH] = length
        if length == _VALUE_BYTES:
            to = ptr8(told)
            given = ptr8(read)
            n = 0
            while n < _VALUE_BYTES:
                to[n] = given[n]
                n += 1
