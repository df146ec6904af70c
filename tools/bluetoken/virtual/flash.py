"""NOR flash on a file: erased to ones, programmed to zeros, counted, and cut at any operation.

A cut leaves what such parts leave: of a program only the first bytes and a torn one, of an erase a
mix of old bits and ones. After it nothing reaches the part until power comes back.
"""

from __future__ import annotations

import mmap
from pathlib import Path
from random import Random

BLOCK_BYTES = 4096
PAGE_BYTES = 256


class PowerCut(Exception):
    """The supply failed during this operation."""


class Flash:
    """`blocks` blocks of 4096 bytes at `path`; made of ones where the file is new.

    erase_us and program_us (a page of 256 bytes) are what an operation takes; the caller spends them.
    """

    def __init__(self, path: Path, blocks: int, erase_us: int = 45_000, program_us: int = 700) -> None:
        self.path = path
        self.blocks = blocks
        self.erase_us = erase_us
        self.program_us = program_us
        if not path.exists() or path.stat().st_size != blocks * BLOCK_BYTES:
            path.write_bytes(b"\xff" * (blocks * BLOCK_BYTES))
        self._file = path.open("r+b")
        self._bytes = mmap.mmap(self._file.fileno(), 0)
        self.erases = [0] * blocks
        self.programs = 0
        self.programmed_bytes = 0
        self.operations = 0
        self.overwritten = 0  # programs that asked for a one where a zero was: a broken driver does that
        self._cut_at: int | None = None
        self._random = Random(0)

    def cut_after(self, operations: int | None, seed: int = 0) -> None:
        """Fail the supply in the `operations`-th program or erase from now (1 is the next one)."""
        self._cut_at = None if operations is None else self.operations + operations
        self._random = Random(seed)

    @property
    def fd(self) -> int:
        """Where a process may read what is here; only program() and erase() write."""
        return self._file.fileno()

    def read(self, offset: int, length: int) -> bytes:
        return self._bytes[offset : offset + length]

    def image(self) -> bytes:
        return self._bytes[:]

    def program(self, offset: int, data: bytes) -> int:
        """Program `data`; returns the microseconds it takes, or raises PowerCut half-way."""
        cut = self._count()
        old = self._bytes[offset : offset + len(data)]
        new = bytes(a & b for a, b in zip(old, data, strict=True))
        if new != data:
            self.overwritten += 1
        if cut:
            done = self._random.randrange(len(data))
            torn = old[done] & (new[done] | self._random.randrange(256))
            new = new[:done] + bytes([torn]) + old[done + 1 :]
        self._bytes[offset : offset + len(data)] = new
        if cut:
            raise PowerCut
        self.programs += 1
        self.programmed_bytes += len(data)
        return -(-len(data) // PAGE_BYTES) * self.program_us

    def erase(self, offset: int) -> int:
        """Erase the block at `offset`; returns the microseconds it takes, or raises PowerCut half-way."""
        cut = self._count()
        end = offset + BLOCK_BYTES
        if cut:
            old = self._bytes[offset:end]
            kept = self._random.randbytes(BLOCK_BYTES)
            self._bytes[offset:end] = bytes(a | b for a, b in zip(old, kept, strict=True))
            raise PowerCut
        self._bytes[offset:end] = b"\xff" * BLOCK_BYTES
        self.erases[offset // BLOCK_BYTES] += 1
        return self.erase_us

    def _count(self) -> bool:
        self.operations += 1
        return self.operations == self._cut_at

    def close(self) -> None:
        self._bytes.flush()
        self._bytes.close()
        self._file.close()
