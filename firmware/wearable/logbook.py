"""What a token writes down: when, into which segment, and sealed to whom."""

from . import power, records, sealing
from .journal import Journal

LOSS_S = 900  # at most so much is lost with the power
REST_S = 150  # the next look is a burst away: two minutes at the most, see pace.py
WRITE_S = 600  # a peer's identifier lasts as long: what is written at its end is written once
FEW = 5  # so few encounters wait for more, as long as they may
QUIET_S = 3600  # "listened, heard nobody" is written down as often
CROWDED_S = 60  # and not more often than this, however many there are
DAY_S = 86400
# What the last block of a file does not hold is lost to the file system: a segment ends where its block does.
ROOM_BYTES = 256
_SPAN_LIMIT_S = 0xFFFF


class Logbook:
    """The journal's author; `clock` tells the time, `pool` draws the segments' ephemeral keys."""

    def __init__(self, clock, pool, settings, rssi_offset_db):
        self._clock = clock
        self._pool = pool
        self._settings = settings
        self._rssi_offset_db = rssi_offset_db
        self._journal = Journal()
        self._segment = 0
        self._before = records.BEFORE_UNKNOWN
        self._day = self._tidied = -1
        self._events = b""
        self.boot = 1
        self.written_s = 0  # token seconds: the next batch tells of the time since
        self.is_open = False
        self.full = False  # something older had to go, or flash refused

    def resume(self):
        """Find out where the last start left off; returns the last time that was written down, 0 for none."""
        last = self._journal.last()
        if last:
            self._segment = last.header.segment
            self._before = last.batches
            self.boot = last.header.boot + 1
        # A segment whose header did not survive still has its number.
        for number in self._journal.numbers():
            if number > self._segment:
                self._segment = number
                self._before = records.BEFORE_UNKNOWN
        return last.written_s if last else 0

    def begin(self):
        """Begin to write, from now on."""
        self.written_s = self._clock.now_s()
        self._begin_segment()
        power.retain(boot=self.boot)
        self._journal.drop_empty()
        self._tidy()

    def note(self, code, value):
        """Have the next batch tell of something that happens now; a records.EVENT_ and its value."""
        self._events += records.pack_event(code, self._clock.now_s() - self.written_s, value)

    def due(self, count, earliest_s, capacity):
        """Whether `count` encounters, the first of which began at `earliest_s`, are to be written now."""
        now_s = self._clock.now_s()
        since_s = now_s - self.written_s
        if count == 0:
            return since_s >= QUIET_S
        if count * 4 >= capacity * 3 and since_s >= CROWDED_S:
            return True
        crossed = now_s // WRITE_S != self.written_s // WRITE_S
        return (crossed and count >= FEW) or now_s - earliest_s > LOSS_S - REST_S

    def write(self, packed, listened_s):
        """Commit records and what was noted; `listened_s` is the time that the bursts since the last time stand for."""
        now_s = self._clock.now_s()
        if now_s - self.written_s > _SPAN_LIMIT_S:
            self.begin()
        body = records.body_prefix(listened_s // records.DWELL_UNIT_S) + packed + self._events
        self._events = b""
        try:
            self._journal.append(now_s - self.written_s, body)
        except OSError:
            # Flash is full or refuses: the oldest goes, and what is new begins a segment of its own.
            self._journal.close()
            self.full = True
            self._begin_segment()
            self._journal.append(now_s - self.written_s, body)
        self.written_s = now_s

    def close(self):
        """Let go of the journal and of the segment's secrets."""
        self.is_open = False
        self._journal.close()

    def turn_the_page(self):
        """Begin a segment where the last one is of an earlier day and its block is full, or of the day before that.

        To be called after write(), when what was written is forgotten: the encapsulation wants the room.
        """
        day = self._clock.now_s() // DAY_S
        if day > self._day + 1 or (day != self._day and self._journal.room() < ROOM_BYTES):
            self._begin_segment()
        if day != self._tidied:
            self._tidy()

    def _tidy(self):
        self._tidied = self._clock.now_s() // DAY_S
        self._journal.expire(self._clock.now_s() - self._settings.retention_days * DAY_S)

    def _begin_segment(self):
        """Begin a segment that tells of the time since the last batch."""
        if self.is_open:
            self._before = self._journal.batches
        self._journal.close()
        if self._journal.make_room():
            self.full = True
        self._segment += 1
        enc, chain = self._encapsulate()
        authority = self._settings.authority
        now_s = self._clock.now_s()
        self._journal.open(
            records.Header(
                records.VERSION,
                records.SEAL_AUTHORITY if chain else records.SEAL_NONE,
                self._settings.token_id,
                self._segment,
                self.boot,
                self.written_s,
                max(self._clock.up_s() - (now_s - self.written_s), 0),
                self._clock.set_s,
                self._clock.uncertainty_s(),
                self._clock.state,
                self._rssi_offset_db,
                records.DWELL_UNIT_S,
                self._before,
                records.key_id(authority) if chain else bytes(records.KEY_ID_BYTES),
                enc,
            ),
            chain,
        )
        self._day = now_s // DAY_S
        self.is_open = True

    def _encapsulate(self):
        settings = self._settings
        if not settings.authority:
            return bytes(records.ENC_BYTES), None
        return sealing.encapsulate(settings.authority, settings.token_id, self._segment, self._pool.draw(32))
