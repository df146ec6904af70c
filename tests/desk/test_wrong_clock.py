"""Keys that were made under a wrong clock: their identifiers say a wrong interval, and their contacts are found."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from desk_building import MONDAY_S, Heard, body, key_record, segment, tek
from desk_fake import FakeDesk, FakeToken
from desk_giving import give

from bluetoken.exposure.bands import thresholds
from bluetoken.exposure.diagnosis import DiagnosisKey
from bluetoken.exposure.evaluation import CaseKeys, Result, evaluate
from bluetoken.exposure.rules import Outcome, load_rule
from bluetoken.registry import Registry, evidence
from bluetoken.registry.syncing import synchronise
from wearable import records
from wearable.records import CLOCK_RESTORED, CLOCK_SET

HOUR_S = 3600
DAY_S = 86400
YEAR_S = 365 * DAY_S
NINE_S = MONDAY_S + 9 * HOUR_S
NOW = datetime(2026, 11, 25, 8, tzinfo=UTC)
MINUTES = 30

#: How a clock can be wrong: its state, and how late it is.
LATE = (CLOCK_RESTORED, 5 * HOUR_S)
VERY_LATE = (CLOCK_RESTORED, 9 * DAY_S)
A_YEAR_AHEAD = (CLOCK_SET, -YEAR_S)
A_YEAR_BEHIND = (CLOCK_SET, YEAR_S)
RIGHT = (CLOCK_SET, 0)


def work(token: FakeToken, token_id: str, how: tuple[int, int], heard: list[Heard], more: bytes = b"") -> None:
    """Have a token write from nine o'clock on, by a clock that was put when Monday began, and come to the desk."""
    state, late_s = how
    put_s = MONDAY_S - late_s
    bodies = [body(heard[:1], NINE_S, more=more, error_s=late_s)]
    bodies += [body([each], each.at_s, error_s=late_s) for each in heard[1:]]
    token.put(1, segment(token_id, 1, bodies, set_s=put_s, clock_state=state, boot=1))
    token.write(clock_state=state, set_s=put_s - records.EPOCH_UNIX_S)
    token.write(clock_ms=token.read()["clock_ms"] - late_s * 1000)


def said(how: tuple[int, int]) -> list[Heard]:
    """What whoever is beside the case hears for half an hour: the intervals are those of the case's own clock."""
    said_s = NINE_S - how[1]
    return [
        Heard(tek(1), NINE_S + 600 * n, span_s=540, interval=said_s // 600 + n) for n in range(MINUTES // 10)
    ]


def tokens(registry: Registry, token: FakeToken, cases: tuple[int, int], wearers: tuple[int, int]) -> None:
    """Issue, wear and sync the token of a case and that of somebody beside it."""
    for label, how in (("case", cases), ("wearer", wearers)):
        token.write(token=give(registry, label), issuer=registry.issuer, label=label, boot=1)
        heard = said(cases) if label == "wearer" else []
        own = b"" if heard else key_record(tek(1), NINE_S - how[1], 144 - (NINE_S - how[1]) // 600 % 144)
        work(token, token.read()["token"], how, heard, own)
        synchronise(FakeDesk(token), registry)


def released(registry: Registry) -> CaseKeys:
    token_id = registry.tokens.by_label("case", "test").token_id
    since = datetime.fromtimestamp(MONDAY_S, UTC)
    case = registry.cases.open(token_id, date(2026, 11, 24), None, since, "yes")
    registry.cases.release(case.ref, evidence.keys_to_release(registry, case, {}))
    return evidence.own_case(registry.cases.get(case.ref, "test"))


def results(registry: Registry, case: CaseKeys) -> list[Result]:
    """Return the wearer's result, none where the rule does not look back as far as the keys say."""
    wearers, _ = evidence.wearers(registry, "test", {})
    return evaluate(wearers, [case], load_rule(), thresholds(), NOW)


def judged(registry: Registry, case: CaseKeys) -> Result:
    (found,) = results(registry, case)
    return found


def has_met_nobody(registry: Registry, case: CaseKeys) -> bool:
    return not any(each.contacts for each in results(registry, case))


@pytest.mark.parametrize("wearers", [RIGHT, LATE, A_YEAR_BEHIND], ids=["right", "late", "a year behind"])
@pytest.mark.parametrize(
    "cases",
    [RIGHT, LATE, VERY_LATE, A_YEAR_AHEAD, A_YEAR_BEHIND],
    ids=["right", "late", "days late", "a year ahead", "a year behind"],
)
def test_contacts_are_found_and_in_their_place_whatever_the_clocks_showed(
    cases: tuple[int, int], wearers: tuple[int, int], token: FakeToken, registry: Registry
) -> None:
    tokens(registry, token, cases, wearers)
    case = released(registry)
    (key,) = case.keys
    assert key.rolling_start == (NINE_S - cases[1]) // 600, "as it was when identifiers were made of it"
    assert key.clock_error_s == cases[1]
    found = judged(registry, case)
    assert found.outcome == Outcome.CANDIDATE
    assert sum(contact.seconds for contact in found.contacts) == MINUTES * 60
    assert found.contacts[0].start_s == NINE_S


@pytest.mark.parametrize("cases", [LATE, VERY_LATE, A_YEAR_AHEAD, A_YEAR_BEHIND])
def test_a_key_that_does_not_tell_how_wrong_its_clock_was_finds_nobody(
    cases: tuple[int, int], token: FakeToken, registry: Registry
) -> None:
    """So it is with phones that get such a key in an export: they know two hours and no more."""
    tokens(registry, token, cases, RIGHT)
    case = released(registry)
    as_exported = [DiagnosisKey(key.tek, key.rolling_start, key.rolling_period, "case") for key in case.keys]
    assert has_met_nobody(registry, replace(case, keys=tuple(as_exported), infectious_from_s=0))
    # Nor does a key with the right time in it: nobody ever said what is computed from that.
    put_right = [
        replace(key, rolling_start=NINE_S // 600, clock_error_s=0, clock_uncertainty_s=0) for key in case.keys
    ]
    assert has_met_nobody(registry, replace(case, keys=tuple(put_right)))


def test_a_case_whose_run_nobody_saw_the_end_of_is_met_all_the_same(token: FakeToken, registry: Registry) -> None:
    """Power lost twice: from eight to nine, and from ten to four. The desk sees the last run only."""
    token.write(token=give(registry, "case"), issuer=registry.issuer, label="case")
    case_id, eight_s, four_s = token.read()["token"], MONDAY_S + 8 * HOUR_S, MONDAY_S + 16 * HOUR_S
    first_late_s, second_late_s = HOUR_S, 7 * HOUR_S
    own = key_record(tek(1), NINE_S - first_late_s, 144 - (NINE_S - first_late_s) // 600 % 144)
    ten_s = NINE_S + HOUR_S
    runs = {
        1: ([body([], MONDAY_S), body([], eight_s)], MONDAY_S, CLOCK_SET),
        2: (
            [body([], NINE_S, more=own, error_s=first_late_s), body([], ten_s, error_s=first_late_s)],
            eight_s + 1,
            CLOCK_RESTORED,
        ),
        3: ([body([], four_s, error_s=second_late_s)], ten_s - first_late_s + 1, CLOCK_RESTORED),
    }
    for number, (bodies, put_s, state) in runs.items():
        token.put(number, segment(case_id, number, bodies, set_s=put_s, clock_state=state, boot=number))
    token.write(boot=3, clock_state=CLOCK_RESTORED, set_s=runs[3][1] - records.EPOCH_UNIX_S)
    token.write(clock_ms=token.read()["clock_ms"] - second_late_s * 1000)
    synchronise(FakeDesk(token), registry)
    token.write(token=give(registry, "wearer"), issuer=registry.issuer, label="wearer", boot=1)
    work(token, token.read()["token"], RIGHT, said((CLOCK_RESTORED, first_late_s)))
    synchronise(FakeDesk(token), registry)

    case = released(registry)
    key = next(key for key in case.keys if key.tek == tek(1))
    assert key.clock_uncertainty_s and abs(key.clock_error_s - first_late_s) <= key.clock_uncertainty_s
    found = judged(registry, case)
    assert found.outcome == Outcome.CANDIDATE and found.contacts[0].start_s == NINE_S
    assert has_met_nobody(registry, replace(case, keys=(replace(key, clock_uncertainty_s=600),)))
