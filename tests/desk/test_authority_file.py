"""The authority key file: pairs go in and come out, and nothing else ever does."""

import contextlib
import hashlib
import itertools
import json
import stat
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from hypothesis import given, settings
from hypothesis import strategies as st

from bluetoken import files
from bluetoken.errors import (
    AuthorityFileExists,
    AuthorityFileTooNew,
    BadInput,
    BluetokenError,
    CannotRead,
    CannotWrite,
    DamagedAuthorityFile,
    NotAnAuthorityFile,
    OutOfMemory,
    WrongPassphrase,
)
from bluetoken.keys import authority, documents, locking, public
from bluetoken.keys.authority import AuthorityKeys
from bluetoken.keys.documents import Malformed
from bluetoken.keys.locking import Cost
from bluetoken.keys.public import PublicKey

FAST = Cost(n=2, r=1, p=1)
SECRET = "năm từ dài và lạ"
NOW = datetime(2026, 11, 25, 8, 0, 0, 123456, UTC)
# RFC 9180's recipient in the vectors for DHKEM(X25519, HKDF-SHA256), export-only.
PRIVATE = bytes.fromhex("33d196c830a12f9ac65d6e565a590d80f04ee9b19c83c87f2c170d972a812848")
PUBLIC = bytes.fromhex("194141ca6c3c3beb4792cd97ba0ea1faff09d98435012345766ee33aae2d7664")


def written(path: Path, pairs: int = 2, secret: str = SECRET) -> dict[str, bytes]:
    """Write a file with some pairs and return its private halves."""
    keys = AuthorityKeys(FAST)
    for number in range(pairs):
        keys.add_pair(secret, NOW + timedelta(days=number))
    keys.create(path)
    return keys.unlock(secret)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    written(tmp_path / "authority.keys")
    return tmp_path / "authority.keys"


def changed(path: Path, change: Callable[[Any], object]) -> Path:
    """Change the document in a file."""
    document = json.loads(path.read_text())
    change(document)
    path.write_text(json.dumps(document))
    return path


def with_checksums(document: Any) -> None:
    """Write the checksums that whoever changes a file on purpose would write."""
    for pair in document["keys"]:
        scrypt = pair["scrypt"]
        about = ("bluetoken authority key 1", pair["id"], pair["public"], pair["created"])
        lock = f"scrypt {scrypt['n']} {scrypt['r']} {scrypt['p']} {scrypt['salt']}"
        data = bytes.fromhex(pair["nonce"] + pair["private"])
        pair["sha256"] = hashlib.sha256("\n".join((*about, lock)).encode() + data).hexdigest()


def changed_on_purpose(path: Path, change: Callable[[Any], object]) -> Path:
    return changed(path, lambda document: (change(document), with_checksums(document)))


# There and back.


@settings(max_examples=40, deadline=None)
@given(st.text(min_size=1).filter(lambda text: text.isprintable()), st.integers(1, 4))
def test_pairs_come_back(tmp_path_factory: pytest.TempPathFactory, secret: str, pairs: int) -> None:
    path = tmp_path_factory.mktemp("keys") / "authority.keys"
    private = written(path, pairs, secret)
    keys = AuthorityKeys.load(path, FAST)
    assert keys.unlock(secret) == private and len(private) == pairs
    assert {key.key_id: key.public for key in keys.public_keys} == {
        key_id: authority._public_of(half) for key_id, half in private.items()
    }
    assert all(len(half) == 32 for half in private.values())


def test_the_public_halves_are_listed_newest_first_without_a_passphrase(path: Path) -> None:
    days = [key.created_at for key in AuthorityKeys.load(str(path)).public_keys]
    assert days == [datetime(2026, 11, 26, 8, tzinfo=UTC), datetime(2026, 11, 25, 8, tzinfo=UTC)]


def test_the_real_parameters(tmp_path: Path) -> None:
    keys = AuthorityKeys()
    key = keys.add_pair(SECRET, NOW)
    keys.create(tmp_path / "f")
    scrypt = json.loads((tmp_path / "f").read_text())["keys"][0]["scrypt"]
    assert (scrypt["n"], scrypt["r"], scrypt["p"]) == (2**17, 8, 1)
    private = AuthorityKeys.load(tmp_path / "f").unlock(SECRET)[key.key_id]
    assert authority._public_of(private) == key.public
    Cost(2**19, 8, 1)  # four times as much may come


def locked(cost: Cost) -> tuple[locking.Lock, bytes, str]:
    return *locking.lock(PRIVATE, "about", SECRET, cost), "about"


@pytest.mark.parametrize("cost", [(2**15, 1, 8), (2**6, 64, 64), (2, 64, 64), (2, 1, 1)])
def test_what_may_be_asked_for_can_be_done(cost: tuple[int, int, int]) -> None:
    assert locking.unlock(*locked(Cost(*cost)), SECRET) == PRIVATE


def test_the_public_half_is_x25519s() -> None:
    assert authority._public_of(PRIVATE) == PUBLIC


def test_no_two_pairs_share_anything(path: Path) -> None:
    first, second = json.loads(path.read_text())["keys"]
    assert first["scrypt"]["salt"] != second["scrypt"]["salt"]
    assert all(first[name] != second[name] for name in ("id", "public", "nonce", "private", "sha256"))


def test_the_private_halves_are_not_in_the_file(tmp_path: Path) -> None:
    private = written(tmp_path / "f")
    raw = (tmp_path / "f").read_bytes()
    for half in private.values():
        assert half not in raw and half.hex().encode() not in raw
    assert stat.S_IMODE((tmp_path / "f").stat().st_mode) == 0o600


def test_letters_that_are_composed_in_another_way_are_the_same_passphrase(tmp_path: Path) -> None:
    private = written(tmp_path / "f", secret="Vi\u1ec7t")
    assert AuthorityKeys.load(tmp_path / "f").unlock("Vie\u0323\u0302t") == private


# A new pair.


def test_a_rotation_keeps_the_old_pairs_as_they_are(tmp_path: Path) -> None:
    private = written(tmp_path / "f")
    before = json.loads((tmp_path / "f").read_text())["keys"]
    keys = AuthorityKeys.load(tmp_path / "f", FAST)
    key = keys.add_pair(SECRET, NOW + timedelta(days=9))
    keys.save(tmp_path / "f")
    after = json.loads((tmp_path / "f").read_text())["keys"]
    assert after[:2] == before and len(after) == 3
    unlocked = AuthorityKeys.load(tmp_path / "f").unlock(SECRET)
    assert unlocked.items() > private.items() and list(unlocked)[-1] == key.key_id
    assert stat.S_IMODE((tmp_path / "f").stat().st_mode) == 0o600


def test_a_slip_of_the_finger_does_not_lock_the_new_pair(path: Path) -> None:
    keys = AuthorityKeys.load(path, FAST)
    with pytest.raises(WrongPassphrase):
        keys.add_pair(SECRET + "x", NOW)
    assert len(keys.public_keys) == 2


def test_a_clock_set_back_does_not_make_a_new_key_old(path: Path) -> None:
    keys = AuthorityKeys.load(path, FAST)
    newest = keys.public_keys[0]
    assert keys.add_pair(SECRET, NOW - timedelta(days=400)).created_at == newest.created_at


def test_a_pair_that_somebody_else_added_meanwhile_is_not_lost(path: Path) -> None:
    ours, theirs = AuthorityKeys.load(path, FAST), AuthorityKeys.load(path, FAST)
    theirs.add_pair(SECRET, NOW)
    theirs.save(path)
    ours.add_pair(SECRET, NOW)
    with pytest.raises(CannotWrite, match="changed by another program"):
        ours.save(path)
    assert AuthorityKeys.load(path).public_keys == theirs.public_keys
    theirs.add_pair(SECRET, NOW)
    theirs.save(path)  # what it wrote itself is no change


def test_a_file_that_is_full_says_so(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "MAX_BYTES", len(path.read_bytes()) + 100)
    keys = AuthorityKeys.load(path, FAST)
    keys.add_pair(SECRET, NOW)
    with pytest.raises(CannotWrite, match="full with 2 keys"):
        keys.save(path)
    assert len(AuthorityKeys.load(path).public_keys) == 2


def test_a_file_that_is_there_is_never_overwritten(path: Path) -> None:
    before = path.read_bytes()
    keys = AuthorityKeys(FAST)
    keys.add_pair(SECRET, NOW)
    with pytest.raises(AuthorityFileExists, match="never overwritten"):
        keys.create(path)
    with pytest.raises(AuthorityFileExists):
        authority.require_new(path)
    assert path.read_bytes() == before


def test_places_where_nothing_can_be_read_or_written(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def replace(*_: object) -> None:
        raise OSError(28, "No space left on device")

    keys = AuthorityKeys(FAST)
    keys.add_pair(SECRET, NOW)
    with pytest.raises(CannotWrite, match="nowhere"):
        keys.create(path.parent / "nowhere" / "f")
    with pytest.raises(CannotRead, match="nowhere"):
        AuthorityKeys.load(path.parent / "nowhere")
    with pytest.raises(CannotRead):
        AuthorityKeys.load(path.parent)
    keys = AuthorityKeys.load(path, FAST)
    keys.add_pair(SECRET, NOW)
    monkeypatch.setattr(files, "replace", replace)
    with pytest.raises(CannotWrite, match="No space left"):
        keys.save(path)


# What does not open.


def test_a_wrong_passphrase(path: Path) -> None:
    for wrong in ("", SECRET + " ", SECRET.upper()):
        with pytest.raises(WrongPassphrase, match="does not open"):
            AuthorityKeys.load(path).unlock(wrong)
    with pytest.raises(BadInput, match="no text"):
        AuthorityKeys.load(path).unlock("\udcff")


def test_little_memory(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def derive(*_: object) -> bytes:
        raise MemoryError

    monkeypatch.setattr(locking, "Scrypt", lambda **_: type("Kdf", (), {"derive": derive})())
    with pytest.raises(OutOfMemory, match="close other programs"):
        AuthorityKeys.load(path).unlock(SECRET)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda d: d["keys"][1].update(private="00" * 48), "key 2: its checksum is wrong"),
        (lambda d: d["keys"][1].update(nonce="00" * 12), "key 2: its checksum is wrong"),
        (lambda d: d["keys"][0]["scrypt"].update(salt="00" * 16), "key 1: its checksum is wrong"),
        (lambda d: d["keys"][0]["scrypt"].update(n=4), "key 1: its checksum is wrong"),
        (lambda d: d["keys"][0].update(created="2025-01-01T00:00:00Z"), "key 1: its checksum is wrong"),
        (lambda d: d["keys"][0].update(private="00" * 47), "key 1: private is not 96"),
        (lambda d: d["keys"][0].update(id="00000000"), "key 1: its id should be"),
        (lambda d: d["keys"][0].update(public="00" * 32), "key 1: Everybody can read"),
        (lambda d: d["keys"][0].pop("nonce"), "key 1: it does not have exactly the keys"),
        (lambda d: d["keys"][0].update(more=1), "key 1: it does not have exactly the keys"),
        (lambda d: d["keys"][0].update(scrypt=5), "key 1: scrypt does not have exactly"),
        (lambda d: d["keys"].append(d["keys"][0]), "key 3 is there twice"),
        (lambda d: d["keys"].append(None), "key 3: it does not have"),
        (lambda d: d.update(keys=[]), "no list of keys"),
        (lambda d: d.update(keys={"a": 1}), "no list of keys"),
        (lambda d: d.pop("keys"), "exactly the keys"),
        (lambda d: d.pop("version"), "no version"),
    ],
)
def test_a_damaged_file_is_not_a_wrong_passphrase(path: Path, change: Callable, words: str) -> None:
    with pytest.raises(DamagedAuthorityFile, match=words) as refused:
        AuthorityKeys.load(changed(path, change))
    assert str(path) in str(refused.value) and str(refused.value).endswith("take its backup.")


def test_a_file_cut_short_is_damaged_and_not_foreign(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(DamagedAuthorityFile, match="damaged"):
        AuthorityKeys.load(path)


def test_foreign_files(path: Path, tmp_path: Path) -> None:
    key = AuthorityKeys.load(path).public_keys[0]
    public.write(tmp_path / "f.pub", key)
    with pytest.raises(NotAnAuthorityFile, match="a public key only"):
        AuthorityKeys.load(tmp_path / "f.pub")
    for text in ("", "[]", "{}", "-----BEGIN OPENSSH PRIVATE KEY-----", '{"format": {}}'):
        path.write_text(text)
        with pytest.raises(NotAnAuthorityFile, match="holds no authority keys"):
            AuthorityKeys.load(path)


def test_a_file_of_a_newer_program(path: Path) -> None:
    with pytest.raises(AuthorityFileTooNew, match="update this program"):
        AuthorityKeys.load(changed(path, lambda document: document.update(version=2, keys="other")))


# What somebody changes on purpose.


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d["keys"][0].update(created="2025-01-01T00:00:00Z"),
        lambda d: d["keys"][0]["scrypt"].update(n=4),
        lambda d: d["keys"][0]["scrypt"].update(salt="00" * 16),
        lambda d: d["keys"][0].update(nonce="00" * 12),
        lambda d: d["keys"][0].update(private="00" * 48),
        # Another's private half under this key's name, with its whole lock.
        lambda d: d["keys"][0].update({k: d["keys"][1][k] for k in ("scrypt", "nonce", "private")}),
        # This private half under a name that somebody else can read.
        lambda d: d["keys"][0].update(public=PUBLIC.hex(), id=public.key_id(PUBLIC)),
    ],
)
def test_everything_said_of_a_private_half_is_bound_to_it(path: Path, change: Callable) -> None:
    keys = AuthorityKeys.load(changed_on_purpose(path, change))
    with pytest.raises(WrongPassphrase):
        keys.unlock(SECRET)


def test_a_private_half_that_is_another_keys_is_noticed(path: Path) -> None:
    """Only somebody with the passphrase can write such a file."""
    key = PublicKey(PUBLIC, NOW.replace(microsecond=0))
    pair = authority._Pair(key, *locking.lock(bytes(31) + b"\x40", authority._about(key), SECRET, FAST))
    path.write_bytes(documents.dump(documents.PRIVATE_FORMAT, {"keys": [authority._entry(pair)]}))
    with pytest.raises(DamagedAuthorityFile, match="not its own"):
        AuthorityKeys.load(path).unlock(SECRET)


@pytest.mark.parametrize(
    ("scrypt", "words"),
    [
        ({"n": 2**30, "r": 8, "p": 1}, "too long"),
        ({"n": 2, "r": 2**30, "p": 1}, "too long"),
        ({"n": 2, "r": 1, "p": 2**30}, "too long"),
        ({"n": 2**19, "r": 8, "p": 2}, "too long"),  # memory that may be asked for, twice over
        ({"n": 2**20, "r": 8, "p": 1}, "too long"),
        ({"n": 2**9999, "r": 9999, "p": 1}, "too long"),
        ({"n": 2, "r": 65, "p": 1}, "too long"),
        ({"n": 2, "r": 1, "p": 65}, "too long"),
        ({"n": 2**16, "r": 1, "p": 1}, "power of two"),
        ({"n": 3, "r": 1, "p": 1}, "power of two"),
        ({"n": 1, "r": 1, "p": 1}, "power of two"),
        ({"n": 0, "r": 1, "p": 1}, "whole numbers"),
        ({"n": -2, "r": 1, "p": 1}, "whole numbers"),
        ({"n": 2, "r": True, "p": 1}, "whole numbers"),
        ({"n": 2.0, "r": 1, "p": 1}, "whole numbers"),
        ({"n": "2", "r": 1, "p": 1}, "whole numbers"),
    ],
)
def test_no_file_asks_for_all_memory_or_for_ever(
    path: Path, scrypt: dict, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locking, "Scrypt", None)  # nothing is derived
    changed_on_purpose(path, lambda document: document["keys"][0]["scrypt"].update(scrypt))
    with pytest.raises(DamagedAuthorityFile, match=words):
        AuthorityKeys.load(path).unlock(SECRET)
    with pytest.raises(Malformed, match=words):
        Cost(**scrypt)


def nodes(value: Any, where: tuple = ()) -> list[tuple]:
    """Return the path of everything in a document."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [where, *itertools.chain.from_iterable(nodes(each, (*where, key)) for key, each in inside)]


ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=9)
    | st.just("00" * 32)
    | st.just(2**16),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


def mutated_document(raw: bytes, data: st.DataObject) -> bytes:
    """Put something else into a place or two, or take what is there away."""
    document: Any = {"root": json.loads(raw)}
    for _ in range(data.draw(st.integers(1, 2))):
        where = data.draw(st.sampled_from(nodes(document)[1:]))
        holder = document
        for key in where[:-1]:
            holder = holder[key]
        if data.draw(st.booleans()):
            holder[where[-1]] = data.draw(ANYTHING)
        else:
            del holder[where[-1]]
            if not document:
                break
    if data.draw(st.booleans()):
        with contextlib.suppress(KeyError, TypeError, ValueError, IndexError):
            with_checksums(document["root"])
    return json.dumps(document.get("root")).encode()


def mutated_bytes(raw: bytes, data: st.DataObject) -> bytes:
    """Put other bytes into a few places, or cut some out."""
    found = bytearray(raw)
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(found)))
        found[at : at + data.draw(st.integers(0, 40))] = data.draw(st.binary(max_size=9))
    return bytes(found)


@settings(max_examples=400, deadline=None)
@given(st.data(), st.sampled_from([mutated_document, mutated_bytes]))
def test_whatever_a_file_holds_it_is_the_right_keys_or_one_sentence(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject, mutate: Callable
) -> None:
    path = tmp_path_factory.mktemp("keys") / "f"
    private = written(path)
    path.write_bytes(mutate(path.read_bytes(), data))
    try:
        keys = AuthorityKeys.load(path, FAST)
        unlocked = keys.unlock(SECRET)
    except BluetokenError as error:
        assert str(error).endswith(".") and "\n" not in str(error), error
    else:
        assert unlocked and unlocked.items() <= private.items()
        assert {key.key_id for key in keys.public_keys} == set(unlocked)


def test_scrypt_and_the_cipher_are_what_the_specification_says(path: Path) -> None:
    """Opened by hand, with nothing of ours."""
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

    pair = json.loads(path.read_text())["keys"][0]
    salt = bytes.fromhex(pair["scrypt"]["salt"])
    key = Scrypt(salt=salt, length=32, n=2, r=1, p=1).derive(SECRET.encode())
    about = ("bluetoken authority key 1", pair["id"], pair["public"], pair["created"])
    data = "\n".join((*about, f"scrypt 2 1 1 {salt.hex()}")).encode()
    private = ChaCha20Poly1305(key).decrypt(
        bytes.fromhex(pair["nonce"]), bytes.fromhex(pair["private"]), data
    )
    assert private == AuthorityKeys.load(path).unlock(SECRET)[pair["id"]]
