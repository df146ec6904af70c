"""The scan handler does what plain Python does, as bytecode and as machine code."""

from heard_adverts import ACCEPTED, AEM, REFUSED, RPI, as_bytes
from hearing import SCAN_RESPONSE, SCAN_RESULT, WANTED, Both, ear, find, mutilated
from raising import raised
from wearable.protocols import gaen_reading
from wearable.ring import ID_BYTES, Ring

ADVERT = as_bytes(ACCEPTED[0][1])
IDENTIFIER = RPI + AEM[:2]
MANUFACTURER = b"\x1a\xff\x4c\x00"  # as iBeacons begin
FILLERS = (b"", b"\1\x0a", b"\2\1\6", b"\3\3\x6f\xfd")
SLOTS = 8


def both(wanted=WANTED):
    return Both(Ring(SLOTS), SLOTS, wanted, lambda advert: find(advert, wanted))


def held_to_gaen():
    return Both(Ring(SLOTS), SLOTS, WANTED, gaen_reading.find)


def test_adverts_as_they_are_met():
    for label, advert in ACCEPTED + REFUSED:
        pair = held_to_gaen()
        pair.hear(as_bytes(advert), rssi_dbm=-77, at_ms=12345)
        expected = [(IDENTIFIER, -77, 12345)] if (label, advert) in ACCEPTED else []
        assert pair.reference.kept == expected, label
        pair.check()


def test_every_place_in_an_advert_of_every_length():
    structure = WANTED + IDENTIFIER + b"\0\0"
    for before in range(2, 8):
        for after in range(8 - before):
            pair = held_to_gaen()
            pair.hear(bytes([before - 1]) + bytes(before - 1) + structure + bytes(after))
            assert len(pair.reference.kept) == 1, (before, after)
            pair.check()


def test_nothing_is_read_beyond_the_advert():
    for _, advert in ACCEPTED:
        advert = as_bytes(advert)
        for length in range(len(advert) + 1):
            pair = held_to_gaen()
            pair.hear(memoryview(advert)[:length])
            assert len(pair.reference.kept) == (length >= gaen_reading.find(advert) + 20)
            pair.check()


def test_a_scan_response_is_counted_and_not_kept():
    pair = held_to_gaen()
    pair.hear(ADVERT, kind=SCAN_RESPONSE)
    assert pair.reference.kept == []
    pair.check()


def test_a_full_ring_drops_and_counts():
    pair = held_to_gaen()
    for number in range(2 * SLOTS):
        pair.hear(ADVERT, at_ms=number)
    assert pair.reference.dropped == SLOTS + 1
    pair.check()


def test_another_protocol_is_heard_by_its_own_four_bytes():
    pair = both(MANUFACTURER)
    for advert in (ADVERT, b"\2\1\6" + MANUFACTURER + bytes(range(23)), MANUFACTURER + bytes(22)):
        pair.hear(advert)
    assert [kept[0] for kept in pair.reference.kept] == [bytes(range(ID_BYTES))]
    pair.check()


def test_a_structure_too_short_for_an_identifier_is_not_listened_for():
    for length in (0, 3, 3 + ID_BYTES - 1):
        raised(ValueError, ear.listen_for, Ring(), bytes([length]) + WANTED[1:])
    ear.listen_for(Ring(), bytes([3 + ID_BYTES]) + WANTED[1:])


def test_it_keeps_a_copy_not_the_controller_s_memory():
    pair = held_to_gaen()
    lent = bytearray(ADVERT)
    pair.hear(memoryview(lent))
    lent[:] = bytes(31)
    pair.check()


def test_counting_begins_anew_with_the_listening():
    pair = held_to_gaen()
    pair.hear(ADVERT)
    ear.hear(SCAN_RESULT, None)
    assert list(ear.counts)[:2] == [2, 1]
    held_to_gaen().check()


def test_twenty_thousand_mutilated_adverts():
    for listen, begin in ((held_to_gaen, WANTED), (lambda: both(MANUFACTURER), MANUFACTURER)):
        pair, kept = listen(), 0
        for heard in mutilated(10000, begun_with(begin), 21):
            pair.hear(*heard)
            if heard[3] % 64 == 0:
                kept += len(pair.reference.kept)
                pair.check()
        pair.check()
        assert kept > 500 and pair.reference.dropped > 10 and pair.reference.faults == 0


def begun_with(begin):
    def begun(state):
        filler = FILLERS[state >> 7 & 3]
        return filler + begin + bytes(27 - len(filler))

    return begun
