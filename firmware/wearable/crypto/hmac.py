"""HMAC-SHA-256 (RFC 2104, FIPS 198-1)."""

from hashlib import sha256

from .. import const

_BLOCK_BYTES = const(64)


def hmac_sha256(key, *pieces):
    """Return the 32-byte tag under `key` (any length) of a message that is given in one or more pieces."""
    if len(key) > _BLOCK_BYTES:
        key = sha256(key).digest()
    inner = bytearray(b"\x36" * _BLOCK_BYTES)
    outer = bytearray(b"\x5c" * _BLOCK_BYTES)
    for n, byte in enumerate(key):
        inner[n] ^= byte
        outer[n] ^= byte
    digest = sha256(inner)
    for piece in pieces:
        digest.update(piece)
    tag = sha256(outer)
    tag.update(digest.digest())
    for n in range(len(key)):
        inner[n] = outer[n] = 0
    return tag.digest()
