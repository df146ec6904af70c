"""The ring between the scan handler and the main loop."""

from wearable.ring import ID_BYTES, Ring

ADVERT = bytes(range(100, 131))


def drained(ring):
    found = []
    ring.drain(lambda identifier, rssi_dbm, at_ms: found.append((bytes(identifier), rssi_dbm, at_ms)))
    return found


def put(ring, number):
    ring.put(bytes([number]) * 31, 0, -number, number * 10)


def expected(number):
    return bytes([number]) * ID_BYTES, -number, number * 10


def test_comes_out_as_it_went_in_oldest_first():
    ring = Ring(8)
    for number in (3, 1, 2):
        put(ring, number)
    assert drained(ring) == [expected(3), expected(1), expected(2)]
    assert drained(ring) == []


def test_full_it_keeps_the_old_and_counts_the_new():
    ring = Ring(8)
    for number in range(10):
        put(ring, number)
    assert ring.dropped == 3
    assert drained(ring) == [expected(number) for number in range(7)]


def test_goes_round_and_round():
    ring = Ring(4)
    for number in range(100):
        put(ring, number)
        if number % 3 == 2:
            assert drained(ring) == [expected(number - 2), expected(number - 1), expected(number)]
    assert ring.dropped == 0


def test_every_place_in_an_advert_of_every_length():
    ring = Ring(8)
    for length in range(ID_BYTES, len(ADVERT) + 1):
        for offset in range(length - ID_BYTES + 1):
            ring.put(memoryview(ADVERT[:length]), offset, -128, 0)
            assert drained(ring) == [(ADVERT[offset : offset + ID_BYTES], -128, 0)], (length, offset)


def test_keeps_a_copy_not_the_controller_s_memory():
    ring = Ring(8)
    lent = bytearray(ADVERT)
    ring.put(memoryview(lent), 2, 0, 0)
    lent[:] = bytes(31)
    assert drained(ring)[0][0] == ADVERT[2 : 2 + ID_BYTES]


def test_what_is_put_while_it_drains_comes_out_too():
    ring = Ring(8)
    put(ring, 1)
    seen = []

    def consumer(identifier, rssi_dbm, at_ms):
        seen.append(identifier[0])
        if identifier[0] < 5:
            put(ring, identifier[0] + 1)

    ring.drain(consumer)
    assert seen == [1, 2, 3, 4, 5]


def test_a_consumer_that_fails_loses_nothing_behind_it():
    ring = Ring(8)
    put(ring, 1)
    put(ring, 2)
    try:
        ring.drain(lambda *_: 1 // 0)
    except ZeroDivisionError:
        pass
    assert drained(ring)[-1] == expected(2)


def test_clear_forgets():
    ring = Ring(8)
    put(ring, 1)
    ring.clear()
    assert drained(ring) == []
