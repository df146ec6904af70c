"""The health authority's public keys in the registry: exactly one of them is told to tokens."""

import sqlite3
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from bluetoken.errors import BadAuthorityKey
from bluetoken.keys import public
from bluetoken.keys.public import PublicKey
from bluetoken.registry import Registry
from bluetoken.registry.authority_keys import Registered

START = datetime(2026, 11, 1, tzinfo=UTC)


def key(number: int, day: int) -> PublicKey:
    """Return a public key made on a day."""
    return PublicKey(bytes([number]) * 32, START + timedelta(days=day))


def listed(registry: Registry) -> list[tuple[int, bool]]:
    return [(row.public_key[0], row.newest) for row in registry.authority_keys.all()]


def test_there_is_none_at_first(registry: Registry) -> None:
    assert registry.authority_keys.newest() is None
    assert registry.authority_keys.all() == []


def test_the_newest_is_told_and_the_others_stay(registry: Registry) -> None:
    first, second = key(2, 0), key(3, 9)
    assert registry.authority_keys.add(first, "a.pub") == Registered(new=True, newest=True)
    assert registry.authority_keys.newest() == (first.key_id, first.public)
    assert registry.authority_keys.add(second, "b.pub") == Registered(new=True, newest=True)
    assert registry.authority_keys.newest() == (second.key_id, second.public)
    row = registry.authority_keys.all()[1]
    assert (row.key_id, row.public_key, row.created_at) == (first.key_id, first.public, first.created_at)
    assert row.added_at == datetime(2026, 11, 25, 8, tzinfo=UTC)
    assert listed(registry) == [(3, True), (2, False)]


def test_an_old_key_that_turns_up_does_not_take_tokens_back(registry: Registry) -> None:
    registry.authority_keys.add(key(2, 0), "a.pub")
    registry.authority_keys.add(key(3, 9), "b.pub")
    assert registry.authority_keys.add(key(2, 0), "a.pub") == Registered(new=False, newest=False)
    assert registry.authority_keys.add(key(4, 5), "c.pub") == Registered(new=True, newest=False)
    assert registry.authority_keys.add(key(3, 9), "b.pub") == Registered(new=False, newest=True)
    assert listed(registry) == [(3, True), (4, False), (2, False)]


def test_two_of_one_day(registry: Registry) -> None:
    for number in (2, 3):
        registry.authority_keys.add(key(number, 0), "a.pub")
    assert listed(registry) == [(3, True), (2, False)]


def test_a_person_may_say_which_is_the_newest(registry: Registry) -> None:
    registry.authority_keys.add(key(3, 9999), "made under a wrong clock.pub")
    assert registry.authority_keys.add(key(4, 5), "c.pub", newest=True) == Registered(True, True)
    assert listed(registry) == [(4, True), (3, False)]
    assert registry.authority_keys.add(key(3, 9999), "b.pub", newest=True) == Registered(False, True)
    assert listed(registry) == [(3, True), (4, False)]


def test_two_keys_with_one_id(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(public, "key_id", lambda _: "11111111")
    registry.authority_keys.add(key(2, 0), "a.pub")
    with pytest.raises(BadAuthorityKey, match="Another key with the id 11111111"):
        registry.authority_keys.add(key(3, 0), "b.pub")
    assert listed(registry) == [(2, True)]


def test_the_database_refuses_a_second_newest(registry: Registry) -> None:
    for number in (2, 3):
        registry.authority_keys.add(key(number, number), "a.pub")
    with registry.database.engine.connect() as connection, pytest.raises(IntegrityError):
        connection.execute(text("UPDATE authority_keys SET newest = 1"))


def test_every_change_is_on_record(registry: Registry) -> None:
    registry.authority_keys.add(key(3, 9), "b.pub")
    registry.authority_keys.add(key(2, 0), "a.pub")
    registry.authority_keys.add(key(3, 9), "b.pub")
    for number, details in (
        (3, ["new, newest, from b.pub", "known, newest, from b.pub"]),
        (2, ["new, from a.pub"]),
    ):
        entries = registry.audit.entries(key(number, 0).key_id)
        assert {entry.action for entry in entries} == {"authority key added"}
        assert [entry.detail for entry in entries] == details


def test_a_key_that_is_refused_changes_nothing(registry: Registry) -> None:
    registry.authority_keys.add(key(3, 9), "b.pub")
    before = len(registry.audit.entries())
    with sqlite3.connect(registry.database.path or "") as connection:
        connection.execute("UPDATE authority_keys SET public_key = ?", (bytes([9]) * 32,))
    with pytest.raises(BadAuthorityKey):
        registry.authority_keys.add(key(3, 9), "b.pub", newest=True)
    assert len(registry.audit.entries()) == before
