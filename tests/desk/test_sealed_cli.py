"""Sealed segments through the commands: one laptop collects and says so, another has the key and matches."""

import zlib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from desk_building import MONDAY_S, Heard, body, key_record, segment, tek
from desk_fake import FakeToken
from desk_giving import give
from desk_telling import refusal, told
from typer.testing import Result

from bluetoken.keys.authority import AuthorityKeys
from bluetoken.keys.locking import Cost
from bluetoken.keys.public import PublicKey
from bluetoken.registry import open_registry

Run = Callable[..., Result]
PASSPHRASE = "a dozen letters and more"
CHEAP = Cost(n=16384, r=8, p=1)
NINE_S = MONDAY_S + 2 * 3600  # in Vietnam


class Authority:
    """A key file with its passphrase beside it."""

    def __init__(self, folder: Path) -> None:
        self.file, self.secret = folder / "authority.key", folder / "passphrase"
        self.secret.write_text(PASSPHRASE + "\n")
        self._keys = AuthorityKeys(CHEAP)
        self.first = self._keys.add_pair(PASSPHRASE, datetime(2026, 11, 1, tzinfo=UTC))
        self._keys.create(self.file)
        self.options = ("--authority", str(self.file), "--passphrase-file", str(self.secret))

    def rotate(self) -> PublicKey:
        keys = AuthorityKeys.load(self.file, CHEAP)
        added = keys.add_pair(PASSPHRASE, datetime(2026, 11, 20, tzinfo=UTC))
        keys.save(self.file)
        return added


@pytest.fixture
def authority_file(tmp_path: Path) -> Authority:
    authority = Authority(tmp_path)
    with open_registry() as registry:
        registry.authority_keys.add(authority.first, "authority.pub")
    return authority


def synced(label: str, public: bytes, *bodies: object, number: int = 1) -> None:
    with open_registry() as registry:
        token = label.encode().hex().rjust(16, "0")[-16:]
        if number == 1:
            give(registry, label)
        raw = segment(token, number, bodies, authority=public)  # type: ignore[arg-type]
        registry.segments.store(token, number, raw, zlib.crc32(raw))


@pytest.fixture
def case(run: Run, authority_file: Authority) -> str:
    """A case A-1, and B-1 who met it for half an hour; their tokens sealed what they wrote."""
    public = authority_file.first.public
    synced("A-1", public, body([], MONDAY_S, more=key_record(tek(1), MONDAY_S)))
    synced("B-1", public, body([Heard(tek(1), NINE_S + 600 * n, 590, -70) for n in range(3)], NINE_S))
    opening = ("case", "open", "--token", "A-1", "--tested-on", "2026-11-25", "--consent", "signed")
    return told(run(*opening, "--json"))["case"]


def purposes() -> list[str]:
    with open_registry() as registry:
        return [entry.detail for entry in registry.audit.entries() if entry.action == "read encounters"]


def test_without_the_private_key_nothing_is_released_or_matched(
    case: str, run: Run, authority_file: Authority
) -> None:
    key_id = authority_file.first.key_id
    sentence = refusal(run("case", "release", case))
    assert key_id in sentence and "--authority" in sentence
    told(run("case", "release", case, *authority_file.options, "--json"))
    found = told(run("exposures", case, "--json"))
    assert found["results"] == [] or all(not each["needs_interview"] for each in found["results"])
    assert f"B-1: 1 segment is sealed to the authority's key {key_id}, which is not here" in found["unreadable"]
    assert key_id in run("exposures", case).output


def test_with_it_the_case_is_matched_and_the_audit_says_so(
    case: str, run: Run, authority_file: Authority
) -> None:
    released = told(run("case", "release", case, *authority_file.options, "--json"))
    assert (released["new"], released["keys"]) == (1, 1)
    found = told(run("exposures", case, *authority_file.options, "--json"))
    assert {each["label"] for each in found["results"] if each["needs_interview"]} == {"B-1"}
    assert found["unreadable"] == []
    assert any(authority_file.first.key_id in purpose for purpose in purposes())


def test_the_wrong_passphrase_reads_nothing(case: str, run: Run, authority_file: Authority) -> None:
    authority_file.secret.write_text("another dozen letters\n")
    before = len(purposes())
    assert "passphrase" in refusal(run("exposures", "--all", *authority_file.options)).lower()
    assert "passphrase" in refusal(run("case", "release", case, *authority_file.options)).lower()
    assert len(purposes()) == before


def test_after_a_rotation_old_and_new_segments_are_read(
    case: str, run: Run, authority_file: Authority
) -> None:
    newer = authority_file.rotate()
    later = [Heard(tek(1), NINE_S + 3600 + 600 * n, 590, -70) for n in range(3)]
    synced("B-1", newer.public, body(later, NINE_S + 3600), number=2)
    told(run("case", "release", case, *authority_file.options, "--json"))
    (result,) = told(run("exposures", case, *authority_file.options, "--json"))["results"]
    assert len(result["windows"]) == 2


def test_a_laptop_that_only_collects_says_to_whom_it_is_sealed(
    run: Run, token: FakeToken, plug: Callable, authority_file: Authority
) -> None:
    plug(token)
    issue = ("issue", "--label", "C-1", "--holder", "Chi", "--legal-basis", "consent")
    issued = told(run(*issue, "--json"))["token"]
    key_id = authority_file.first.key_id
    assert token.read()["authority"] == key_id
    raw = segment(issued, 1, [body([], MONDAY_S)], authority=authority_file.first.public)
    token.put(1, raw)
    report = told(run("sync", "--json"))
    assert (report["sealed_to"], report["told_key"]) == ([key_id], None)
    with open_registry() as registry:
        assert [each.raw for each in registry.segments.of(issued, "test")] == [raw]
    token.put(2, segment(issued, 2, [body([], MONDAY_S)], authority=authority_file.first.public))
    assert f"sealed to the authority's key {key_id}" in run("sync").output


def test_a_token_is_told_the_newest_key_at_sync(
    run: Run, token: FakeToken, plug: Callable, authority_file: Authority
) -> None:
    desk = plug(token)
    told(run("issue", "--label", "C-1", "--holder", "Chi", "--legal-basis", "consent", "--json"))
    newer = authority_file.rotate()
    with open_registry() as registry:
        registry.authority_keys.add(newer, "authority.pub")
    assert f"newest key, {newer.key_id}" in run("sync").output
    assert token.read()["authority"] == newer.key_id
    desk.calls.clear()
    assert told(run("sync", "--json"))["told_key"] is None
    assert "set_authority" not in desk.calls


def test_a_token_that_writes_in_the_clear_is_left_so(
    run: Run, token: FakeToken, plug: Callable, authority_file: Authority
) -> None:
    desk = plug(token)
    issue = ("issue", "--label", "C-1", "--holder", "Chi", "--legal-basis", "consent", "--in-the-clear")
    told(run(*issue, "--json"))
    assert told(run("sync", "--json"))["told_key"] is None
    assert "set_authority" not in desk.calls and token.read()["authority"] == ""
