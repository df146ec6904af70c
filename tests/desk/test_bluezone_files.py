"""Cases as Bluezone publishes them, and what a wearer gives to it."""

import json
from typing import Any

import pytest
from bluezone_vectors import DAILY_KEY, DAY_S, FIRST, LAST, SECOND, vectors
from hypothesis import given, settings
from hypothesis import strategies as st

from bluetoken.errors import BadKeyFile
from bluetoken.exposure.bluezone import PublishedDays
from bluetoken.exposure.bluezone_release import own_id, releasable, trace
from bluetoken.exposure.sightings import BluezoneEncounter, OwnBluezoneKey
from bluetoken.keys.bluezone import dump, parse

GOOD = {"daily_key": DAILY_KEY.hex().upper(), "time_start": DAY_S, "max": 96, "time_end": DAY_S + 86400}


def test_a_file_is_read() -> None:
    twice = {"data": [GOOD, GOOD | {"daily_key": "0a" * 32, "more": 1}]}
    assert parse(json.dumps(twice)) == [
        PublishedDays(DAILY_KEY, DAY_S, DAY_S + 86400),
        PublishedDays(b"\n" * 32, DAY_S, DAY_S + 86400),
    ]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"daily_key": "01" * 31}, "daily_key of 64"),
        ({"daily_key": "zz" * 32}, "daily_key"),
        ({"daily_key": "01 " * 21 + "1"}, "daily_key"),
        ({"daily_key": 7}, "daily_key"),
        ({"daily_key": None}, "daily_key"),
        ({"time_start": -86400}, "time_start"),
        ({"time_start": DAY_S + 1}, "time_start that is no UTC midnight"),
        ({"time_start": DAY_S * 1000}, "time_start"),
        ({"time_start": float(DAY_S)}, "time_start"),
        ({"time_start": True}, "time_start"),
        ({"max": 0}, "max from 2"),
        ({"max": 1}, "max from 2"),
        ({"max": 1441}, "max"),
        ({"max": "96"}, "max"),
        ({"time_end": DAY_S - 1}, "time_end that is not within"),
        ({"time_end": DAY_S + 180 * 86400 + 1}, "time_end that is not within"),
        ({"time_end": None}, "time_end"),
    ],
)
def test_a_wrong_entry_is_named(change: dict[str, Any], words: str) -> None:
    with pytest.raises(BadKeyFile, match=f"Entry 2 .*{words}.*nothing was imported"):
        parse(json.dumps({"data": [GOOD, GOOD | change]}))


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"data": []}', '{"data": {}}', '{"data": 7}', "[" * 10000, "null"])
def test_what_is_no_such_file(text: str) -> None:
    with pytest.raises(BadKeyFile, match="nothing was imported"):
        parse(text)


@settings(max_examples=50, deadline=None)
@given(
    st.one_of(
        st.text(),
        st.lists(st.fixed_dictionaries(dict.fromkeys(GOOD, st.none() | st.integers() | st.text()))).map(
            lambda entries: json.dumps({"data": entries})
        ),
    )
)
def test_whatever_comes_is_days_or_one_sentence(text: str) -> None:
    try:
        assert isinstance(parse(text), list)
    except BadKeyFile as error:
        assert str(error).endswith(".")


@given(st.binary(min_size=32, max_size=32), st.integers(0, 40000), st.integers(0, 180 * 86400), st.integers(2, 1440))
def test_what_is_written_is_read(key: bytes, day: int, length_s: int, slots: int) -> None:
    days = PublishedDays(key, day * 86400, day * 86400 + length_s, slots)
    assert parse(dump([days])) == [days]


# What a wearer gives.


def own(key: bytes, day: int = 0, slot: int = 0, error_s: int = 0) -> OwnBluezoneKey:
    day_s = DAY_S + day * 86400
    return OwnBluezoneKey(key, day_s, day_s + slot * 900, error_s, 2)


def released(*keys: OwnBluezoneKey, since_s: int = 0) -> list[tuple[int, int, int]]:
    """(first byte of the key, beginning and end of what is published, in seconds after the first midnight)"""
    return [
        (days.daily_key[0], days.time_start_s - DAY_S, days.time_end_s - DAY_S)
        for days in releasable(keys, "case", since_s)
    ]


A, B, C = b"\1" * 32, b"\2" * 32, b"\3" * 32


def test_each_day_is_published_for_itself() -> None:
    first, second = own(A), own(B, 1)
    assert released(second, first, second) == [(1, 0, 86399), (2, 86400, 2 * 86400 - 1)]


def test_a_restart_makes_a_day_of_two_keys() -> None:
    assert released(own(B, 0, 10), own(A), own(C, 0, 10)) == [(1, 0, 86399), (2, 0, 86399), (3, 0, 86399)]


def test_only_from_the_infectious_period_on_and_by_the_true_time() -> None:
    assert released(own(A), own(B, 1), since_s=DAY_S + 86399) == [(1, 0, 86399), (2, 86400, 172799)]
    assert released(own(A), own(B, 1), since_s=DAY_S + 86400) == [(2, 86400, 172799)]
    assert released(own(A, error_s=100), since_s=DAY_S + 86400) == [(1, 0, 86399)]


def test_the_token_s_own_id_at_a_time() -> None:
    keys = [own(DAILY_KEY), own(A, 0, 50)]
    assert own_id(keys, DAY_S) == own_id(keys, DAY_S + 899) == FIRST
    assert own_id(keys, DAY_S + 900) == SECOND
    assert own_id(keys, DAY_S + 50 * 900 - 1) != own_id([own(A)], DAY_S + 50 * 900 - 1)
    assert own_id(keys, DAY_S + 50 * 900) == own_id([own(A)], DAY_S + 50 * 900)
    assert own_id(keys, DAY_S - 1) is own_id(keys, DAY_S + 86400) is None
    assert own_id([own(DAILY_KEY, error_s=60)], DAY_S + 59) is None
    assert own_id([own(DAILY_KEY, error_s=60)], DAY_S + 60) == FIRST


def test_a_clock_that_was_set_back_does_not_bring_an_old_key_back() -> None:
    before, after = own(A, 0, 40), own(DAILY_KEY, 0, 0)
    assert own_id([before, after], DAY_S + 95 * 900) == LAST


def heard(identifier: bytes, start_s: int, span_s: int = 0, rssi_dbm: int = -70) -> BluezoneEncounter:
    return BluezoneEncounter(identifier, start_s, span_s, 1, rssi_dbm + 5, rssi_dbm, 30, 2)


def test_a_trace_has_the_app_s_columns_by_time() -> None:
    encounters = [heard(LAST, DAY_S + 910, 0, -90), heard(b"\xab" * 12, DAY_S + 10, 900, -67)]
    text, without = trace(encounters, [own(DAILY_KEY)], 0, "ms")
    assert without == 0
    mine, then, whom = FIRST.hex().upper(), SECOND.hex().upper(), "AB" * 12
    assert text == (
        f"{mine}\t{whom}\t-67\t{DAY_S + 10}000\n"
        f"{then}\t{whom}\t-67\t{DAY_S + 910}000\n"
        f"{then}\t{LAST.hex().upper()}\t-90\t{DAY_S + 910}000\n"
    )
    assert trace(encounters, [own(DAILY_KEY)], 0, "s")[0] == text.replace("000\n", "\n")


def test_a_trace_leaves_out_what_is_older_or_without_an_own_id() -> None:
    text, without = trace([heard(LAST, DAY_S + 10)], [own(DAILY_KEY)], DAY_S + 11, "s")
    assert (text, without) == ("", 0)
    text, without = trace([heard(LAST, DAY_S - 10, 20)], [own(DAILY_KEY)], 0, "s")
    assert text.count("\n") == without == 1


def test_the_columns_are_those_of_the_vectors() -> None:
    told = vectors()["export_data_trace_txt"]
    for row, line in zip(told["rows"][1:], told["file_text"].splitlines(keepends=True), strict=True):
        at_s = row["timestamp_ms"] // 1000
        text, _ = trace([heard(bytes.fromhex(row["blid_contact"]), at_s, 0, row["rssi"])], [own(A, 0)], 0, "ms")
        assert text == ""  # nobody knows the own ID there
        mine = own(A, (at_s - DAY_S) // 86400)
        text, _ = trace([heard(bytes.fromhex(row["blid_contact"]), at_s, 0, row["rssi"])], [mine], 0, "ms")
        columns, expected = text.rstrip("\n").split("\t"), line.rstrip("\n").split("\t")
        assert columns[1:3] == expected[1:3] and len(columns[0]) == len(expected[0]) == 24
        assert int(columns[3]) == int(expected[3]) // 1000 * 1000
        assert text.endswith("\n") and line.endswith("\n")
