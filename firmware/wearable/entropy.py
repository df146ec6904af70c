"""Random bytes that are no worse than the best of their sources.

The chip's generator is a true one only while the radio is on; what the desk drew at issue, and all
that was drawn before, is hashed in (docs/DESIGN.md, "Randomness").
"""

import os
from hashlib import sha256


class Pool:
    def __init__(self, seed):
        self._state = bytearray(sha256(seed).digest())

    def draw(self, count):
        """Return up to 32 random bytes, for the caller to overwrite; the pool cannot be run backward to them."""
        mixed = sha256(self._state)
        mixed.update(os.urandom(32))
        digest = mixed.digest()
        self._state[:] = sha256(b"next" + digest).digest()
        return bytearray(sha256(b"out" + digest).digest()[:count])

    def wipe(self):
        for n in range(len(self._state)):
            self._state[n] = 0
