"""The frames in which a token sends a segment (docs/SPEC.md, section 4.2). Pure.

offset u32 | length u16 | data | CRC-32 of all that, with 0x04 and 0x1B escaped; the frame of length
0 is the last.
"""

from __future__ import annotations

import struct
from zlib import crc32

ESCAPE = 0x1B
HEAD = struct.Struct("<IH")
TAIL = struct.Struct("<I")


class BadFrame(ValueError):
    """The bytes are not the next frame."""


def encode(offset: int, data: bytes) -> bytes:
    """One frame as the token sends it."""
    frame = HEAD.pack(offset, len(data)) + data
    frame += TAIL.pack(crc32(frame))
    return frame.replace(b"\x1b", b"\x1b\x5b").replace(b"\x04", b"\x1b\x44")


class Decoder:
    """Puts a stream of frames together; `data` is what is whole and in its place so far."""

    def __init__(self, offset: int = 0) -> None:
        self.data = bytearray()
        self.ended = False
        self._offset = offset
        self._pending = bytearray()
        self._escaped = False

    def feed(self, chunk: bytes) -> None:
        """Take more bytes; BadFrame where they cannot be what the token sent."""
        for n, part in enumerate(chunk.split(b"\x1b")):
            if n:
                # What follows an escape may come with the next chunk.
                if self._escaped:
                    raise BadFrame("an escape follows an escape")
                self._escaped = True
            if part and self._escaped:
                self._pending.append(part[0] ^ 0x40)
                self._escaped = False
                part = part[1:]
            self._pending += part
        while self._take():
            pass

    def _take(self) -> bool:
        pending = self._pending
        if len(pending) < HEAD.size:
            return False
        offset, length = HEAD.unpack_from(pending)
        end = HEAD.size + length
        if self.ended or offset != self._offset:
            raise BadFrame("a frame is out of its place")
        if len(pending) < end + TAIL.size:
            return False
        if TAIL.unpack_from(pending, end)[0] != crc32(pending[:end]):
            raise BadFrame("a frame's checksum is wrong")
        self.data += pending[HEAD.size : end]
        del pending[: end + TAIL.size]
        self._offset += length
        self.ended = length == 0
        return True
