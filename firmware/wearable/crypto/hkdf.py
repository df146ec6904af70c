"""HKDF-SHA-256 (RFC 5869)."""

from .. import const
from .hmac import hmac_sha256

_HASH_BYTES = const(32)


def extract(salt, *key_material):
    """Return the 32-byte pseudorandom key of one or more pieces; an empty salt is 32 zeros (section 2.2)."""
    return hmac_sha256(salt or bytes(_HASH_BYTES), *key_material)


def expand(pseudorandom_key, info, length):
    """Return `length` bytes of output keying material, at most 8160 (section 2.3)."""
    if length > 255 * _HASH_BYTES:
        raise ValueError("HKDF gives at most 8160 bytes")
    block = b""
    output = b""
    while len(output) < length:
        block = hmac_sha256(pseudorandom_key, block, info, bytes([len(output) // _HASH_BYTES + 1]))
        output += block
    return output[:length]


def hkdf_sha256(key_material, salt, info, length):
    """Extract, then expand."""
    return expand(extract(salt, key_material), info, length)
