"""Bluezone's keys, identifiers and advertisements, as its own app has them."""

import official_bluezone as official
from heard_adverts import as_bytes
from official_bluezone import ACCEPTED, BASE_KEY, IDENTIFIER, PUBLISHED_KEY, REFUSED
from wearable.protocols import bluezone
from wearable.records import EPOCH_UNIX_S


def test_daily_keys_are_the_app_s():
    key, day = BASE_KEY, 0
    for number, expected, sub_key in official.DAYS:
        while day < number:
            key, day = bluezone.next_daily_key(key), day + 1
        assert key == expected
        assert next(bluezone.sub_keys(key)) == sub_key == bluezone.first_sub_key(key)


def test_identifiers_are_the_app_s():
    for unix_s, slot, identifier in official.IDENTIFIERS:
        assert bluezone.slot_at(unix_s) == slot
        assert bluezone.bluezone_id(BASE_KEY, slot) == identifier
    for slot, identifier in official.PUBLISHED_SLOTS:
        assert bluezone.bluezone_id(PUBLISHED_KEY, slot) == identifier
    assert bluezone.bluezone_id(bluezone.next_daily_key(PUBLISHED_KEY), 0) == official.NEXT_DAY_S_FIRST


def test_a_day_has_96_identifiers_and_the_iterator_has_them_all():
    slot = 0
    for sub_key in bluezone.sub_keys(PUBLISHED_KEY):
        assert bluezone.identifier_of(sub_key) == bluezone.bluezone_id(PUBLISHED_KEY, slot)
        slot += 1
    assert slot == bluezone.SLOTS_A_DAY == 96


def test_a_slot_begins_with_its_quarter_of_an_hour():
    for slot in (0, 1, 40, 95):
        begin_s = official.BASE_DAY_UNIX_S + slot * 900
        assert bluezone.slot_at(begin_s) == bluezone.slot_at(begin_s + 899) == slot
    assert bluezone.slot_at(official.BASE_DAY_UNIX_S - 1) == 95


def test_token_seconds_give_the_same_slot_as_unix_seconds():
    for unix_s in (EPOCH_UNIX_S, 1596251742, 1600000000, (1 << 31) + 12345, 0xFFFFFFFF):
        assert bluezone.slot_at(unix_s - EPOCH_UNIX_S) == bluezone.slot_at(unix_s)


def test_an_overwritable_key_is_as_good():
    assert bluezone.bluezone_id(bytearray(PUBLISHED_KEY), 1) == official.PUBLISHED_SLOTS[1][1]


def test_an_advertisement_is_an_android_phone_s():
    assert bluezone.advertisement(IDENTIFIER) == as_bytes(ACCEPTED[0][1])


def test_adverts_are_read_in_any_order():
    for label, payload in ACCEPTED:
        assert bluezone.parse(as_bytes(payload)) == IDENTIFIER, label


def test_adverts_of_others_are_not():
    for label, payload in REFUSED:
        assert bluezone.parse(as_bytes(payload)) is None, label


def test_no_truncated_advert_is_read():
    payload = bluezone.advertisement(IDENTIFIER)
    for length in range(len(payload)):
        assert bluezone.parse(payload[:length]) is None, length


def test_a_view_is_read_like_bytes_and_not_kept():
    payload = bytearray(bluezone.advertisement(IDENTIFIER))
    identifier = bluezone.parse(memoryview(payload))
    payload[:] = bytes(len(payload))
    assert identifier == IDENTIFIER
