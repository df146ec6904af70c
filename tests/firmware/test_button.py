"""What presses mean: every press says one thing, once."""

from wearable import button

EVERY_MS = 20


def presses(*spans, every_ms=EVERY_MS):
    """Return [(when, what)] for a button that is down in each span (from_ms, to_ms); it is up at first."""
    looks = button.Presses()
    found = []
    for at_ms in range(0, spans[-1][1] + 100, every_ms):
        meant = looks.look(any(start < at_ms <= end for start, end in spans), every_ms)
        if meant:
            found.append((at_ms, meant))
    return found


def test_a_short_press_is_told_when_it_is_over():
    assert presses((100, 300)) == [(320, button.SHORT)]


def test_a_long_press_is_told_while_it_lasts_and_once():
    told = presses((100, 9000))
    assert [meant for _, meant in told] == [button.LONG]
    assert 100 + button.LONG_MS <= told[0][0] <= 100 + button.LONG_MS + 2 * EVERY_MS


def test_just_under_long_is_short():
    assert [meant for _, meant in presses((100, 100 + button.LONG_MS - EVERY_MS))] == [button.SHORT]


def test_each_press_is_one():
    told = presses((100, 300), (500, 4000), (5000, 5200), (6000, 9900))
    assert [meant for _, meant in told] == [button.SHORT, button.LONG, button.SHORT, button.LONG]


def test_a_bounce_is_none():
    assert presses((100, 110), (200, 220), (300, 320), every_ms=10) == []


def test_a_button_that_hangs_from_the_start_says_nothing():
    looks = button.Presses()
    assert [looks.look(True, 1000) for _ in range(100)] == [button.NOTHING] * 100
    assert not looks.is_undecided()
    looks.look(False, 1000)
    looks.look(True, 1000)
    assert looks.is_undecided()


def test_time_before_the_press_does_not_count():
    looks = button.Presses()
    looks.look(False, 0)
    assert looks.look(True, 30000) == button.NOTHING
    assert looks.look(False, 10) == button.NOTHING


def test_a_press_is_undecided_until_it_is_told():
    looks = button.Presses()
    looks.look(False, 0)
    assert not looks.is_undecided()
    looks.look(True, 0)
    assert looks.is_undecided()
    assert looks.look(True, button.LONG_MS) == button.LONG
    assert not looks.is_undecided()


def test_a_button_held_for_years_is_no_big_number():
    looks = button.Presses()
    looks.look(False, 0)
    for _ in range(10000):
        looks.look(True, 1 << 28)
    assert looks._held_ms == button.LONG_MS
