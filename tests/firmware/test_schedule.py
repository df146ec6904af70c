"""When the radio is on: meetings, and how tokens come to share them."""

from wearable import schedule
from wearable.schedule import BURST_MS, CYCLE_MS, OPEN_MS, SETTLED, SLOT_MS, SLOTS, UNIT_MS, Herd

LEVELS = range(5)
MEETING = 1  # a random number with which a burst is a meeting, and none between
STRAY = 0
AT_UTC = schedule.FRESH_MS // 2 * schedule.PATTERNS  # with it a new virtual time is UTC
NOW_MS = 777000
TICKS = 1 << 30
UTC_MS = 131072
STEADY = schedule.PACE << 19  # with it virtual time goes by the ticks
OTHERWISE = STEADY | 1 << 12 | 1  # another time and another pattern


def virtual_ms(herd, now_ms):
    """Return the virtual time that a herd's token tells, to its unit."""
    return (herd.told(now_ms) % (CYCLE_MS // UNIT_MS)) * UNIT_MS


def says(virtual_ms, pattern=0, settled=True):
    return (virtual_ms % CYCLE_MS) // UNIT_MS | pattern << schedule.PATTERN_AT | (SETTLED if settled else 0)


def loner(random=0, now_ms=NOW_MS, utc_ms=UTC_MS):
    """Return one whose virtual time is 65536 ms behind UTC, and `random` // 4 on."""
    return Herd(now_ms, utc_ms, random | STEADY)


def burst(herd, now_ms, *told):
    herd.wait_ms(now_ms - 5000, 0, MEETING)
    herd.begin()
    for each in told:
        herd.heard(each, now_ms)
    herd.end(now_ms + BURST_MS)


def member(company, now_ms=NOW_MS):
    """Return one that has just met so many of its herd."""
    herd = loner(now_ms=now_ms)
    burst(herd, now_ms, *[says(virtual_ms(herd, now_ms))] * company)
    assert herd.company == company and herd.joined and not herd.visiting
    return herd


def ahead_ms(herd, before_ms, passed_ms, now_ms):
    """Return by how much more than the time that passed a herd's time went on."""
    return schedule.apart_ms(virtual_ms(herd, now_ms), before_ms + passed_ms)


def with_ahead(herd, ahead_ms, voices, now_ms=NOW_MS + 20000, pattern=1):
    """Have a herd hear its own and others of a time that is ahead; return how far it went."""
    before_ms = virtual_ms(herd, now_ms)
    ours = [herd.told(now_ms)] * herd.company
    burst(herd, now_ms, *ours, *[says(before_ms + ahead_ms, pattern)] * voices)
    return schedule.apart_ms(virtual_ms(herd, now_ms), before_ms)


def met(one, other, now_ms):
    """Have two hear each other."""
    told = one.told(now_ms), other.told(now_ms)
    for herd, heard in ((one, told[1]), (other, told[0])):
        herd.begin()
        herd.heard(heard, now_ms)
        herd.end(now_ms)


# Meetings.


def test_a_meeting_lies_in_its_slot_and_leaves_room_for_the_burst():
    for pattern in range(schedule.PATTERNS):
        times_ms = [schedule.meeting_ms(slot, pattern) for slot in range(SLOTS)]
        for slot in range(SLOTS):
            assert slot * SLOT_MS <= times_ms[slot] <= (slot + 1) * SLOT_MS - BURST_MS
        assert len({time_ms % SLOT_MS for time_ms in times_ms}) > SLOTS * 3 // 4, "nobody would guess"


def test_patterns_have_few_meetings_in_common():
    for one in range(schedule.PATTERNS):
        for other in range(one):
            both = 0
            for slot in range(SLOTS):
                apart_ms = schedule.meeting_ms(slot, one) - schedule.meeting_ms(slot, other)
                both += abs(apart_ms) < BURST_MS
            assert both < SLOTS // 3


def test_who_goes_rarely_goes_where_those_go_who_go_often():
    for level in LEVELS:
        for group in range(SLOTS >> level):
            slot = schedule.chosen_slot(group, level)
            assert slot >> level == group
            if level:
                assert slot in [schedule.chosen_slot(each, level - 1) for each in (2 * group, 2 * group + 1)]


def test_the_chosen_slot_is_not_always_the_same_of_its_group():
    for level in (1, 2):
        places = {schedule.chosen_slot(group, level) % (1 << level) for group in range(SLOTS >> level)}
        assert len(places) > 1


def test_the_next_meeting_is_one_and_is_neither_too_soon_nor_far():
    for pattern in range(schedule.PATTERNS):
        for level in LEVELS:
            meetings = [
                schedule.meeting_ms(schedule.chosen_slot(group, level), pattern) for group in range(SLOTS >> level)
            ]
            for virtual_ms in range(0, CYCLE_MS, 509):
                wait_ms = schedule.until_ms(virtual_ms, pattern, level)
                # From the beginning of one group to the end of the next, and the time in which it is too soon.
                assert OPEN_MS < wait_ms < (2 * SLOT_MS << level) + OPEN_MS
                assert (virtual_ms + wait_ms) % CYCLE_MS in meetings


def test_no_meeting_is_passed_over():
    for level in LEVELS:
        for virtual_ms in range(0, CYCLE_MS, 1021):
            wait_ms = schedule.until_ms(virtual_ms, 2, level)
            for group in range(SLOTS >> level):
                meeting_ms = schedule.meeting_ms(schedule.chosen_slot(group, level), 2)
                sooner_ms = (meeting_ms - virtual_ms) % CYCLE_MS
                assert sooner_ms <= OPEN_MS or sooner_ms >= wait_ms


def test_a_virtual_time_beyond_the_cycle_is_its_rest():
    for virtual_ms in (0, 5000, CYCLE_MS - 1):
        wait_ms = schedule.until_ms(virtual_ms, 1, 1)
        assert wait_ms == schedule.until_ms(virtual_ms + CYCLE_MS, 1, 1)
        assert wait_ms == schedule.until_ms(virtual_ms + TICKS - CYCLE_MS, 1, 1)


def test_apart_is_the_shorter_way_round():
    assert schedule.apart_ms(5, 3) == 2 and schedule.apart_ms(3, 5) == -2
    assert schedule.apart_ms(1, CYCLE_MS - 1) == 2 and schedule.apart_ms(CYCLE_MS - 1, 1) == -2


def test_ticks_that_wrap_change_nothing():
    herd = loner(now_ms=TICKS - 10000)
    before_ms = virtual_ms(herd, TICKS - 10000)
    assert abs(ahead_ms(herd, before_ms, 15000, 5000)) <= UNIT_MS
    burst(herd, TICKS - 1, says(before_ms + 10000))
    assert herd.unheard_ms(5000) == 5001
    assert OPEN_MS < herd.wait_ms(TICKS - 5, 0, MEETING) < 2 * SLOT_MS + OPEN_MS


def test_now_and_then_a_burst_lies_between_meetings():
    herd = loner()
    for level in (0, 1, 2):
        for random in range(0, 1 << 24, 65536 + 64):
            assert OPEN_MS <= herd.wait_ms(NOW_MS, level, random * 2) < SLOT_MS << level
    assert [herd.wait_ms(NOW_MS, 0, random) for random in (1, 3)] == [herd.wait_ms(NOW_MS, 0, MEETING)] * 2
    company = member(1)
    meeting_ms = company.wait_ms(NOW_MS, 0, MEETING)
    assert company.wait_ms(NOW_MS, 0, 2) == meeting_ms, "more rarely in company"


# Who joins whom.


def test_what_is_told_is_true_in_the_middle_of_its_part():
    herd = loner(random=schedule.PATTERNS * 1000)
    told_ms = virtual_ms(herd, NOW_MS) + UNIT_MS // 2
    true_ms = UTC_MS + 1000 - schedule.FRESH_MS // 2 + schedule.PART_MS // 2
    assert abs(schedule.apart_ms(told_ms, true_ms)) <= UNIT_MS // 2
    assert herd.told(NOW_MS) < SETTLED and schedule.pattern_of(herd.told(NOW_MS)) == 0


def test_a_loner_joins_a_herd_on_one_hearing():
    for there_ms in (-50000, -400, 400, 50000):
        herd = loner(AT_UTC)
        assert abs(with_ahead(herd, there_ms, 1) - there_ms) <= UNIT_MS
        assert herd.joined and herd.told(NOW_MS) & SETTLED


def test_of_two_loners_one_moves():
    one, other = loner(random=3), loner(random=schedule.PATTERNS * 3000 + 3)
    before = one.told(NOW_MS), other.told(NOW_MS)
    met(one, other, NOW_MS)
    assert other.told(NOW_MS) == before[1], "who is ahead stays"
    assert one.told(NOW_MS) != before[0]
    assert other.is_ours(one.told(NOW_MS), NOW_MS) and one.is_ours(other.told(NOW_MS), NOW_MS)
    met(one, other, NOW_MS + 9000)
    assert one.joined and other.joined and one.company and other.company


def test_a_herd_does_not_go_to_a_loner():
    herd = member(1)
    before_ms = virtual_ms(herd, NOW_MS + 20000)
    burst(herd, NOW_MS + 20000, says(before_ms + 9000, 1, settled=False))
    assert virtual_ms(herd, NOW_MS + 20000) == before_ms


def test_one_voice_moves_nobody_who_has_company():
    assert with_ahead(member(2), 5000, 1) <= UNIT_MS
    assert with_ahead(member(9), 5000, 1) <= UNIT_MS


def test_two_voices_that_are_ahead_move_a_member():
    assert abs(with_ahead(member(2), 5000, 2) - 5000) <= UNIT_MS
    assert abs(with_ahead(member(9), 5000, 2) - 5000) <= UNIT_MS


def test_who_is_behind_moves_nobody_who_has_company():
    assert with_ahead(member(2), -5000, 2) >= -UNIT_MS
    assert with_ahead(member(9), -5000, 30) >= -UNIT_MS


def test_who_has_company_does_not_move_again_at_once():
    herd = member(2)
    now_ms = NOW_MS + 20000
    assert with_ahead(herd, 5000, 2, now_ms) > 0
    assert with_ahead(herd, 5000, 3, now_ms + schedule.HOLD_MS - 1000, 2) <= UNIT_MS
    assert with_ahead(herd, 5000, 3, now_ms + schedule.HOLD_MS + 1000, 3) > 4000


def test_nobody_follows_far_from_utc():
    # A loner's time begins half of FRESH_MS behind UTC here.
    behind_ms = schedule.FRESH_MS // 2
    for herd in (loner(), member(3)):
        assert abs(with_ahead(herd, behind_ms + schedule.REACH_MS + 500 - CYCLE_MS, 5)) <= UNIT_MS, "the other side"
    for herd, voices, reach_ms in ((loner(), 1, schedule.VOICE_REACH_MS), (member(1), 5, schedule.REACH_MS)):
        assert abs(with_ahead(herd, behind_ms - reach_ms - 500, voices)) <= UNIT_MS
        assert with_ahead(herd, behind_ms - reach_ms + 500, voices, NOW_MS + 40000) < -UNIT_MS


def test_a_herd_that_is_out_of_reach_is_left_for_one_that_is_not():
    herd = member(9)
    now_ms = NOW_MS + 40000
    # Its time is 65 s behind UTC, then 125.
    assert with_ahead(herd, -5000, 2, now_ms) >= -UNIT_MS
    herd.set_utc(now_ms, UTC_MS + 40000 + 60000)
    assert with_ahead(herd, 30000, 2, now_ms + 20000) > 29000


def test_no_voices_of_different_herds_are_counted_together():
    herd = member(2)
    now_ms = NOW_MS + 20000
    # Five herds with a voice each, and four places for them.
    apart_ms = [5000 + 1000 * n for n in range(5)]
    before_ms = virtual_ms(herd, now_ms)
    ours = [herd.told(now_ms)] * herd.company
    burst(herd, now_ms, *ours, *[says(before_ms + each_ms, 1) for each_ms in apart_ms])
    assert abs(schedule.apart_ms(virtual_ms(herd, now_ms), before_ms)) <= UNIT_MS


def test_whose_meetings_we_go_to_is_known_from_the_next_burst_on():
    herd = member(2)
    now_ms = NOW_MS + 20000
    there_ms = virtual_ms(herd, now_ms) + 5000
    herd.begin()
    for _ in range(2):
        assert not herd.knows(says(there_ms, 1), now_ms)
        herd.heard(says(there_ms, 1), now_ms)
    herd.end(now_ms + BURST_MS)
    herd.begin()
    assert herd.knows(says(there_ms + 9000, 1), now_ms + 9000) and herd.knows(herd.told(now_ms), now_ms)
    assert not herd.knows(says(there_ms + 9000, 2), now_ms + 9000)
    assert not herd.knows(says(there_ms + 12000, 1), now_ms + 9000)


def test_reach_is_counted_from_utc_as_it_is_now():
    herd = loner()
    herd.set_utc(NOW_MS + 20000, UTC_MS + 20000 - 90000)
    assert with_ahead(herd, 80000, 1) == 0
    herd.set_utc(NOW_MS + 20000, UTC_MS + 20000)
    assert with_ahead(herd, 80000, 1, NOW_MS + 40000) > 0


def test_who_moves_with_company_visits_the_herd_that_it_left():
    herd = member(2)
    now_ms = NOW_MS + 20000
    left_ms = virtual_ms(herd, now_ms)
    with_ahead(herd, 5000, 2, now_ms)
    visited = 0
    for passed_ms in range(1000, 60000, 500):
        wait_ms = herd.wait_ms(now_ms + passed_ms, 0, MEETING)
        if herd.visiting:
            visited += 1
            assert not herd.silent
            at_ms = (left_ms + passed_ms + wait_ms) % CYCLE_MS
            away_ms = [abs(schedule.apart_ms(schedule.meeting_ms(slot, 0), at_ms)) for slot in range(SLOTS)]
            assert min(away_ms) <= UNIT_MS
    assert visited > 10


# Keeping time.


def test_one_liar_among_three_leads_nobody():
    for lie_ms in (-290, -64, 64, 250):
        herd = loner()
        true_ms = virtual_ms(herd, NOW_MS)
        for passed_ms in range(0, 20 * 9000, 9000):
            true = says(true_ms + passed_ms)
            burst(herd, NOW_MS + passed_ms, true, says(true_ms + passed_ms + lie_ms), true)
        assert abs(ahead_ms(herd, true_ms, passed_ms, NOW_MS + passed_ms)) <= 2 * UNIT_MS


def test_a_herd_is_followed_in_steps():
    herd = loner()
    true_ms = virtual_ms(herd, NOW_MS)
    burst(herd, NOW_MS, *[says(true_ms + 192)] * 3)
    assert abs(ahead_ms(herd, true_ms, 0, NOW_MS) - schedule.STEP_MS) <= UNIT_MS
    for meeting in range(1, 20):
        burst(herd, NOW_MS + meeting * 9000, *[says(true_ms + 192 + meeting * 9000)] * 3)
    assert abs(ahead_ms(herd, true_ms + 192, 171000, NOW_MS + 171000)) <= UNIT_MS


def test_company_fades():
    herd = member(8)
    for meeting in range(1, 20):
        burst(herd, NOW_MS + meeting * 9000)
    assert herd.company == 0 and herd.joined


def test_a_part_lets_every_listener_hear_an_advert():
    assert schedule.PART_MS * 1000 >= 2 * (schedule.ADVERTISE_US + 10000) - 10000
    assert CYCLE_MS // UNIT_MS == 1 << schedule.PATTERN_AT and schedule.PART_MS % UNIT_MS == 0


# Identifiers.


def test_all_of_a_herd_change_at_the_same_meetings():
    one, other = member(1), loner(now_ms=4321, utc_ms=UTC_MS + 2000)
    burst(other, 4321, says(virtual_ms(one, NOW_MS)))
    changed = 0
    for passed_ms in range(0, CYCLE_MS, 64):
        at_ms = virtual_ms(one, NOW_MS + passed_ms) % SLOT_MS
        if 200 < at_ms < SLOT_MS - 200:
            assert one.changes(NOW_MS + passed_ms) == other.changes(4321 + passed_ms)
            changed += one.changes(NOW_MS + passed_ms)
    assert abs(changed * 64 - CYCLE_MS // 16) < 1000


def test_a_visit_never_changes():
    herd = member(2)
    with_ahead(herd, 5000, 2)
    herd.wait_ms(NOW_MS + 20000, 2, MEETING)
    assert herd.visiting
    assert not any([herd.changes(NOW_MS + passed_ms) for passed_ms in range(0, CYCLE_MS, 4096)])


def test_who_is_in_debt_visits_nobody_but_goes_on_listening():
    herd = member(2)
    with_ahead(herd, 5000, 2)
    for in_debt in (False, True):
        herd.wait_ms(NOW_MS + 21000, 2, MEETING, in_debt)
        assert herd.visiting != in_debt
    herd = member(3)
    now_ms = NOW_MS + schedule.ALONE_MS
    herd.renew(now_ms, OTHERWISE)
    herd.wait_ms(now_ms + 1000, 4, MEETING, True)
    assert herd.silent


def test_alone_identifiers_change_between_meetings_only():
    # At a meeting, the new one would come to the old one's meeting.
    herd = loner()
    for random, changes in ((STRAY, True), (MEETING, False)):
        herd.wait_ms(NOW_MS, 0, random)
        assert all([herd.changes(NOW_MS + passed_ms) == changes for passed_ms in range(0, CYCLE_MS, 4096)])
    herd = member(3)
    now_ms = NOW_MS + schedule.ALONE_MS
    herd.wait_ms(now_ms, 0, STRAY)
    assert herd.changes(now_ms), "who was left alone, too"


def test_in_company_identifiers_change_at_meetings_only():
    herd = member(3)
    stray = changing = 0
    for passed_ms in range(0, CYCLE_MS, 512):
        now_ms = NOW_MS + passed_ms
        meeting_ms = member(3).wait_ms(now_ms, 0, MEETING)
        if herd.wait_ms(now_ms, 0, STRAY) == OPEN_MS:
            stray += 1
            assert not any([herd.changes(now_ms + each_ms) for each_ms in range(0, CYCLE_MS, 4096)])
        else:
            # Nobody stays away from a meeting at which identifiers change.
            changing += 1
            assert herd.changes(now_ms + meeting_ms)
    assert stray > 10 * changing > 0


def test_who_comes_to_change_comes_by_its_new_lean():
    leans_ms = set()
    for passed_ms in range(0, CYCLE_MS, 1000):
        now_ms = NOW_MS + passed_ms
        for random in range(1, 1 << 24, 1 << 20):
            herd = member(3)
            wait_ms = herd.wait_ms(now_ms, 0, random)
            herd.begin()
            lean_ms = member(3).wait_ms(now_ms, 0, MEETING) - wait_ms
            if herd.changes(now_ms + wait_ms):
                leans_ms.add(lean_ms)
            virtual_ms = herd._virtual_ms(now_ms + wait_ms)
            assert virtual_ms == schedule.meeting_ms(virtual_ms // SLOT_MS, 0), "and tells what it does"
            assert herd.is_ours(herd.told(now_ms + wait_ms), now_ms + wait_ms)
            herd.renew(now_ms + wait_ms, OTHERWISE)
            assert virtual_ms == herd._virtual_ms(now_ms + wait_ms), "with the identifier or without"
    assert len(leans_ms) > 10 and max(leans_ms) - min(leans_ms) <= 4 * schedule.LEAN_MS


def test_alone_virtual_time_has_a_pace_of_its_own():
    paces = []
    for random in range(0, 1 << 30, (1 << 26) + (1 << 19)):
        herd = Herd(NOW_MS, UTC_MS, random)
        before_ms = virtual_ms(herd, NOW_MS)
        for passed_ms in range(0, 600001, 10000):
            herd.wait_ms(NOW_MS + passed_ms, 0, MEETING)
        paces.append(ahead_ms(herd, before_ms, passed_ms, NOW_MS + passed_ms))
    most_ms = schedule.PACE * 600000 >> 20
    assert min(paces) < -most_ms // 2 and max(paces) > most_ms // 2
    assert all([abs(each) <= most_ms + UNIT_MS for each in paces])


def test_in_company_virtual_time_goes_by_the_ticks():
    herd = Herd(NOW_MS, UTC_MS, 0)
    before_ms = virtual_ms(herd, NOW_MS)
    burst(herd, NOW_MS + 5000, herd.told(NOW_MS + 5000))
    for passed_ms in range(5000, 600001, 10000):
        herd.wait_ms(NOW_MS + passed_ms, 0, MEETING)
    assert abs(ahead_ms(herd, before_ms, passed_ms, NOW_MS + passed_ms)) <= UNIT_MS


def test_who_is_alone_has_another_time_with_each_identifier():
    herd = loner()
    told = []
    for random in range(1, 1 << 24, 1234567):
        herd.renew(NOW_MS + schedule.ALONE_MS, random)
        told.append(herd.told(NOW_MS))
        assert not herd.told(NOW_MS) & SETTLED
    assert len(set(told)) == len(told)
    herd.wait_ms(NOW_MS, 0, MEETING)
    assert not herd.visiting, "there was no herd to look for"


def test_the_herd_that_was_lost_is_only_listened_to():
    herd = member(3)
    lost_ms = virtual_ms(herd, NOW_MS)
    herd.renew(NOW_MS + schedule.ALONE_MS - 1, OTHERWISE)
    assert herd.joined, "not yet"
    now_ms = NOW_MS + schedule.ALONE_MS
    herd.renew(now_ms, OTHERWISE)
    assert not herd.joined and herd.company == 0
    silent = 0
    for passed_ms in range(1000, CYCLE_MS, 1000):
        wait_ms = herd.wait_ms(now_ms + passed_ms, 0, MEETING)
        assert herd.silent == herd.visiting
        if herd.silent:
            silent += 1
            at_ms = (lost_ms + schedule.ALONE_MS + passed_ms + wait_ms) % CYCLE_MS
            away_ms = [abs(schedule.apart_ms(schedule.meeting_ms(slot, 0), at_ms)) for slot in range(SLOTS)]
            assert min(away_ms) <= schedule.LEAN_MS + UNIT_MS
    assert silent > 10


def test_the_lost_herd_is_given_up_in_the_end_and_found_again_before():
    herd = member(3)
    now_ms = NOW_MS + schedule.ALONE_MS
    herd.renew(now_ms, OTHERWISE)
    lost = says(virtual_ms(member(3), NOW_MS) + schedule.ALONE_MS)
    visits = 0
    for _ in range(3000):
        now_ms += herd.wait_ms(now_ms, 0, MEETING)
        visits += herd.silent
        herd.begin()
        herd.end(now_ms)
    assert visits == 250
    herd = member(3)
    now_ms = NOW_MS + schedule.ALONE_MS
    herd.renew(now_ms, OTHERWISE)
    burst(herd, now_ms, lost)
    assert herd.joined and herd.is_ours(lost, now_ms)


def test_a_herd_that_is_not_there_is_given_up():
    herd = member(2)
    now_ms = NOW_MS + 20000
    burst(herd, now_ms, says(virtual_ms(herd, now_ms) - 7000, 2))
    visits = []
    for n in range(200):
        now_ms += herd.wait_ms(now_ms, 0, MEETING)
        if herd.visiting:
            visits.append(n)
        herd.begin()
        herd.end(now_ms)
    assert len(visits) == 6, "misses in a row"


def test_what_was_heard_ages_no_further_than_ticks_allow():
    herd = loner()
    now_ms = NOW_MS
    for _ in range(40):
        now_ms = now_ms + 3600000 * 4 & TICKS - 1
        herd.renew(now_ms, 77)
        assert herd.unheard_ms(now_ms) >= schedule.ALONE_MS
