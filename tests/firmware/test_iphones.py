"""Which iPhones are asked, and for how long what they said holds."""

import chip_time
from wearable.iphones import AN_HOUR_MS, PLACES, READING_MS, Iphones
from wearable.protocols.bluezone import SLOT_S
from wearable.ring import BLUEZONE_TAIL

NAME = b"called so ..."[:12]
ADDRESS = b"\1\2\3\4\5\6"
NOW_S = 1000 * SLOT_S


def fresh():
    iphones = Iphones(0, chip_time.ticks_diff)
    iphones.begin(NOW_S, 0)
    return iphones


def address(number):
    return bytes((number, 0, 0, 0, 0, 0x40))


def test_what_was_answered_is_known_by_the_address_and_its_kind():
    iphones = fresh()
    assert iphones.place_of(1, ADDRESS) == -1
    place = iphones.keep(1, ADDRESS, NAME, 900)
    assert iphones.place_of(1, ADDRESS) == place and iphones.place_of(0, ADDRESS) == -1
    assert bytes(iphones.name_at(place)) == NAME + BLUEZONE_TAIL


def test_who_did_not_answer_is_not_asked_again():
    iphones = fresh()
    place = iphones.keep(1, ADDRESS, None, 4000)
    assert iphones.place_of(1, ADDRESS) == place and iphones.name_at(place) is None


def test_with_the_quarter_of_an_hour_all_are_asked_anew():
    iphones = fresh()
    iphones.keep(1, ADDRESS, NAME, 900)
    iphones.begin(NOW_S + SLOT_S - 1, 1000)
    assert iphones.place_of(1, ADDRESS) >= 0
    iphones.begin(NOW_S + SLOT_S, 2000)
    assert iphones.place_of(1, ADDRESS) == -1


def test_the_oldest_makes_room():
    iphones = fresh()
    for number in range(PLACES + 1):
        iphones.keep(1, address(number), NAME if number % 2 else None, 0)
    assert iphones.place_of(1, address(0)) == -1
    for number in range(1, PLACES + 1):
        place = iphones.place_of(1, address(number))
        assert (iphones.name_at(place) is not None) == bool(number % 2), number


def test_the_hour_s_allowance_is_no_more_than_that():
    iphones = fresh()
    now_ms = asked_ms = asked = 0
    for _ in range(3 * 3600):
        now_ms += 1000
        iphones.begin(NOW_S + now_ms // 1000, now_ms)
        if iphones.may_ask():
            iphones.keep(1, address(asked % 200), None, READING_MS)
            asked += 1
            asked_ms += READING_MS
    assert 2.9 * AN_HOUR_MS < asked_ms <= 3.25 * AN_HOUR_MS


def test_what_is_not_asked_for_is_saved_for_an_hour_and_no_longer():
    iphones = fresh()
    iphones.begin(NOW_S + 86400, 86400000)
    assert iphones.left_ms == AN_HOUR_MS
    asked = 0
    while iphones.may_ask():
        iphones.keep(1, ADDRESS, NAME, READING_MS)
        asked += 1
    assert asked == AN_HOUR_MS // READING_MS


def test_no_part_of_the_allowance_is_lost_between_bursts():
    iphones, often = fresh(), fresh()
    iphones.keep(1, ADDRESS, None, 5000)
    often.keep(1, ADDRESS, None, 5000)
    iphones.begin(NOW_S, 360000)
    for now_ms in range(7, 360001, 7):
        often.begin(NOW_S, now_ms)
    assert abs(iphones.left_ms - often.left_ms) <= 1


def test_a_restart_brings_no_whole_hour_s_allowance():
    assert fresh().left_ms < AN_HOUR_MS // 2
