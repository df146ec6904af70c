"""Whole segments go when their time is over."""

import chip
from loading import load
from storage import fresh_folder
from wearable import records
from wearable.journal import Journal
from wearable.settings import Settings

DAY_S = 86400
RETENTION_DAYS = 21
MIDNIGHT_UNIX_S = records.EPOCH_UNIX_S + 2000 * DAY_S


class Token:
    """A logbook on a chip whose clock a desk has set; it writes in the clear."""

    def __init__(self):
        self.chip = chip.switch_on()
        clock, logbook = load("clock", "logbook")
        folder = fresh_folder() + "/journal"
        self.journal = Journal(folder)
        self._clock = clock.Clock()
        self._clock.set_unix_ms(MIDNIGHT_UNIX_S * 1000)
        logbook.Journal = lambda: Journal(folder)
        self._settings = Settings(b"token-id", bytes(8), "", RETENTION_DAYS, 0xFD6F, bytes(32), b"")
        self._logbook = logbook.Logbook
        self.start()

    def start(self):
        self.logbook = self._logbook(self._clock, None, self._settings, 0)
        self.logbook.resume()
        self.logbook.begin()

    def write_after(self, seconds):
        self.chip.pass_ms(seconds * 1000)
        self.logbook.write(b"", 1)
        self.logbook.turn_the_page()


def test_a_new_day_deletes_what_is_too_old_though_no_segment_is_begun():
    token = Token()
    token.write_after(60)
    for _ in range(RETENTION_DAYS - 1):
        token.chip.pass_ms(DAY_S * 1000)
        token.start()
        token.write_after(60)
    kept = token.journal.numbers()
    assert kept == list(range(1, RETENTION_DAYS + 1))
    token.write_after(DAY_S // 2)
    token.write_after(DAY_S // 2 - RETENTION_DAYS * 60 - 180)
    assert token.journal.numbers() == kept
    token.write_after(3600)
    assert token.journal.numbers() == kept[1:]


def test_what_is_within_its_days_stays():
    token = Token()
    token.write_after(60)
    for _ in range(RETENTION_DAYS - 1):
        token.chip.pass_ms(DAY_S * 1000)
        token.start()
        token.write_after(60)
    assert token.journal.numbers() == list(range(1, RETENTION_DAYS + 1))
