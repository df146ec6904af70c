"""Rules as data, and what they say of contacts."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bluetoken.errors import UnknownRule
from bluetoken.exposure.bands import Band
from bluetoken.exposure.contacts import Contact, Part
from bluetoken.exposure.rules import Outcome, fullest_seconds, judge, load_rule, rules

RULE = load_rule()
DAY_S = 86400


def contact(*parts: tuple[int, int, Band]) -> Contact:
    return Contact("c", tuple(Part(start, end, 50, 45, band) for start, end, band in parts))


def near(start_s: int, seconds: int) -> Contact:
    return contact((start_s, start_s + seconds, Band.NEAR))


def test_every_rule_says_where_it_comes_from() -> None:
    for rule_id, rule in rules().items():
        assert rule.id == rule_id
        assert rule.source and rule.title and rule.confidence and rule.ask
        assert Band.FAR not in rule.bands
        assert rule.as_dict()["id"] == rule_id


def test_vietnams_rules_followed_one_another() -> None:
    first, second = load_rule("vn-11042-2021"), load_rule("vn-1909-2022")
    assert first.valid_to and second.valid_from == first.valid_to + timedelta(days=1)
    assert first.in_force(date(2022, 4, 14)) and not first.in_force(date(2022, 4, 15))
    assert not first.in_force(date(2021, 12, 28)) and second.in_force(date(2022, 4, 15))
    assert RULE.in_force(date(2026, 11, 23))


def test_an_unknown_rule_names_those_there_are() -> None:
    with pytest.raises(UnknownRule, match="vn-1909-2022"):
        load_rule("nonsense")


@pytest.mark.parametrize(
    ("seconds", "outcome"), [(899, Outcome.BELOW), (900, Outcome.CANDIDATE), (90000, Outcome.CANDIDATE)]
)
def test_fifteen_minutes_to_the_second(seconds: int, outcome: Outcome) -> None:
    found = judge(RULE, [near(0, seconds)], 0)
    assert found.outcome == outcome
    assert "immediate or near within 24 h, the rule asks for 15" in found.reason


def test_far_does_not_count() -> None:
    found = judge(RULE, [contact((0, 5000, Band.FAR), (5000, 5300, Band.IMMEDIATE))], 0)
    assert (found.outcome, found.minutes) == (Outcome.BELOW, 5.0)


def test_what_counts_adds_up_within_a_day_whatever_midnight_says() -> None:
    late, early = near(DAY_S - 500, 450), near(DAY_S + 3600, 450)
    assert judge(RULE, [late, early], 0).outcome == Outcome.CANDIDATE
    assert judge(RULE, [late, near(2 * DAY_S, 450)], 0).outcome == Outcome.BELOW


def test_silence_says_something_only_if_the_token_listened() -> None:
    assert judge(RULE, [], 3600).outcome == Outcome.NO_CONTACT
    assert judge(RULE, [], 0).outcome == Outcome.NO_DATA


def test_minutes_are_never_rounded_up_to_a_limit() -> None:
    assert judge(RULE, [near(0, 899)], 0).minutes == 14.9


def test_since_when_a_case_is_infectious() -> None:
    hanoi = timezone(timedelta(hours=7))
    tested = date(2026, 11, 25)
    expected = datetime(2026, 11, 22, 17, tzinfo=UTC)  # midnight of the 23rd in Vietnam
    assert RULE.infectious_from(tested, None, hanoi) == expected
    assert RULE.infectious_from(tested, date(2026, 11, 27), hanoi) == expected
    assert RULE.infectious_from(tested, date(2026, 11, 24), hanoi) == expected - timedelta(days=1)


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 300), st.integers(1, 40), st.sampled_from(list(Band))), max_size=8),
    st.integers(1, 120),
)
def test_the_fullest_window_is_the_fullest(told: list, within_s: int) -> None:
    found, at_s = [], 0
    for gap_s, seconds, band in told:
        found.append(contact((at_s + gap_s, at_s + gap_s + seconds, band)))
        at_s += gap_s + seconds
    counting = {
        second
        for each in found
        for part in each.parts
        if part.band != Band.FAR
        for second in range(part.start_s, part.end_s)
    }
    brute = max(
        (sum(second in counting for second in range(start, start + within_s)) for start in counting),
        default=0,
    )
    assert fullest_seconds(found, RULE.bands, within_s) == brute
