"""Tokens and phones: when a phone talks, and what a token that listens then notes."""

from itertools import pairwise
from random import Random

import pytest

from bluetoken.study import phones
from bluetoken.study.phones import with_phones
from bluetoken.study.sleepers import PHONE, Draws, Herder, Phone

C3 = Draws(0.35, 10.0, 21.0, 64.0, 0.35)


def test_a_phone_talks_half_of_the_time_in_stretches_of_15_s() -> None:
    phone = Phone(Random(1))
    stretches = list(phone.talking(100_000.0, 400_000.0))
    assert sum(to_ms - from_ms for from_ms, to_ms in stretches) == pytest.approx(150_000)
    assert all(to_ms - from_ms == pytest.approx(15_000) for from_ms, to_ms in stretches[1:-1])
    assert all(begin - end == pytest.approx(15_000) for (_, end), (begin, _) in pairwise(stretches))


def test_a_phone_listens_40_s_of_300() -> None:
    phone = Phone(Random(1))
    assert phone.begin(0).ears == ((0, 40_000),)
    first_ms = phone.wait_ms(0, 12.0)
    assert phone.wait_ms(int(first_ms) + 40_000, 12.0) == pytest.approx(260_000)


def test_a_phone_is_no_company_to_a_token_and_no_stranger() -> None:
    token = Herder(0, 0, 2500, C3, Random(1))
    token.wait_ms(0, 12.0)
    unheard_ms = token.herd.unheard_ms(1000)
    known_s = token.stands_s(PHONE, 1000)
    token.heard(PHONE, 1000)
    assert token.herd.unheard_ms(1000) == unheard_ms and not token.herd.joined
    assert known_s < token.stands_s(0, 1000)


def test_what_a_token_notes_of_a_phone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(phones, "MEETINGS", 4)
    alone, among_tokens = with_phones(2.5, C3, 20.0, 3)
    assert (alone.company, among_tokens.company) == (False, True)
    for each in (alone, among_tokens):
        assert 5 < each.low_min <= each.noted_min <= each.high_min < 15
        assert each.unseen == 0
