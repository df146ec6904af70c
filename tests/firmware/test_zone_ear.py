"""The scan handler of who speaks Bluezone does what plain Python does, as bytecode and as machine code."""

import official_bluezone as official
from heard_adverts import ACCEPTED, AEM, REFUSED, RPI, as_bytes
from hearing import SCAN_RESPONSE, WANTED, BothZones, mutilated
from official_bluezone import IDENTIFIER
from wearable import schedule
from wearable.protocols import bluezone, gaen
from wearable.zone_ear import NOTHING_ELSE
from wearable.zone_identity import ZoneIdentity

PHONE = bluezone.advertisement(IDENTIFIER)
KEPT = IDENTIFIER + b"\x56\x4e\xb5\x22\0\0"
FILLERS = (b"", b"\1\x0a", b"\2\1\6", b"\3\3\x6f\xfd", b"\5\x16\x56\x4e\x34\x12", b"\3\2\x56\x4e")


def test_adverts_as_they_are_met():
    for label, advert in official.ACCEPTED + official.REFUSED:
        pair = BothZones()
        pair.hear(as_bytes(advert), rssi_dbm=-77, at_ms=12345)
        expected = [(KEPT, -77, 12345, -1)] if (label, advert) in official.ACCEPTED else []
        assert pair.reference.kept == expected, label
        pair.check()


def test_what_a_token_says_is_heard_with_what_it_tells():
    identity = ZoneIdentity()
    identity.renew(official.PUBLISHED_KEY, 0)
    for told in (0, 1, 0x1234, 0xFFFF):
        advert = identity.advertisement(0)
        schedule.tell(advert, told)
        pair = BothZones()
        pair.hear(advert)
        (found,) = pair.reference.kept
        assert found[0][:12] == official.PUBLISHED_SLOTS[0][1] and found[3] == told
        assert bluezone.parse(advert) == official.PUBLISHED_SLOTS[0][1]
        pair.check()


def test_nothing_is_read_beyond_the_advert():
    for _, advert in official.ACCEPTED:
        advert = as_bytes(advert)
        for length in range(len(advert) + 1):
            pair = BothZones()
            pair.hear(memoryview(advert)[:length])
            pair.check()


def test_where_both_are_spoken_exposure_notification_is_heard_as_well():
    for _, advert in ACCEPTED:
        pair = BothZones(WANTED)
        pair.hear(as_bytes(advert))
        assert [kept[0] for kept in pair.reference.kept] == [RPI + AEM[:2]]
        pair.check()


def test_where_only_bluezone_is_spoken_it_is_not():
    for _, advert in ACCEPTED + REFUSED:
        pair = BothZones(NOTHING_ELSE)
        pair.hear(as_bytes(advert))
        assert pair.reference.kept == [] and pair.reference.adverts == 1
        pair.check()


def test_a_scan_response_is_counted_and_not_kept():
    pair = BothZones()
    pair.hear(PHONE, kind=SCAN_RESPONSE)
    assert pair.reference.kept == [] and pair.reference.adverts == 1
    pair.check()


def test_a_full_ring_drops_and_counts():
    pair = BothZones()
    for number in range(20):
        pair.hear(PHONE, at_ms=number)
    assert pair.reference.dropped > 0
    pair.check()


def test_it_keeps_a_copy_not_the_controller_s_memory():
    pair = BothZones()
    lent = bytearray(PHONE)
    pair.hear(memoryview(lent))
    lent[:] = bytes(len(lent))
    pair.hear(bluezone.advertisement(bytes(12)))
    pair.check()


def test_twenty_thousand_mutilated_adverts():
    for wanted, whole in ((NOTHING_ELSE, PHONE), (WANTED, PHONE), (WANTED, gaen.advertisement(RPI, AEM))):
        pair, kept = BothZones(wanted), 0
        for heard in mutilated(7000, among_fillers(whole), 23):
            pair.hear(*heard)
            if heard[3] % 4 == 0:
                kept += len(pair.reference.kept)
                pair.check()
        pair.check()
        assert kept > 100 and pair.reference.faults == 0


def among_fillers(whole):
    def begun(state):
        filler = FILLERS[(state >> 7) % len(FILLERS)]
        return (filler + whole + filler + bytes(31))[:31]

    return begun
