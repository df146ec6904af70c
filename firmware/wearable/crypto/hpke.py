"""HPKE, base mode, for exporting secrets only (RFC 9180).

One suite: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, and the AEAD number that says that there is none. The caller
draws the ephemeral private key and overwrites it; what is derived here follows from it alone.

The Diffie-Hellman secret and the pseudorandom keys on the way are `bytes`, as X25519 and hashlib give them:
they cannot be overwritten, and stay in the heap until something else is written there.
"""

from .hkdf import expand, extract
from .x25519 import KEY_BYTES, public_key, x25519

_SECRET_BYTES = 32  # Nsecret, and Nh of the KDF (section 7)
_VERSION = b"HPKE-v1"
_KEM_SUITE = b"KEM\x00\x20"  # section 4.1, KEM 0x0020
_SUITE = b"HPKE\x00\x20\x00\x01\xff\xff"  # section 5.1, KEM 0x0020, KDF 0x0001, AEAD 0xFFFF
_MODE_BASE = b"\x00"


def setup_sender(receiver_public, info, ephemeral_private):
    """Return (enc, exporter secret), 32 bytes each: `enc` goes to the receiver in the clear (section 5.1.1)."""
    shared_secret, enc = encapsulate(receiver_public, ephemeral_private)
    return enc, _exporter_secret(shared_secret, info)


def setup_receiver(enc, receiver_private, info):
    """Return the sender's exporter secret (section 5.1.1)."""
    return _exporter_secret(decapsulate(enc, receiver_private), info)


def setup_receiver_agreed(enc, agreed, receiver_public, info):
    """The same for whoever has X25519 of the private key and `enc` from elsewhere, such as a constant-time library."""
    _check(enc, "public")
    return _exporter_secret(_shared_secret(_kept_secret(agreed), enc, receiver_public), info)


def export(exporter_secret, context, length):
    """Return `length` bytes that only the two sides know, another value for each context (section 5.3)."""
    return _labelled_expand(exporter_secret, _SUITE, b"sec", context, length)


def encapsulate(receiver_public, ephemeral_private):
    """Return (shared secret, enc), 32 bytes each (section 4.1)."""
    _check(receiver_public, "public")
    _check(ephemeral_private, "private")
    secret = _agree(ephemeral_private, receiver_public)
    enc = public_key(ephemeral_private)
    return _shared_secret(secret, enc, receiver_public), enc


def decapsulate(enc, receiver_private):
    """Return the 32-byte shared secret (section 4.1)."""
    _check(enc, "public")
    _check(receiver_private, "private")
    return _shared_secret(_agree(receiver_private, enc), enc, public_key(receiver_private))


def _check(key, kind):
    if len(key) != KEY_BYTES:
        raise ValueError("an X25519 %s key has 32 bytes, not %d" % (kind, len(key)))


def _agree(private, public):
    return _kept_secret(x25519(private, public))


def _kept_secret(secret):
    if secret == bytes(KEY_BYTES):  # section 7.1.4: everybody would know it
        raise ValueError("this public key is a point of low order: it keeps no secret")
    return secret


def _shared_secret(secret, enc, receiver_public):
    """ExtractAndExpand of section 4.1."""
    key = _labelled_extract(b"", _KEM_SUITE, b"eae_prk", secret)
    return _labelled_expand(key, _KEM_SUITE, b"shared_secret", enc + receiver_public, _SECRET_BYTES)


def _exporter_secret(shared_secret, info):
    """What KeySchedule of section 5.1 leaves without a pre-shared key and an AEAD."""
    context = (
        _MODE_BASE
        + _labelled_extract(b"", _SUITE, b"psk_id_hash", b"")
        + _labelled_extract(b"", _SUITE, b"info_hash", info)
    )
    secret = _labelled_extract(shared_secret, _SUITE, b"secret", b"")
    return _labelled_expand(secret, _SUITE, b"exp", context, _SECRET_BYTES)


def _labelled_extract(salt, suite, label, key_material):
    """LabeledExtract of section 4."""
    return extract(salt, _VERSION, suite, label, key_material)


def _labelled_expand(key, suite, label, info, length):
    """LabeledExpand of section 4."""
    return expand(key, bytes((length >> 8, length & 0xFF)) + _VERSION + suite + label + info, length)
