"""AUC, ROC and Bayes: known answers by hand, and what must hold whatever the sample."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bluetoken.study.rssi_scores import Tally, auc, kept, posterior, ratio, roc

DB = st.lists(st.integers(30, 90), min_size=1, max_size=30)


def tally(close: list[int], beyond: list[int]) -> Tally:
    found = Tally()
    for db in close:
        found.add(db, True)
    for db in beyond:
        found.add(db, False)
    return found


@pytest.mark.parametrize(
    ("close", "beyond", "expected"),
    [
        ([50], [60], 1.0),
        ([60], [50], 0.0),
        ([50], [50], 0.5),
        ([50, 60], [55], 0.5),
        # Of six comparisons four are won, one is a tie, one is lost.
        ([50, 55, 60], [55, 65], 4.5 / 6),
        ([1, 3], [2, 4], 0.75),
    ],
)
def test_aucs_by_hand(close: list[int], beyond: list[int], expected: float) -> None:
    assert auc(tally(close, beyond)) == pytest.approx(expected)


@given(DB, DB)
def test_an_auc_is_what_comparing_everybody_with_everybody_gives(close: list[int], beyond: list[int]) -> None:
    won = sum((a < b) + (a == b) / 2 for a in close for b in beyond)
    assert auc(tally(close, beyond)) == pytest.approx(won / len(close) / len(beyond))


@given(DB, DB)
def test_an_auc_turns_round_with_the_outcome(close: list[int], beyond: list[int]) -> None:
    assert auc(tally(close, beyond)) == pytest.approx(1 - auc(tally(beyond, close)))


@given(DB, DB)
def test_an_auc_is_the_area_under_the_points(close: list[int], beyond: list[int]) -> None:
    area = false_before = true_before = 0.0
    for point in roc(tally(close, beyond)):
        false, true = 1 - point.specificity, point.sensitivity
        assert false >= false_before - 1e-12 and true >= true_before
        area += (false - false_before) * (true + true_before) / 2
        false_before, true_before = false, true
    assert (false_before, true_before) == pytest.approx((1, 1))
    assert area == pytest.approx(auc(tally(close, beyond)))


def test_a_point_by_hand() -> None:
    points = {each.threshold_db: each for each in roc(tally([50, 52, 54, 56], [52, 58]))}
    assert list(points) == list(range(50, 59))
    assert (points[51].sensitivity, points[51].specificity) == (0.25, 1.0)
    assert (points[52].sensitivity, points[52].specificity) == (0.5, 0.5)
    assert (points[58].sensitivity, points[58].specificity) == (1.0, 0.0)


def test_what_lies_between() -> None:
    assert kept(tally([50, 52, 52, 56], [1]).close, 50, 52) == 0.5
    assert kept(tally([50, 52, 52, 56], [1]).close, 56, float("inf")) == 0.0


def test_bayes_by_hand() -> None:
    # Of 100 people 20 are close: 16 of them are found, and 8 of the 80 others.
    assert ratio(0.8, 0.1) == pytest.approx(8)
    assert posterior(0.8, 0.1, 0.2) == pytest.approx(16 / 24)
    assert posterior(0.8, 0.0, 0.2) == 1.0
    assert posterior(0.0, 0.0, 0.2) is None
    assert ratio(0.8, 0.0) == float("inf")


@given(st.floats(0.01, 1), st.floats(0.01, 1), st.floats(0.01, 0.99))
def test_a_posterior_has_the_odds_times_the_ratio(close: float, beyond: float, prevalence: float) -> None:
    found = posterior(close, beyond, prevalence)
    assert found is not None
    assert found / (1 - found) == pytest.approx(prevalence / (1 - prevalence) * ratio(close, beyond))


def test_tallies_add_up() -> None:
    total = tally([50], [60])
    total.add_all(tally([50, 51], [60]), times=3)
    assert total.close == {50: 4, 51: 3} and total.beyond == {60: 4}
    assert total.base_rate == pytest.approx(7 / 11)
