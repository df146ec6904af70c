"""A private key under a passphrase: scrypt (RFC 7914) and ChaCha20-Poly1305 (RFC 8439)."""

import hashlib
import secrets
import unicodedata
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from bluetoken.errors import BadInput, OutOfMemory, WrongPassphrase
from bluetoken.keys.documents import Malformed

PRIVATE_BYTES = 32
SALT_BYTES = 16
NONCE_BYTES = 12
TAG_BYTES = 16
LOCKED_BYTES = PRIVATE_BYTES + TAG_BYTES

#: What a file may ask of this computer: four times what `INTERACTIVE` takes, 512 MiB and a second or two.
MAX_WORK = 1 << 22  # n * r * p
MAX_FACTOR = 64  # r and p each: with very large ones the same work takes much longer


@dataclass(frozen=True)
class Cost:
    """scrypt's parameters; Malformed where a file asks for more than anybody would wait for.

    Attributes
    ----------
    n, r, p : int
        Work and memory, block size, parallelisation. Memory is 128 * n * r bytes.
    """

    n: int
    r: int
    p: int

    def __post_init__(self) -> None:
        for value in (self.n, self.r, self.p):
            if not isinstance(value, int) or isinstance(value, bool) or value < 1:
                raise Malformed("scrypt's parameters are not whole numbers")
        if self.n < 2 or self.n & (self.n - 1) or self.n.bit_length() > 16 * self.r:
            raise Malformed("scrypt's n is no power of two below 2 to the 16 r")
        if max(self.r, self.p) > MAX_FACTOR or self.n * self.r * self.p > MAX_WORK:
            raise Malformed("scrypt would take too long")


#: 128 MiB and a third of a second on a laptop of today, for each guess too.
INTERACTIVE = Cost(n=2**17, r=8, p=1)


@dataclass(frozen=True)
class Lock:
    """What is public about a locked key, apart from the key's own name."""

    cost: Cost
    salt: bytes
    nonce: bytes

    def associated_data(self, about: str) -> bytes:
        """Return what is bound to the private key: `about` it, and how it is locked."""
        cost = self.cost
        return f"{about}\nscrypt {cost.n} {cost.r} {cost.p} {self.salt.hex()}".encode()

    def checksum(self, about: str, locked: bytes) -> str:
        """Return what tells damage from a wrong passphrase; it protects from accidents, not from people."""
        return hashlib.sha256(self.associated_data(about) + self.nonce + locked).hexdigest()


def lock(private: bytes, about: str, passphrase: str, cost: Cost) -> tuple[Lock, bytes]:
    """Return a new lock and the private key behind it."""
    made = Lock(cost, secrets.token_bytes(SALT_BYTES), secrets.token_bytes(NONCE_BYTES))
    cipher = ChaCha20Poly1305(_derive(passphrase, made))
    return made, cipher.encrypt(made.nonce, private, made.associated_data(about))


def unlock(made: Lock, locked: bytes, about: str, passphrase: str) -> bytes:
    """Return the private key; WrongPassphrase where this passphrase does not open it."""
    cipher = ChaCha20Poly1305(_derive(passphrase, made))
    try:
        return cipher.decrypt(made.nonce, locked, made.associated_data(about))
    except InvalidTag:
        raise WrongPassphrase() from None


def passphrase_bytes(passphrase: str) -> bytes:
    """Return what scrypt is given: keyboards differ in how they compose a Vietnamese letter, this does not."""
    try:
        return unicodedata.normalize("NFC", passphrase).encode()
    except UnicodeEncodeError:
        raise BadInput("The passphrase holds what is no text: type it again.") from None


def _derive(passphrase: str, made: Lock) -> bytes:
    cost = made.cost
    kdf = Scrypt(salt=made.salt, length=32, n=cost.n, r=cost.r, p=cost.p)
    secret = passphrase_bytes(passphrase)
    try:
        return kdf.derive(secret)
    except MemoryError:
        raise OutOfMemory() from None
