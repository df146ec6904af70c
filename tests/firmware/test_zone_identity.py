"""Today's Bluezone key and this quarter of an hour's identifier."""

import official_bluezone as official
from wearable import reading, records
from wearable.protocols import bluezone
from wearable.zone_identity import ZoneIdentity

TODAY = (1597017600 - records.EPOCH_UNIX_S) // bluezone.SLOT_S  # that of the published key, 2020-08-10
TOMORROW = TODAY + bluezone.SLOTS_A_DAY
DAY = TODAY // bluezone.SLOTS_A_DAY
KEY = official.PUBLISHED_KEY


def fresh(slot=TODAY):
    """Return (ZoneIdentity with the published key from `slot` on, the key's record)."""
    identity = ZoneIdentity()
    record = identity.renew(KEY, slot)
    return identity, record


def key_of(record):
    return reading.unpack_body(records.body_prefix(0) + record, 0).records[0]


def test_a_start_needs_a_key():
    for slot in (0, TODAY, 0xFFFFFFFF // bluezone.SLOT_S):
        assert ZoneIdentity().due(slot)


def test_a_key_lasts_to_the_end_of_the_utc_day():
    for start in (TODAY, TODAY + 1, TODAY + 77, TOMORROW - 1):
        identity, record = fresh(start)
        assert not identity.due(start) and not identity.due(TOMORROW - 1)
        assert identity.due(TOMORROW) and identity.due(TOMORROW + 500)
        assert key_of(record) == reading.BluezoneKey(KEY, DAY, start - TODAY)


def test_every_identifier_of_the_day_is_the_app_s():
    for start in (TODAY, TODAY + 1, TODAY + 95):
        identity, _ = fresh(start)
        for slot in range(start - TODAY, bluezone.SLOTS_A_DAY):
            assert not identity.due(TODAY + slot)
            said = bluezone.parse(identity.advertisement(TODAY + slot))
            assert said == bluezone.bluezone_id(KEY, slot), (start, slot)
    assert said == official.PUBLISHED_SLOTS[2][1]


def test_slots_may_be_left_out_and_asked_for_again():
    identity, _ = fresh()
    for slot in (0, 0, 1, 95, 95):
        assert bluezone.parse(identity.advertisement(TODAY + slot)) == bluezone.bluezone_id(KEY, slot)


def test_a_clock_set_back_needs_a_new_key():
    identity, _ = fresh()
    identity.advertisement(TODAY + 10)
    assert not identity.due(TODAY + 10) and identity.due(TODAY + 9)


def test_of_the_chain_only_the_link_in_use_is_kept():
    identity, _ = fresh()
    identity.advertisement(TODAY + 40)
    links = list(bluezone.sub_keys(KEY))
    (held,) = [value for value in vars_of(identity) if isinstance(value, bytearray)]
    assert held == links[40]
    assert not [value for value in vars_of(identity) if value == KEY or value in links[:40]]


def test_wiped_it_knows_no_key_and_asks_for_one():
    identity, _ = fresh()
    (held,) = [value for value in vars_of(identity) if isinstance(value, bytearray)]
    assert any(held)
    identity.wipe()
    assert not any(held)
    for slot in (0, TODAY, TODAY + 5):
        assert identity.due(slot)


def test_a_new_key_shares_nothing_with_the_old():
    identity, _ = fresh()
    before = identity.advertisement(TODAY + 5)
    record = identity.renew(official.BASE_KEY, TODAY + 5)
    assert key_of(record) == reading.BluezoneKey(official.BASE_KEY, DAY, 5)
    assert identity.advertisement(TODAY + 5) != before
    assert not identity.due(TODAY + 5) and identity.due(TODAY + 4)


def test_a_key_from_overwritable_memory_may_be_overwritten():
    identity = ZoneIdentity()
    key = bytearray(KEY)
    record = identity.renew(key, TODAY)
    key[:] = bytes(32)
    assert key_of(record).daily_key == KEY
    assert bluezone.parse(identity.advertisement(TODAY + 1)) == official.PUBLISHED_SLOTS[1][1]


def vars_of(thing):
    return [getattr(thing, name) for name in dir(thing)]
