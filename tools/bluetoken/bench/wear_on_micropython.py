"""Run by MicroPython: the token's own logbook writes simulated days on littlefs in RAM; prints name=value lines.

Arguments: the firmware's folder; blocks of the file system; bytes of other files on it; days; encounters a day;
retention in days; microseconds of an erase, of a page programmed; the authority's key in hex; and, where the raw
image is wanted, a folder that is there: for flash.bin, and for every segment that was deleted, a .seg as long as it may
still be in the image, and a .gone when every block that held a copy of it has been erased since.

The wearer's days, all from one seed: up at 7, in bed at 23. By day people come for stretches of 10 to 90 minutes,
one to six at a time, until the number of encounters is that of a day; by night there is nobody, or one or two of
the household. Everybody's identifier changes every ten minutes UTC, by a clock that is off by up to 2.5 s, and one
burst in twenty is not heard.
"""

import os
import random
import sys

sys.path.insert(0, sys.argv[1])


class _Machine:
    """What the logbook keeps in RTC memory."""

    class RTC:
        kept = b""

        def memory(self, *data):
            if data:
                _Machine.RTC.kept = data[0]
            return _Machine.RTC.kept


sys.modules["machine"] = _Machine
sys.modules["esp32"] = _Machine  # nothing of it is asked for

import vfs  # noqa: E402

from wearable import journal as journal_module  # noqa: E402
from wearable import logbook as logbook_module  # noqa: E402
from wearable import records  # noqa: E402
from wearable.journal import Journal  # noqa: E402
from wearable.logbook import DAY_S, Logbook  # noqa: E402
from wearable.settings import Settings  # noqa: E402
from wearable.sightings import CAPACITY, Sightings  # noqa: E402

ROOT = "/flash"
BLOCK_BYTES = 4096
PAGE_BYTES = 256
_BLOCK_COUNT, _BLOCK_SIZE, _BLOCK_ERASE = 4, 5, 6
BEGUN_S = 6 * 365 * DAY_S  # some midnight
GUARD_MS = 1500  # a burst does not begin at the full half minute
PERIOD_S = 30  # from burst to burst, as in company with a purse that is neither full nor empty
UP_S, IN_BED_S = 7 * 3600, 23 * 3600
LIFE_S = 600  # of an identifier
OFF_MS = 2500  # somebody's clock, at most
UNHEARD_OF_20 = 1
PROBE_BYTES = 32  # the first 16 of a header are the same in all
ENC_AT = records.HEADER_BYTES - 4 - records.ENC_BYTES
LIMIT_US = 100000


class CountingFlash:
    """NOR flash in RAM that counts; `now_s` is told by whoever lets time pass."""

    def __init__(self, blocks, erase_us, program_us):
        self.image = bytearray(b"\xff" * (blocks * BLOCK_BYTES))
        self.erases = [0] * blocks
        self.erased_s = [0] * blocks  # when last
        self.now_s = 0
        self.programmed_bytes = 0
        self.spent_ns = 0
        self._erase_ns = erase_us * 1000
        self._byte_ns = program_us * 1000 // PAGE_BYTES

    def readblocks(self, block, buffer, offset=0):
        start = block * BLOCK_BYTES + offset
        buffer[:] = memoryview(self.image)[start : start + len(buffer)]

    def writeblocks(self, block, buffer, offset=0):
        start = block * BLOCK_BYTES + offset
        self.image[start : start + len(buffer)] = buffer  # littlefs programs only what it erased
        self.programmed_bytes += len(buffer)
        self.spent_ns += self._byte_ns * len(buffer)

    def ioctl(self, operation, argument):
        if operation == _BLOCK_COUNT:
            return len(self.erases)
        if operation == _BLOCK_SIZE:
            return BLOCK_BYTES
        if operation == _BLOCK_ERASE:
            start = argument * BLOCK_BYTES
            self.image[start : start + BLOCK_BYTES] = _ERASED
            self.erases[argument] += 1
            self.erased_s[argument] = self.now_s
            self.spent_ns += self._erase_ns
        return 0


_ERASED = b"\xff" * BLOCK_BYTES


class Time:
    """The clock that the logbook asks."""

    state = records.CLOCK_SET
    set_s = BEGUN_S

    def __init__(self):
        self.at_s = BEGUN_S

    def now_s(self):
        return self.at_s

    def up_s(self):
        return self.at_s - BEGUN_S

    def uncertainty_s(self):
        return 2


class Dice:
    """The logbook's pool of random bytes, the same in every run."""

    def draw(self, count):
        return bytearray(random_bytes(count))


def random_bytes(count):
    return bytes(random.getrandbits(8) for _ in range(count))


class Person:
    """Somebody who is near from `from_s` to `to_s`."""

    def __init__(self, from_s, to_s):
        self.from_s = from_s
        self.to_s = to_s
        self._off_ms = random.randrange(-OFF_MS, OFF_MS)
        self._interval = -1
        self.heard = memoryview(bytearray(18))

    def say(self, at_ms):
        """Return the identifier and metadata on the air at a time."""
        interval = (at_ms + self._off_ms) // (LIFE_S * 1000)
        if interval != self._interval:
            self._interval = interval
            self.heard[:] = random_bytes(18)
        return self.heard


class Wearer:
    """Whom the wearer is near, a day at a time; so many encounters a day on average."""

    def __init__(self, encounters):
        self._encounters = encounters

    def night(self, from_s, to_s):
        return [Person(from_s, to_s) for _ in range(random.randrange(3))]

    def day(self, day, met):
        """Return the people of a day, sorted by when they come; `met` encounters were on the days before."""
        begun_s = BEGUN_S + day * DAY_S
        people = self.night(begun_s, begun_s + UP_S)
        # An encounter is a piece of somebody's time: at most the ten minutes of an identifier.
        left = self._encounters * (day + 1) - met - sum(pieces(each) for each in people)
        evening = self.night(begun_s + IN_BED_S, begun_s + DAY_S)
        left -= sum(pieces(each) for each in evening)
        while left > 0:
            lasts_s = random.randrange(10, 91) * 60
            from_s = begun_s + random.randrange(UP_S, IN_BED_S - lasts_s)
            for _ in range(random.randrange(1, 7)):
                who = Person(from_s + random.randrange(0, 120), from_s + lasts_s - random.randrange(0, 120))
                left -= pieces(who)
                people.append(who)
                if left <= 0:
                    break
        people += evening
        people.sort(key=lambda who: who.from_s)
        return people


def pieces(who):
    """Return how many encounters somebody's stay makes, about: a fifth is in two pieces, cut by a write."""
    return ((who.to_s - 1) // LIFE_S - who.from_s // LIFE_S + 1) * 6 / 5


class Deleted:
    """What is left in the raw image of a segment that was deleted."""

    def __init__(self, flash, number, data, at_s):
        self.number = number
        self.at_s = at_s
        self.gone_s = None
        self._flash = flash
        self._blocks = [block for block in range(len(flash.erases)) if self._holds(block, data)]

    def _holds(self, block, data):
        """Whether a block of the flash begins with a piece of the file, as every copy of one does.

        The header was for a moment in the directory's blocks, too: its encapsulation is looked for anywhere.
        """
        begin = block * BLOCK_BYTES
        for skipped, start in file_blocks(len(data)):
            probe = data[start : start + PROBE_BYTES]
            if self._flash.image[begin + skipped : begin + skipped + len(probe)] == probe:
                return True
        held = bytes(memoryview(self._flash.image)[begin : begin + BLOCK_BYTES])
        return data[ENC_AT : ENC_AT + records.ENC_BYTES] in held

    def look(self, now_s):
        """Note the time once every block that held a byte of it was erased."""
        if self.gone_s is None and all(self._flash.erased_s[block] > self.at_s for block in self._blocks):
            self.gone_s = now_s


def file_blocks(length):
    """Yield (bytes of pointers, offset in the file) of a file's blocks (littlefs's SPEC.md, "CTZ skip-lists")."""
    start = block = 0
    while start < length:
        pointers = 0
        if block:
            pointers = 1
            while block >> pointers - 1 & 1 == 0:
                pointers += 1
        yield 4 * pointers, start
        start += BLOCK_BYTES - 4 * pointers
        block += 1


class Token:
    """The part of the token that writes, as app.py drives it, and what is measured of it."""

    def __init__(self, flash, settings, folder):
        self._flash = flash
        self._folder = folder
        self._clock = Time()
        self._sightings = Sightings(random.getrandbits(16))
        self.deleted = []
        watched_journal(self)
        self.logbook = Logbook(self._clock, Dice(), settings, 0)
        self._burst = self._written_burst = 0
        self._key_day = -1
        self.records = self.flushes = self.over = 0
        self.record_bytes = 0
        self.worst_us = self.sum_us = 0
        self.oldest_s = 0
        self._timed(self.logbook.begin)

    def cycle(self, boundary_s, present):
        """Make the burst of a boundary and what follows it; `present` are the people around."""
        self._flash.now_s = boundary_s
        begun_ms = boundary_s * 1000 - GUARD_MS
        self._clock.at_s = begun_ms // 1000
        day = self._clock.at_s // DAY_S
        if day != self._key_day:
            self._key_day = day
            self._flush(records.pack_key(random_bytes(16), day * 144, 144))
        self._burst += 1
        for who in present:
            if random.randrange(20) >= UNHEARD_OF_20:
                rssi_dbm = -90 + random.randrange(50)
                self._sightings.note(who.say(begun_ms), rssi_dbm, self._clock.at_s, self._burst)
        self._clock.at_s = boundary_s + 2
        count = self._sightings.count
        earliest_s = self._sightings.earliest_s() if count else 0
        if count:
            self.oldest_s = max(self.oldest_s, self._clock.at_s - earliest_s)
        if self.logbook.due(count, earliest_s, CAPACITY):
            self._flush()

    def _flush(self, record=b""):
        count = self._sightings.count
        packed = self._sightings.pack(self.logbook.written_s) + record
        self._sightings.clear()
        self._timed(lambda: self._write(packed))
        self._written_burst = self._burst
        self.records += count
        self.record_bytes += len(packed)

    def _write(self, packed):
        self.logbook.write(packed, (self._burst - self._written_burst) * PERIOD_S)
        self.logbook.turn_the_page()

    def _timed(self, write):
        """Do what writes; a flush is all that the flash has to do for it."""
        before_ns = self._flash.spent_ns
        write()
        took_us = (self._flash.spent_ns - before_ns) // 1000
        self.flushes += 1
        self.sum_us += took_us
        self.over += took_us >= LIMIT_US
        self.worst_us = max(self.worst_us, took_us)

    def open_timed(self, path, mode):
        return TimedFile(open(path, mode), self._flash)

    def lose(self, journal, number):
        """Take note of a segment that is about to be deleted."""
        with open(journal.path(number), "rb") as file:
            data = file.read()
        if self._folder:
            with open("%s/%08d.seg" % (self._folder, number), "wb") as file:
                file.write(data)
        self.deleted.append(Deleted(self._flash, number, data, self._flash.now_s))



class TimedFile:
    """A file of the journal; of the calls into littlefs, what the flash had to do for the longest is kept."""

    longest_ns = 0

    def __init__(self, file, flash):
        self._file = file
        self._flash = flash

    def _timed(self, call, *arguments):
        before_ns = self._flash.spent_ns
        result = call(*arguments)
        TimedFile.longest_ns = max(TimedFile.longest_ns, self._flash.spent_ns - before_ns)
        return result

    def read(self, count):
        return self._file.read(count)

    def seek(self, offset):
        return self._timed(self._file.seek, offset)

    def write(self, data):
        return self._timed(self._file.write, data)

    def __enter__(self):
        return self

    def __exit__(self, *raised):
        self._timed(self._file.close)


def watched_journal(token):
    """Have the logbook write where littlefs is mounted, and tell what it deletes."""

    class Watched(Journal):
        def __init__(self):
            super().__init__(ROOT + "/journal")

        def delete(self, number):
            token.lose(self, number)
            super().delete(number)

    logbook_module.Journal = Watched
    journal_module.open = token.open_timed  # found before the built-in one


def mounted(flash, other_bytes):
    """Put littlefs on the flash, and what else is on a token's: files of some blocks, which stay."""
    vfs.VfsLfs2.mkfs(flash, readsize=32, progsize=32, lookahead=32)
    vfs.mount(vfs.VfsLfs2(flash, readsize=32, progsize=32, lookahead=32), ROOT)
    os.mkdir(ROOT + "/lib")
    for number in range(-(-other_bytes // BLOCK_BYTES)):
        with open("%s/lib/%d" % (ROOT, number), "wb") as file:
            file.write(random_bytes(BLOCK_BYTES))
    os.mkdir(ROOT + "/journal")


def free_blocks():
    return os.statvfs(ROOT)[3]


def main():
    blocks, other_bytes, days, encounters, retention_days, erase_us, program_us, key = sys.argv[2:10]
    folder = sys.argv[10] if len(sys.argv) > 10 else None
    days = int(days)
    random.seed(1)
    flash = CountingFlash(int(blocks), int(erase_us), int(program_us))
    mounted(flash, int(other_bytes))
    free = least_free = free_blocks()
    flash.erases = [0] * int(blocks)
    flash.programmed_bytes = flash.spent_ns = 0
    key = bytes(int(key[n : n + 2], 16) for n in range(0, 64, 2))
    settings = Settings(b"token-id", bytes(8), "", int(retention_days), 0xFD6F, bytes(32), key)
    token = Token(flash, settings, folder)
    wearer = Wearer(encounters=int(encounters))
    present = []
    for day in range(days):
        people = wearer.day(day, token.records)
        for number in range(DAY_S // PERIOD_S):
            at_s = BEGUN_S + day * DAY_S + (number + 1) * PERIOD_S
            while people and people[0].from_s <= at_s:
                present.append(people.pop(0))
            present = [who for who in present if who.to_s > at_s]
            token.cycle(at_s, present)
        least_free = min(least_free, free_blocks())
        for each in token.deleted:
            each.look(at_s)
    ended_s = BEGUN_S + days * DAY_S
    gone = [each for each in token.deleted if each.gone_s is not None]
    here = [each for each in token.deleted if each.gone_s is None]
    used = free - free_blocks()
    erases = flash.erases
    figures = {
        "encounters": token.records,
        "flushes": token.flushes,
        "used_blocks": used,
        "least_free_blocks": least_free,
        "encounter_bytes_permille": used * BLOCK_BYTES * 1000 // token.records,
        "programmed_permille": flash.programmed_bytes * 1000 // token.record_bytes,
        "erases": sum(erases),
        "erases_most": max(erases),
        "erases_typical": sorted(erases)[len(erases) // 2],
        "blocks_erased": sum(count > 0 for count in erases),
        "flush_mean_us": token.sum_us // token.flushes,
        "flush_worst_us": token.worst_us,
        "flushes_over": token.over,
        "call_longest_us": TimedFile.longest_ns // 1000,
        "oldest_s": token.oldest_s,
        "full": int(token.logbook.full),
        "segments": len(token.logbook._journal.numbers()),
        "deleted": len(token.deleted),
        "gone": len(gone),
        "gone_after_most_s": max([each.gone_s - each.at_s for each in gone] or [0]),
        "here_since_most_s": max([ended_s - each.at_s for each in here] or [0]),
    }
    for name in sorted(figures):
        print("%s=%d" % (name, figures[name]))
    if folder:
        with open(folder + "/flash.bin", "wb") as file:
            file.write(flash.image)
        for each in gone:
            os.rename("%s/%08d.seg" % (folder, each.number), "%s/%08d.gone" % (folder, each.number))


main()
