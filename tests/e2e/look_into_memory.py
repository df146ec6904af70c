"""Run on a token that was interrupted and not reset: prints which needles lie in the interpreter's heap.

BASE, BYTES and NEEDLES are put before it. Every byte of a needle comes one higher than it is, for it would find
itself otherwise, and so is what is looked at: of what was looked at before, that makes two higher.
"""

import uctypes

# ruff: noqa: F821 - what is put before it

CHUNK = 4096
LONGEST = 32


def raised(data):
    return bytes(byte + 1 & 0xFF for byte in data)


for start in range(0, BYTES, CHUNK):
    chunk = raised(uctypes.bytes_at(BASE + start, min(CHUNK + LONGEST, BYTES - start)))
    for name, needle in NEEDLES:
        if needle in chunk:
            print(name)
