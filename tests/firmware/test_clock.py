"""UTC and how far it is to be trusted, on chips that count from 1970 and from 2000."""

import chip
from loading import load
from wearable.records import CLOCK_RESTORED, CLOCK_SET, CLOCK_UNSET, EPOCH_UNIX_S

NOON_UNIX_S = 1795521600  # 2026-11-24T12:00:00Z
NOON_S = NOON_UNIX_S - EPOCH_UNIX_S
DAY_S = 86400
EPOCHS = (1970, 2000)


def fresh(epoch_year=2000):
    """Return (chip, module, Clock) after a first start."""
    silicon = chip.switch_on(epoch_year)
    module = load("clock")
    return silicon, module, module.Clock()


def set_at_noon(epoch_year=2000):
    silicon, module, clock = fresh(epoch_year)
    clock.restore(0)
    clock.set_unix_ms(NOON_UNIX_S * 1000)
    return silicon, module, clock


def test_token_seconds_whatever_the_chip_calls_zero():
    for epoch_year in EPOCHS:
        silicon, _, clock = fresh(epoch_year)
        silicon.show_unix_ms(NOON_UNIX_S * 1000 + 250)
        assert clock.now_s() == NOON_S
        assert clock.now() == (NOON_S, 250)


def test_setting_takes_and_is_to_the_millisecond():
    for epoch_year in EPOCHS:
        silicon, _, clock = fresh(epoch_year)
        clock.set_unix_ms(NOON_UNIX_S * 1000 + 789)
        assert silicon.unix_ms() == NOON_UNIX_S * 1000 + 789
        assert clock.now() == (NOON_S, 789)
        assert (clock.state, clock.set_s) == (CLOCK_SET, NOON_S)


def test_setting_returns_what_it_showed_before():
    for epoch_year in EPOCHS:
        silicon, _, clock = set_at_noon(epoch_year)
        silicon.pass_ms(3600 * 1000 + 7)
        assert clock.set_unix_ms(NOON_UNIX_S * 1000) == (NOON_UNIX_S + 3600) * 1000 + 7


def test_it_can_be_set_to_any_day():
    silicon, _, clock = fresh()
    for unix_s in (EPOCH_UNIX_S, 1709164800, 1709251199, 1735689599, 2147483647, 4102444800):
        clock.set_unix_ms(unix_s * 1000)
        assert silicon.unix_ms() == unix_s * 1000, unix_s


def test_a_first_start_begins_at_zero_and_says_so():
    for epoch_year in EPOCHS:
        _, module, clock = fresh(epoch_year)
        clock.restore(0)
        assert clock.now_s() == 0 and clock.state == CLOCK_UNSET
        assert clock.uncertainty_s() == module.UNKNOWN_S


def test_after_a_loss_of_power_it_goes_on_from_what_was_written():
    for epoch_year in EPOCHS:
        silicon, module, _ = set_at_noon(epoch_year)
        silicon.lose_power()
        clock = module.Clock()
        clock.restore(NOON_S + 500)
        assert clock.now() == (NOON_S + 500, 0)
        assert (clock.state, clock.set_s) == (CLOCK_RESTORED, 0)
        assert clock.uncertainty_s() == module.UNKNOWN_S


def test_a_restored_clock_stays_restored_over_a_reset():
    silicon, module, _ = set_at_noon()
    silicon.lose_power()
    module.Clock().restore(NOON_S)
    silicon.pass_ms(60000)
    clock = module.Clock()
    clock.restore(NOON_S + 30)
    assert clock.state == CLOCK_RESTORED and clock.now_s() == NOON_S + 60


def test_a_reset_costs_neither_time_nor_trust():
    silicon, module, _ = set_at_noon()
    silicon.pass_ms(1000 * DAY_S)
    clock = module.Clock()
    clock.restore(NOON_S + DAY_S - 30)
    assert clock.now_s() == NOON_S + DAY_S
    assert (clock.state, clock.set_s) == (CLOCK_SET, NOON_S)


def test_a_clock_the_desk_set_back_stays_set_at_the_next_start():
    for back_s in (5, 3600, 400 * DAY_S):
        silicon, module, clock = set_at_noon()
        clock.set_unix_ms((NOON_UNIX_S - back_s) * 1000)
        silicon.pass_ms(2000)
        clock = module.Clock()
        clock.restore(NOON_S)  # written down before the desk came
        assert clock.now_s() == NOON_S - back_s + 2, back_s
        assert clock.state == CLOCK_SET, back_s


def test_power_lost_after_the_desk_set_it_back_is_noticed_all_the_same():
    silicon, module, clock = set_at_noon()
    clock.set_unix_ms((NOON_UNIX_S - 3600) * 1000)
    silicon.lose_power()
    clock = module.Clock()
    clock.restore(NOON_S)
    assert clock.now_s() == NOON_S and clock.state == CLOCK_RESTORED


def test_uncertainty_grows_with_the_time_since_it_was_set():
    silicon, _, clock = set_at_noon()
    grown = [clock.uncertainty_s()]
    for _ in range(30):
        silicon.pass_ms(1000 * DAY_S)
        grown.append(clock.uncertainty_s())
    assert grown[0] == 1 and grown[1] == 18 and grown == sorted(grown)
    assert 30 * DAY_S * 200 // 1000000 <= grown[30] <= 30 * DAY_S * 200 // 1000000 + 1


def test_a_known_uncertainty_never_reads_unknown():
    silicon, module, clock = set_at_noon()
    silicon.pass_ms(1000 * DAY_S * 365 * 20)
    assert clock.uncertainty_s() == module.UNKNOWN_S - 1


def test_up_time_goes_on_when_ticks_wrap():
    silicon, _, clock = fresh()
    for hour in range(1, 400):
        silicon.pass_ms(3600 * 1000)
        assert clock.up_s() == hour * 3600


def test_up_time_loses_no_part_of_a_second():
    silicon, _, clock = fresh()
    for _ in range(1000):
        silicon.pass_ms(1001)
        clock.up_s()
    assert clock.up_s() == 1001


def test_up_time_does_not_care_what_the_clock_is_set_to():
    silicon, _, clock = fresh()
    silicon.pass_ms(7000)
    clock.set_unix_ms(NOON_UNIX_S * 1000)
    silicon.pass_ms(3000)
    assert clock.up_s() == 10
