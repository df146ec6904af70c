"""The health authority's key pairs in their file: whoever has it and its passphrase reads what tokens sealed."""

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from bluetoken import files
from bluetoken.errors import AuthorityFileExists, BadAuthorityKey, CannotWrite, DamagedAuthorityFile
from bluetoken.keys import documents, locking, public
from bluetoken.keys.documents import Malformed
from bluetoken.keys.locking import Cost, Lock
from bluetoken.keys.public import PublicKey

KEYS = ("format", "version", "keys")
PAIR_KEYS = ("id", "public", "created", "scrypt", "nonce", "private", "sha256")
SCRYPT_KEYS = ("n", "r", "p", "salt")


@dataclass(frozen=True)
class _Pair:
    """A public key, and its private half behind a lock."""

    key: PublicKey
    lock: Lock
    locked: bytes

    def unlock(self, passphrase: str) -> bytes:
        private = locking.unlock(self.lock, self.locked, _about(self.key), passphrase)
        if _public_of(private) != self.key.public:
            raise DamagedAuthorityFile(
                f"Key {self.key.key_id} has a private half that is not its own: take the file's backup."
            )
        return private


class AuthorityKeys:
    """The pairs of an authority key file, oldest first.

    Parameters
    ----------
    cost : Cost, optional
        scrypt's parameters for pairs that are made from now on; `locking.INTERACTIVE` unless a test that
        makes hundreds of pairs asks for less. Pairs that were read keep those they were locked with.
    """

    def __init__(self, cost: Cost | None = None) -> None:
        self._cost = cost or locking.INTERACTIVE
        self._pairs: list[_Pair] = []
        self._read: bytes | None = None  # the file as it was when it was read

    @classmethod
    def load(cls, path: Path | str, cost: Cost | None = None) -> "AuthorityKeys":
        """Return what a file holds, still locked; an error in one sentence where that is nothing."""
        path = Path(path)
        keys = cls(cost)
        keys._read = documents.read(path)
        document = documents.parse(keys._read, documents.PRIVATE_FORMAT, path)
        try:
            keys._pairs = list(_decode(document))
        except (Malformed, BadAuthorityKey) as error:
            reason = str(error).rstrip(".")
            raise DamagedAuthorityFile(f"The file {path} is damaged ({reason}): take its backup.") from None
        return keys

    @property
    def public_keys(self) -> list[PublicKey]:
        """The public halves, newest first; no passphrase is needed."""
        return [pair.key for pair in reversed(self._pairs)]

    def unlock(self, passphrase: str) -> dict[str, bytes]:
        """Return the private halves (32 bytes) by key id; WrongPassphrase where it does not open them."""
        return {pair.key.key_id: pair.unlock(passphrase) for pair in self._pairs}

    def add_pair(self, passphrase: str, now: datetime) -> PublicKey:
        """Make a pair under the passphrase that opens the others, and return its public half."""
        if self._pairs:
            # A slip of the finger would lock the new pair for ever.
            self._pairs[-1].unlock(passphrase)
            # A clock that was set back must not make it look older than the one it replaces.
            now = max(now, self._pairs[-1].key.created_at)
        private = X25519PrivateKey.generate().private_bytes_raw()
        key = PublicKey(_public_of(private), now.replace(microsecond=0))
        self._pairs.append(_Pair(key, *locking.lock(private, _about(key), passphrase, self._cost)))
        return key

    def create(self, path: Path) -> None:
        """Write the pairs into a new file; AuthorityFileExists where there is one of that name."""
        with _writing(path):
            files.create(path, self._encode(path))

    def save(self, path: Path) -> None:
        """Write the pairs into the file they were read from; CannotWrite where it changed since."""
        if documents.read(path) != self._read:
            # Else the pair that somebody else has just added, and told the tokens, would be gone.
            raise CannotWrite(f"The file {path} was changed by another program: repeat the command.")
        with _writing(path):
            self._read = self._encode(path)
            files.replace(path, self._read)

    def _encode(self, path: Path) -> bytes:
        raw = documents.dump(documents.PRIVATE_FORMAT, {"keys": [_entry(pair) for pair in self._pairs]})
        if len(raw) > documents.MAX_BYTES:
            raise CannotWrite(f"The file {path} is full with {len(self._pairs) - 1} keys: begin a new one.")
        return raw


def require_new(path: Path) -> None:
    """Raise AuthorityFileExists where something has this name already."""
    if os.path.lexists(path):
        raise _exists(path)


def _exists(path: Path) -> AuthorityFileExists:
    return AuthorityFileExists(
        f"{path} is there already and is never overwritten: choose another name, or rotate its key."
    )


@contextlib.contextmanager
def _writing(path: Path) -> Iterator[None]:
    try:
        yield
    except FileExistsError:
        raise _exists(path) from None
    except OSError as error:
        raise CannotWrite(f"The file {path} cannot be written ({error.strerror or error}).") from None


def _about(key: PublicKey) -> str:
    """Return what is bound to a private half, so that nobody can put another name on it."""
    said = public.as_entry(key)
    return "\n".join(("bluetoken authority key 1", said["id"], said["public"], said["created"]))


def _public_of(private: bytes) -> bytes:
    return X25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()


def _entry(pair: _Pair) -> dict[str, Any]:
    cost = pair.lock.cost
    return {
        **public.as_entry(pair.key),
        "scrypt": {"n": cost.n, "r": cost.r, "p": cost.p, "salt": pair.lock.salt.hex()},
        "nonce": pair.lock.nonce.hex(),
        "private": pair.locked.hex(),
        "sha256": pair.lock.checksum(_about(pair.key), pair.locked),
    }


def _decode(document: dict[str, Any]) -> Iterator[_Pair]:
    entries = documents.require_keys(document, KEYS, "the file")["keys"]
    if not isinstance(entries, list) or not entries:
        raise Malformed("no list of keys")
    seen = set()
    for number, entry in enumerate(entries, 1):
        try:
            pair = _decode_pair(entry)
        except (Malformed, BadAuthorityKey) as error:
            raise Malformed(f"key {number}: {error}") from None
        if pair.key.key_id in seen:
            raise Malformed(f"key {number} is there twice")
        seen.add(pair.key.key_id)
        yield pair


def _decode_pair(entry: object) -> _Pair:
    told = documents.require_keys(entry, PAIR_KEYS, "it")
    scrypt = documents.require_keys(told["scrypt"], SCRYPT_KEYS, "scrypt")
    lock = Lock(
        Cost(scrypt["n"], scrypt["r"], scrypt["p"]),
        documents.hexadecimal(scrypt, "salt", locking.SALT_BYTES),
        documents.hexadecimal(told, "nonce", locking.NONCE_BYTES),
    )
    pair = _Pair(public.decode(told), lock, documents.hexadecimal(told, "private", locking.LOCKED_BYTES))
    if told["sha256"] != lock.checksum(_about(pair.key), pair.locked):
        raise Malformed("its checksum is wrong")
    return pair
