"""The public half of the health authority's key pair, and the small file that carries it to the clinics."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from bluetoken import files
from bluetoken.errors import BadAuthorityKey, CannotWrite
from bluetoken.keys import documents
from bluetoken.keys.documents import Malformed
from wearable import records

KEYS = ("format", "version", "id", "public", "created")

_PRIME = 2**255 - 19


@dataclass(frozen=True)
class PublicKey:
    """An X25519 public key that may be sealed to; BadAuthorityKey where one should not.

    Attributes
    ----------
    public : bytes
        32 bytes, as RFC 7748 has them.
    created_at : datetime
        When the pair was made, aware.
    """

    public: bytes
    created_at: datetime

    def __post_init__(self) -> None:
        if len(self.public) != records.PUBLIC_KEY_BYTES:
            needed = records.PUBLIC_KEY_BYTES
            raise BadAuthorityKey(f"A public key has {needed} bytes, this one has {len(self.public)}.")
        # The sender hashes these very bytes, the receiver those of the number: two spellings would never meet.
        if int.from_bytes(self.public, "little") >= _PRIME:
            raise BadAuthorityKey(
                "The public key is not spelt as RFC 7748 has it: get its public file again."
            )
        if _is_of_low_order(self.public):
            raise BadAuthorityKey("Everybody can read what is sealed to this public key: do not use it.")

    @property
    def key_id(self) -> str:
        """The id by which files, tokens and people call the key."""
        return key_id(self.public)


def key_id(public: bytes) -> str:
    """Return the id of a public key: the first 8 hexadecimal digits of its SHA-256."""
    return records.key_id(public).hex()


def path_beside(key_file: Path) -> Path:
    """Return where the public file of an authority key file lies."""
    return key_file.with_name(key_file.name + ".pub")


def write(path: Path, key: PublicKey) -> None:
    """Write the public file of a key, in the place of the one before."""
    try:
        files.replace(path, encode(key), files.PUBLIC)
    except OSError as error:
        raise CannotWrite(f"The file {path} cannot be written ({error.strerror or error}).") from None


def load(path: Path) -> PublicKey:
    """Return the key of a public file; an error in one sentence where there is none to be trusted."""
    document = documents.parse(documents.read(path), documents.PUBLIC_FORMAT, path)
    try:
        return decode(documents.require_keys(document, KEYS, "the file"))
    except (Malformed, BadAuthorityKey) as error:
        reason = str(error).rstrip(".")
        raise BadAuthorityKey(f"The key of {path} was refused: {reason}.") from None


def encode(key: PublicKey) -> bytes:
    """Return the bytes of a key's public file."""
    return documents.dump(documents.PUBLIC_FORMAT, as_entry(key))


def as_entry(key: PublicKey) -> dict[str, str]:
    """Return what both kinds of file say of a public key."""
    return {"id": key.key_id, "public": key.public.hex(), "created": documents.in_words(key.created_at)}


def decode(entry: dict[str, object]) -> PublicKey:
    """Return the key that `as_entry` wrote; Malformed or BadAuthorityKey where it is none."""
    public = documents.hexadecimal(entry, "public", records.PUBLIC_KEY_BYTES)
    key = PublicKey(public, documents.instant(entry, "created"))
    if entry["id"] != key.key_id:
        raise Malformed(f"its id should be {key.key_id}")
    return key


def _is_of_low_order(public: bytes) -> bool:
    """Whether every exchange with this key ends in zeros: then any private key shows it."""
    try:
        X25519PrivateKey.from_private_bytes(bytes(range(32))).exchange(
            X25519PublicKey.from_public_bytes(public)
        )
    except ValueError:
        return True
    return False
