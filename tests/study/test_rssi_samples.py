"""Windows, bursts and pairs; and that drawing pairs anew is not drawing packets anew."""

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from bluetoken.study.rssi_bootstrap import interval, pairs_drawn, people_drawn, resampled
from bluetoken.study.rssi_data import Packet
from bluetoken.study.rssi_samples import (
    PREDICTORS,
    Sample,
    bursts,
    single,
    summed_up,
    tallies_by_pair,
    windows,
)
from bluetoken.study.rssi_scores import auc


def packet(at_s: float, db: int = 60, receiver: str = "1", sender: str = "2", distance_m: float = 1.0) -> Packet:
    return Packet("s", receiver, sender, at_s, db, distance_m)


def test_a_silence_of_a_minute_parts_two_bursts() -> None:
    assert bursts([0, 1, 2]) == 1
    assert bursts([0, 60]) == 1
    assert bursts([61, 0]) == 2
    assert bursts([0, 240, 241, 480]) == 3


def test_a_window_is_a_quarter_of_an_hour_in_one_direction() -> None:
    there = [packet(0, 50), packet(240, 60), packet(899, 70), packet(900, 80)]
    back = [packet(at_s, 65, "2", "1") for at_s in (10, 250)]
    found = windows(there + back)
    assert [[each.attenuation_db for each in window] for window in found] == [[50, 60, 70], [65, 65]]
    assert {each.pair for each in summed_up(found, PREDICTORS["mean"])} == {("1", "2")}


def test_a_single_burst_is_no_window() -> None:
    assert windows([packet(0), packet(5), packet(8)]) == []


def test_what_a_window_comes_down_to() -> None:
    window = [packet(0, 50, distance_m=1.0), packet(240, 61, distance_m=1.5), packet(480, 63, distance_m=9.0)]
    found = {name: summed_up([window], of)[0] for name, of in PREDICTORS.items()}
    assert {name: each.attenuation_db for name, each in found.items()} == {
        "mean": 58,
        "median": 61,
        "strongest": 50,
        "weakest": 63,
    }
    assert {each.distance_m for each in found.values()} == {1.5}
    assert [each.attenuation_db for each in single(window)] == [50, 61, 63]


@given(st.lists(st.sampled_from("abcdef"), min_size=2, max_size=6, unique=True), st.integers(0, 99))
def test_draws_are_of_the_pairs_there_are(people: list[str], seed: int) -> None:
    pairs = sorted((a, b) for a in people for b in people if a < b)
    drawn = pairs_drawn(pairs, Random(seed))
    assert set(drawn) <= set(pairs) and sum(drawn.values()) == len(pairs)
    by_people = people_drawn(pairs, Random(seed))
    assert set(by_people) == set(pairs)
    # (sum of draws)^2 = sum of squares + twice the products.
    assert 2 * sum(by_people.values()) <= len(people) ** 2


def samples(copies: int) -> list[Sample]:
    """Forty pairs, each close or not and at a level of its own, each heard so often."""
    random = Random(7)
    levels = [(("a", str(n)), 60 + random.gauss(0, 6) + 6 * (n % 2), 1.0 + 2 * (n % 2)) for n in range(40)]
    return [Sample("s", pair, round(db), m) for pair, db, m in levels for _ in range(copies)]


def test_hearing_the_same_pairs_more_often_makes_nothing_more_certain() -> None:
    widths = []
    for copies in (1, 50):
        drawn = [auc(each) for each in resampled(tallies_by_pair(samples(copies), 2.0), pairs_drawn, 200, 1)]
        found = interval(0.0, drawn)
        widths.append(found.high - found.low)
    assert widths[0] == widths[1] > 0.05


def test_drawing_packets_instead_would() -> None:
    """What the study must not do, to show that the test above can fail."""
    by_packet = {
        (str(n), ""): tally
        for n, each in enumerate(samples(50))
        for tally in tallies_by_pair([each], 2.0).values()
    }
    drawn = [auc(each) for each in resampled(by_packet, pairs_drawn, 50, 1)]
    found = interval(0.0, drawn)
    assert found.high - found.low < 0.05


def test_an_interval_leaves_out_five_of_a_hundred() -> None:
    found = interval(0.5, [n / 1000 for n in range(1001)])
    assert (found.low, found.high) == (0.025, 0.975)
    assert interval(0.5, []).low == 0.5


def test_the_same_seed_draws_the_same() -> None:
    by_pair = tallies_by_pair(samples(3), 2.0)
    once, again, other = (
        [auc(each) for each in resampled(by_pair, people_drawn, 20, seed)] for seed in (1, 1, 2)
    )
    assert once == again != other
