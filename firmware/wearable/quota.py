"""How much of the flash strangers may fill (pure).

Encounters are written out of savings. Every day adds its share of the flash, so that whoever is on the air and
for however long, no older day has to be deleted before its time. Of the last of the savings an identifier that was
heard in one burst only, which is what a flood costs least, gets nothing; and one write never takes everything.
"""

from .records import ENCOUNTER_BYTES

# Shares of the flash beside those of the days that are kept: for the savings, the application, the journal's own
# reserve, and what is around the encounters: headers, seals, keys, events, blocks that are not filled.
SPARE_DAYS = 12
SAVED_DAYS = 2  # so much can be saved up; a start begins with half of it
WRITES = 16  # a write takes at most this part of what is left
_DAY_S = 86400


def records_a_day(flash_bytes, retention_days):
    """Return how many encounters a day may add to a file system of this size."""
    return flash_bytes // ENCOUNTER_BYTES // (retention_days + SPARE_DAYS)


class Quota:
    """How many encounters may be written; `left` are the savings."""

    def __init__(self, records_a_day):
        self._a_day = records_a_day
        self._saved_s = 0
        self._rest = 0
        self.left = records_a_day

    def save(self, up_s):
        """Add what has come together until `up_s` seconds after the start."""
        earned = (up_s - self._saved_s) * self._a_day + self._rest
        self._saved_s = up_s
        self._rest = earned % _DAY_S
        self.left = min(self.left + earned // _DAY_S, SAVED_DAYS * self._a_day)

    def spend(self, count):
        """Take off what was written."""
        self.left -= count

    def most(self):
        """Return how many encounters may be written now."""
        return self.left // WRITES

    def most_brief(self):
        """Return how many of them may be of identifiers that were heard in one burst only."""
        return min(self.most(), max(self.left - self._a_day // 2, 0))
