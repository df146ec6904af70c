"""Bluezone's matching: the apps' own rule to the second, and apart from it what the clocks allow."""

import json
from dataclasses import replace

import pytest
from bluezone_vectors import DAILY_KEY, DAY_S, FIRST, FIRST_OF_THE_NEXT_DAY, LAST, SECOND, vectors
from hypothesis import given
from hypothesis import strategies as st

from bluetoken.exposure.bluezone import Matches, OffSlot, PublishedDays, match, slots
from bluetoken.exposure.matching import TOLERANCE_S
from bluetoken.exposure.sightings import BluezoneEncounter
from bluetoken.keys.bluezone import parse
from wearable.protocols import bluezone

DAY = PublishedDays(DAILY_KEY, DAY_S, DAY_S + 86399, case="case")
SLOT_S = 900


def encounter(
    identifier: bytes, start_s: int, span_s: int = 0, uncertainty_s: int | None = 2, rssi_dbm: int = -70
) -> BluezoneEncounter:
    return BluezoneEncounter(identifier, start_s, span_s, span_s // 30 + 1, rssi_dbm, rssi_dbm, 30, uncertainty_s)


def matches(*encounters: BluezoneEncounter, days: PublishedDays = DAY, from_s: int = 0) -> Matches:
    return match({"token": encounters}, [days], from_s).get("token", Matches())


@pytest.mark.parametrize(
    ("identifier", "off_s", "exact"),
    [(FIRST, 0, 1), (FIRST, SLOT_S, 1), (FIRST, SLOT_S + 1, 0), (FIRST, -1, 0), (SECOND, SLOT_S - 1, 0)],
)
def test_both_ends_of_a_quarter_belong_to_it_and_nothing_else(identifier: bytes, off_s: int, exact: int) -> None:
    assert len(matches(encounter(identifier, DAY_S + off_s)).exact) == exact


def test_what_the_clocks_allow_is_told_apart_and_does_not_count() -> None:
    for at_s in (DAY_S - 3, DAY_S + SLOT_S + 3):
        heard = encounter(FIRST, at_s, uncertainty_s=3)
        assert matches(heard) == Matches([], [OffSlot(heard, "case", 3, 3)])
        assert matches(replace(heard, clock_uncertainty_s=2)) == Matches()


def test_the_case_s_own_clock_may_have_been_wrong_too() -> None:
    heard = encounter(FIRST, DAY_S - 5, uncertainty_s=3)
    assert matches(heard, days=replace(DAY, clock_uncertainty_s=2)).off_slot[0].clock_uncertainty_s == 5
    late = replace(DAY, clock_error_s=-100)
    assert len(matches(encounter(FIRST, DAY_S - 100), days=late).exact) == 1
    assert not matches(encounter(FIRST, DAY_S + SLOT_S - 99), days=late).exact


def test_where_nobody_knows_the_clock_two_hours_are_told_of() -> None:
    heard = encounter(FIRST, DAY_S - TOLERANCE_S, uncertainty_s=None)
    assert matches(heard).off_slot == [OffSlot(heard, "case", TOLERANCE_S, None)]
    assert matches(replace(heard, start_s=heard.start_s - 1)) == Matches()
    # One that is known to be off by a day says at least that.
    assert matches(replace(heard, start_s=DAY_S - 86400, clock_uncertainty_s=86400)).off_slot[0].off_s == 86400


def test_of_an_encounter_the_part_in_the_quarter_counts() -> None:
    for start_s, span_s, part in (
        (DAY_S + 100, 600, (DAY_S + 100, 600)),
        (DAY_S + 100, 1000, (DAY_S + 100, 800)),
        (DAY_S - 50, 100, (DAY_S, 50)),
    ):
        (found,) = matches(encounter(FIRST, start_s, span_s)).exact
        assert (found.encounter.start_s, found.encounter.span_s) == part


def test_heard_before_and_after_but_not_known_within_is_no_contact() -> None:
    assert not matches(encounter(FIRST, DAY_S - 10, SLOT_S + 20)).exact


def test_attenuation_is_from_the_power_that_phones_should_have() -> None:
    (found,) = matches(encounter(FIRST, DAY_S, rssi_dbm=-75)).exact
    assert (found.typical_attenuation_db, found.min_attenuation_db) == (60, 60)
    (found,) = matches(encounter(FIRST, DAY_S, rssi_dbm=-75), days=replace(DAY, tx_power_dbm=9)).exact
    assert found.typical_attenuation_db == 84
    (found,) = matches(encounter(FIRST, DAY_S, rssi_dbm=-5)).exact
    assert found.typical_attenuation_db == 0


def test_what_was_over_before_the_case_was_infectious_is_left_out() -> None:
    first, last = encounter(FIRST, DAY_S + 5), encounter(LAST, DAY_S + 95 * SLOT_S)
    assert len(matches(first, last).exact) == 2
    assert len(matches(first, last, from_s=DAY_S + SLOT_S - 1).exact) == 2
    assert len(matches(first, last, from_s=DAY_S + SLOT_S).exact) == 1


def test_a_day_ends_with_its_last_second() -> None:
    tomorrow = encounter(FIRST_OF_THE_NEXT_DAY, DAY_S + 86400)
    assert not matches(tomorrow).exact
    assert len(matches(tomorrow, days=replace(DAY, time_end_s=DAY_S + 86400)).exact) == 1


def test_only_who_heard_it_met_the_case() -> None:
    heard = {"near": [encounter(FIRST, DAY_S)], "far": [encounter(bytes(12), DAY_S)], "alone": []}
    assert set(match(heard, [DAY])) == {"near"}


@given(st.binary(min_size=32, max_size=32), st.integers(0, 500), st.integers(0, SLOT_S))
def test_every_id_of_every_day_is_found_at_its_time_and_at_no_other(key: bytes, number: int, late_s: int) -> None:
    days = PublishedDays(key, DAY_S, DAY_S + 6 * 86400)
    daily_key = key
    for _ in range(number // 96):
        daily_key = bluezone.next_daily_key(daily_key)
    identifier = bluezone.bluezone_id(daily_key, number % 96)
    begin_s = DAY_S + number * SLOT_S
    assert len(matches(encounter(identifier, begin_s + late_s), days=days).exact) == 1
    assert not matches(encounter(identifier, begin_s + late_s + SLOT_S + 1), days=days).exact


# The collected vectors.


def published(told: dict) -> PublishedDays:
    return PublishedDays(bytes.fromhex(told["daily_key"]), told["time_start"], told["time_end"], told["max"])


def test_the_walk_of_the_vectors() -> None:
    told = vectors()["trace_walk"]
    walked = list(slots(published(told)))
    assert len(walked) == told["steps_total"]
    for step in told["steps"]:
        slot = walked[step["step"]]
        assert (slot.bluezone_id.hex().upper(), slot.start_ms, slot.end_ms) == (
            step["bluezone_id"],
            step["start_ms"],
            step["end_ms"],
        )


def test_the_contacts_of_the_vectors() -> None:
    cases = vectors()["check_contact_f"]
    for case in cases:
        days, record = published(case["published"]), case["record"]
        walked = list(slots(days))
        hits = [
            n
            for n, slot in enumerate(walked, 1)
            if slot.bluezone_id.hex().upper() == record["blid_contact"] and not slot.off_ms(record["timestamp_ms"])
        ]
        assert bool(hits) == case["contact"], case["label"]
        # The apps stop at the first hit.
        assert (hits or [len(walked)])[0] == case["slots_queried"], case["label"]
        if record["timestamp_ms"] % 1000 == 0:
            identifier = bytes.fromhex(record["blid_contact"])
            found = matches(encounter(identifier, record["timestamp_ms"] // 1000, uncertainty_s=0), days=days)
            assert bool(found.exact) == case["contact"], case["label"]
    assert {case["contact"] for case in cases} == {True, False}


def test_which_of_two_cases_the_vectors_met() -> None:
    told = vectors()["multi_f0"]
    record = told["record"]
    met = [
        days.daily_key.hex().upper()
        for days in parse(json.dumps(told["published"]))
        for slot in slots(days)
        if slot.bluezone_id.hex().upper() == record["blid_contact"] and not slot.off_ms(record["timestamp_ms"])
    ]
    assert met == told["get_trace_f"]
