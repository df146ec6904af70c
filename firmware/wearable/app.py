"""The cycle: wake, talk and listen, write down, sleep."""

import gc
import os
import time

from . import entropy, power, records
from .clock import UNKNOWN_S, Clock
from .journal import DIRECTORY
from .logbook import Logbook
from .sealing import wipe
from .settings import BLUEZONE, GAEN

AWAKE_S = 120  # after power-on or a button press the cable stays alive
LATE_S = 420  # identifiers that are over by so much change wherever the token is
# A lesson, a consultation, a prayer: what people ask for. One that was forgotten costs no more than this.
PAUSE_S = 7200
SIGN_S = 30  # a sign is given no more often, however often the token meets: it costs more than a look at a clock
PAUSED_SIGN_S = 30
LOOK_MS = 500  # awake, the button is looked at so often; asleep, a press wakes
PRESSING_LOOK_MS = 20
FORGIVEN_S = 600  # a start that goes well for so long ends a row of crashes
# What App._count_events counts, in its order.
_CODES = (records.EVENT_DROPPED, records.EVENT_EVICTED, records.EVENT_QUOTA, records.EVENT_RADIO)


class App:
    """One start of the token, from power to power.

    The caller calls run() and, whatever happens, close().
    """

    def __init__(self, board, settings):
        self._board = board
        self._settings = settings
        self._clock = Clock()
        self._identities: list = []
        self._pool = entropy.Pool(settings.entropy + settings.token_id)
        self._logbook = Logbook(self._clock, self._pool, settings, board.rssi_offset_db)
        self._ready = self._forgiven = False
        self._period = 0  # of the identifiers that are said
        self._signed_s = -SIGN_S
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
        # Soon, but not at once: a loose contact makes start after start, and a first burst costs a block of flash.
        time.sleep_ms(self._meetings.first_wait_ms())
        self._meetings.make(self._change_identifiers)
        self._greet()
        while True:
            self.cycle()

    def _greet(self):
        # Imported late: the first advert goes out before.
        from .wearer import Wearer

        self._wearer = Wearer(self._board, self._clock)

    def _prepare(self):
        # Imported late: until now the encapsulation wanted the room.
        gc.collect()
        from .meetings import Meetings
        from .quota import Quota, records_a_day
        from .radio import Radio
        from .ring import Ring
        from .sightings import CAPACITY, Sightings

        self._take_names()
        # What reads iPhones takes room, which the table has to give.
        self._capacity = CAPACITY // 2 if self._settings.read_iphones else CAPACITY
        self._ring = Ring()
        self._radio = Radio(self._ring, *self._ear())
        salt = self._pool.draw(2)
        self._sightings = Sightings(salt[0] | salt[1] << 8, self._capacity)
        self._meetings = Meetings(
            self._board, self._clock, self._radio, self._ring, self._sightings, self._settings.utc_offset_min
        )
        if self._settings.read_iphones:
            from .reader import Reader

            self._meetings.reader = Reader(self._radio)
        block_bytes, _, blocks = os.statvfs(DIRECTORY)[:3]
        self._quota = Quota(records_a_day(block_bytes * blocks, self._settings.retention_days))
        self._ready = True

    def _take_names(self):
        settings, names = self._settings, self._identities
        if settings.protocol != BLUEZONE:
            from .identity import Identity

            names.append(Identity(self._board.tx_power_dbm, settings.service_uuid))
        if settings.protocol != GAEN:
            from .zone_identity import ZoneIdentity

            names.append(ZoneIdentity(settings.connectable))
        # All change at once: one that stayed while another changed would tie old to new. An RPI lasts for 10 to 20
        # minutes by its specification, a Bluezone identifier for 15 and no second longer.
        self._period_s = names[-1].PERIOD_S

    def _ear(self):
        """Return what to listen for, and who does, where it is not the usual ear."""
        settings = self._settings
        if settings.protocol != BLUEZONE:
            from .protocols import gaen

            wanted = gaen.wanted(settings.service_uuid)
            if settings.protocol == GAEN:
                return (wanted,)
        from .zone_ear import NOTHING_ELSE, hear

        if settings.read_iphones:
            from .iphone_ear import hear
        return (NOTHING_ELSE if settings.protocol == BLUEZONE else wanted, hear)

    def cycle(self):
        """Sleep until the next burst, and make it."""
        self._wait()
        self._meetings.make(self._change_identifiers)
        self._write_down()
        self._housekeep()

    def close(self):
        """Commit what was heard and forget the keys; the cable or the end has come."""
        try:
            if self._ready:
                self._stop()
        finally:
            self._logbook.close()
            self._forget_names()
            self._pool.wipe()

    def _forget_names(self):
        self._period = 0
        for identity in self._identities:
            identity.wipe()

    def _stop(self):
        try:
            self._radio.off()
        finally:
            self._meetings.take_down()
            self._flush()

    # The radio.

    def _wait(self):
        while self._rest(self._meetings.wait_ms()):
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
        self._forget_names()
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

    def _change_identifiers(self):
        """Take this period's identifiers, at a meeting where all of the herd do; a new day or start has new keys."""
        now_s = self._clock.now_s()
        period = now_s // self._period_s
        if period == self._period:
            return
        herd, now_ms = self._meetings.herd, time.ticks_ms()
        late = now_s % self._period_s > LATE_S or period != self._period + 1
        if not (late or herd.changes(now_ms)):
            return
        # The middle of a period tells best which interval it is, where periods are longer than intervals.
        middle_s = period * self._period_s + self._period_s // 2
        voices = []
        for identity in self._identities:
            number = identity.at(middle_s)
            if identity.due(number):
                self._renew(identity, number)
            voices.append((identity.advertisement(number), identity.connectable))
        herd.renew(now_ms, self._meetings.random())
        # Who says first what the other said last would be known by it.
        if self._meetings.random() & 1:
            voices.reverse()
        self._meetings.voices = voices
        self._period = period

    def _renew(self, identity, number):
        """A new day or a new start: a new key, written down before it is used."""
        key = self._pool.draw(identity.KEY_BYTES)
        try:
            self._flush(identity.renew(key, number))
        finally:
            wipe(key)

    # The journal.

    def _write_down(self):
        self._quota.save(self._clock.up_s())
        # What would not be written makes nothing urgent.
        count = self._sightings.worth(self._quota.most(), self._quota.most_brief())
        if self._logbook.due(count, self._sightings.earliest_s() if count else 0, self._capacity):
            self._flush()
            self._logbook.turn_the_page()

    def _flush(self, record=b""):
        """Write the encounters, and what else is worth telling; empties the table."""
        quota = self._quota
        packed = self._sightings.pack(self._logbook.written_s, quota.most(), quota.most_brief())
        quota.spend(len(packed) // records.ENCOUNTER_BYTES)
        self._sightings.clear()
        self._count_events()
        self._logbook.write(packed + record, self._meetings.listened_s)
        self._meetings.listened_s = 0

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
        up_s = self._clock.up_s()
        # Once: RTC memory is not to be read with every burst.
        if not self._forgiven and up_s > FORGIVEN_S:
            self._forgiven = True
            if power.retained().crashes:
                power.retain(crashes=0)
        self._wearer.look_at_battery()
        if up_s - self._signed_s >= SIGN_S:
            self._signed_s = up_s
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
