"""The cycle: wake, talk and listen, write down, sleep."""

import gc
import os
import time

from . import entropy, power, records, schedule
from .clock import UNKNOWN_S, Clock
from .identity import Identity
from .indicator import BATTERY_LOW, CLOCK_LOST, FULL, WELL, Indicator
from .journal import DIRECTORY
from .logbook import Logbook
from .pace import Purse, stands_for_s
from .protocols import gaen
from .quota import Quota, records_a_day
from .radio import Radio, RadioFault
from .ring import Ring
from .sealing import wipe
from .sightings import CAPACITY, Sightings

AWAKE_S = 120  # after power-on or a button press the cable stays alive
LATE_S = 240  # an identifier that is over by so much changes wherever it is
LEAD_MS = 150  # what the radio takes to start, until it was measured; estimated
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
        self._indicator = Indicator(board)
        self._clock = Clock()
        self._identity = Identity(board.tx_power_dbm, settings.service_uuid)
        self._pool = entropy.Pool(settings.entropy + settings.token_id)
        self._logbook = Logbook(self._clock, self._pool, settings, board.rssi_offset_db)
        self._ready = False
        self._now_s = self._now_ms = 0  # when the ring was last taken down
        self._offset_min = settings.utc_offset_min
        self._purse = Purse(board.budget_ua, *board.draws)
        self._earned_ms = time.ticks_ms()
        self._lead_ms = LEAD_MS
        self._enin = 0  # of the identifier that is said
        self._payload = b""
        self._burst = 0
        self._listened_s = 0  # for which all bursts since the last writing stood
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
        salt = self._pool.draw(2)
        self._sightings = Sightings(salt[0] | salt[1] << 8)
        now_ms = time.ticks_ms()
        self._herd = schedule.Herd(now_ms, self._utc_ms(), self._random())
        block_bytes, _, blocks = os.statvfs(DIRECTORY)[:3]
        self._quota = Quota(records_a_day(block_bytes * blocks, self._retention_days))
        self._ready = True

    def cycle(self):
        """Sleep until the next burst, and make it."""
        self._wait()
        self._meet()
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
        """Sleep until a burst is due, and be early by what the radio takes to start."""
        now_ms = time.ticks_ms()
        herd = self._herd
        self._purse.earn(time.ticks_diff(now_ms, self._earned_ms))
        self._earned_ms = now_ms
        herd.set_utc(now_ms, self._utc_ms())
        level = self._purse.level(herd.unheard_ms(now_ms), self._local_hour())
        wait_ms = herd.wait_ms(now_ms, level, self._random())
        if herd.visiting:
            level = 0
        else:
            self._listened_s += schedule.SLOT_MS * (1 << level) // 1000
        self._stand_s = stands_for_s(level, True), stands_for_s(level, False)
        self._due_ms = time.ticks_add(now_ms, wait_ms)
        self._rest(wait_ms - self._lead_ms)

    def _random(self):
        random = os.urandom(4)
        return random[0] | random[1] << 8 | random[2] << 16 | (random[3] & 0x3F) << 24

    def _utc_ms(self):
        """Return UTC in milliseconds, less a multiple of schedule.CYCLE_MS."""
        seconds, ms = self._clock.now()
        # A thousand of these seconds are a multiple as well; so the product stays a small integer.
        return seconds % schedule.CYCLE_MS * 1000 + ms

    def _local_hour(self):
        if self._clock.uncertainty_s() == UNKNOWN_S:
            return None
        return (self._clock.now_s() + self._offset_min * 60) % 86400 // 3600

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

    def _meet(self):
        """Make a burst."""
        herd = self._herd
        begun_ms = time.ticks_ms()
        self._burst += 1
        herd.begin()
        try:
            self._radio.on()
            if herd.silent:
                self._be_on_time(begun_ms)
                self._only_listen()
            else:
                self._change_identifier()
                self._be_on_time(begun_ms)
                self._talk_and_listen(herd.ear_parts())
        except (OSError, RadioFault):
            # Off and on again at the next burst; more often than not that is the cure.
            self._radio.cycled += 1
        finally:
            self._radio.off()
        herd.end(time.ticks_ms())

    def _be_on_time(self, begun_ms):
        """Wait for the moment that was agreed, and learn how long before it to start."""
        now_ms = time.ticks_ms()
        took_ms = time.ticks_diff(now_ms, begun_ms) + 5
        self._lead_ms = max(min((self._lead_ms * 3 + took_ms + 3) // 4, 1000), 5)
        left_ms = time.ticks_diff(self._due_ms, now_ms)
        if 0 < left_ms < schedule.OPEN_MS:
            time.sleep_ms(left_ms)

    def _only_listen(self):
        silent_ms = schedule.SILENT_PARTS * schedule.PART_MS
        self._radio.listen()
        time.sleep_ms(silent_ms)
        self._stop_listening()
        self._purse.spend(silent_ms, silent_ms)

    def _talk_and_listen(self, ears):
        """Talk through the parts of a burst, and listen through the first and last `ears` of them."""
        radio, herd, payload = self._radio, self._herd, self._payload
        begun_ms = time.ticks_ms()
        for part in range(schedule.PARTS):
            gaen.tell(payload, herd.told(time.ticks_ms()))
            if part == 0:
                radio.advertise(payload, schedule.ADVERTISE_US)
                radio.listen()
            else:
                radio.say(payload, schedule.ADVERTISE_US)
            if part == ears:
                self._stop_listening()
            elif part == schedule.PARTS - ears:
                radio.listen()
            left_ms = time.ticks_diff(time.ticks_add(begun_ms, (part + 1) * schedule.PART_MS), time.ticks_ms())
            if left_ms > 0:
                time.sleep_ms(left_ms)
        self._stop_listening()
        self._purse.spend(schedule.BURST_MS, 2 * ears * schedule.PART_MS)

    def _stop_listening(self):
        self._radio.stop_listening()
        self._take_down()

    def _change_identifier(self):
        """Take this interval's identifier, at a meeting where all of the herd do; a new day or start has a new key."""
        now_s = self._clock.now_s()
        enin = now_s // gaen.INTERVAL_S + _ENIN_OF_EPOCH
        if enin == self._enin and not self._identity.due(enin):
            return
        now_ms = time.ticks_ms()
        late = now_s % gaen.INTERVAL_S > LATE_S or enin != self._enin + 1
        if not (late or self._herd.changes(now_ms)):
            return
        if self._identity.due(enin):
            self._renew(enin)
        self._herd.renew(now_ms, self._random())
        self._payload = self._identity.advertisement(enin)
        self._enin = enin

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

    def _note_sighting(self, identifier, rssi_dbm, at_ms, told):
        age_s = time.ticks_diff(self._now_ms, at_ms) // 1000
        self._sightings.stands_s = self._stand_s[0 if told >= 0 and self._herd.is_ours(told, at_ms) else 1]
        first = self._sightings.note(identifier, rssi_dbm, self._now_s - age_s, self._burst)
        if first and told >= 0:
            self._herd.heard(told, at_ms)

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
        self._logbook.write(packed + record, self._listened_s)
        self._listened_s = 0

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
        if self._board.usb_present():
            self._indicator.hold(True)
        elif self._board.battery_low():
            self._indicator.show(BATTERY_LOW)
        elif self._clock.uncertainty_s() == UNKNOWN_S:
            self._indicator.show(CLOCK_LOST)
        elif self._logbook.full:
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
