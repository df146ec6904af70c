"""AES-128-CTR from the block cipher: MicroPython's cryptolib has ECB and CBC only."""

from cryptolib import aes

_ECB = 1
_BLOCK_BYTES = 16


def aes_ctr(key, counter_block, data):
    """Encrypt or decrypt `data` with a 16-byte initial counter block, counted big-endian (SP 800-38A)."""
    cipher = aes(key, _ECB)
    counter = bytearray(counter_block)
    output = bytearray(data)
    for start in range(0, len(output), _BLOCK_BYTES):
        key_stream = cipher.encrypt(counter)
        for n in range(start, min(start + _BLOCK_BYTES, len(output))):
            output[n] ^= key_stream[n - start]
        _increment(counter)
    return bytes(output)


def _increment(counter):
    for n in range(_BLOCK_BYTES - 1, -1, -1):
        counter[n] = (counter[n] + 1) & 0xFF
        if counter[n]:
            return
