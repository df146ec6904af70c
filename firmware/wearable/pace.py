"""How often a token can afford to meet: a purse that fills by the day's budget and empties with each burst (pure).

Charges are micro-coulombs in sums and millicoulombs in the purse. Alone or at night a token saves; what it has
saved it spends in company. However a day goes, its mean current is the budget's.
"""

from . import const
from .schedule import BURST_MS, EARS_MS, SLOT_MS

BUDGET_UA = 2500  # 1000 mAh last two weeks
COMPANY_MS = 1200000  # so long after somebody was heard
NIGHT_FROM_H = 21  # between these hours nearly all who meet have met before
NIGHT_TO_H = 6
SAVED_H = 12  # the purse holds what comes in so many hours
STANDS_PERCENT = 120
STRANGER_PERCENT = 750
STRANGER_MOST_S = 130
BRIDGE_S = 24
_LEVELS = const(6)

# What the levels that are gone to without thinking may cost, in percent of what comes in.
_THRIFTY_PERCENT = const(60)
_POOR_PERCENT = const(30)
# In company a level needs so many hours of itself and then of the next in the purse.
_THIS_LEVEL_H = const(1)
_NEXT_LEVEL_H = const(6)
# Alone it needs shares of what the purse holds: where it costs more than comes in, nearly as much, or less.
_SHARES = const(64)
_COSTLY_SHARES = const(26)
_EVEN_SHARES = const(12)
_THRIFTY_SHARES = const(6)
_PLENTY_SHARES = const(56)  # so much is enough for any level: what does not fit into the purse is lost
_COMPANY_H = const(8)  # at school or at work every second meeting, so long, is saved for before that


class Purse:
    """What is left to spend.

    sleep_ua, start_uc, burst_ua, ear_ua: what the board draws asleep, for a start of the radio, in a burst, and
    on top of that while it listens.
    """

    def __init__(self, budget_ua=BUDGET_UA, sleep_ua=350, start_uc=10000, burst_ua=35000, ear_ua=64000):
        self._income_ua = budget_ua - sleep_ua
        self._start_uc = start_uc
        self._burst_ua = burst_ua
        self._ear_ua = ear_ua
        self.most_mc = budget_ua * 36 // 10 * SAVED_H
        self.left_mc = self.most_mc // 5
        self._rest = 0
        self._every_ua = self._burst_uc(BURST_MS, EARS_MS) * 1000 // SLOT_MS  # of one who goes to every meeting
        self.thrifty = self._level_for(_THRIFTY_PERCENT)
        self.poor = self._level_for(_POOR_PERCENT)
        self._in_company_mc = [self._needed_mc(level) for level in range(self.thrifty)]
        self._alone_mc = [self._needed_alone_mc(level) for level in range(self.poor)]

    def _burst_uc(self, burst_ms, ears_ms):
        return self._start_uc + burst_ms * self._burst_ua // 1000 + ears_ms * self._ear_ua // 1000

    def _level_for(self, percent):
        """Return the first level that costs no more than so much of what comes in."""
        level = 1
        while level < _LEVELS - 1 and self._every_ua >> level > self._income_ua // 100 * percent:
            level += 1
        return level

    def _lost_mc(self, level, hours):
        """Return by how much the purse gets emptier in so many hours at a level."""
        return max(0, (self._every_ua >> level) - self._income_ua) * 36 // 10 * hours

    def _needed_mc(self, level):
        return self._lost_mc(level, _THIS_LEVEL_H) + self._lost_mc(level + 1, _NEXT_LEVEL_H)

    def _needed_alone_mc(self, level):
        share_mc = self.most_mc // _SHARES
        if level >= self.thrifty:
            return _THRIFTY_SHARES * share_mc
        even = self._every_ua >> level <= self._income_ua
        needed_mc = max(self._lost_mc(1, _COMPANY_H), (_EVEN_SHARES if even else _COSTLY_SHARES) * share_mc)
        return min(needed_mc, _PLENTY_SHARES * share_mc)

    @property
    def in_debt(self):
        return self.left_mc < 0

    def earn(self, passed_ms):
        """Take what the budget gave since the last time."""
        # In hundredths of a second times tenths of a milliampere: an hour's stays a small integer.
        earned = passed_ms // 10 * (self._income_ua // 10) + self._rest
        self._rest = earned % 10000
        self.left_mc = min(self.left_mc + earned // 10000, self.most_mc)

    def spend(self, burst_ms, ears_ms):
        """Pay for a burst that listened for `ears_ms` in all."""
        self.left_mc -= (self._burst_uc(burst_ms, ears_ms) + 500) // 1000

    def level(self, unheard_ms, hour):
        """Return at which level to meet, at every (1 << level)th meeting; `hour` is the local one, None if unknown."""
        company = unheard_ms < COMPANY_MS
        if hour is not None and (hour >= NIGHT_FROM_H or hour < NIGHT_TO_H):
            return self.thrifty if company else self.poor + 1
        needed_mc = self._in_company_mc if company else self._alone_mc
        for level in range(len(needed_mc)):
            if self.left_mc >= needed_mc[level]:
                return level
        return len(needed_mc)


def stands_for_s(level, known):
    """Return the seconds that one sighting stands for, where none was shortly before it.

    More than from meeting to meeting, for some are missed; and more of a stranger, who was there for a while before
    anybody noticed.
    """
    stands_s = (SLOT_MS * (STANDS_PERCENT if known else STRANGER_PERCENT) // 100 << level) // 1000
    return stands_s if known else min(stands_s, STRANGER_MOST_S)


def bridge_s(level):
    """Return the seconds within which whoever is heard again was there in between."""
    return BRIDGE_S + (SLOT_MS << level) // 1000
