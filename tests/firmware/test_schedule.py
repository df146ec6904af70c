"""When the radio is on."""

from wearable import schedule

PERIOD_MS = schedule.PERIOD_S * 1000


def begins(now_s, now_ms, guard_ms, random):
    """Return when the next burst begins, in milliseconds since the last boundary."""
    wait_ms = schedule.wait_ms(now_s, now_ms, guard_ms, random, False)
    return now_s % schedule.PERIOD_S * 1000 + now_ms + wait_ms


def test_a_burst_begins_at_the_boundary_and_its_jitter():
    assert begins(3, 500, 0, 0) == PERIOD_MS
    assert begins(3, 500, 0, 99) == PERIOD_MS + 99
    assert begins(3, 500, 0, 100) == PERIOD_MS


def test_a_burst_begins_earlier_by_the_guard():
    assert begins(3, 500, 1500, 0) == PERIOD_MS - 1500


def test_a_burst_that_would_have_begun_is_not_begun_again():
    assert begins(schedule.PERIOD_S - 1, 500, 1500, 0) == 2 * PERIOD_MS - 1500
    assert begins(schedule.PERIOD_S - 1, 0, 1000, 0) == 2 * PERIOD_MS - 1000


def test_lost_a_burst_falls_anywhere():
    for random in (0, 1, PERIOD_MS - 1, PERIOD_MS, 0xFFFFFF):
        wait_ms = schedule.wait_ms(17, 3, 1500, random, True)
        next_ms = 13000 - 3
        assert wait_ms == next_ms + random % (PERIOD_MS - schedule.burst_ms(1500))
        assert wait_ms + schedule.burst_ms(1500) <= next_ms + PERIOD_MS, "one burst in each period"


def test_the_guard_is_the_uncertainty_up_to_a_limit():
    assert schedule.guard(0) == 0
    assert schedule.guard(1000) == 1000
    assert schedule.guard(0xFFFF * 1000) == schedule.GUARD_LIMIT_MS


def test_a_burst_is_longer_by_the_jitter_and_both_guards():
    assert schedule.burst_ms(0) == schedule.BURST_MS + schedule.JITTER_MS
    assert schedule.burst_ms(700) == schedule.burst_ms(0) + 1400


def test_an_ear_hears_an_advertiser():
    assert schedule.EAR_MS * 1000 >= 2 * (schedule.ADVERTISE_US + 10000) - 10000
    assert 20000 <= schedule.ADVERTISE_US <= 10240000
    assert schedule.burst_ms(0) > 2 * schedule.EAR_MS


def test_no_burst_fits_between_two_ears_of_another():
    for guard_ms in range(0, schedule.GUARD_LIMIT_MS + 1, 50):
        whole_ms = schedule.burst_ms(guard_ms)
        count, pause_ms = schedule.pauses(whole_ms)
        assert count * (pause_ms + schedule.EAR_MS) + schedule.EAR_MS <= whole_ms
        assert whole_ms - count * (pause_ms + schedule.EAR_MS) - schedule.EAR_MS < count
        assert pause_ms + 2 * schedule.EAR_MS <= schedule.burst_ms(0), "the shortest burst covers a whole ear"
