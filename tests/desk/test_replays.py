"""Identifiers that were recorded and are said again an hour later, elsewhere: time tells, as well as the clocks do."""

from datetime import UTC, datetime

import pytest
from desk_building import MONDAY_S, Heard, body, key_record, segment, tek

from bluetoken.exposure.bands import thresholds
from bluetoken.exposure.decoding import Log, RawSegment, decode
from bluetoken.exposure.evaluation import CaseKeys, evaluate
from bluetoken.exposure.release import releasable
from bluetoken.exposure.rules import Outcome, load_rule
from bluetoken.exposure.sightings import Correction
from wearable import records

CASE, WEARER = "a1" * 8, "b2" * 8
NOW = datetime(2026, 11, 25, 8, tzinfo=UTC)
NINE_S = MONDAY_S + 9 * 3600
HOUR_S = 3600
DAY_S = 86400

#: How a token's clock was: its state, what it said of itself, whether a desk corrected it afterwards.
SET_TODAY = (records.CLOCK_SET, 2, False)
SET_THREE_WEEKS_AGO = (records.CLOCK_SET, 1 + 21 * DAY_S // 1000 * 200 // 1000, False)
CORRECTED = (records.CLOCK_RESTORED, 0xFFFF, True)
UNKNOWN = (records.CLOCK_RESTORED, 0xFFFF, False)
UNSET = (records.CLOCK_UNSET, 0xFFFF, False)
LATE_S = 5400  # of a clock that was lost, as the desk found out afterwards

How = tuple[int, int, bool]


def written(token: str, how: How, heard: list[Heard], more: bytes = b"") -> Log:
    """What a token told whose clock, where a desk found it wrong, was late by LATE_S."""
    state, uncertainty_s, corrected = how
    error_s = LATE_S if corrected else 0
    bodies = [body([each], each.at_s, error_s=error_s) for each in heard]
    if more:
        bodies.append(body([], MONDAY_S, more=more, error_s=error_s))
    raw = segment(token, 1, bodies, clock_state=state, uncertainty_s=uncertainty_s)
    return decode(token, [RawSegment(raw, Correction(MONDAY_S + DAY_S, LATE_S) if corrected else None)])


def case(how: How = SET_TODAY) -> CaseKeys:
    """A case with one key, that of Monday by its own clock."""
    keys = written(CASE, how, [], key_record(tek(1), MONDAY_S)).keys
    return CaseKeys("case", tuple(releasable(keys, "case", MONDAY_S)), MONDAY_S)


def replayed(after_s: int, how: How = SET_TODAY) -> list[Heard]:
    """Half an hour of the case's identifiers from nine o'clock on, heard `after_s` seconds later."""
    said_s = NINE_S - (LATE_S if how[2] else 0)
    return [
        Heard(tek(1), NINE_S + 600 * n + after_s, span_s=540, interval=said_s // 600 + n) for n in range(3)
    ]


def outcome(after_s: int, wearers: How = SET_TODAY, cases: How = SET_TODAY) -> Outcome:
    log = written(WEARER, wearers, replayed(after_s, cases))
    assert len(log.encounters) == 3, "stored as heard"
    (found,) = evaluate({WEARER: ("W", log)}, [case(cases)], load_rule(), thresholds(), NOW)
    return found.outcome


@pytest.mark.parametrize("cases", [SET_TODAY, SET_THREE_WEEKS_AGO, CORRECTED])
@pytest.mark.parametrize("wearers", [SET_TODAY, SET_THREE_WEEKS_AGO, CORRECTED])
def test_an_hour_later_it_is_no_contact_where_both_clocks_are_known(wearers: How, cases: How) -> None:
    assert outcome(0, wearers, cases) == Outcome.CANDIDATE
    for after_s in (HOUR_S, -HOUR_S, 12 * HOUR_S):
        assert outcome(after_s, wearers, cases) == Outcome.NO_CONTACT


@pytest.mark.parametrize(
    ("wearers", "cases"),
    [(UNKNOWN, SET_TODAY), (UNSET, SET_TODAY), (SET_TODAY, UNKNOWN), (UNKNOWN, UNSET)],
)
def test_where_a_clock_is_unknown_it_is_the_standards_two_hours(wearers: How, cases: How) -> None:
    """This is the limit: within two hours nobody can tell such a replay from a contact, as with phones."""
    assert outcome(HOUR_S, wearers, cases) == Outcome.CANDIDATE
    assert outcome(2 * HOUR_S + 600, wearers, cases) == Outcome.NO_CONTACT
    assert outcome(3 * HOUR_S, wearers, cases) == Outcome.NO_CONTACT


@pytest.mark.parametrize(("how", "minutes"), [(SET_TODAY, 21), (SET_THREE_WEEKS_AGO, 33), (CORRECTED, 40)])
def test_how_late_a_replay_is_still_taken_for_a_contact(how: How, minutes: int) -> None:
    """Ten minutes are the interval itself, the rest is what two clocks may be off."""
    late = (n for n in range(180) if outcome(60 * n, how, how) == Outcome.NO_CONTACT)
    assert next(late) == minutes


def test_a_replay_adds_nothing_to_a_contact() -> None:
    """Somebody who was with the case and hears it once more an hour later was with it once."""
    minutes = []
    for heard in (replayed(0), replayed(0) + replayed(HOUR_S)):
        log = written(WEARER, SET_TODAY, heard)
        (found,) = evaluate({WEARER: ("W", log)}, [case()], load_rule(), thresholds(), NOW)
        minutes.append(found.judgement.minutes)
    assert minutes[0] == minutes[1] > 15
