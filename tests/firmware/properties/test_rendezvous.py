"""Whatever is told reaches the other, and whatever is heard leaves a herd in its bounds."""

from hypothesis import given, settings
from hypothesis import strategies as st

from wearable import schedule
from wearable.schedule import CYCLE_MS, OPEN_MS, PART_MS, SETTLED, SLOT_MS, UNIT_MS, Herd

TICKS = 1 << 30
ticks_ms = st.integers(0, TICKS - 1)
virtual_ms = st.integers(0, CYCLE_MS - 1)
randoms = st.integers(0, 0x3FFFFFFF)
told = st.integers(0, 0xFFFF)
levels = st.integers(0, 4)


@given(ticks_ms, ticks_ms, virtual_ms, randoms, st.integers(0, PART_MS - 1))
def test_virtual_time_is_told_to_half_a_unit_and_half_a_part(now_ms, there_ms, utc_ms, random, later_ms):
    teller = Herd(now_ms, utc_ms, random)
    # Of another pattern, so that it moves over and does not follow; and its UTC is what it will be told.
    true_ms = teller._virtual_ms(now_ms + later_ms)
    listener = Herd(there_ms, true_ms, random % schedule.PATTERNS + 1)
    listener.begin()
    listener.heard(teller.told(now_ms) | SETTLED, there_ms)
    listener.end(there_ms)
    error_ms = schedule.apart_ms(listener._virtual_ms(there_ms), true_ms)
    assert abs(error_ms) <= UNIT_MS // 2 + PART_MS // 2
    assert schedule.pattern_of(listener.told(there_ms)) == schedule.pattern_of(teller.told(now_ms))
    assert listener.is_ours(teller.told(now_ms), there_ms)


@given(virtual_ms, st.integers(0, schedule.PATTERNS - 1), levels)
def test_a_meeting_that_is_waited_for_is_one(at_ms, pattern, level):
    meeting_ms = (at_ms + schedule.until_ms(at_ms, pattern, level)) % CYCLE_MS
    slot = meeting_ms // SLOT_MS
    assert schedule.chosen_slot(slot >> level, level) == slot and schedule.meeting_ms(slot, pattern) == meeting_ms


steps = st.one_of(
    st.tuples(st.just("burst"), st.lists(st.tuples(told, st.integers(0, 447)), max_size=40)),
    st.tuples(st.just("near"), st.lists(st.integers(-9, 9), max_size=40)),
    st.tuples(st.just("utc"), virtual_ms),
    st.tuples(st.just("renew"), randoms),
    st.tuples(st.just("sleep"), st.integers(0, TICKS // 2)),
)


@settings(max_examples=300)
@given(ticks_ms, virtual_ms, randoms, st.lists(st.tuples(steps, randoms, levels), max_size=25))
def test_whatever_is_heard_a_herd_stays_in_bounds(now_ms, utc_ms, random, sequence):
    herd = Herd(now_ms, utc_ms, random)
    for (kind, what), random, level in sequence:
        wait_ms = herd.wait_ms(now_ms, level, random)
        # By a new lean a little sooner; and at worst the two next meetings are too soon.
        assert OPEN_MS - 2 * schedule.LEAN_MS <= wait_ms <= (2 * SLOT_MS << level) + OPEN_MS
        assert not (herd.silent and not herd.visiting)
        if kind == "burst" or kind == "near":
            now_ms = now_ms + wait_ms & TICKS - 1
            herd.changes(now_ms)
            herd.begin()
            for each in what:
                told, at_ms = each if kind == "burst" else (herd.told(now_ms) + each & 0xFFFF, 0)
                herd.heard(told, now_ms + at_ms & TICKS - 1)
            now_ms = now_ms + schedule.BURST_MS & TICKS - 1
            herd.end(now_ms)
        elif kind == "utc":
            herd.set_utc(now_ms, what)
        elif kind == "renew":
            herd.renew(now_ms, what)
        else:
            now_ms = now_ms + what & TICKS - 1
        assert all(0 <= offset_ms < CYCLE_MS for offset_ms in herd._offset_ms)
        assert all(pattern < schedule.PATTERNS for pattern in herd._pattern)
        assert -schedule.LEAN_MS <= herd._lean_ms <= schedule.LEAN_MS
        assert 0 <= herd.company <= 255 and 0 <= herd.told(now_ms) <= 0xFFFF
        assert 0 <= herd.unheard_ms(now_ms) < TICKS
