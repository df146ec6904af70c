"""Steady state takes nothing from the heap: what is heard moves through memory that was there before."""

import gc

import controller as controllers
from heard_adverts import ACCEPTED, REFUSED, as_bytes
from hearing import ear
from loading import load
from skipping import only_on_micropython
from wearable.protocols import gaen
from wearable.ring import Ring
from wearable.sightings import CAPACITY, Sightings

CALLS = 10000
DRAIN_EVERY = 40
STRANGERS = 3 * CAPACITY


def air():
    """Return scan results: ours, more of them than the table holds, foreign and malformed ones."""
    rpis = [bytes([number & 0xFF, number >> 8]) * 8 for number in range(STRANGERS)]
    adverts = [gaen.advertisement(rpi, bytes(4)) for rpi in rpis]
    adverts += [as_bytes(heard) for _, heard in ACCEPTED + REFUSED] * 8
    return [(1, memoryview(bytes(6)), 2, -60, memoryview(advert)) for advert in adverts]


def allocated(wrap=lambda handler: handler):
    """Return the bytes of heap that CALLS adverts took, handler, ring, sightings and all."""
    only_on_micropython("CPython cannot say what it allocates")
    controller = controllers.switch_on()
    ring, sightings = Ring(), Sightings(0x1234)
    radio = load("radio").Radio(ring, gaen.wanted())
    radio.on()
    handler, heard = wrap(controller.handler), air()

    def take(identifier, rssi_dbm, at_ms, told):
        sightings.note(identifier, rssi_dbm, at_ms, 7)

    hear(handler, heard, ring, take, len(heard))  # the first time round fills what is filled once
    gc.collect()
    gc.disable()
    try:
        before = gc.mem_alloc()
        hear(handler, heard, ring, take, CALLS)
        after = gc.mem_alloc()
    finally:
        gc.enable()
    assert radio.faults == 0 and ring.dropped == 0
    assert radio.adverts == CALLS + len(heard) and sightings.evicted > CALLS // 4
    return after - before


def hear(handler, heard, ring, take, calls):
    event = controllers.IRQ_SCAN_RESULT
    place = 0
    for call in range(calls):
        handler(event, heard[place])
        place += 1
        if place == len(heard):
            place = 0
        if call % DRAIN_EVERY == 0:
            ring.drain(take)
    ring.drain(take)


def test_ten_thousand_adverts_allocate_nothing():
    assert allocated() == 0


def test_one_allocation_a_thousand_adverts_would_be_seen():
    def sloppy(handler):
        calls = [0]

        def handle(event, data):
            calls[0] += 1
            if calls[0] % 1000 == 0:
                bytes(data[4])
            handler(event, data)

        return handle

    assert allocated(sloppy) > 0


def test_refusals_allocate_nothing():
    only_on_micropython("CPython cannot say what it allocates")
    sightings = Sightings()
    heard = [bytes([number & 0xFF, number >> 8]) * 9 for number in range(2 * CAPACITY)]
    for burst in (1, 2):
        for identifier in heard[:CAPACITY]:
            sightings.note(identifier, -60, 1000, burst)
    gc.collect()
    before = gc.mem_alloc()
    for identifier in heard:
        sightings.note(identifier, -60, 1001, 3)
    assert gc.mem_alloc() == before
    assert sightings.refused == CAPACITY


def test_a_full_ring_allocates_nothing():
    only_on_micropython("CPython cannot say what it allocates")
    ring = Ring(4)
    ear.listen_for(ring, gaen.wanted())
    heard = (1, b"", 2, -60, memoryview(gaen.advertisement(bytes(16), bytes(4))))
    gc.collect()
    before = gc.mem_alloc()
    for _ in range(1000):
        ear.hear(controllers.IRQ_SCAN_RESULT, heard)
    assert gc.mem_alloc() == before
    assert ring.dropped == 997
