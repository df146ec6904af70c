"""Sealing what a token writes to the health authority (docs/SPEC.md, section 2.9; pure).

Each segment has its own encapsulation. Each of its batches takes a key and an IV from a secret that gives way to the
next one as soon as the batch is committed: a token cannot read what it has written, not even while it is at work.
"""

import struct
import sys

from . import const, records
from .crypto import aead
from .crypto.hkdf import expand

_SECRET_BYTES = const(32)
_INFO = const(b"bluetoken segment")
_FIRST = const(b"bluetoken first batch")
_STEP = const(b"bluetoken batch")
_KEY_END = aead.KEY_BYTES
_IV_END = _KEY_END + aead.IV_BYTES
_STEP_BYTES = _IV_END + _SECRET_BYTES

# X25519 takes a tenth of the heap and is needed once a day: it is loaded for that moment.
_LATE = ("hpke", "x25519", "fixed_base")


def info(token_id, segment):
    """Return what the key schedule is bound to: format version, token and segment."""
    return _INFO + struct.pack("<B8sI", records.VERSION, token_id, segment)


def encapsulate(public, token_id, segment, ephemeral):
    """Return (enc, Chain) of a new segment; `ephemeral` is a bytearray of 32 random bytes, and is overwritten."""
    from .crypto import hpke

    try:
        enc, secret = hpke.setup_sender(public, info(token_id, segment), ephemeral)
        return enc, Chain(hpke.export(secret, _FIRST, _SECRET_BYTES))
    finally:
        wipe(ephemeral)
        _unload()


def decapsulated(exporter_secret):
    """Return the Chain of a segment whose exporter secret its receiver found."""
    from .crypto import hpke

    return Chain(hpke.export(exporter_secret, _FIRST, _SECRET_BYTES))


class Chain:
    """The secrets of a segment's batches, one after the other."""

    def __init__(self, first):
        self._secret = bytearray(first)
        self._step = bytearray(_STEP_BYTES)
        self._taken = False

    def sealed_bytes(self, length):
        """Return how long the payload of so long a body is."""
        return aead.sealed_bytes(length)

    def seal(self, header, head, body):
        """Return the payload of the next batch; `header` and `head` are the bytes before it, and bound to it."""
        key, iv = self._take()
        return aead.seal(key, iv, body, header + head)

    def unseal(self, header, head, payload):
        """Return the body of the next batch; ValueError where a bit of it, or of what is before it, is another."""
        key, iv = self._take()
        return aead.unseal(key, iv, payload, header + head)

    def _take(self):
        self._step[:] = expand(self._secret, _STEP, _STEP_BYTES)
        self._taken = True
        step = memoryview(self._step)
        return step[:_KEY_END], step[_KEY_END:_IV_END]

    def advance(self):
        """Go to the next batch, once however often it is called: what this one was sealed with is gone."""
        if self._taken:
            self._secret[:] = memoryview(self._step)[_IV_END:]
            self._taken = False
        wipe(self._step)

    def wipe(self):
        """Overwrite everything: nothing can be sealed any more."""
        wipe(self._secret)
        wipe(self._step)


def wipe(secret):
    """Overwrite a bytearray with zeros."""
    for n in range(len(secret)):
        secret[n] = 0


def _unload():
    package = sys.modules["wearable.crypto"]
    for name in _LATE:
        if sys.modules.pop("wearable.crypto." + name, None):
            delattr(package, name)
