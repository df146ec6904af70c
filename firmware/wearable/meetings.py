"""Bursts: when the next one is, and what is said and heard in it."""

import os
import time

from . import schedule
from .clock import UNKNOWN_S
from .pace import BUDGET_UA, Purse, bridge_s, stands_for_s
from .radio import RadioFault

LEAD_MS = 150  # what the radio takes to start, until it was measured; estimated
MOST_LEAD_MS = 1000
_SLACK_MS = 5


class Meetings:
    """Makes bursts with `radio`; what its `ring` holds afterwards is noted in `sightings`."""

    def __init__(self, board, clock, radio, ring, sightings, utc_offset_min):
        self._clock = clock
        self._radio = radio
        self._ring = ring
        self._sightings = sightings
        self._offset_s = utc_offset_min * 60
        self._purse = Purse(BUDGET_UA, *board.draws)
        self._now_ms = self._earned_ms = self._due_ms = time.ticks_ms()
        self._now_s = 0  # when the ring was last taken down, as self._now_ms
        self._lead_ms = LEAD_MS
        # One sighting: of a token whose herd is known, of another token, of a phone.
        self._stand_s = (0, 0, 0)
        self._burst = 0
        self.herd = schedule.Herd(self._now_ms, self._utc_ms(), self.random())
        # What is said, a burst each in turns: (bytes that schedule.tell() may change, whether to be connectable).
        self.voices: list = [(b"", False)]
        self.listened_s = 0  # what the bursts stand for; whoever writes it down sets it back
        self.reader = None  # of iPhones, where they are asked

    def random(self):
        """Return 30 random bits."""
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
        return (self._clock.now_s() + self._offset_s) % 86400 // 3600

    def first_wait_ms(self):
        """Return how long to wait before the first burst."""
        wait_ms = schedule.OPEN_MS + self.random() % schedule.SLOT_MS
        self._due_ms = time.ticks_add(time.ticks_ms(), wait_ms)
        return wait_ms - self._lead_ms

    def wait_ms(self):
        """Decide on the next burst; returns how long to sleep before make()."""
        now_ms = time.ticks_ms()
        herd = self.herd
        self._purse.earn(time.ticks_diff(now_ms, self._earned_ms))
        self._earned_ms = now_ms
        herd.set_utc(now_ms, self._utc_ms())
        level = self._purse.level(herd.unheard_ms(now_ms), self._local_hour())
        wait_ms = herd.wait_ms(now_ms, level, self.random(), self._purse.in_debt)
        if herd.visiting:
            level = 0
        else:
            self.listened_s += schedule.SLOT_MS * (1 << level) // 1000
        # Tokens that take turns are heard under each of their names at every second meeting.
        in_turn = level + len(self.voices) - 1
        self._stand_s = stands_for_s(in_turn, True), stands_for_s(in_turn, False), stands_for_s(level, True)
        self._sightings.bridge_s = bridge_s(in_turn)
        self._due_ms = time.ticks_add(now_ms, wait_ms)
        return wait_ms - self._lead_ms

    def make(self, change_identifier):
        """Make a burst; change_identifier() is called before anything is said, with the radio on."""
        herd = self.herd
        begun_ms = time.ticks_ms()
        self._burst += 1
        herd.begin()
        try:
            self._radio.on()
            if herd.silent:
                self._be_on_time(begun_ms)
                self._only_listen()
            else:
                change_identifier()
                self._be_on_time(begun_ms)
                self._talk_and_listen()
        except (OSError, RadioFault):
            # Off and on again at the next burst; more often than not that is the cure.
            self._radio.cycled += 1
        finally:
            self._radio.off()
        herd.end(time.ticks_ms())

    def _be_on_time(self, begun_ms):
        """Wait for the moment that was agreed, and learn how long before it to start."""
        now_ms = time.ticks_ms()
        took_ms = time.ticks_diff(now_ms, begun_ms) + _SLACK_MS
        self._lead_ms = max(min((self._lead_ms * 3 + took_ms + 3) // 4, MOST_LEAD_MS), _SLACK_MS)
        left_ms = time.ticks_diff(self._due_ms, now_ms)
        if 0 < left_ms < schedule.OPEN_MS:
            time.sleep_ms(left_ms)

    def _only_listen(self):
        silent_ms = schedule.SILENT_PARTS * schedule.PART_MS
        self._radio.listen()
        time.sleep_ms(silent_ms)
        self._stop_listening()
        self._purse.spend(silent_ms, silent_ms)

    def _talk_and_listen(self):
        """Talk through the parts of a burst, and listen through the first and the last of them."""
        radio, herd = self._radio, self.herd
        payload, connectable = self.voices[self._burst % len(self.voices)]
        begun_ms = time.ticks_ms()
        for part in range(schedule.PARTS):
            schedule.tell(payload, herd.told(time.ticks_ms()))
            if part == 0:
                radio.advertise(payload, schedule.ADVERTISE_US, connectable)
                radio.listen()
            else:
                radio.say(payload, schedule.ADVERTISE_US, connectable)
            if part == 1:
                self._stop_listening()
            elif part == schedule.PARTS - 1:
                radio.listen()
            left_ms = time.ticks_diff(time.ticks_add(begun_ms, (part + 1) * schedule.PART_MS), time.ticks_ms())
            if left_ms > 0:
                time.sleep_ms(left_ms)
        self._stop_listening()
        self._purse.spend(schedule.BURST_MS, schedule.EARS_MS)
        if self.reader is not None:
            took_ms = self.reader.take(self._now_s, self._now_ms, self._note, not self._purse.in_debt)
            if took_ms:
                self._purse.spend(took_ms, took_ms)

    def _stop_listening(self):
        self._radio.stop_listening()
        self.take_down()

    def take_down(self):
        """Note what the ring holds."""
        # One look at the clocks for all that was heard: each costs a third of noting an advert.
        self._now_s, self._now_ms = self._clock.now_s(), time.ticks_ms()
        self._ring.drain(self._note)

    def _note(self, identifier, rssi_dbm, at_ms, told):
        age_s = time.ticks_diff(self._now_ms, at_ms) // 1000
        # A phone is heard at once; a token of an unknown herd was there for a while.
        which = 2 if told < 0 else 0 if self.herd.knows(told, at_ms) else 1
        self._sightings.stands_s = self._stand_s[which]
        first = self._sightings.note(identifier, rssi_dbm, self._now_s - age_s, self._burst)
        if first and told >= 0:
            self.herd.heard(told, at_ms)
