"""Scoring, on catches that were made by hand; and the bounds, by a calculator."""

import pytest

from bluetoken.study.rendezvous import Caught
from bluetoken.study.rendezvous_bound import bound
from bluetoken.study.rendezvous_scores import scores
from bluetoken.study.sleepers import Draws
from bluetoken.study.traces import Pair, Stretch, Trace

C3 = Draws(0.35, 10.0, 21.0, 64.0, 0.35)


def trace(contacts: dict[Pair, list[Stretch]]) -> Trace:
    people = {person for pair in contacts for person in pair}
    return Trace(contacts, {person: [(0, 80000)] for person in people}, {})


def caught(noted: dict[tuple[str, str, int], float], sighted: dict[Pair, list[float]] | None = None) -> Caught:
    return Caught(noted, sighted or {}, 2.5, 3.0)


DAY = trace({("a", "b"): [(1000, 1600), (3000, 3300)], ("a", "c"): [(1000, 2000)], ("b", "c"): [(5000, 5890)]})


def test_the_side_that_noted_more_counts() -> None:
    found = scores(DAY, caught({("a", "b", 0): 890, ("b", "a", 0): 900, ("c", "a", 0): 960}), [0])
    assert (found.recall, found.precision, found.pair_days) == (1.0, 1.0, 2)
    assert found.error_mean_min == pytest.approx(-20 / 60)
    assert found.error_sd_min == pytest.approx(20 / 60)


def test_missed_and_false() -> None:
    found = scores(DAY, caught({("a", "b", 0): 890, ("c", "a", 0): 960, ("b", "c", 0): 900, ("c", "d", 0): 30}), [0])
    assert (found.recall, found.precision) == (0.5, 0.5)


def test_sides_are_not_added() -> None:
    found = scores(DAY, caught({("a", "b", 0): 450, ("b", "a", 0): 450}), [0])
    assert (found.recall, found.precision) == (0.0, None)


def test_days_are_apart() -> None:
    found = scores(DAY, caught({("a", "b", 0): 500, ("a", "b", 1): 500, ("a", "c", 1): 1000}), [0, 1])
    assert (found.recall, found.precision) == (0.0, 0.0)


def test_a_liar_is_left_out() -> None:
    found = scores(DAY, caught({("a", "b", 0): 900}), [0], ["c"])
    assert (found.recall, found.pair_days, found.contacts) == (1.0, 1, (0, 0, 0, 2, 0))


def test_single_contacts_by_length_and_first_meetings() -> None:
    lengths_s = (20, 60, 119, 120, 300, 899, 900)
    day = trace({("a", f"b{n}"): [(1000, 1000 + length_s)] for n, length_s in enumerate(lengths_s)})
    times_s = {"b1": [999.0, 1060.5], "b3": [1030.0, 1060.0], "b4": [1290.0], "b6": [1901.0]}
    sighted = {("a", person): each for person, each in times_s.items()}
    found = scores(day, caught({}, sighted), [0])
    assert found.contacts == (1, 2, 1, 2, 1)
    assert found.seen == (0.0, 0.5, 1.0, 0.5, 0.0)
    # Of 120 s and longer: after 30 s, after 290 s, and two never.
    assert (found.met_median_s, found.met_p90_s) == (290.0, None)


def test_nothing_to_share() -> None:
    found = scores(DAY, caught({}), [3])
    assert (found.recall, found.precision, found.met_median_s, found.error_mean_min) == (None, None, None, None)
    assert found.seen == (None,) * 5


def test_the_bound_without_memory() -> None:
    found = bound(2.5, C3)
    assert not found.applies
    assert found.awake_s == pytest.approx(2 * 10 * 21 / 2.15**2)
    # 14 mA of adverts every 25 ms, and two ears of 64 ms in 448.
    assert found.ears_s == pytest.approx(2 * 10 * (21 + 14 + 64 * 128 / 448) / 2.15**2)


def test_the_bound_where_a_start_is_free() -> None:
    found = bound(2.5, Draws(0.35, 0.0, 21.0, 64.0, 0.35))
    assert found.applies
    # alpha x omega: 0.35 mC are 4.1 ms of receiving at 85 mA; eta is 2.15 of 85 mA.
    assert found.continuous_s == pytest.approx(4 * (0.35 / 85) / (2.15 / 85) ** 2)
