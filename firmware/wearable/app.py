"""The cycle: wake, talk and listen, write down, sleep."""

import gc
import os
import time

from . import entropy, power, records, schedule
from .clock import UNKNOWN_S, Clock
from .identity import Identity
from .journal import DIRECTORY
from .logbook import Logbook
from .protocols import gaen
from .quota import Quota, records_a_day
from .radio import Radio, RadioFault
from .ring import Ring
from .sealing import wipe
from .sightings import CAPACITY, Sightings

AWAKE_S = 120  # after power-on or a button press the cable stays alive
# A lesson, a consultation, a prayer: what people ask for. One that was forgotten costs no more than this.
PAUSE_S = 7200
PAUSED_SIGN_S = 30
LOOK_MS = 500  # awake, the button is looked at so often; asleep, a press wakes
PRESSING_LOOK_MS = 20
FORGIVEN_S = 600  # a start that goes well for so long ends a row of crashes
# What App._count_events counts, in its order.
_CODES = (records.EVENT_DROPPED, records.EVENT_EVICTED, records.EVENT_QUOTA, records.EVENT_RADIO)
_ENIN_OF_EPOCH = records.EPOCH_UNIX_S // gaen.INTERVAL_S


class App:
    """One start of the token, from power to power.

    The caller calls run() and, whatever happens, close().
    """

    def __init__(self, board, settings):
        self._board = board
        self._service_uuid = settings.service_uuid
        self._retention_days = settings.retention_days
        self._clock = Clock()
        self._identity = Identity(board.tx_power_dbm, settings.service_uuid)
        self._pool = entropy.Pool(settings.entropy + settings.token_id)
        self._logbook = Logbook(self._clock, self._pool, settings, board.rssi_offset_db)
        self._ready = False
        self._now_s = self._now_ms = 0  # when the ring was last taken down
        self._burst = 0
        self._written_burst = 0
        self._reported = [0, 0, 0, 0]
        self._awake_until_ms = None
        self._clock.restore(self._logbook.resume())
        self._stay_awake()

    def run(self):
        """Go through cycles for ever."""
        # Before the tables are made: the encapsulation wants the room, for a moment.
        self._logbook.begin()
        self._prepare()
        self._logbook.note(records.EVENT_BOOT, power.reset_cause())
        crashes = power.retained().crashes
        if crashes:
            self._logbook.note(records.EVENT_CRASH, crashes)
        while True:
            self.cycle()

    def _prepare(self):
        self._ring = Ring()
        self._radio = Radio(self._ring, gaen.wanted(self._service_uuid))
        # Imported late: its place is the encapsulation's until then.
        from .wearer import Wearer

        self._wearer = Wearer(self._board, self._clock)
        salt = self._pool.draw(2)
        self._sightings = Sightings(salt[0] | salt[1] << 8)
        block_bytes, _, blocks = os.statvfs(DIRECTORY)[:3]
        self._quota = Quota(records_a_day(block_bytes * blocks, self._retention_days))
        self._ready = True

    def cycle(self):
        """Sleep until the next burst, and make it."""
        guard_ms = self._wait()
        self._talk_and_listen(guard_ms)
        self._write_down()
        self._housekeep()

    def close(self):
        """Commit what was heard and forget the keys; the cable or the end has come."""
        try:
            if self._ready:
                self._stop()
        finally:
            self._logbook.close()
            self._identity.wipe()
            self._pool.wipe()

    def _stop(self):
        try:
            self._radio.off()
        finally:
            self._take_down()
            self._flush()

    # The radio.

    def _wait(self):
        while True:
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
            if not self._rest(wait_ms):
                return guard_ms
            self._pause()

    def _rest(self, wait_ms):
        """Sleep, or stay awake for the cable, and obey the button; returns whether a long press ended it."""
        end_ms = time.ticks_add(time.ticks_ms(), wait_ms)
        while True:
            pressed = self._wearer.pressed()
            if pressed == self._wearer.LONG:
                return True
            if pressed == self._wearer.SHORT:
                self._stay_awake()
                self._show_state()
            left_ms = time.ticks_diff(end_ms, time.ticks_ms())
            if self._wearer.is_pressing():
                power.sleep_ms(PRESSING_LOOK_MS, True)
            elif left_ms <= 0:
                return False
            elif self._is_awake():
                power.sleep_ms(min(left_ms, LOOK_MS), True)
            else:
                power.sleep_ms(left_ms, False, self._board.button)

    # A pause: nothing is said, nothing heard, and whoever takes the token finds no key of it.

    def _pause(self):
        """Be silent until the next long press or for PAUSE_S, and say so all the while."""
        self._logbook.note(records.EVENT_PAUSED, PAUSE_S)
        self._flush()
        # What is said afterwards has another key: nothing ties it to what was said before.
        self._identity.wipe()
        began_s = self._clock.up_s()
        self._wearer.paused = True
        try:
            self._until_resumed(began_s)
        finally:
            self._wearer.paused = False
            self._logbook.note(records.EVENT_RESUMED, self._clock.up_s() - began_s)
        self._wearer.show_resumed()

    def _until_resumed(self, began_s):
        while True:
            power.feed()
            left_s = PAUSE_S - (self._clock.up_s() - began_s)
            if left_s <= 0:
                return
            self._show_state()
            if self._rest(min(left_s, PAUSED_SIGN_S) * 1000):
                return

    def _talk_and_listen(self, guard_ms):
        count, pause_ms = schedule.pauses(schedule.burst_ms(guard_ms))
        try:
            self._radio.on()
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
        try:
            self._flush(self._identity.renew(tek, enin))
        finally:
            wipe(tek)

    def _take_down(self):
        # One look at the clocks for all that was heard: each costs a third of noting an advert.
        self._now_s, self._now_ms = self._clock.now_s(), time.ticks_ms()
        self._ring.drain(self._note_sighting)

    def _note_sighting(self, identifier, rssi_dbm, at_ms):
        age_s = time.ticks_diff(self._now_ms, at_ms) // 1000
        self._sightings.note(identifier, rssi_dbm, self._now_s - age_s, self._burst)

    # The journal.

    def _write_down(self):
        self._quota.save(self._clock.up_s())
        # What would not be written makes nothing urgent.
        count = self._sightings.worth(self._quota.most(), self._quota.most_brief())
        if self._logbook.due(count, self._sightings.earliest_s() if count else 0, CAPACITY):
            self._flush()

    def _flush(self, record=b""):
        """Write the encounters, and what else is worth telling; empties the table."""
        quota = self._quota
        packed = self._sightings.pack(self._logbook.written_s, quota.most(), quota.most_brief())
        quota.spend(len(packed) // records.ENCOUNTER_BYTES)
        self._sightings.clear()
        self._count_events()
        self._logbook.write(packed + record, self._burst - self._written_burst)
        self._written_burst = self._burst

    def _count_events(self):
        """Say what was lost since the last time, if anything was."""
        sightings = self._sightings
        counts = (self._ring.dropped, sightings.evicted + sightings.refused, sightings.left_out, self._radio.cycled)
        found_no_room = 0
        for n in range(len(counts)):
            more = counts[n] - self._reported[n]
            if more:
                self._logbook.note(_CODES[n], more)
                self._reported[n] = counts[n]
                if _CODES[n] != records.EVENT_RADIO:
                    found_no_room += more
        if found_no_room:
            power.retain(no_room=power.retained().no_room + found_no_room)

    # Keeping house.

    def _housekeep(self):
        gc.collect()
        power.feed()
        if self._clock.up_s() > FORGIVEN_S and power.retained().crashes:
            power.retain(crashes=0)
        self._wearer.look_at_battery()
        self._show_state()

    def _show_state(self):
        self._wearer.show_state(self._clock.uncertainty_s() == UNKNOWN_S, self._logbook.full)

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
