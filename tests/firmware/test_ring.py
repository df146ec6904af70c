"""The ring between the scan handler and the main loop."""

import hearing
from hearing import drained
from wearable.ring import ID_BYTES, Ring


def put(ring, number):
    hearing.put(ring, bytes([number]) * ID_BYTES, -number, number * 10)


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


def test_what_is_put_while_it_drains_comes_out_too():
    ring = Ring(8)
    put(ring, 1)
    seen = []

    def consumer(identifier, rssi_dbm, at_ms, told):
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
