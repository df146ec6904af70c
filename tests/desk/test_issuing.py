"""Giving a token out, again, and interrupted."""

from collections.abc import Iterator

import pytest
from desk_building import MONDAY_S, body, segment
from desk_fake import FakeDesk, FakeToken
from desk_giving import give

from bluetoken.deployment import Deployment
from bluetoken.errors import (
    AlreadyIssued,
    CableLost,
    DeviceFault,
    ForeignToken,
    LabelTaken,
    NoAuthorityKey,
    UnsyncedData,
)
from bluetoken.registry import Registry, open_registry
from bluetoken.registry.issuing import Recipient, issue
from bluetoken.registry.syncing import synchronise
from bluetoken.registry.tables import Token, TokenState

pytestmark = pytest.mark.usefixtures("authority")

HOA = Recipient("Bà Hoa", "consent, form 3")


@pytest.fixture
def plain() -> Iterator[Registry]:
    """A registry without an authority key."""
    with open_registry("sqlite://") as opened:
        yield opened


def give_out(token: FakeToken, registry: Registry, label: str = "A-1", again: bool = False) -> Token:
    return issue(FakeDesk(token), registry, label, HOA, 21, again)


def test_a_new_token(token: FakeToken, registry: Registry) -> None:
    token.write(clock_ms=0)
    entry = give_out(token, registry)
    known = token.read()
    assert (known["token"], known["issuer"], known["label"]) == (entry.token_id, registry.issuer, "A-1")
    assert known["authority"] == registry.authority_keys.newest()[0]
    assert known["clock_ms"] > 1_700_000_000_000
    assert (entry.state, entry.board, entry.holder.reference) == (TokenState.ISSUED, "esp32c3", "Bà Hoa")
    assert registry.tokens.may_process(entry.token_id)


def test_ids_and_entropy_are_drawn_anew(token: FakeToken, registry: Registry) -> None:
    drawn = []
    desk = FakeDesk(token)
    desk.provision = lambda *args: drawn.append(args) or FakeDesk.provision(desk, *args)  # type: ignore
    issue(desk, registry, "A-1", HOA, 21, False)
    issue(desk, registry, "A-1", HOA, 21, True)
    (first, *_, entropy, authority, _), (second, *_, other, same, _) = drawn
    assert first != second and entropy != other and authority == same


def test_a_token_that_seals_nothing_has_to_be_asked_for(token: FakeToken, plain: Registry) -> None:
    with pytest.raises(NoAuthorityKey):
        give_out(token, plain)
    assert token.read()["token"] == "" and plain.tokens.all("test") == []
    issue(FakeDesk(token), plain, "A-1", HOA, 21, False, in_the_clear=True)
    assert token.read()["token"] and token.read()["authority"] == ""


def test_a_token_is_told_how_far_its_wearers_clock_is_ahead(token: FakeToken, registry: Registry) -> None:
    desk = FakeDesk(token)
    issue(desk, registry, "A-1", HOA, 21, False, deployment=Deployment(utc_offset_min=-180))
    assert desk.deployment == Deployment(utc_offset_min=-180)


def test_again_needs_to_be_said_and_ends_the_first_issue(token: FakeToken, registry: Registry) -> None:
    first = give_out(token, registry)
    with pytest.raises(AlreadyIssued, match="--again"):
        give_out(token, registry)
    second = give_out(token, registry, again=True)
    assert second.token_id != first.token_id
    assert registry.tokens.get(first.token_id, "test").state == TokenState.RETURNED
    assert registry.tokens.by_label("A-1", "test").token_id == second.token_id


def test_again_only_after_a_sync(token: FakeToken, registry: Registry) -> None:
    first = give_out(token, registry)
    token.put(1, segment(first.token_id, 1, [body([], MONDAY_S)]))
    with pytest.raises(UnsyncedData, match="sync"):
        give_out(token, registry, again=True)
    assert token.read()["token"] == first.token_id and token.files()
    synchronise(FakeDesk(token), registry, keep=True)
    assert give_out(token, registry, again=True).token_id != first.token_id


def test_a_token_of_another_registry(token: FakeToken, registry: Registry) -> None:
    token.write(token="11" * 8, issuer="22" * 8, label="Z-1")
    token.put(1, segment("11" * 8, 1, []))
    with pytest.raises(AlreadyIssued):
        give_out(token, registry)
    with pytest.raises(ForeignToken, match="Z-1"):
        give_out(token, registry, again=True)
    token.remove(1)
    assert give_out(token, registry, again=True).label == "A-1"


def test_a_label_in_use_changes_nothing_on_the_token(token: FakeToken, registry: Registry) -> None:
    give(registry, "A-1")
    before = token.read()
    with pytest.raises(LabelTaken):
        give_out(token, registry)
    assert token.read() == before


@pytest.mark.parametrize("calls", range(5))
def test_the_cable_is_pulled_after_any_call_and_the_issue_repeated(
    token: FakeToken, registry: Registry, calls: int
) -> None:
    with pytest.raises(CableLost):
        for cut_after in (calls, 0):
            issue(FakeDesk(token, cut_after=cut_after), registry, "A-1", HOA, 21, False)
    # Whatever the token is now, the registry knows it.
    now = token.read()["token"]
    assert not now or registry.tokens.get(now, "test")
    entry = give_out(token, registry, again=bool(now))
    assert registry.tokens.by_label("A-1", "test").token_id == entry.token_id == token.read()["token"]
    states = [each.state for each in registry.tokens.all("test")]
    assert states.count(TokenState.ISSUED) == 1


def test_a_token_that_does_not_listen(
    token: FakeToken, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FakeDesk, "provision", lambda *args: None)
    with pytest.raises(DeviceFault, match="identity"):
        give_out(token, registry)
    assert registry.tokens.by_label("A-1", "test").state == TokenState.PENDING
