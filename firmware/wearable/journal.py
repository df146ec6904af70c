"""Append-only segments on littlefs.

A segment is never written again once it is closed: a new one is begun at every start, every UTC day
and after every sync, and whole segments are deleted. Littlefs makes a file what it was at its last
flush, so a batch is there whole or not at all; the checksums say so even if it were not.
"""

import os
from binascii import crc32

from . import records

DIRECTORY = "/journal"
_SUFFIX = ".seg"
_CHUNK_BYTES = 512
# Littlefs needs room to copy before it can delete.
RESERVE_BYTES = 65536


class Journal:
    """The segments in `directory`, and the one that is being written."""

    def __init__(self, directory=DIRECTORY):
        self._directory = directory
        self._file = None
        self._number = 0
        self._batches = 0
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
        """Return (Header, token seconds of the last batch) of the newest readable segment, or None."""
        mark = self._look(self._mark())
        for number in reversed(self.numbers()):
            found = self._look(self.path(number))
            if found:
                # What was given up may be newer than what is still here.
                return mark if mark and mark[0].segment > number else found
        return mark

    def _look(self, path):
        try:
            with open(path, "rb") as file:
                header = records.unpack_header(file.read(records.HEADER_BYTES))
                written_s = header.opened_s
                for body in records.batches(header.segment, file.read):
                    written_s = max(written_s, records.written_s(header, body))
                return header, written_s
        except (OSError, records.Damaged):
            return None

    def _mark(self):
        return self._directory + "/mark"

    def open(self, header):
        """Begin a segment."""
        self.close()
        file = open(self.path(header.segment), "wb")
        file.write(records.pack_header(header))
        file.flush()
        self._file = file
        self._number = header.segment
        self._batches = 0

    def append(self, body):
        """Write a batch; it is committed when this returns."""
        file = self._file
        if file is None:
            raise OSError("no segment is open")
        file.write(records.pack_batch(self._number, self._batches, body))
        # Only flush() and close() reach littlefs; os.sync() does nothing for it.
        file.flush()
        self._batches += 1

    def abandon(self):
        """Let go of a segment that could not be written to; what was flushed stays."""
        file = self._file
        self._file = None
        try:
            if file is not None:
                file.close()
        except OSError:
            pass

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
        if self._file is not None:
            self._file.close()
            self._file = None

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
        if found and found[0].segment == number:
            header, written_s = found
            with open(self._mark() + ".new", "wb") as file:
                file.write(records.pack_header(records.opened_at(header, written_s)))
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
        for number in self.numbers():
            if number == self._number:
                continue
            try:
                with open(self.path(number), "rb") as file:
                    header = records.unpack_header(file.read(records.HEADER_BYTES))
            except records.Damaged:
                continue
            # A time that was a guess proves no age: such a segment goes to the desk, however old it looks.
            if header.clock_state == records.CLOCK_SET and header.opened_s < before_s:
                self.delete(number)
                deleted += 1
        return deleted
