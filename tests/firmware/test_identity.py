"""Today's key and this interval's identifier."""

import official_gaen as official
from wearable import reading, records
from wearable.identity import Identity
from wearable.protocols import gaen, gaen_reading

POWER_DBM = 8  # that of the official metadata
TODAY = official.ROLLING_START
TOMORROW = TODAY + gaen.ROLLING_PERIOD


def fresh(enin=TODAY):
    """Return (Identity with the official key from `enin` on, the key's record)."""
    identity = Identity(POWER_DBM)
    record = identity.renew(official.TEK, enin)
    return identity, record


def key_of(record):
    return reading.unpack_body(records.body_prefix(0) + record, 0).records[0]


def test_a_start_needs_a_key():
    for enin in (0, TODAY, 0xFFFFFFFF):
        assert Identity(POWER_DBM).due(enin)


def test_a_key_lasts_to_the_end_of_the_utc_day():
    for start in (TODAY, TODAY + 1, TODAY + 77, TOMORROW - 1):
        identity, record = fresh(start)
        assert not identity.due(start) and not identity.due(TOMORROW - 1)
        assert identity.due(TOMORROW) and identity.due(TOMORROW + 500)
        assert key_of(record) == reading.Key(official.TEK, start, TOMORROW - start)


def test_a_clock_set_back_before_the_key_needs_a_new_one():
    identity, _ = fresh(TODAY + 10)
    assert identity.due(TODAY + 9)


def test_an_interval_that_was_left_is_never_said_again():
    identity, _ = fresh()
    identity.advertisement(TODAY + 5)
    assert not identity.due(TODAY + 5) and not identity.due(TODAY + 6)
    before = identity.advertisement(TODAY + 6)
    # Time went back, however little: what it said in that interval is said by another key now.
    assert identity.due(TODAY + 5)
    record = identity.renew(bytes(range(16)), TODAY + 5)
    assert key_of(record) == reading.Key(bytes(range(16)), TODAY + 5, TOMORROW - TODAY - 5)
    assert identity.advertisement(TODAY + 6) != before
    assert identity.due(TODAY + 5)


def test_every_advertisement_of_the_day_is_google_s():
    identity, _ = fresh()
    for enin, rpi, aem in official.advertised():
        assert gaen_reading.parse(identity.advertisement(enin)) == (rpi, aem), enin


def test_a_new_key_shares_nothing_with_the_old():
    identity, _ = fresh()
    before = identity.advertisement(TODAY + 5)
    record = identity.renew(bytes(range(16)), TODAY + 5)
    assert key_of(record).tek == bytes(range(16))
    assert gaen_reading.parse(identity.advertisement(TODAY + 5))[0] != gaen_reading.parse(before)[0]


def test_it_speaks_the_service_it_is_told():
    identity = Identity(POWER_DBM, 0x1234)
    identity.renew(official.TEK, TODAY)
    assert gaen_reading.parse(identity.advertisement(TODAY)) is None
    assert gaen_reading.parse(identity.advertisement(TODAY), 0x1234) is not None


def test_wiped_it_knows_no_key_and_asks_for_one():
    identity, _ = fresh()
    held = [value for value in vars_of(identity) if isinstance(value, bytearray)]
    assert len(held) == 2 and any(held[0]) and any(held[1])
    identity.wipe()
    assert not any(held[0]) and not any(held[1])
    for enin in (0, TODAY, TODAY + 5):
        assert identity.due(enin)


def test_a_key_from_overwritable_memory_may_be_overwritten():
    identity = Identity(POWER_DBM)
    tek = bytearray(official.TEK)
    record = identity.renew(tek, TODAY)
    said = identity.advertisement(TODAY)
    tek[:] = bytes(16)
    assert key_of(record).tek == official.TEK
    assert identity.advertisement(TODAY) == said


def vars_of(thing):
    return [getattr(thing, name) for name in dir(thing)]
