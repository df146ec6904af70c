"""Which own keys are released."""

from desk_building import MONDAY_S, tek

from bluetoken.exposure.release import releasable
from bluetoken.exposure.sightings import OwnKey

MIDNIGHT = MONDAY_S // 600


def own(number: int, start: int, period: int | None = None, **clock: int) -> OwnKey:
    period = 144 - start % 144 if period is None else period
    return OwnKey(tek(number), start, period, clock.get("error_s", 0), 2, (2, clock.get("set_s", 1)))


def released(*keys: OwnKey, since_s: int = 0) -> list[tuple[int, int, int]]:
    return [
        (key.tek[0], key.rolling_start - MIDNIGHT, key.rolling_period)
        for key in releasable(keys, "case", since_s)
    ]


def test_whole_days_in_order_and_once() -> None:
    first, second = own(1, MIDNIGHT), own(2, MIDNIGHT + 144)
    assert released(first, first, second, second) == [(1, 0, 144), (2, 144, 144)]


def test_no_keys() -> None:
    assert released() == []


def test_a_restart_ends_a_key_with_its_interval() -> None:
    assert released(own(1, MIDNIGHT), own(2, MIDNIGHT + 10)) == [(1, 0, 11), (2, 10, 134)]


def test_two_restarts_in_one_interval() -> None:
    keys = own(1, MIDNIGHT), own(2, MIDNIGHT + 10), own(3, MIDNIGHT + 10)
    assert released(*keys) == [(1, 0, 11), (2, 10, 1), (3, 10, 134)]


def test_only_from_the_infectious_period_on() -> None:
    keys = own(1, MIDNIGHT), own(2, MIDNIGHT + 144)
    assert released(*keys, since_s=MONDAY_S + 86400 - 1) == [(1, 0, 144), (2, 144, 144)]
    assert released(*keys, since_s=MONDAY_S + 86400) == [(2, 144, 144)]
    assert released(*keys, since_s=MONDAY_S + 3 * 86400) == []


def test_by_the_true_time_where_the_clock_was_wrong() -> None:
    late = own(1, MIDNIGHT, error_s=86400)
    assert released(late, since_s=MONDAY_S + 86400 + 10) == [(1, 0, 144)]
    (key,) = releasable([late], "case", 0)
    assert (key.clock_error_s, key.case) == (86400, "case")


def test_a_clock_put_back_cuts_no_key_before_its_end() -> None:
    """From noon to three it was said, then a desk found the clock two hours fast."""
    noon, three, one = MIDNIGHT + 72, MIDNIGHT + 90, MIDNIGHT + 78
    keys = own(1, noon, error_s=-7200), own(2, one, set_s=2)
    # To the interval in which the second was drawn, and the one that the uncertainty of both reaches into.
    assert released(*keys) == [(1, 72, three - noon + 2), (2, 78, 66)]


def test_a_clock_put_back_that_nobody_knows_cuts_no_key() -> None:
    lost = OwnKey(tek(2), MIDNIGHT + 78, 66, 0, None, (1, 2))
    assert released(own(1, MIDNIGHT + 72), lost) == [(1, 72, 72), (2, 78, 66)]


def test_time_that_went_back_within_a_run_cuts_no_key() -> None:
    assert released(own(1, MIDNIGHT + 10), own(2, MIDNIGHT + 5)) == [(1, 10, 134), (2, 5, 139)]
