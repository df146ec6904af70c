"""AEAD_AES_128_CBC_HMAC_SHA_256 (RFC 7518 sections 5.2.2 and 5.2.3): cryptolib has no GCM.

Neither half of the key is copied; the round keys inside cryptolib's object cannot be overwritten from here.
"""

import struct

from cryptolib import aes

from .. import const
from .hmac import hmac_sha256

KEY_BYTES = 32  # 16 for HMAC, then 16 for AES
IV_BYTES = 16  # never twice, and not to be foreseen, under one key
TAG_BYTES = 16

_CBC = const(2)
_BLOCK_BYTES = const(16)


def sealed_bytes(length):
    """Return how long `length` bytes become: 17 to 32 more."""
    return length + _BLOCK_BYTES - length % _BLOCK_BYTES + TAG_BYTES


def seal(key, iv, plaintext, associated_data):
    """Return ciphertext and tag, in the one bytearray that is made for them (section 5.2.2.1)."""
    _check(key, iv)
    sealed = bytearray(sealed_bytes(len(plaintext)))
    end = len(sealed) - TAG_BYTES
    padding = end - len(plaintext)
    sealed[: len(plaintext)] = plaintext
    for n in range(len(plaintext), end):
        sealed[n] = padding
    ciphertext = memoryview(sealed)[:end]
    aes(memoryview(key)[16:], _CBC, iv).encrypt(ciphertext, ciphertext)
    sealed[end:] = _tag(key, iv, ciphertext, associated_data)
    return sealed


def unseal(key, iv, sealed, associated_data):
    """Return the plaintext; raise ValueError before anything is decrypted if any bit is another (section 5.2.2.2)."""
    _check(key, iv)
    end = len(sealed) - TAG_BYTES
    if end < _BLOCK_BYTES or end % _BLOCK_BYTES:
        raise ValueError("what was sealed is whole blocks and a tag: this was cut")
    ciphertext = memoryview(sealed)[:end]
    tag = _tag(key, iv, ciphertext, associated_data)
    difference = 0
    for n in range(TAG_BYTES):  # all of them: where the first difference is, is nobody's business
        difference |= tag[n] ^ sealed[end + n]
    if difference:
        raise ValueError("the tag does not fit: altered, or sealed with another key, IV or associated data")
    plaintext = bytearray(end)
    aes(memoryview(key)[16:], _CBC, iv).decrypt(ciphertext, plaintext)
    padding = plaintext[-1]
    # Whoever has the key can pad wrongly; nobody else gets as far as this.
    if not 1 <= padding <= _BLOCK_BYTES or plaintext[-padding:] != bytes([padding]) * padding:
        raise ValueError("the tag fits, but not the padding")
    return bytes(memoryview(plaintext)[: end - padding])


def _check(key, iv):
    if len(key) != KEY_BYTES or len(iv) != IV_BYTES:
        raise ValueError("sealing takes a key of 32 bytes and an IV of 16 bytes")


def _tag(key, iv, ciphertext, associated_data):
    length = struct.pack(">Q", 8 * len(associated_data))  # AL, in bits
    tag = hmac_sha256(memoryview(key)[:16], associated_data, iv, ciphertext, length)
    return tag[:TAG_BYTES]
