"""How often a token can afford to meet: a purse that fills by the day's budget and empties with each burst (pure).

Charges are micro-coulombs in sums and millicoulombs in the purse. Alone or at night a token saves; what it has
saved it spends in company. However a day goes, its mean current is the budget's.
"""

from .schedule import SLOT_MS

BUDGET_UA = 2500  # 1000 mAh last two weeks
COMPANY_MS = 1200000  # so long after somebody was heard
NIGHT_FROM_H = 22  # between these hours nearly all who meet have met before
NIGHT_TO_H = 5
SAVED_H = 12  # the purse holds what comes in so many hours
STANDS_PERCENT = 120
STRANGER_PERCENT = 400
_ROUND = 64  # shares of the purse are counted in

# By how full the purse is (in 64ths), from which share on we go to every, every second, every fourth meeting.
_IN_COMPANY = (6, 1, 0)
_ALONE = (26, 12, 0)


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

    def earn(self, passed_ms):
        """Take what the budget gave since the last time."""
        # In hundredths of a second times tenths of a milliampere: an hour's stays a small integer.
        earned = passed_ms // 10 * (self._income_ua // 10) + self._rest
        self._rest = earned % 10000
        self.left_mc = min(self.left_mc + earned // 10000, self.most_mc)

    def spend(self, burst_ms, ears_ms):
        """Pay for a burst that listened for `ears_ms` in all."""
        spent_uc = self._start_uc + burst_ms * self._burst_ua // 1000 + ears_ms * self._ear_ua // 1000
        self.left_mc -= (spent_uc + 500) // 1000

    def level(self, unheard_ms, hour):
        """Return at which level to meet, at every (1 << level)th meeting; `hour` is the local one, None if unknown."""
        company = unheard_ms < COMPANY_MS
        if hour is not None and (hour >= NIGHT_FROM_H or hour < NIGHT_TO_H):
            level = 2 if company else 3
        else:
            share = self.left_mc // (self.most_mc // _ROUND)
            at_least = _IN_COMPANY if company else _ALONE
            level = 0
            while level < 2 and share < at_least[level]:
                level += 1
        return level + 1 if self.left_mc < 0 else level


def stands_for_s(level, ours):
    """Return the seconds that one sighting stands for, where none was shortly before it.

    More than from meeting to meeting, for some are missed; and more of a stranger, who was there for a while before
    anybody noticed.
    """
    return (SLOT_MS * (STANDS_PERCENT if ours else STRANGER_PERCENT) // 100 << level) // 1000
