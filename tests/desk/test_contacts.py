"""Encounters become contacts: merged, capped, banded."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bluetoken.exposure.bands import Band, Thresholds, thresholds
from bluetoken.exposure.contacts import MERGE_GAP_S, contacts
from bluetoken.exposure.matching import Match
from bluetoken.exposure.rules import fullest_seconds
from bluetoken.exposure.sightings import BluezoneEncounter, Encounter

BANDS = Thresholds(60, 70, "test")


def heard(
    start_s: int,
    span_s: int = 0,
    periods: int | None = None,
    db: int = 50,
    case: str = "c",
    period_s: int = 60,
) -> Match:
    seen = periods if periods is not None else span_s // 60 + 1
    return Match(Encounter(b"", b"", start_s, span_s, seen, 0, 0, period_s, 2), case, db, db - 5)


def spans(*found: Match) -> list[tuple[int, int]]:
    return [(contact.start_s, contact.end_s) for contact in contacts(found, BANDS)]


def test_one_sighting_stands_for_one_period() -> None:
    assert spans(heard(1000)) == [(1000, 1060)]
    assert spans(heard(1000, 120)) == [(1000, 1180)]


def test_encounters_close_in_time_are_one_contact() -> None:
    assert spans(heard(0, 60), heard(120 + MERGE_GAP_S, 60)) == [(0, 120 + MERGE_GAP_S + 120)]
    assert spans(heard(0, 60), heard(120 + MERGE_GAP_S + 1)) == [(0, 120), (271, 331)]


def test_those_of_another_case_are_another_contact() -> None:
    found = contacts([heard(0, case="a"), heard(30, case="b"), heard(60, case="a")], BANDS)
    assert [(contact.case, contact.start_s, contact.end_s) for contact in found] == [
        ("a", 0, 120),
        ("b", 30, 90),
    ]


def test_an_identifier_heard_twice_an_hour_apart_is_no_hour() -> None:
    assert spans(heard(0, 3600, periods=2)) == [(0, 120)]
    assert spans(heard(0, 3600, periods=255)) == [(0, 1200)]
    assert spans(heard(0, 3600, periods=1)) == [(0, 60)]


def test_a_token_that_listens_rarely_counts_no_minute_twice() -> None:
    assert spans(heard(0, period_s=240), heard(240, period_s=240)) == [(0, 480)]


def test_each_part_has_its_band_and_all_are_the_whole() -> None:
    (contact,) = contacts([heard(0, 540, db=55), heard(600, 540, db=65), heard(1200, 60, db=75)], BANDS)
    assert [(part.seconds, part.band) for part in contact.parts] == [
        (600, Band.IMMEDIATE),
        (600, Band.NEAR),
        (120, Band.FAR),
    ]
    assert contact.seconds == 1320
    assert contact.typical_attenuation_db == pytest.approx((55 * 600 + 65 * 600 + 75 * 120) / 1320)
    assert contact.min_attenuation_db == 50
    assert contact.band(BANDS) == Band.NEAR

def test_a_short_encounter_within_a_long_one_holds_for_its_own_time_only() -> None:
    for long_db, short_db in ((50, 80), (80, 50)):
        (found,) = contacts([heard(0, 1140, db=long_db), heard(120, db=short_db)], BANDS)
        told = [(part.seconds, part.typical_attenuation_db) for part in found.parts]
        assert told == [(120, long_db), (60, short_db), (1020, long_db)]


@pytest.mark.parametrize(
    ("db", "band"), [(0, "immediate"), (60, "immediate"), (60.1, "near"), (70, "near"), (71, "far")]
)
def test_bands_end_with_their_threshold(db: float, band: str) -> None:
    assert BANDS.band(db) == band


def test_the_thresholds_are_data_with_a_source() -> None:
    assert 0 < thresholds().immediate_db < thresholds().near_db
    assert thresholds().source


@settings(max_examples=50, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 20000), st.integers(0, 4000), st.integers(1, 255), st.integers(30, 90)),
        min_size=1,
        max_size=25,
    ),
    st.integers(1, 255),
)
def test_contacts_are_in_order_apart_and_made_of_their_parts(told: list, period_s: int) -> None:
    matches = [heard(*each, period_s=period_s) for each in told]
    found = contacts(matches, BANDS)
    for contact in found:
        assert contact.seconds == sum(part.seconds for part in contact.parts) > 0
        assert all(earlier.end_s == later.start_s for earlier, later in pairwise(contact.parts))
    for earlier, later in pairwise(found):
        assert earlier.end_s <= later.start_s
    starts = {each.encounter.start_s for each in matches}
    assert all(any(c.start_s <= start < c.end_s for c in found) for start in starts)
    assert contacts(reversed(matches), BANDS) == found or len(starts) < len(matches)


def by_bluezone(start_s: int, periods: int, db: int) -> Match:
    return Match(BluezoneEncounter(b"", start_s, 0, periods, 0, 0, 60, 2), "c", db, db)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.integers(0, 7200), st.integers(1, 20), st.integers(30, 90)), min_size=1))
def test_a_minute_counts_once_however_often_and_in_whatever_protocol_it_was_noted(told: list) -> None:
    matches = [by_bluezone(*each) if zone else heard(each[0], 0, *each[1:]) for zone, *each in told]
    seconds = sorted({second for _, start_s, periods, _ in told for second in range(start_s, start_s + periods * 60)})
    pauses = [later - earlier - 1 for earlier, later in pairwise(seconds)]
    expected = len(seconds) + sum(pause for pause in pauses if pause <= MERGE_GAP_S)
    found = contacts(matches, BANDS)
    assert sum(contact.seconds for contact in found) == expected
    assert fullest_seconds(found, list(Band), 86400) == expected
