"""A day of a token's journal on littlefs in RAM, and the power that fails at each operation of its flash.

What writes is the firmware's: Logbook, Journal, sealing, Sightings, Identity. What is opened afterwards is opened
with the authority's private key.
"""

import chip
import ram_flash
from loading import load
from storage import read
from wearable import records, sealing
from wearable.crypto import hpke
from wearable.entropy import Pool
from wearable.identity import Identity
from wearable.journal import Journal
from wearable.protocols import gaen
from wearable.settings import Settings
from wearable.sightings import CAPACITY, Sightings

BLOCKS = 64
NOON_UNIX_MS = 1795521600000  # 2026-11-24T12:00:00Z
PERIOD_S = 30
DAY_PERIODS = 86400 // PERIOD_S
# How many people are near, hour by hour from noon on.
NEIGHBOURS = (20, 12, 6, 3, 3, 8, 40, 2, 2, 1, 0, 0, 1, 1, 1, 1, 1, 1, 2, 4, 8, 8, 8, 8)
VISIT_PERIOD = 6 * 3600 // PERIOD_S  # the desk takes what there is
RESTART_PERIOD = 20 * 3600 // PERIOD_S  # somebody presses reset
TOKEN_ID = b"12345678"
LOSS_LIMIT_S = 900
# The recipient of RFC 9180's export-only vectors.
PRIVATE = bytes.fromhex("33d196c830a12f9ac65d6e565a590d80f04ee9b19c83c87f2c170d972a812848")
PUBLIC = bytes.fromhex("194141ca6c3c3beb4792cd97ba0ea1faff09d98435012345766ee33aae2d7664")

_clock, _logbook = load("clock", "logbook")


class WatchedJournal(Journal):
    """A journal that keeps what was committed to it: {number: [(operations before, and after, body), ...]}."""

    def __init__(self, path, flash):
        super().__init__(path + "/journal")
        self.flash = flash
        self.committed = {}
        self.opened_at = {}  # segment: operations before it was begun, and after

    def open(self, header, chain=None):
        before = self._operations()
        super().open(header, chain)
        self.committed[header.segment] = []
        self.opened_at[header.segment] = before, self._operations()

    def append(self, span_s, body):
        before = self._operations()
        super().append(span_s, body)
        self.committed[self._number].append((before, self._operations(), bytes(body)))

    def _operations(self):
        return len(self.flash.log) if self.flash.log is not None else 0


class Token:
    """What of a token writes, on a flash mounted at `path`; `kept` is the journal's memory of an earlier start."""

    def __init__(self, path, flash, kept=None):
        self.flash = flash
        self.journal = WatchedJournal(path, flash)
        if kept:
            self.journal.committed, self.journal.opened_at = kept.committed, kept.opened_at
        _logbook.Journal = lambda: self.journal
        settings = Settings(TOKEN_ID, b"87654321", "", 21, 0xFD6F, bytes(32), PUBLIC)
        self.clock = _clock.Clock()
        self.pool = Pool(b"seed")
        self.logbook = _logbook.Logbook(self.clock, self.pool, settings, 0)
        self.identity = Identity(9)
        self.sightings = Sightings(77)
        self.bursts = 0
        self.pending = []  # (operations before, and after a write, age of the oldest encounter in it)
        self.clock.restore(self.logbook.resume())

    def period(self, neighbours):
        """Spend half a minute, among so many people."""
        chip.current().pass_ms(PERIOD_S * 1000)
        now_s = self.clock.now_s()
        enin = (now_s + records.EPOCH_UNIX_S) // gaen.INTERVAL_S
        if self.identity.due(enin):
            self.flush(self.identity.renew(self.pool.draw(gaen.TEK_BYTES), enin))
        self.bursts += 1
        for person in range(neighbours):
            identifier = bytes((person, enin & 0xFF, enin >> 8 & 0xFF)) * 6
            self.sightings.note(identifier, -60 - person, now_s, self.bursts)
        count = self.sightings.count
        if self.logbook.due(count, self.sightings.earliest_s() if count else 0, CAPACITY):
            self.flush()
            self.logbook.turn_the_page()

    def flush(self, record=b""):
        age_s = self.clock.now_s() - self.sightings.earliest_s() if self.sightings.count else 0
        packed = self.sightings.pack(self.logbook.written_s) + record
        self.sightings.clear()
        before = self.journal._operations()
        self.logbook.write(packed, self.bursts)
        self.pending.append((before, self.journal._operations(), age_s))
        self.bursts = 0


class Day:
    """A day from noon to noon: what lay on the flash before, every operation, and what was written when."""

    def __init__(self, periods=DAY_PERIODS):
        silicon = chip.switch_on()
        self.flash = ram_flash.RamFlash(BLOCKS)
        ram_flash.format_flash(self.flash)
        self._path = ram_flash.mount(self.flash)
        self.raw = {}
        token = Token(self._path, self.flash)
        token.clock.set_unix_ms(NOON_UNIX_MS)
        self.start, self.flash.log = bytearray(self.flash.image), []
        token.logbook.begin()
        self.given_up = {}  # segment: operations before it was
        self.pending = []
        for n in range(periods):
            if n in (VISIT_PERIOD, RESTART_PERIOD):
                token = self._restarted(token, n == VISIT_PERIOD)
            token.period(NEIGHBOURS[n * PERIOD_S // 3600])
        token.flush()
        self._end(token)
        self.log, self.flash.log = self.flash.log, None
        self.committed, self.opened_at = token.journal.committed, token.journal.opened_at
        self.opened = {number: opened(raw) for number, raw in self.raw.items()}
        for number, commits in self.committed.items():
            assert [body for _, body in self.opened[number]] == [body for _, _, body in commits], number
        silicon.lose_power()

    def _restarted(self, token, visited):
        token.flush()
        self._end(token)
        if visited:
            for number in token.journal.numbers():
                self.given_up[number] = len(self.flash.log)
                token.journal.give_up(number)
        token = Token(self._path, self.flash, token.journal)
        token.logbook.begin()
        return token

    def _end(self, token):
        token.logbook.close()
        self.pending += token.pending
        for number in token.journal.numbers():
            self.raw[number] = read(token.journal.path(number))

    def bodies(self, number, raw):
        """Return the bodies of a segment as it is found after a cut."""
        if self.raw[number].startswith(raw):
            return [body for end, body in self.opened[number] if end <= len(raw)]
        return [body for _, body in opened(raw)]


def opened(raw):
    """Return [(where the batch ends, its body), ...] of a sealed segment, opened with the private key."""
    header = records.unpack_header(raw)
    secret = hpke.setup_receiver(header.enc, PRIVATE, sealing.info(TOKEN_ID, header.segment))
    chain = sealing.decapsulated(secret)
    place = [records.HEADER_BYTES]

    def take(count):
        place[0] += count
        return raw[place[0] - count : place[0]]

    found = []
    for batch in records.batches(header.segment, take):
        found.append((place[0], chain.unseal(raw[: records.HEADER_BYTES], batch.head, batch.payload)))
        chain.advance()
    return found


def images(day, chosen, seed):
    """Yield (operations done, image with the next one torn) for the chosen operations, which are in order."""
    image = bytearray(day.start)
    done = 0
    for cut_at in chosen:
        while done < cut_at:
            ram_flash.apply(image, day.log[done])
            done += 1
        torn = bytearray(image)
        ram_flash.tear(torn, day.log[done], ram_flash.Dice(seed * len(day.log) + cut_at))
        yield done, torn


def survive(day, done, image):
    """Start on an image that a cut left and check everything; returns the seconds lost by it.

    A mount that is refused raises OSError: ESP32's _boot.py repairs nothing, and formats where block 0 is empty.
    """
    chip.switch_on()
    flash = ram_flash.RamFlash(image=image)
    path = ram_flash.mount(flash, "/cut")
    token = Token(path, flash)
    there = token.journal.numbers()
    found = {number: read(token.journal.path(number)) for number in there}
    bodies = {}
    for number in day.committed:
        bodies[number] = check_segment(day, done, number, found)
    token.logbook.begin()
    begun = token.journal._number
    assert begun > max([0] + there + [number for number, (_, end) in day.opened_at.items() if end <= done]), done
    token.period(3)
    token.flush()
    raw = read(token.journal.path(begun))
    assert [body for _, body in opened(raw)] == [body for _, _, body in token.journal.committed[begun]], done
    header = records.unpack_header(raw)
    right = len(bodies.get(begun - 1) or ())
    assert header.before in (right, records.BEFORE_UNKNOWN), (done, header.before, right)
    for number in found:
        if number in token.journal.numbers():
            assert read(token.journal.path(number)) == found[number], done
        else:
            assert not bodies[number], done
    token.logbook.close()
    return lost_s(day, done, bodies)


def check_segment(day, done, number, found):
    """Compare a segment with what was committed to it before the cut; returns its bodies, None where there is none."""
    commits = day.committed[number]
    flushed = len([end for _, end, _ in commits if end <= done])
    begun = len([begin for begin, _, _ in commits if begin <= done])
    if number not in found:
        assert not flushed or day.given_up.get(number, done + 1) <= done, (done, number, "is gone")
        return None
    if len(found[number]) < records.HEADER_BYTES:
        assert not flushed and found[number] == b"", (done, number)
        return []
    bodies = day.bodies(number, found[number])
    assert flushed <= len(bodies) <= begun, (done, number, flushed, len(bodies), begun)
    assert bodies == [body for _, _, body in commits[: len(bodies)]], (done, number)
    return bodies


def lost_s(day, done, bodies):
    """Return how old the oldest encounter was that this cut cost: where it came into a write, and that is lost."""
    for before, after, age_s in day.pending:
        if before <= done < after:
            for number, commits in day.committed.items():
                for n, (begin, _, _) in enumerate(commits):
                    if before <= begin < after and n >= len(bodies[number] or ()):
                        return age_s
    return 0


class Figures:
    """What a campaign says in the end."""

    def __init__(self, day, chosen, seed=0):
        self.operations = len(day.log)
        self.erases = len([1 for _, data in day.log if data is None])
        self.tried = self.torn_erases = self.survived = self.lost_s = 0
        for done, image in images(day, chosen, seed):
            self.tried += 1
            self.torn_erases += day.log[done][1] is None
            self.lost_s = max(self.lost_s, survive(day, done, image))
            self.survived += 1
        # Power may fail between two operations, too: just before a write most is at stake.
        self.at_stake_s = max([age_s for _, _, age_s in day.pending])
        self.batches = sum([len(commits) for commits in day.committed.values()])

    def __str__(self):
        return (
            "%d operations (%d erases), %d batches; cuts tried %d (%d erases torn), survived %d;"
            " longest time lost %d s, longest at stake %d s"
        ) % (
            self.operations,
            self.erases,
            self.batches,
            self.tried,
            self.torn_erases,
            self.survived,
            self.lost_s,
            self.at_stake_s,
        )
