"""Diagnosis keys as plain JSON."""

import base64
import json

import pytest
from desk_building import tek
from hypothesis import given, settings
from hypothesis import strategies as st

from bluetoken.errors import BadKeyFile
from bluetoken.exposure.diagnosis import DiagnosisKey
from bluetoken.keys.simple import parse

GOOD = {"tek": "01" * 16, "rolling_start": 2991600, "rolling_period": 144}


def test_hexadecimal_and_base64() -> None:
    coded = {"tek": base64.b64encode(tek(1)).decode(), "rolling_start": 2991600, "case": "K-7"}
    assert parse(json.dumps([GOOD, coded])) == [
        DiagnosisKey(tek(1), 2991600, 144),
        DiagnosisKey(tek(1), 2991600, 144, "K-7"),
    ]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"tek": "01" * 15}, "tek"),
        ({"tek": "zz" * 16}, "tek"),
        ({"tek": 7}, "tek"),
        ({"rolling_start": -1}, "rolling_start"),
        ({"rolling_start": 2**32}, "rolling_start"),
        ({"rolling_start": None}, "rolling_start"),
        ({"rolling_start": 1.5}, "rolling_start"),
        ({"rolling_period": 0}, "rolling_period"),
        ({"rolling_period": 145}, "rolling_period"),
        ({"rolling_period": True}, "rolling_period"),
        ({"case": 5}, "case"),
    ],
)
def test_a_wrong_entry_is_named(change: dict, words: str) -> None:
    with pytest.raises(BadKeyFile, match=f"Key 2 .*{words}.*nothing was imported"):
        parse(json.dumps([GOOD, GOOD | change]))


@settings(max_examples=50, deadline=None)
@given(st.one_of(st.text(), st.recursive(st.none() | st.integers() | st.text(), st.lists).map(json.dumps)))
def test_whatever_comes_is_keys_or_one_sentence(text: str) -> None:
    try:
        assert isinstance(parse(text), list)
    except BadKeyFile as error:
        assert str(error).endswith(".")
