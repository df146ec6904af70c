"""Two tokens whose clocks are off by no more than they say are on the air together in every period."""

from hypothesis import given
from hypothesis import strategies as st

from wearable import schedule

PERIOD_MS = schedule.PERIOD_S * 1000
RANDOM = st.integers(0, 0xFFFFFF)
GUARD = st.integers(0, 200000).map(schedule.guard)


def bursts(offset_ms, guard_ms, randoms, awake_ms):
    """Yield (begin, end) in true milliseconds, of a token that is ready to sleep `awake_ms` after each."""
    at_ms = PERIOD_MS // 2 + offset_ms
    for random in randoms:
        wait_ms = schedule.wait_ms(at_ms // 1000, at_ms % 1000, guard_ms, random, False)
        assert 0 < wait_ms
        begin_ms = at_ms + wait_ms
        end_ms = begin_ms + schedule.burst_ms(guard_ms)
        yield begin_ms - offset_ms, end_ms - offset_ms
        at_ms = end_ms + awake_ms


@st.composite
def tokens(draw, count):
    """Bursts of a token whose clock is off by no more than its guard."""
    guard_ms = draw(GUARD)
    offset_ms = draw(st.integers(-guard_ms, guard_ms))
    randoms = draw(st.lists(RANDOM, min_size=count, max_size=count))
    return list(bursts(offset_ms, guard_ms, randoms, draw(st.integers(0, 5000))))


@given(st.integers(0, 0xFFFFFFFF), st.integers(0, 999), GUARD, RANDOM, st.booleans())
def test_the_wait_is_no_longer_than_a_period_and_its_jitter(now_s, now_ms, guard_ms, random, lost):
    wait_ms = schedule.wait_ms(now_s, now_ms, guard_ms, random, lost)
    assert 0 < wait_ms < (2 * PERIOD_MS if lost else PERIOD_MS + schedule.JITTER_MS)


@given(tokens(6), tokens(6))
def test_two_tokens_are_on_the_air_together_in_every_period(one, other):
    for (begin, end), (other_begin, other_end) in zip(one, other, strict=True):
        together_ms = min(end, other_end) - max(begin, other_begin)
        assert together_ms >= schedule.BURST_MS - schedule.JITTER_MS


@given(tokens(6))
def test_there_is_one_burst_a_period_and_it_covers_the_boundary(token):
    boundaries = range(PERIOD_MS, 7 * PERIOD_MS, PERIOD_MS)
    for boundary, (begin, end) in zip(boundaries, token, strict=True):
        assert begin <= boundary + schedule.JITTER_MS and boundary + schedule.BURST_MS <= end


@given(RANDOM, RANDOM)
def test_a_lost_token_is_anywhere(first, second):
    waits = {schedule.wait_ms(5, 0, 0, random, True) for random in (first, second)}
    room_ms = PERIOD_MS - schedule.burst_ms(0)
    assert len(waits) == len({first % room_ms, second % room_ms})
