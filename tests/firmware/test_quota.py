"""What strangers may fill of the flash: by day, by write, and of what is brief."""

from wearable.quota import SAVED_DAYS, SPARE_DAYS, WRITES, Quota, records_a_day
from wearable.records import ENCOUNTER_BYTES
from wearable.sightings import CAPACITY, Sightings

DAY_S = 86400
FLASH_BYTES = 2 << 20
A_DAY = records_a_day(FLASH_BYTES, 21)


def test_a_start_begins_with_a_day_and_saves_no_more_than_there_is_room_for():
    quota = Quota(A_DAY)
    assert quota.left == A_DAY
    quota.save(DAY_S // 2)
    assert quota.left == A_DAY + A_DAY // 2
    quota.save(100 * DAY_S)
    assert quota.left == SAVED_DAYS * A_DAY


def test_looking_often_earns_as_much_as_looking_rarely():
    often, rarely = Quota(A_DAY), Quota(A_DAY)
    for up_s in range(0, DAY_S + 1, 30):
        often.save(up_s)
    rarely.save(DAY_S)
    assert often.left == rarely.left == 2 * A_DAY


def test_what_is_brief_leaves_half_a_day_to_what_lasts():
    quota = Quota(A_DAY)
    while quota.most_brief():
        quota.spend(quota.most_brief())
    assert quota.left == A_DAY // 2 and quota.most() == quota.left // WRITES > 0


def test_a_write_never_takes_everything():
    quota = Quota(A_DAY)
    for _ in range(1000):
        quota.spend(quota.most())
    assert 0 < quota.left < WRITES


def test_three_weeks_of_flood_push_nothing_out():
    """Whoever takes as much as may be written, every minute, has had a day more than the days that are kept."""
    quota, written = Quota(A_DAY), 0
    for minute in range(21 * 24 * 60):
        quota.save(minute * 60)
        taken = min(quota.most(), CAPACITY)
        quota.spend(taken)
        written += taken
    assert written <= (21 + 1) * A_DAY
    assert written * ENCOUNTER_BYTES < FLASH_BYTES * (21 + SAVED_DAYS) // (21 + SPARE_DAYS)


def table(bursts_and_rssi):
    sightings = Sightings()
    for number, (bursts, rssi_dbm) in enumerate(bursts_and_rssi):
        for burst in range(bursts):
            sightings.note(bytes([number]) * 18, rssi_dbm, 1000, burst)
    return sightings


def packed(sightings, *most):
    """Return the identifiers' first bytes, in the order in which they are written."""
    expected = sightings.worth(*most)
    found = sightings.pack(0, *most)
    assert len(found) == expected * ENCOUNTER_BYTES
    return [found[place + 1] for place in range(0, len(found), ENCOUNTER_BYTES)]


def test_with_quota_for_all_everything_is_written_as_it_came():
    sightings = table([(1, -50), (3, -90), (2, -70)])
    assert packed(sightings, 3, 1) == packed(sightings, CAPACITY, CAPACITY) == [0, 1, 2]
    assert sightings.left_out == 0


def test_the_longest_go_first_then_the_strongest():
    sightings = table([(1, -90), (2, -60), (1, -30), (300, -128), (2, 20), (300, 127)])
    assert packed(sightings, 4, 0) == [5, 3, 4, 1]
    assert packed(sightings, 2, 2) == [5, 3]
    assert packed(sightings, 5, 1) == [5, 3, 4, 1, 2]
    assert packed(sightings, 0, 0) == []
    assert sightings.left_out == 2 + 4 + 1 + 6


def test_brief_ones_have_a_limit_of_their_own():
    sightings = table([(1, -60), (1, -50), (2, -90)])
    assert packed(sightings, 3, 1) == [2, 1]
    assert packed(sightings, 3, 0) == [2]
