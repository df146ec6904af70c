"""x25519, hpke and aead against the `cryptography` package, in both directions."""

import pytest
from cryptography.hazmat.primitives import hashes, hmac, padding
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.kdf.hkdf import HKDF, HKDFExpand
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from wearable.crypto import fixed_base, hpke
from wearable.crypto.aead import seal, unseal
from wearable.crypto.x25519 import public_key, x25519

P = 2**255 - 19
buffers = st.sampled_from((bytes, bytearray, memoryview))
keys = st.binary(min_size=32, max_size=32)
# Random coordinates are never near 0 or p, where digits are few or a subtraction is due.
coordinates = st.one_of(
    keys,
    st.integers(0, 2**16).map(lambda u: u.to_bytes(32, "little")),
    st.integers(P - 2**16, 2**255 - 1).map(lambda u: u.to_bytes(32, "little")),
    st.integers(0, 255).map(lambda bit: (1 << bit).to_bytes(32, "little")),
)
scalars = st.one_of(
    keys,
    st.integers(0, 255).map(lambda bit: (1 << bit).to_bytes(32, "little")),
    st.integers(0, 255).map(lambda bit: (2**256 - 1 - (1 << bit)).to_bytes(32, "little")),
)
# As in test_x25519.py.
EIGHTHS = (
    "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
    "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
)
LOW_ORDER = [u.to_bytes(32, "little") for u in (0, 1, P - 1, P, P + 1)] + [
    bytes.fromhex(each) for each in EIGHTHS
]


def exchange(private: bytes, public: bytes) -> bytes:
    """What the package says; zeros where it refuses a point of low order."""
    try:
        return X25519PrivateKey.from_private_bytes(private).exchange(
            X25519PublicKey.from_public_bytes(public)
        )
    except ValueError:
        return bytes(32)


def public_of(private: bytes) -> bytes:
    return X25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()


@given(scalars, coordinates, buffers)
def test_products(scalar: bytes, u: bytes, buffer: type) -> None:
    assert x25519(buffer(scalar), buffer(u)) == exchange(scalar, u)


@given(scalars, buffers)
def test_public_keys(private: bytes, buffer: type) -> None:
    assert public_key(buffer(private)) == public_of(private)


@given(keys, st.sampled_from(LOW_ORDER), st.booleans())
def test_points_of_low_order(private: bytes, u: bytes, top_bit: bool) -> None:
    point = u[:31] + bytes([u[31] | top_bit << 7])
    assert x25519(private, point) == exchange(private, point) == bytes(32)
    for side in (
        lambda: hpke.setup_sender(point, b"", private),
        lambda: hpke.setup_receiver(point, private, b""),
    ):
        with pytest.raises(ValueError, match="low order"):
            side()


def test_the_table_of_the_base_point() -> None:
    """From RFC 7748's constants, with affine addition."""
    d = -121665 * pow(121666, -1, P) % P
    x = 15112221349535400772501151409588531511454012693041857206046113283949847762202  # X(P) of section 4.1
    base = (x, 4 * pow(5, -1, P) % P)

    def plus(one: tuple[int, int], other: tuple[int, int]) -> tuple[int, int]:
        (x1, y1), (x2, y2) = one, other
        t = d * x1 * x2 * y1 * y2
        return (x1 * y2 + x2 * y1) * pow(1 + t, -1, P) % P, (y1 * y2 + x1 * x2) * pow(1 - t, -1, P) % P

    teeth = [base]
    for _ in range(3):
        tooth = teeth[-1]
        for _ in range(64):
            tooth = plus(tooth, tooth)
        teeth.append(tooth)
    table = b""
    for n in range(8):
        point = teeth[3]
        for bit, (x, y) in enumerate(teeth[:3]):
            point = plus(point, (x if n >> bit & 1 else -x, y))
        x, y = point
        table += b"".join((each % P).to_bytes(32, "little") for each in (y + x, y - x, 2 * d * x * y))
    assert table == fixed_base._TABLE


def extract(salt: bytes, key_material: bytes) -> bytes:
    return HKDF.extract(hashes.SHA256(), salt or None, key_material)


def labelled_extract(salt: bytes, suite: bytes, label: bytes, key_material: bytes) -> bytes:
    return extract(salt, b"HPKE-v1" + suite + label + key_material)


def labelled_expand(key: bytes, suite: bytes, label: bytes, info: bytes, length: int) -> bytes:
    labelled = length.to_bytes(2, "big") + b"HPKE-v1" + suite + label + info
    return HKDFExpand(hashes.SHA256(), length, labelled).derive(key)


def schedule(secret: bytes, enc: bytes, receiver: bytes, info: bytes) -> bytes:
    """The exporter secret of RFC 9180, from the package's own HKDF; its HPKE has no export-only suite."""
    kem, suite = b"KEM" + bytes([0, 0x20]), b"HPKE" + bytes([0, 0x20, 0, 1, 0xFF, 0xFF])
    key = labelled_extract(b"", kem, b"eae_prk", secret)
    shared = labelled_expand(key, kem, b"shared_secret", enc + receiver, 32)
    ids = labelled_extract(b"", suite, b"psk_id_hash", b""), labelled_extract(b"", suite, b"info_hash", info)
    key = labelled_extract(shared, suite, b"secret", b"")
    return labelled_expand(key, suite, b"exp", bytes([0]) + b"".join(ids), 32)


@settings(max_examples=50)
@given(keys, keys, st.binary(max_size=80), st.binary(max_size=80), st.integers(1, 100))
def test_the_packages_receiver_has_what_our_sender_exports(
    ephemeral: bytes, receiver: bytes, info: bytes, context: bytes, length: int
) -> None:
    enc, secret = hpke.setup_sender(public_of(receiver), info, ephemeral)
    theirs = schedule(exchange(receiver, enc), enc, public_of(receiver), info)
    assert secret == theirs
    suite = b"HPKE" + bytes([0, 0x20, 0, 1, 0xFF, 0xFF])
    exported = labelled_expand(theirs, suite, b"sec", context, length)
    assert hpke.export(secret, context, length) == exported


@settings(max_examples=50)
@given(keys, keys, st.binary(max_size=80))
def test_our_receiver_has_what_the_packages_sender_has(
    ephemeral: bytes, receiver: bytes, info: bytes
) -> None:
    enc = public_of(ephemeral)
    theirs = schedule(exchange(ephemeral, public_of(receiver)), enc, public_of(receiver), info)
    assert hpke.setup_receiver(enc, receiver, info) == theirs


def their_tag(key: bytes, iv: bytes, ciphertext: bytes, associated: bytes) -> bytes:
    mac = hmac.HMAC(key[:16], hashes.SHA256())
    mac.update(associated + iv + ciphertext + (8 * len(associated)).to_bytes(8, "big"))
    return mac.finalize()[:16]


def their_seal(key: bytes, iv: bytes, plaintext: bytes, associated: bytes) -> bytes:
    padder = padding.PKCS7(128).padder()
    encryptor = Cipher(AES(key[16:]), CBC(iv)).encryptor()
    ciphertext = encryptor.update(padder.update(plaintext) + padder.finalize())
    return ciphertext + their_tag(key, iv, ciphertext, associated)


def their_unseal(key: bytes, iv: bytes, sealed: bytes, associated: bytes) -> bytes:
    assert sealed[-16:] == their_tag(key, iv, sealed[:-16], associated)
    unpadder = padding.PKCS7(128).unpadder()
    padded = Cipher(AES(key[16:]), CBC(iv)).decryptor().update(sealed[:-16])
    return unpadder.update(padded) + unpadder.finalize()


blocks = st.binary(min_size=16, max_size=16)
texts = st.binary(max_size=100)


@given(keys, blocks, texts, texts, buffers)
def test_sealing(key: bytes, iv: bytes, plaintext: bytes, associated: bytes, buffer: type) -> None:
    sealed = bytes(seal(*map(buffer, (key, iv, plaintext, associated))))
    assert sealed == their_seal(key, iv, plaintext, associated)
    assert their_unseal(key, iv, sealed, associated) == plaintext
    assert unseal(*map(buffer, (key, iv, sealed, associated))) == plaintext


@given(keys, blocks, texts, texts, texts)
def test_anything_else_is_refused(
    key: bytes, iv: bytes, plaintext: bytes, associated: bytes, other: bytes
) -> None:
    assume(other != associated)
    sealed = seal(key, iv, plaintext, associated)
    for what, data in ((sealed, other), (other, associated), (sealed + other, associated + b".")):
        with pytest.raises(ValueError):
            unseal(key, iv, what, data)


@settings(max_examples=10)
@given(keys, blocks, st.binary(max_size=40))
def test_every_bit_and_every_byte_counts(key: bytes, iv: bytes, plaintext: bytes) -> None:
    sealed = bytes(seal(key, iv, plaintext, b"data"))
    for bit in range(8 * len(sealed)):
        altered = bytearray(sealed)
        altered[bit >> 3] ^= 1 << (bit & 7)
        with pytest.raises(ValueError, match="altered"):
            unseal(key, iv, altered, b"data")
    for length in range(len(sealed)):
        with pytest.raises(ValueError):
            unseal(key, iv, sealed[:length], b"data")
