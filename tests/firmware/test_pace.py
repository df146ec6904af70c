"""How often a token can afford to meet."""

from wearable import pace
from wearable.pace import Purse
from wearable.schedule import BURST_MS, PART_MS, SLOT_MS

HOUR_MS = 3600000
BURST_UC = 10000 + BURST_MS * 35000 // 1000 + 2 * PART_MS * 64000 // 1000
ALONE_MS = pace.COMPANY_MS


def spent_ua(purse, unheard_ms, hours, from_h=None):
    """Return the mean current of a token that bursts as its purse allows; `from_h` counts the hours of a day."""
    passed_ms = bursts = 0
    while passed_ms < hours * HOUR_MS:
        hour = None if from_h is None else (from_h + passed_ms // HOUR_MS) % 24
        wait_ms = SLOT_MS << purse.level(unheard_ms, hour)
        purse.earn(wait_ms)
        purse.spend(BURST_MS, 2 * PART_MS)
        bursts += 1
        passed_ms += wait_ms
    return 350 + bursts * BURST_UC // (passed_ms // 1000)


def test_what_is_spent_is_the_budget_in_company_and_alone():
    for unheard_ms in (0, ALONE_MS):
        for budget_ua in (1500, 2000, 2500):
            purse = Purse(budget_ua)
            spent_ua(purse, unheard_ms, 24)  # until what a token begins with is spent or saved
            assert abs(spent_ua(purse, unheard_ms, 7 * 24) - budget_ua) < budget_ua // 50


def test_a_night_is_saved_for_the_day():
    purse = Purse()
    spent_ua(purse, 0, 24, 12)
    night_ua = spent_ua(purse, 0, 7, 22)
    left_mc = purse.left_mc
    day_ua = spent_ua(purse, 0, 17, 5)
    assert night_ua < 2500 < day_ua and purse.left_mc < left_mc
    assert abs(night_ua * 7 + day_ua * 17 - 2500 * 24) < 2500 * 24 // 20


def test_who_is_alone_saves_for_company():
    alone, company = Purse(), Purse()
    spent_ua(alone, ALONE_MS, 48)
    spent_ua(company, 0, 48)
    assert alone.left_mc > 3 * company.left_mc


def test_with_much_in_the_purse_every_meeting_with_little_some():
    purse = Purse()
    for share, together, alone in ((0, 1, 3), (4, 1, 3), (5, 0, 3), (6, 0, 2), (12, 0, 1), (25, 0, 1), (26, 0, 0)):
        purse.left_mc = purse.most_mc // 64 * share
        assert purse.level(0, 12) == purse.level(0, None) == together
        assert purse.level(ALONE_MS, 12) == alone
    purse.left_mc = -1
    assert purse.in_debt and purse.level(0, 12) == 2 and purse.level(ALONE_MS, 12) == 3


def test_at_night_nothing_is_spent_that_was_saved():
    purse = Purse()
    purse.left_mc = purse.most_mc
    for hour in (21, 23, 0, 5):
        assert purse.level(0, hour) == 2 and purse.level(ALONE_MS, hour) == 4
    assert purse.level(0, 20) == purse.level(0, 6) == 0


def test_what_a_level_needs_follows_from_what_it_costs():
    # To every meeting 4.1 mA, of which each level halves what is left.
    poor, rich = Purse(1250), Purse(10000)
    poor.left_mc, rich.left_mc = poor.most_mc // 2, 1
    assert (poor.thrifty, poor.poor) == (3, 4) and (rich.thrifty, rich.poor) == (1, 1)
    assert rich.level(0, 12) == 0, "what comes in pays for every meeting"
    assert poor.level(0, 12) == 1 and poor.level(ALONE_MS, 12) == 3, "half full, for a day of company"
    poor.left_mc = poor.most_mc
    assert poor.level(ALONE_MS, 12) == 0, "more would not fit"


def test_a_day_of_company_at_half_the_budget_is_every_second_meeting():
    purse = Purse(1250)
    spent_ua(purse, ALONE_MS, 7 * 24, 17)
    spent_ua(purse, ALONE_MS, 15, 17)
    assert spent_ua(purse, 0, 8, 8) * 4 > 3 * (350 + BURST_UC * 1000 // (2 * SLOT_MS))


def test_the_purse_holds_half_a_day():
    purse = Purse()
    for _ in range(100):
        purse.earn(HOUR_MS)
    assert purse.left_mc == purse.most_mc == 2500 * 12 * 36 // 10


def test_earning_often_is_earning_as_much():
    often, rarely = Purse(), Purse()
    for _ in range(HOUR_MS // 50):
        often.earn(50)
    rarely.earn(HOUR_MS)
    assert often.left_mc == rarely.left_mc == Purse().left_mc + 2150 * 3600 // 1000


def test_a_burst_costs_what_the_board_draws():
    purse = Purse(2500, 350, 12000, 30000, 70000)
    before_mc = purse.left_mc
    purse.spend(500, 100)
    assert before_mc - purse.left_mc == 12 + 15 + 7


def test_a_sighting_stands_for_more_the_more_rarely_we_meet():
    for level in range(5):
        known_s, strangers_s = pace.stands_for_s(level, True), pace.stands_for_s(level, False)
        assert (SLOT_MS << level) // 1000 < known_s
        assert known_s < strangers_s or strangers_s == pace.STRANGER_MOST_S


def test_whom_a_meeting_or_two_missed_was_there_all_the_same():
    for level in range(5):
        assert SLOT_MS << level < pace.bridge_s(level) * 1000 < (SLOT_MS << level) * 5
