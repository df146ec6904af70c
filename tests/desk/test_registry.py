"""Tokens, consents, cases and keys in the registry."""

from datetime import UTC, date, datetime

import pytest
from desk_building import tek
from desk_giving import give

from bluetoken.errors import CaseTaken, LabelTaken, NoConsent, UnknownCase, UnknownToken
from bluetoken.exposure.diagnosis import DiagnosisKey
from bluetoken.registry import Registry
from bluetoken.registry.tables import TokenState
from bluetoken.registry.tokens import Issue

LONG_AGO = datetime(2026, 11, 1, tzinfo=UTC)


def issue_of(label: str, token_id: str) -> Issue:
    return Issue(token_id, label, "esp32c3", "", 21, "a child", "consent", "Bà Hoa", "grandmother", True)


def test_who_holds_a_token(registry: Registry) -> None:
    registry.tokens.begin_issue(issue_of("A-1", "11" * 8))
    token = registry.tokens.by_label("A-1", "test")
    assert token.state == TokenState.PENDING
    registry.tokens.finish_issue("11" * 8)
    token = registry.tokens.get("11" * 8, "test")
    assert (token.state, token.label) == (TokenState.ISSUED, "A-1")
    holder = token.holder
    assert (holder.representative, holder.relationship_, holder.assent) == ("Bà Hoa", "grandmother", True)
    assert [consent.legal_basis for consent in registry.tokens.consents("11" * 8)] == ["consent"]


def test_a_label_is_on_one_token_at_a_time(registry: Registry) -> None:
    first = give(registry, "A-1", "11" * 8)
    with pytest.raises(LabelTaken, match="A-1"):
        give(registry, "A-1", "22" * 8)
    with pytest.raises(UnknownToken):
        registry.tokens.get("22" * 8, "test")
    registry.tokens.mark(first, TokenState.LOST)
    second = give(registry, "A-1", "33" * 8)
    assert registry.tokens.by_label("A-1", "test").token_id == second
    assert [token.token_id for token in registry.tokens.all("test")] == [first, second]


def test_an_interrupted_issue_gives_way(registry: Registry) -> None:
    registry.tokens.begin_issue(issue_of("A-1", "11" * 8))
    give(registry, "A-1", "22" * 8)
    assert registry.tokens.get("11" * 8, "test").state == TokenState.ABANDONED
    assert [token.token_id for token in registry.tokens.all("test")] == ["22" * 8]


def test_consent_can_be_withdrawn(registry: Registry) -> None:
    token_id = give(registry, "A-1")
    token = registry.tokens.get(token_id, "test")
    registry.tokens.require_consent(token)
    registry.tokens.withdraw_consent(token_id)
    with pytest.raises(NoConsent, match="A-1"):
        registry.tokens.require_consent(token)
    assert not registry.tokens.may_process(token_id)


def test_unknown_ones_are_named(registry: Registry) -> None:
    with pytest.raises(UnknownToken, match="Z-9"):
        registry.tokens.by_label("Z-9", "test")
    with pytest.raises(UnknownCase, match="2026-404"):
        registry.cases.get("2026-404", "test")


def test_cases_get_a_reference_and_keep_it(registry: Registry) -> None:
    token = give(registry, "A-1")
    refs = [
        registry.cases.open(token, date(2026, 11, 24), None, LONG_AGO, "yes", ref).ref
        for ref in (None, "2026-003", None, None)
    ]
    assert refs == ["2026-001", "2026-003", "2026-004", "2026-005"]
    with pytest.raises(CaseTaken, match="2026-003"):
        registry.cases.open(token, date(2026, 11, 24), None, LONG_AGO, "yes", "2026-003")
    case = registry.cases.get("2026-001", "test")
    assert (case.token.label, case.infectious_from, case.keys) == ("A-1", LONG_AGO, [])


def test_releasing_twice_adds_what_is_new_and_corrects_what_was_there(registry: Registry) -> None:
    ref = registry.cases.open(give(registry, "A-1"), date(2026, 11, 24), None, LONG_AGO, "yes").ref
    first = DiagnosisKey(tek(1), 144, 144, ref)
    assert registry.cases.release(ref, [first]) == (1, 1)
    assert registry.cases.release(ref, [first]) == (0, 1)
    shorter = DiagnosisKey(tek(1), 144, 7, ref, clock_error_s=3, clock_uncertainty_s=None)
    assert registry.cases.release(ref, [shorter, DiagnosisKey(tek(2), 150, 138, ref)]) == (1, 2)
    keys = registry.cases.get(ref, "test").keys
    assert [(key.tek, key.rolling_period) for key in keys] == [(tek(1), 7), (tek(2), 138)]
    assert (keys[0].clock_error_s, keys[0].clock_uncertainty_s) == (3, None)


def test_imported_keys_are_stored_once(registry: Registry) -> None:
    keys = [DiagnosisKey(tek(1), 144, 144, "x"), DiagnosisKey(tek(2), 144, 144)]
    done = registry.imported_keys.add([*keys, keys[0]], "a.json")
    assert (done.new, done.known, done.differing) == (2, 1, 0)
    done = registry.imported_keys.add([DiagnosisKey(tek(1), 144, 100), keys[1]], "b.json")
    assert (done.new, done.known, done.differing) == (0, 1, 1)
    assert [(key.source, key.rolling_period) for key in registry.imported_keys.all()] == [("a.json", 144)] * 2


def test_every_look_at_a_persons_data_is_on_record(registry: Registry) -> None:
    token = give(registry, "A-1")
    ref = registry.cases.open(token, date(2026, 11, 24), None, LONG_AGO, "yes").ref
    looks = {
        "read token": lambda: registry.tokens.get(token, "why"),
        "read tokens": lambda: registry.tokens.all("why"),
        "read encounters": lambda: registry.segments.of(token, "why"),
        "read case": lambda: registry.cases.get(ref, "why"),
        "read cases": lambda: registry.cases.all("why"),
    }
    for action, look in looks.items():
        look()
        entry = registry.audit.entries()[-1]
        assert (entry.action, entry.detail) == (action, "why")
        assert entry.actor
    assert all(entry.subject == token for entry in registry.audit.entries(token))
