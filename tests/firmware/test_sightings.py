"""Adverts become encounters, and nobody can make the table grow, loop or forget the wrong ones."""

from skipping import SMALL
from wearable import reading, records, sightings
from wearable.ring import BLUEZONE_TAIL
from wearable.sightings import CONFIRM_S

# On a small machine what is told of a whole table, and the test itself, would not fit beside it.
CAPACITY = 64 if SMALL else sightings.CAPACITY
START_S = 1000


def Sightings(salt=0):
    return sightings.Sightings(salt, CAPACITY)


def identifier(number):
    return bytes([number & 0xFF, number >> 8]) + b"-an-identifier--"


def colliding(number):
    """Identifiers that differ in their last bytes only."""
    return b"the same start-" + bytes([number >> 8]) + b"-" + bytes([number & 0xFF])


def encounters(sightings, start_s=START_S):
    """Return the records by identifier."""
    found = reading.unpack_body(records.body_prefix(0) + sightings.pack(start_s), start_s).records
    # What a record does not keep of the metadata is the same in all of these.
    return {each.rpi + identifier(0)[16:17] + bytes([each.power]): each for each in found}


def full(salt=0, name=identifier):
    """A table of CAPACITY identifiers, each heard once, one a second."""
    sightings = Sightings(salt)
    for number in range(CAPACITY):
        sightings.note(name(number), -50, START_S + number, 1)
    return sightings


def test_one_advert_is_an_encounter():
    sightings = Sightings()
    sightings.note(identifier(1), -70, START_S + 5, 1)
    one = encounters(sightings)[identifier(1)]
    assert one == reading.Encounter(identifier(1)[:16], identifier(1)[17], START_S + 5, 0, 3, -70, -70)


def test_span_mean_and_strongest():
    sightings = Sightings()
    for at_s, rssi_dbm in ((5, -80), (35, -60), (65, -70)):
        sightings.note(identifier(1), rssi_dbm, START_S + at_s, at_s)
    one = encounters(sightings)[identifier(1)]
    assert (one.start_s, one.span_s) == (START_S + 5, 60)
    assert (one.rssi_max_dbm, one.rssi_mean_dbm) == (-60, -70)


def test_the_mean_is_over_adverts_and_rounded_down():
    sightings = Sightings()
    for rssi_dbm in (-70, -70, -71):
        sightings.note(identifier(1), rssi_dbm, START_S, 1)
    assert encounters(sightings)[identifier(1)].rssi_mean_dbm == -71


BRIDGE_S = 36


def presence_s(heard, stands_s=20):
    """Return for how long somebody was there who was heard at these (burst, seconds)."""
    sightings = Sightings()
    sightings.stands_s, sightings.bridge_s = stands_s, BRIDGE_S
    for burst, after_s in heard:
        sightings.note(identifier(1), -70, START_S + after_s, burst)
    return encounters(sightings)[identifier(1)].periods * records.DWELL_UNIT_S


def test_bursts_are_counted_not_adverts():
    assert presence_s(((1, 0),)) == 20
    assert presence_s(((1, 0), (1, 0), (1, 1))) == 20
    assert presence_s(((1, 0), (2, 100), (4, 200), (4, 200))) == 60


def test_who_is_heard_again_soon_was_there_in_between():
    assert presence_s(((1, 0), (2, 16), (3, 32))) == 20 + 32
    assert presence_s(((1, 0), (2, BRIDGE_S))) == 20 + BRIDGE_S
    assert presence_s(((1, 0), (2, BRIDGE_S + 1))) == 40
    # A clock may have been put back: nobody was there for less than nothing.
    assert presence_s(((1, 50), (2, 40))) == 40


def test_burst_numbers_may_wrap():
    assert presence_s(((0xFFFF, 0), (0x10000, 100), (0x10000, 100), (0x10001, 200))) == 60


def test_says_whether_it_is_the_first_of_a_burst():
    sightings = Sightings()
    told = [sightings.note(identifier(n), -70, START_S, burst) for n, burst in ((1, 1), (1, 1), (2, 1), (1, 2))]
    assert told == [True, False, True, True]


def test_counts_stop_at_their_limits():
    sightings = Sightings()
    for burst in range(66000):
        sightings.note(identifier(1), -100, START_S, burst)
    sightings.note(identifier(1), 20, START_S + 1, 66001)
    one = encounters(sightings)[identifier(1)]
    assert (one.rssi_max_dbm, one.rssi_mean_dbm) == (20, -100)
    assert presence_s((n, n * 100) for n in range(66000)) == 1020


def test_the_whole_range_of_rssi():
    sightings = Sightings()
    sightings.note(identifier(1), -128, START_S, 1)
    sightings.note(identifier(2), 127, START_S, 1)
    found = encounters(sightings)
    assert found[identifier(1)].rssi_mean_dbm == -128
    assert found[identifier(2)].rssi_mean_dbm == 127


def test_an_identifier_is_all_18_bytes():
    sightings = Sightings()
    for place in range(18):
        other = bytearray(18)
        other[place] = 1
        sightings.note(bytes(other), -70, START_S, 1)
    sightings.note(bytes(18), -70, START_S, 1)
    assert sightings.count == 19


def test_a_view_on_loan_is_copied():
    sightings = Sightings()
    lent = bytearray(identifier(1))
    sightings.note(memoryview(lent), -70, START_S, 1)
    lent[:] = bytes(18)
    assert list(encounters(sightings)) == [identifier(1)]


def test_full_the_oldest_single_sighting_makes_room():
    sightings = full()
    for number in (0, 1, 3):
        sightings.note(identifier(number), -50, START_S + 200, 2)
    sightings.note(identifier(900), -50, START_S + 300, 3)
    sightings.note(identifier(901), -50, START_S + 301, 3)
    found = encounters(sightings)
    assert len(found) == sightings.count == CAPACITY
    assert sightings.evicted == 2 and sightings.refused == 0
    assert identifier(2) not in found and identifier(4) not in found
    for number in (0, 1, 3, 5, 900, 901):
        assert identifier(number) in found, number


def test_who_was_heard_twice_in_a_burst_may_wait_for_the_next():
    sightings = full()
    sightings.note(identifier(1), -50, START_S + 200, 2)
    sightings.note(identifier(900), -50, START_S + 200, 3)
    sightings.note(identifier(900), -50, START_S + 200, 3)
    for number in range(2 * CAPACITY):
        sightings.note(identifier(1000 + number), -50, START_S + 200 + CONFIRM_S - 1, 4)
    assert identifier(900) in encounters(sightings)
    # Later it is as good as any other, and the oldest of them.
    sightings.note(identifier(2000), -50, START_S + 200 + CONFIRM_S, 5)
    found = encounters(sightings)
    assert identifier(900) not in found and identifier(1) in found and identifier(2000) in found


def test_where_all_were_heard_twice_the_oldest_makes_room():
    sightings = full()
    for number in range(CAPACITY):
        sightings.note(identifier(number), -50, START_S + CAPACITY - 1 + number // CAPACITY, 1)
    sightings.note(identifier(900), -50, START_S + CAPACITY, 1)
    assert (sightings.evicted, sightings.refused) == (1, 0)
    assert identifier(0) not in encounters(sightings)


def test_full_of_long_contacts_a_stranger_is_refused():
    sightings = full()
    for number in range(CAPACITY):
        sightings.note(identifier(number), -50, START_S + 300, 2)
    before = sightings.pack(START_S)
    sightings.note(identifier(900), -50, START_S + 301, 3)
    assert (sightings.refused, sightings.evicted) == (1, 0)
    assert sightings.pack(START_S) == before


def test_a_flood_costs_its_own_first():
    sightings = Sightings()
    friends = [identifier(60000 + number) for number in range(20)]
    for burst in (1, 2):
        for friend in friends:
            sightings.note(friend, -60, START_S + burst, burst)
    for number in range(5000):
        sightings.note(identifier(number), -30, START_S + 3 + number, 3 + number)
    found = encounters(sightings)
    for friend in friends:
        assert found[friend].span_s == 1
    assert sightings.evicted == 5000 - (CAPACITY - len(friends))


def test_identifiers_that_collide_are_told_apart_whatever_the_salt():
    for salt in (0, 1, 0xFF, 0x1234, 0xFFFF):
        sightings = full(salt, colliding)
        for number in range(CAPACITY):
            sightings.note(colliding(number), -40, START_S + 200 + number, 2)
        assert sightings.count == CAPACITY and sightings.evicted == 0
        for each in encounters(sightings).values():
            assert (each.span_s, each.rssi_mean_dbm) == (200, -45)


def test_collisions_and_evictions_together_end():
    for salt in (0, 0xABCD):
        collide_and_evict(salt)


def test_one_place_for_all_costs_a_walk_over_the_entries_and_no_more():
    """Whoever says identifiers that begin alike gets this for each, whatever the salt: some 128 comparisons."""
    sightings = full(0x1234, colliding)
    walked = []
    index = sightings._index

    class Counted:
        def __getitem__(self, place):
            walked[-1] += 1
            return index[place]

        def __setitem__(self, place, entry):
            index[place] = entry

        def __len__(self):
            return len(index)

    sightings._index = Counted()
    for number in range(CAPACITY, 6 * CAPACITY):
        walked.append(0)
        sightings.note(colliding(number), -50, START_S + number, number)
    # To find that it is new, to find the place of whom it drives out, to find a place of its own: a round each at most;
    # and every so often all are put into their places again.
    each = sorted(walked)
    assert each[len(each) * 9 // 10] <= 3 * 2 * CAPACITY
    assert each[-1] <= 3 * 2 * CAPACITY + CAPACITY * CAPACITY // 2 + 2 * CAPACITY


def collide_and_evict(salt):
    sightings = full(salt, colliding)
    for number in range(CAPACITY, 3 * CAPACITY):
        sightings.note(colliding(number), -50, START_S + number, number)
    found = encounters(sightings)
    assert len(found) == CAPACITY
    for number in range(2 * CAPACITY, 3 * CAPACITY):
        assert colliding(number) in found, number


def test_the_salt_changes_no_result():
    results = []
    for salt in (0, 7, 0x8001):
        sightings = full(salt)
        for number in range(500, 700):
            sightings.note(identifier(number % 160), -60, START_S + number, number)
        results.append(bytes(sightings.pack(START_S)))
    assert results[0] == results[1] == results[2]


def test_each_protocol_s_encounters_get_their_own_record():
    sightings = Sightings()
    zone = b"bluezone-id-"
    sightings.note(identifier(1), -70, START_S + 5, 1)
    sightings.note(zone + BLUEZONE_TAIL, -60, START_S + 6, 1)
    sightings.note(zone + BLUEZONE_TAIL, -66, START_S + 36, 2)
    sightings.note(identifier(2), -71, START_S + 7, 1)
    packed = sightings.pack(START_S)
    assert len(packed) == 2 * records.ENCOUNTER_BYTES + records.BLUEZONE_ENCOUNTER_BYTES
    found = reading.unpack_body(records.body_prefix(0) + packed, START_S).records
    assert [each for each in found if isinstance(each, reading.BluezoneEncounter)] == [
        reading.BluezoneEncounter(zone, START_S + 6, 30, 10, -60, -63)
    ]
    assert [each.rpi for each in found if isinstance(each, reading.Encounter)] == [
        identifier(1)[:16],
        identifier(2)[:16],
    ]


def test_earliest_is_the_first_time_of_all():
    sightings = Sightings()
    for number, at_s in enumerate((50, 20, 90)):
        sightings.note(identifier(number), -60, START_S + at_s, 1)
    sightings.note(identifier(1), -60, START_S + 95, 2)
    assert sightings.earliest_s() == START_S + 20


def test_clear_makes_it_new():
    sightings = full()
    sightings.clear()
    assert sightings.count == 0 and len(sightings.pack(START_S)) == 0
    sightings.note(identifier(5), -50, START_S, 9)
    assert encounters(sightings)[identifier(5)].periods == 3, "ten seconds, to the nearest four"
