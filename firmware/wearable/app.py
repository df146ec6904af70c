"""The cycle: wake, talk and listen, write down, sleep."""

import gc
import os
import time

from . import entropy, power, records, schedule
from .clock import UNKNOWN_S, Clock
from .identity import Identity
from .indicator import BATTERY_LOW, CLOCK_LOST, FULL, WELL, Indicator
from .journal import Journal
from .protocols import gaen
from .radio import Radio, RadioFault
from .ring import Ring
from .sightings import CAPACITY, Sightings

FLUSH_S = 600  # at most this much is lost with the power; a peer's identifier lasts as long
QUIET_FLUSH_S = 3600  # "listened, heard nobody" is written down as often
AWAKE_S = 120  # after power-on or a button press the cable stays alive
DAY_S = 86400
_ENIN_OF_EPOCH = records.EPOCH_UNIX_S // gaen.INTERVAL_S


class App:
    """One start of the token, from power to power.

    The caller calls run() and, whatever happens, close().
    """

    def __init__(self, board, settings):
        self._board = board
        self._settings = settings
        self._indicator = Indicator(board)
        self._clock = Clock()
        self._journal = Journal()
        self._ring = Ring()
        self._radio = Radio(self._ring, gaen.wanted(settings.service_uuid))
        self._identity = Identity(board.tx_power_dbm, settings.service_uuid)
        self._pool = entropy.Pool(settings.entropy + settings.token_id)
        salt = self._pool.draw(2)
        self._sightings = Sightings(salt[0] | salt[1] << 8)
        self._now_s = self._now_ms = 0  # when the ring was last taken down
        self._burst = 0
        self._written_burst = 0
        self._written_s = 0
        self._reported = [0, 0, 0]
        self._events = b""
        self._segment = 0
        self._segment_day = 0
        self._boot = 1
        self._awake_until_ms = None
        self._full = False  # something older had to go, or flash refused
        self._resume()

    def _resume(self):
        """Find out from the journal where the last start left off."""
        last = self._journal.last()
        written_s = 0
        if last:
            header, written_s = last
            self._segment = header.segment
            self._boot = header.boot + 1
        # A segment whose header did not survive still has its number.
        self._segment = max(self._segment, *self._journal.numbers(), 0)
        self._clock.restore(written_s)
        self._written_s = self._clock.now_s()
        self._note(records.EVENT_BOOT, power.reset_cause())
        crashes = power.retained().crashes
        if crashes:
            self._note(records.EVENT_CRASH, crashes)
        self._stay_awake()

    def run(self):
        """Go through cycles for ever."""
        self._open_segment()
        while True:
            self.cycle()

    def cycle(self):
        """Sleep until the next burst, and make it."""
        guard_ms = self._wait()
        self._talk_and_listen(guard_ms)
        self._write_down()
        self._housekeep()

    def close(self):
        """Commit what was heard and forget the keys; the cable or the end has come."""
        try:
            self._radio.off()
        finally:
            try:
                self._take_down()
                if self._segment_is_open():
                    self._flush()
            finally:
                self._journal.close()
                self._identity.wipe()
                self._pool.wipe()

    # The radio.

    def _wait(self):
        seconds, ms = self._clock.now()
        uncertainty_s = self._clock.uncertainty_s()
        guard_ms = schedule.guard(uncertainty_s * 1000)
        random = os.urandom(3)
        wait_ms = schedule.wait_ms(
            seconds,
            ms,
            guard_ms,
            random[0] | random[1] << 8 | random[2] << 16,
            uncertainty_s == UNKNOWN_S,
        )
        self._rest(wait_ms)
        return guard_ms

    def _rest(self, wait_ms):
        """Sleep, a second at a time while awake: the button and the cable want an answer."""
        end_ms = time.ticks_add(time.ticks_ms(), wait_ms)
        while True:
            left_ms = time.ticks_diff(end_ms, time.ticks_ms())
            if left_ms <= 0:
                return
            if self._board.button_pressed():
                self._stay_awake()
            if self._is_awake():
                power.sleep_ms(min(left_ms, 1000), True)
            else:
                power.sleep_ms(left_ms, False)

    def _talk_and_listen(self, guard_ms):
        count, pause_ms = schedule.pauses(schedule.burst_ms(guard_ms))
        self._radio.on()
        try:
            enin = self._enin()
            if self._identity.due(enin):
                self._renew(enin)
            self._radio.advertise(self._identity.advertisement(enin), schedule.ADVERTISE_US)
            self._burst += 1
            self._ear()
            for _ in range(count):
                time.sleep_ms(pause_ms)
                self._ear()
        except (OSError, RadioFault):
            # Off and on again at the next burst; more often than not that is the cure.
            self._radio.cycled += 1
        finally:
            self._radio.off()

    def _ear(self):
        self._radio.listen()
        time.sleep_ms(schedule.EAR_MS)
        self._radio.stop_listening()
        self._take_down()

    def _enin(self):
        return self._clock.now_s() // gaen.INTERVAL_S + _ENIN_OF_EPOCH

    def _renew(self, enin):
        """A new day or a new start: a new key, written down before it is used."""
        tek = self._pool.draw(gaen.TEK_BYTES)
        self._roll_segment()
        self._append(self._identity.renew(tek, enin))

    def _take_down(self):
        # One look at the clocks for all that was heard: each costs a third of noting an advert.
        self._now_s, self._now_ms = self._clock.now_s(), time.ticks_ms()
        self._ring.drain(self._note_sighting)

    def _note_sighting(self, identifier, rssi_dbm, at_ms):
        age_s = time.ticks_diff(self._now_ms, at_ms) // 1000
        self._sightings.note(identifier, rssi_dbm, self._now_s - age_s, self._burst)

    # The journal.

    def _segment_is_open(self):
        return self._segment_day != 0

    def _open_segment(self):
        now_s = self._clock.now_s()
        self._segment += 1
        self._segment_day = now_s // DAY_S
        self._written_s = now_s
        self._journal.close()
        if self._journal.make_room():
            self._full = True
        self._journal.open(
            records.Header(
                records.VERSION,
                records.SEAL_NONE,
                self._settings.token_id,
                self._segment,
                self._boot,
                now_s,
                self._clock.up_s(),
                self._clock.set_s,
                self._clock.uncertainty_s(),
                self._clock.state,
                self._board.rssi_offset_db,
                schedule.PERIOD_S,
            )
        )
        power.retain(boot=self._boot)
        self._journal.expire(now_s - self._settings.retention_days * DAY_S)

    def _roll_segment(self):
        """Begin a new segment where a new UTC day has begun."""
        if self._clock.now_s() // DAY_S != self._segment_day:
            self._flush()
            self._open_segment()

    def _write_down(self):
        now_s = self._clock.now_s()
        since_s = now_s - self._written_s
        crossed = now_s // FLUSH_S != self._written_s // FLUSH_S
        full = self._sightings.count * 4 >= CAPACITY * 3 and since_s >= 60
        if (self._sightings.count and crossed) or full or since_s >= QUIET_FLUSH_S:
            self._flush()

    def _flush(self):
        """Write the encounters and what else is worth telling; empties the table."""
        self._count_events()
        packed = self._sightings.pack(self._written_s)
        self._sightings.clear()
        self._append(packed)

    def _append(self, packed):
        """Write a batch that tells of the time since the last one."""
        start_s = self._written_s
        up_s = self._clock.up_s() - (self._clock.now_s() - start_s)
        bursts = self._burst - self._written_burst
        body = records.body_prefix(start_s, max(up_s, 0), bursts) + packed + self._events
        self._events = b""
        try:
            self._journal.append(body)
        except OSError:
            # Flash is full or refuses: the oldest goes, and what is new begins a segment of its own.
            self._journal.abandon()
            self._full = True
            self._open_segment()
            self._journal.append(body)
        self._written_burst = self._burst
        self._written_s = self._clock.now_s()

    def _note(self, code, value):
        self._events += records.pack_event(code, self._clock.now_s() - self._written_s, value)

    def _count_events(self):
        """Say what was lost since the last time, if anything was."""
        counts = (self._ring.dropped, self._sightings.evicted + self._sightings.refused, self._radio.cycled)
        codes = (records.EVENT_DROPPED, records.EVENT_EVICTED, records.EVENT_RADIO)
        for n in range(3):
            if counts[n] != self._reported[n]:
                self._note(codes[n], counts[n] - self._reported[n])
                self._reported[n] = counts[n]

    # Keeping house.

    def _housekeep(self):
        gc.collect()
        power.feed()
        if self._clock.up_s() > FLUSH_S and power.retained().crashes:
            power.retain(crashes=0)
        if self._board.usb_present():
            self._indicator.hold(True)
        elif self._board.battery_low():
            self._indicator.show(BATTERY_LOW)
        elif self._clock.uncertainty_s() == UNKNOWN_S:
            self._indicator.show(CLOCK_LOST)
        elif self._full:
            self._indicator.show(FULL)
        else:
            self._indicator.show(WELL)

    def _stay_awake(self):
        self._awake_until_ms = time.ticks_add(time.ticks_ms(), AWAKE_S * 1000)

    def _is_awake(self):
        """Sleep takes the cable away: not while it is in use, nor just after a start."""
        if self._board.usb_present():
            return True
        if self._awake_until_ms is None:
            return False
        if time.ticks_diff(self._awake_until_ms, time.ticks_ms()) > 0:
            return True
        self._awake_until_ms = None
        return False
