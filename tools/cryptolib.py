"""MicroPython's `cryptolib` for CPython, so that the firmware's own code runs on both unchanged.

The subset that MicroPython's ESP32 port has: AES in ECB and CBC mode. As there, an object works in one
direction only, and the errors are the same ValueErrors.
"""

from typing import TypeAlias

from cryptography.hazmat.primitives.ciphers import Cipher, CipherContext
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC, ECB

MODE_ECB = 1
MODE_CBC = 2

_BLOCK_BYTES = 16

Buffer: TypeAlias = bytes | bytearray | memoryview


class aes:
    """AES with a key of 16 or 32 bytes; CBC goes on from call to call, as a stream does."""

    def __init__(self, key: Buffer, mode: int, iv: Buffer | None = None) -> None:
        if mode not in (MODE_ECB, MODE_CBC):
            raise ValueError("mode")
        if len(key) not in (16, 32):
            raise ValueError("key")
        if (iv is None and mode == MODE_CBC) or (iv is not None and len(iv) != _BLOCK_BYTES):
            raise ValueError("IV")
        self._cipher = Cipher(AES(bytes(key)), CBC(bytes(iv or b"")) if mode == MODE_CBC else ECB())
        self._encrypts: bool | None = None
        self._context: CipherContext

    def encrypt(self, data: Buffer, out: bytearray | memoryview | None = None) -> Buffer:
        """Encrypt whole blocks, into `out` where it is given (it may be `data` itself)."""
        return self._process(data, out, encrypts=True)

    def decrypt(self, data: Buffer, out: bytearray | memoryview | None = None) -> Buffer:
        """Decrypt whole blocks, into `out` where it is given (it may be `data` itself)."""
        return self._process(data, out, encrypts=False)

    def _process(self, data: Buffer, out: bytearray | memoryview | None, encrypts: bool) -> Buffer:
        if len(data) % _BLOCK_BYTES:
            raise ValueError("blksize % 16")
        if out is not None and len(out) < len(data):
            raise ValueError("output too small")
        if self._encrypts is None:
            self._encrypts = encrypts
            self._context = self._cipher.encryptor() if encrypts else self._cipher.decryptor()
        elif self._encrypts is not encrypts:
            raise ValueError("can't encrypt & decrypt")
        result = self._context.update(bytes(data))
        if out is None:
            return result
        out[: len(result)] = result
        return out
