"""Run on a token that was interrupted and not reset: prints which needles lie in the interpreter's heap.

BASE, BYTES and NEEDLES are put before it. Every byte of a needle comes one higher than it is, for it would find
itself otherwise, and so is what is looked at: of what was looked at before, that makes two higher.
"""

import uctypes

# ruff: noqa: F821 - what is put before it

CHUNK_BYTES = 1024
LONGEST = 32

# One buffer for all: the memory of a token that is interrupted may be free in small pieces only.
chunk = bytearray(CHUNK_BYTES + LONGEST)

for start in range(0, BYTES, CHUNK_BYTES):
    length = min(len(chunk), BYTES - start)
    chunk[:length] = uctypes.bytearray_at(BASE + start, length)
    for place in range(length):
        chunk[place] = chunk[place] + 1 & 0xFF
    for name, needle in NEEDLES:
        if needle in chunk:
            print(name)
