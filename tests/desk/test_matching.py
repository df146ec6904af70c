"""Matching at its edges: time, period, power, replay."""

import pytest
from desk_building import MONDAY_S, PERIOD_S, TX_POWER_DBM, Heard, identifier, tek
from hypothesis import given, settings
from hypothesis import strategies as st

from bluetoken.exposure.diagnosis import DiagnosisKey, not_before
from bluetoken.exposure.matching import TOLERANCE_S, match
from bluetoken.exposure.sightings import Encounter
from wearable.protocols import gaen

START = MONDAY_S // 600
KEY = DiagnosisKey(tek(1), START, 144, "case")
INTERVAL = START + 60
BEGIN_S = INTERVAL * 600


def encounter(
    at_s: int, interval: int = INTERVAL, uncertainty_s: int | None = None, key: bytes = tek(1), **told: int
) -> Encounter:
    told = {"rssi_dbm": -60, "tx_power_dbm": TX_POWER_DBM, "span_s": 0, **told}
    data = identifier(Heard(key, at_s, interval=interval, tx_power_dbm=told["tx_power_dbm"]))
    return Encounter(
        rpi=data[:16],
        power=data[17],
        start_s=at_s,
        span_s=told["span_s"],
        periods=1,
        rssi_max_dbm=told["rssi_dbm"] + 3,
        rssi_mean_dbm=told["rssi_dbm"],
        period_s=PERIOD_S,
        clock_uncertainty_s=uncertainty_s,
    )


def matches(*encounters: Encounter, key: DiagnosisKey = KEY) -> int:
    return len(match({"wearer": encounters}, [key]).get("wearer", []))


def test_attenuation_is_what_was_lost_on_the_way() -> None:
    (found,) = match({"wearer": [encounter(BEGIN_S, rssi_dbm=-75)]}, [KEY])["wearer"]
    assert (found.typical_attenuation_db, found.min_attenuation_db) == (TX_POWER_DBM + 75, TX_POWER_DBM + 72)
    assert found.case == "case"


def test_attenuation_is_never_negative() -> None:
    (found,) = match({"wearer": [encounter(BEGIN_S, rssi_dbm=-1, tx_power_dbm=-40)]}, [KEY])["wearer"]
    assert (found.typical_attenuation_db, found.min_attenuation_db) == (0, 0)


def test_strangers_do_not_match() -> None:
    assert match({"wearer": [encounter(BEGIN_S, key=tek(2))], "nobody": []}, [KEY]) == {}
    assert match({}, [KEY]) == {}
    assert match({"wearer": [encounter(BEGIN_S)]}, []) == {}


@pytest.mark.parametrize(
    ("uncertainty_s", "sender_s", "tolerance_s"),
    [
        (None, 0, TOLERANCE_S),  # nobody knows the wearer's clock
        (5, None, TOLERANCE_S),  # nobody knows the case's clock
        (5, 0, 605),
        (5, 100, 705),
        (40000, 5000, 45600),  # it is known that it was lost for long: two hours would lose the contact
        (None, 40000, 40000),
        (None, 600, TOLERANCE_S),
    ],
)
def test_the_tolerance_to_the_second(
    uncertainty_s: int | None, sender_s: int | None, tolerance_s: int
) -> None:
    key = DiagnosisKey(tek(1), START, 144, "case", clock_uncertainty_s=sender_s)
    first, last = BEGIN_S - tolerance_s, BEGIN_S + 600 + tolerance_s - 1
    for at_s, expected in ((first - 1, 0), (first, 1), (last, 1), (last + 1, 0)):
        assert matches(encounter(at_s, uncertainty_s=uncertainty_s), key=key) == expected, at_s - BEGIN_S


def test_the_standards_tolerance_is_googles() -> None:
    # ENIN - 12 <= floor(t / 600) < ENIN + 13 (facts: protocols.md, B3)
    for at_s in range(BEGIN_S - 8000, BEGIN_S + 8800, 7):
        expected = INTERVAL - 12 <= at_s // 600 < INTERVAL + 13
        assert matches(encounter(at_s)) == expected


def test_a_case_whose_clock_was_wrong_is_looked_for_at_the_true_time() -> None:
    key = DiagnosisKey(tek(1), START, 144, "case", clock_error_s=5 * 3600, clock_uncertainty_s=600)
    assert matches(encounter(BEGIN_S + 5 * 3600, uncertainty_s=5), key=key) == 1
    assert matches(encounter(BEGIN_S, uncertainty_s=5), key=key) == 0


@pytest.mark.parametrize(("period", "interval", "expected"), [(10, 9, 1), (10, 10, 0), (1, 0, 1), (1, 1, 0)])
def test_only_intervals_of_the_rolling_period(period: int, interval: int, expected: int) -> None:
    key = DiagnosisKey(tek(1), START, period, "case")
    at_s = (START + interval) * 600
    assert matches(encounter(at_s, START + interval), key=key) == expected


@pytest.mark.parametrize(("power_dbm", "expected"), [(-51, 0), (-50, 1), (0, 1), (20, 1), (21, 0), (-128, 0)])
def test_the_power_must_be_one_that_exists(power_dbm: int, expected: int) -> None:
    assert matches(encounter(BEGIN_S, tx_power_dbm=power_dbm)) == expected


def test_an_identifier_heard_for_too_long_is_being_replayed() -> None:
    times = (BEGIN_S, BEGIN_S + 1200, BEGIN_S + 1201, BEGIN_S + 5000)
    assert matches(*(encounter(at_s) for at_s in times)) == 2
    # Of those at implausible times the first does not begin the count.
    assert matches(encounter(BEGIN_S - 9000), *(encounter(at_s) for at_s in times)) == 2


def test_a_wearer_is_nobody_elses_replay() -> None:
    found = match({"a": [encounter(BEGIN_S)], "b": [encounter(BEGIN_S + 3000)]}, [KEY])
    assert {token: len(each) for token, each in found.items()} == {"a": 1, "b": 1}


@settings(max_examples=50, deadline=None)
@given(
    first=st.integers(0, 2**32 - 200),
    period=st.integers(1, 144),
    pick=st.integers(0, 143),
    seed=st.binary(min_size=16, max_size=16),
)
def test_every_identifier_of_a_key_is_found(first: int, period: int, pick: int, seed: bytes) -> None:
    interval = first + pick % period
    rpik, aemk = gaen.derive_keys(seed)
    rpi = bytes(gaen.rolling_proximity_identifier(rpik, interval))
    aem = bytes(gaen.associated_encrypted_metadata(aemk, rpi, gaen.metadata(-8)))
    heard = Encounter(rpi, aem[1], interval * 600, 0, 1, -50, -50, PERIOD_S, None)
    (found,) = match({"w": [heard]}, [DiagnosisKey(seed, first, period)])["w"]
    assert found.typical_attenuation_db == 42


@settings(max_examples=50, deadline=None)
@given(start=st.integers(0, 1000), period=st.integers(1, 144), cut=st.integers(-600, 700000))
def test_a_shortened_key_keeps_what_did_not_end_before(start: int, period: int, cut: int) -> None:
    key = DiagnosisKey(tek(1), start, period)
    shortened = not_before(key, cut)
    expected = [interval for interval in key.intervals if (interval + 1) * 600 > cut]
    assert list(shortened.intervals if shortened else []) == expected
