"""The health authority's public keys and their file: none is accepted that should not be sealed to."""

import hashlib
import json
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bluetoken.errors import (
    AuthorityFileTooNew,
    BadAuthorityKey,
    BluetokenError,
    CannotRead,
    CannotWrite,
    DamagedAuthorityFile,
    NotAnAuthorityFile,
)
from bluetoken.keys import documents, public
from bluetoken.keys.public import PublicKey

MADE_AT = datetime(2026, 11, 25, 8, tzinfo=UTC)
# Of RFC 7748, 6.1: what Alice publishes.
ALICE = bytes.fromhex("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a")
KEY = PublicKey(ALICE, MADE_AT)
PRIME = 2**255 - 19
# D. J. Bernstein, "A state-of-the-art Diffie-Hellman function": all points of low order, as numbers below the prime.
LOW_ORDER = (
    0,
    1,
    325606250916557431795983626356110631294008115727848805560023387167927233504,
    39382357235489614581723060781553021112529911719440698176882885853963445705823,
    PRIME - 1,
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    public.write(tmp_path / "authority.pub", KEY)
    return tmp_path / "authority.pub"


def changed(path: Path, **change: object) -> Path:
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    return path


def test_the_file_comes_back_and_everybody_may_read_it(path: Path) -> None:
    assert public.load(path) == KEY
    assert stat.S_IMODE(path.stat().st_mode) & 0o444
    assert KEY.key_id == hashlib.sha256(ALICE).hexdigest()[:8]
    assert public.path_beside(Path("x/authority.keys")) == Path("x/authority.keys.pub")


@settings(max_examples=50, deadline=None)
@given(st.integers(2, PRIME - 2), st.datetimes(datetime(2020, 1, 1), datetime(2199, 12, 31)))
def test_every_key_comes_back(number: int, moment: datetime) -> None:
    if number in LOW_ORDER:
        return
    key = PublicKey(number.to_bytes(32, "little"), moment.replace(microsecond=0, tzinfo=UTC))
    document = documents.parse(public.encode(key), documents.PUBLIC_FORMAT, Path("f"))
    assert public.decode(document) == key


@pytest.mark.parametrize("number", LOW_ORDER)
def test_a_key_that_opens_to_everybody_is_refused(number: int, path: Path) -> None:
    key = number.to_bytes(32, "little")
    with pytest.raises(BadAuthorityKey, match="Everybody can read"):
        PublicKey(key, MADE_AT)
    with pytest.raises(BadAuthorityKey, match="Everybody can read"):
        public.load(changed(path, public=key.hex(), id=public.key_id(key)))


@pytest.mark.parametrize("number", [PRIME, PRIME + 1, 2**255 - 1, 2**255 + 9, PRIME + 9])
def test_a_key_in_another_spelling_is_refused(number: int) -> None:
    with pytest.raises(BadAuthorityKey, match="spelt"):
        PublicKey(number.to_bytes(32, "little"), MADE_AT)


@pytest.mark.parametrize("size", [0, 31, 33, 64])
def test_a_key_of_another_length_is_refused(size: int, path: Path) -> None:
    with pytest.raises(BadAuthorityKey, match=f"has {size}"):
        PublicKey(b"\x09" * size, MADE_AT)
    with pytest.raises(BadAuthorityKey, match="64 hexadecimal digits"):
        public.load(changed(path, public="09" * size))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"id": "00000000"}, f"id should be {KEY.key_id}"),
        ({"id": KEY.key_id.upper()}, "id should be"),
        ({"id": None}, "id should be"),
        ({"public": ALICE.hex().upper()}, "hexadecimal"),
        ({"public": 7}, "hexadecimal"),
        ({"public": "٠" * 64}, "hexadecimal"),  # digits, but none of ours
        ({"created": "yesterday"}, "created is no instant"),
        ({"created": "2026-1-5T8:0:0Z"}, "created is no instant"),
        ({"created": "9999-12-31T23:59:59Z"}, "created is no instant"),
        ({"created": "0001-01-01T00:00:00Z"}, "created is no instant"),
        ({"created": 5}, "created is no instant"),
        ({"more": 1}, "exactly the keys"),
    ],
)
def test_what_is_wrong_with_a_public_file_is_said(change: dict, words: str, path: Path) -> None:
    with pytest.raises(BadAuthorityKey, match=words) as refused:
        public.load(changed(path, **change))
    assert str(path) in str(refused.value)


def test_files_of_another_kind(path: Path, tmp_path: Path) -> None:
    with pytest.raises(NotAnAuthorityFile, match="holds private keys: use its public file"):
        public.load(changed(path, format=documents.PRIVATE_FORMAT))
    with pytest.raises(NotAnAuthorityFile, match="holds no authority keys"):
        public.load(changed(path, format=["a", "list"]))
    for text in ("[]", "5", "ssh-ed25519 AAAA", "", "[" * 100_000):
        path.write_text(text)
        with pytest.raises(NotAnAuthorityFile):
            public.load(path)
    path.write_bytes(bytes(range(256)))
    with pytest.raises(NotAnAuthorityFile):
        public.load(path)
    with pytest.raises(CannotRead, match="nowhere"):
        public.load(tmp_path / "nowhere")
    with pytest.raises(CannotRead):
        public.load(tmp_path)
    with pytest.raises(CannotWrite, match="nowhere"):
        public.write(tmp_path / "nowhere" / "f", KEY)


def test_versions(path: Path) -> None:
    with pytest.raises(AuthorityFileTooNew, match="update this program"):
        public.load(changed(path, version=2))
    for version in (0, -1, True, None, "1", 1.5):
        with pytest.raises(DamagedAuthorityFile, match="no version"):
            public.load(changed(path, version=version))


def test_a_file_without_an_end_is_not_read_to_it(path: Path) -> None:
    with pytest.raises(NotAnAuthorityFile, match="too long"):
        public.load(Path("/dev/zero"))


def test_a_mark_at_the_beginning_and_other_line_ends_do_no_harm(path: Path) -> None:
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    assert public.load(path) == KEY


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_whatever_comes_is_a_key_or_one_sentence(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    raw = bytearray(public.encode(KEY))
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(raw) - 1))
        raw[at : at + data.draw(st.integers(0, 9))] = data.draw(st.binary(max_size=9))
    path = tmp_path_factory.mktemp("mutated", numbered=True) / "f"
    path.write_bytes(raw)
    try:
        assert public.load(path).public == ALICE
    except BluetokenError as error:
        assert str(error).endswith(".") and "\n" not in str(error)
