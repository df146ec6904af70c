"""Append-only segments on littlefs.

A segment is never written again once it is closed, and whole segments are deleted. Littlefs makes a
file what it was at its last flush, so a batch is there whole or not at all; the checksums say so even
if it were not.
"""

import os
from binascii import crc32
from collections import namedtuple

from . import records

DIRECTORY = "/journal"
_SUFFIX = ".seg"
_CHUNK_BYTES = 512
# Littlefs needs room to copy before it can delete.
RESERVE_BYTES = 65536
# A token at work begins a segment every third day at least: where more lies between two, the clock has jumped.
JUMP_S = 4 * 86400

# written_s: token seconds of the last batch; batches: how many there are, records.BEFORE_UNKNOWN behind a mark.
Last = namedtuple("Last", ("header", "written_s", "batches"))


class Journal:
    """The segments in `directory`, and the one that is being written."""

    def __init__(self, directory=DIRECTORY):
        self._directory = directory
        self._header = b""  # of the segment that is being written, none where there is none
        self._number = 0
        self._chain = None
        self._end = self._block_bytes = 0
        self.batches = 0
        try:
            os.mkdir(directory)
        except OSError:
            pass

    def path(self, number):
        """Return where segment `number` lies."""
        return "%s/%08d%s" % (self._directory, number, _SUFFIX)

    def numbers(self):
        """Return the numbers of all segments, oldest first."""
        found = []
        for entry in os.listdir(self._directory):
            if entry.endswith(_SUFFIX):
                try:
                    found.append(int(entry[: -len(_SUFFIX)]))
                except ValueError:
                    pass
        found.sort()
        return found

    def last(self):
        """Return the Last of the newest readable segment, or None."""
        mark = self._look(self._mark())
        if mark:
            mark = Last(mark.header, mark.written_s, records.BEFORE_UNKNOWN)
        for number in reversed(self.numbers()):
            found = self._look(self.path(number))
            if found:
                # What was given up may be newer than what is still here.
                return mark if mark and mark.header.segment > number else found
        return mark

    def _look(self, path):
        header = None
        try:
            with open(path, "rb") as file:
                header = records.unpack_header(file.read(records.HEADER_BYTES))
                written_s = header.opened_s
                count = 0
                for batch in records.batches(header.segment, file.read):
                    written_s += batch.span_s
                    count += 1
                return Last(header, written_s, count)
        except (OSError, MemoryError, records.Damaged):
            # A batch that cannot be read: what is before it still says which segment, which start and about when.
            return Last(header, written_s, records.BEFORE_UNKNOWN) if header else None

    def _mark(self):
        return self._directory + "/mark"

    def open(self, header, chain=None):
        """Begin a segment, whose batches `chain` seals; without one they are in the clear."""
        self.close()
        self._number = header.segment
        self._header = records.pack_header(header)
        self._chain = chain
        self._block_bytes = os.statvfs(self._directory)[0]
        self._end = len(self._header)
        self.batches = 0
        with open(self.path(header.segment), "wb") as file:
            file.write(self._header)

    def append(self, span_s, body):
        """Write a batch that tells of the last `span_s` seconds; it is committed when this returns."""
        if not self._header:
            raise OSError("no segment is open")
        chain = self._chain
        length = chain.sealed_bytes(len(body)) if chain else len(body)
        head = records.batch_head(self.batches, span_s, length)
        payload = chain.seal(self._header, head, body) if chain else body
        batch = records.pack_batch(self._number, head, payload)
        number, start = self.batches, self._end
        try:
            self._commit(number, start, batch)
        finally:
            # Ctrl-C may come between any two steps: all of them once more do no harm.
            if self.batches == number:
                self._commit(number, start, batch)

    def _commit(self, number, start, batch):
        # Only flush() and close() reach littlefs; os.sync() does nothing for it. A file that stays open keeps what
        # littlefs knew of its directory: once that says "no room behind the last entry", every flush erases a block.
        with open(self.path(self._number), "r+b") as file:
            file.seek(start)
            # In two where a block ends: then no call erases more than one, and none keeps everybody waiting for long.
            left = self.room()
            file.write(memoryview(batch)[:left])
            file.write(memoryview(batch)[left:])
        if self._chain:
            self._chain.advance()
        self._end = start + len(batch)
        self.batches = number + 1

    def room(self):
        """Return how many bytes the segment's last block still takes (littlefs's SPEC.md, "CTZ skip-lists")."""
        block_bytes = self._block_bytes
        left = block_bytes - self._end
        block = 0
        while left < 0:
            block += 1
            pointers = 1
            while block >> pointers - 1 & 1 == 0:
                pointers += 1
            left += block_bytes - 4 * pointers
        return left

    def make_room(self):
        """Delete the oldest segments until the reserve is free; returns how many."""
        deleted = 0
        for number in self.numbers():
            block_bytes, _, _, free_blocks = os.statvfs(self._directory)[:4]
            if block_bytes * free_blocks >= RESERVE_BYTES or number == self._number:
                break
            self.delete(number)
            deleted += 1
        return deleted

    def close(self):
        """Let go of the segment, also of one that could not be written to; what was committed stays."""
        self._header = b""
        if self._chain:
            self._chain.wipe()
            self._chain = None

    def measure(self, number):
        """Return (length, crc32) of segment `number`."""
        length = 0
        checksum = 0
        with open(self.path(number), "rb") as file:
            while True:
                chunk = file.read(_CHUNK_BYTES)
                if not chunk:
                    return length, checksum & 0xFFFFFFFF
                length += len(chunk)
                checksum = crc32(chunk, checksum)

    def delete(self, number):
        os.remove(self.path(number))

    def give_up(self, number):
        """Delete a segment that is committed elsewhere; what the next start needs of it stays as a mark."""
        found = self.last()
        if found and found.header.segment == number:
            with open(self._mark() + ".new", "wb") as file:
                file.write(records.pack_header(records.opened_at(found.header, found.written_s)))
            os.rename(self._mark() + ".new", self._mark())
        self.delete(number)

    def erase(self):
        """Delete everything; returns how many segments there were."""
        numbers = self.numbers()
        for number in numbers:
            self.delete(number)
        try:
            os.remove(self._mark())
        except OSError:
            pass
        return len(numbers)

    def expire(self, before_s):
        """Delete the segments that were surely opened before a time; returns how many."""
        deleted = 0
        later_s = None
        for number in reversed(self.numbers()):
            header = self._header_of(number)
            if header is None:
                continue
            # On the other side of a jump a time proves no age: which of the two clocks was wrong nobody knows here.
            if later_s is not None and abs(later_s - header.opened_s) > JUMP_S:
                break
            later_s = header.opened_s
            # Nor does a time that was a guess: such a segment goes to the desk, however old it looks.
            if header.clock_state == records.CLOCK_SET and later_s < before_s and number != self._number:
                self.delete(number)
                deleted += 1
        return deleted

    def _header_of(self, number):
        try:
            with open(self.path(number), "rb") as file:
                return records.unpack_header(file.read(records.HEADER_BYTES))
        except (OSError, records.Damaged):
            return None

    def drop_empty(self):
        """Where the two segments before the open one have no batch, delete the later one; returns how many.

        The first of a row stays, for its `before` closes the end of the one before it: who starts again and again
        needs a single empty segment.
        """
        earlier = [number for number in self.numbers() if number != self._number][-2:]
        if len(earlier) < 2 or not all(self._is_empty(number) for number in earlier):
            return 0
        self.delete(earlier[1])
        return 1

    def _is_empty(self, number):
        return os.stat(self.path(number))[6] <= records.HEADER_BYTES
