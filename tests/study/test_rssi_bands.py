"""Where borders lie, and that what a band is worth is calibrated."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bluetoken.exposure.bands import Band
from bluetoken.study.rssi_bands import Borders, choose, cross_checked, word, worth
from bluetoken.study.rssi_samples import Sample
from bluetoken.study.rssi_scores import Tally, kept

COUNTS = st.dictionaries(st.integers(30, 90), st.integers(1, 20), min_size=1, max_size=20)


@st.composite
def tallies(draw: st.DrawFn) -> Tally:
    found = Tally()
    for is_close in (True, False):
        for db, times in draw(COUNTS).items():
            found.add(db, is_close, times)
    return found


def test_borders_by_hand() -> None:
    found = Tally()
    for db in range(51, 61):  # ten close, one a dB: the last is lost where one in ten may be
        found.add(db, True)
    for db in range(55, 65):  # ten beyond: the first is taken in
        found.add(db, False)
    assert choose(found) == Borders(55, 59)
    assert choose(found, wrong_at_most=0.2) == Borders(56, 58)


def test_where_nothing_overlaps_near_is_empty() -> None:
    found = Tally()
    found.add(50, True, 100)
    found.add(60, False, 100)
    assert choose(found) == Borders(59, 59)


def test_where_the_weak_are_the_close_nothing_is_immediate() -> None:
    found = Tally()
    found.add(70, True, 100)
    found.add(60, False, 100)
    assert choose(found) == Borders(59, 70)


@given(tallies())
def test_borders_keep_their_word_and_a_step_more_would_break_it(found: Tally) -> None:
    borders = choose(found)
    assert kept(found.beyond, -999, borders.immediate_db) <= 0.1 + 1e-9
    assert kept(found.close, borders.near_db, 999) <= 0.1 + 1e-9
    last_db = found.steps_db()[-1]
    assert borders.immediate_db == last_db or kept(found.beyond, -999, borders.immediate_db + 1) > 0.1 - 1e-9
    assert borders.near_db == borders.immediate_db or kept(found.close, borders.near_db - 1, 999) > 0.1 - 1e-9


@given(tallies(), st.floats(0.01, 0.99))
def test_confidences_average_to_the_prevalence(found: Tally, prevalence: float) -> None:
    """The law of total probability: bands as often as they come make up all who are close."""
    bands = worth(found, choose(found))
    assert [each.band for each in bands] == list(Band)
    total = sum(
        (each.confidence(prevalence) or 0) * (prevalence * each.among_close + (1 - prevalence) * each.among_beyond)
        for each in bands
    )
    assert total == pytest.approx(prevalence)


@given(tallies())
def test_at_the_samples_own_base_rate_a_confidence_is_a_share(found: Tally) -> None:
    borders = choose(found)
    for each in worth(found, borders):
        above_db, up_to_db = borders.within(each.band)
        close = sum(n for db, n in found.close.items() if above_db < db <= up_to_db)
        beyond = sum(n for db, n in found.beyond.items() if above_db < db <= up_to_db)
        expected = close / (close + beyond) if close + beyond else None
        assert each.confidence(found.base_rate) == (expected if expected is None else pytest.approx(expected))


def test_words_go_by_thirds() -> None:
    assert [word(p) for p in (0.0, 0.33, 0.34, 0.66, 0.67, 1.0)] == ["low", "low", "medium", "medium", "high", "high"]


def test_a_scenario_is_judged_by_the_others() -> None:
    def of(scenario: str, shift_db: int) -> list[Sample]:
        close = [Sample(scenario, ("a", "b"), db + shift_db, 1.0) for db in range(50, 60)]
        return close + [Sample(scenario, ("c", "d"), db + shift_db, 3.0) for db in range(60, 70)]

    checked = cross_checked(of("here", 0) + of("there", 20), 2.0)
    assert [(each.scenario, each.borders) for each in checked[::3]] == [
        ("here", Borders(80, 80)),  # found where everything is 20 dB weaker
        ("there", Borders(60, 60)),
    ]
    immediate_here, immediate_there, far_there = checked[0], checked[3], checked[5]
    assert (immediate_here.samples, immediate_here.found) == (20, 0.5)
    assert (immediate_there.samples, immediate_there.found) == (0, None)
    assert far_there.samples == 20
