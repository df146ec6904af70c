"""UTC and how far it is to be trusted, on chips that count from 1970 and from 2000."""

import gc
import sys

import chip
from loading import load
from skipping import only_on_micropython
from storage import fresh_folder
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


def test_a_first_start_begins_near_zero_and_says_so():
    for epoch_year in EPOCHS:
        _, module, clock = fresh(epoch_year)
        clock.restore(0)
        assert clock.now_s() == 1 and clock.state == CLOCK_UNSET
        assert clock.uncertainty_s() == module.UNKNOWN_S


def test_after_a_loss_of_power_it_goes_on_from_what_was_written():
    for epoch_year in EPOCHS:
        silicon, module, _ = set_at_noon(epoch_year)
        silicon.lose_power()
        clock = module.Clock()
        clock.restore(NOON_S + 500)
        assert clock.now() == (NOON_S + 501, 0)
        assert (clock.state, clock.set_s) == (CLOCK_RESTORED, NOON_S + 501)
        assert clock.uncertainty_s() == module.UNKNOWN_S


def test_a_restored_clock_stays_restored_over_a_reset():
    silicon, module, _ = set_at_noon()
    silicon.lose_power()
    module.Clock().restore(NOON_S)
    silicon.pass_ms(60000)
    clock = module.Clock()
    clock.restore(NOON_S + 30)
    assert clock.state == CLOCK_RESTORED and clock.now_s() == NOON_S + 61
    assert clock.set_s == NOON_S + 1


def test_a_reset_that_takes_back_a_moment_is_no_loss_of_power():
    silicon, module, clock = set_at_noon()
    for state in (CLOCK_SET, CLOCK_RESTORED):
        begun_s = clock.set_s
        silicon.show_unix_ms((begun_s + EPOCH_UNIX_S) * 1000 - 40)
        clock = module.Clock()
        clock.restore(begun_s + 1)
        assert (clock.state, clock.set_s) == (state, begun_s)
        silicon.lose_power()
        clock = module.Clock()
        clock.restore(begun_s + 1)


def test_no_two_runs_of_a_restored_clock_begin_alike():
    silicon, module, _ = set_at_noon()
    begun = []
    written_s = NOON_S
    for _ in range(3):
        silicon.lose_power()
        clock = module.Clock()
        clock.restore(written_s)
        begun.append(clock.set_s)
        written_s = clock.now_s()  # a segment is begun at once, and nothing follows
    assert len(set(begun)) == 3 and begun == sorted(begun)


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
    assert clock.now_s() == NOON_S + 1 and clock.state == CLOCK_RESTORED


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


# A trim.

TRIMS_E7 = (1, -1, 200, -200, 15000, -15000)


def trimmed(trim_e7, drift_ppm=50):
    """Return (chip, module, Clock) of a token that was set at noon and told its trim."""
    silicon = chip.switch_on()
    trim, module = load("trim", "clock")
    trim._PATH = fresh_folder() + "/clock.json"
    trim.save(trim_e7, drift_ppm)
    clock = module.Clock()
    clock.set_unix_ms(NOON_UNIX_S * 1000)
    return silicon, module, clock


def test_a_trim_makes_a_wrong_oscillator_right():
    for trim_e7 in TRIMS_E7:
        silicon, _, clock = trimmed(trim_e7)
        for _ in range(20):
            silicon.pass_ms(1000 * DAY_S)
        seconds, ms = clock.now()
        added_ms = (seconds - NOON_S - 20 * DAY_S) * 1000 + ms
        assert abs(added_ms - 20 * DAY_S * trim_e7 / 10000) <= 2, trim_e7


def test_a_trimmed_clock_never_goes_backward():
    for trim_e7 in TRIMS_E7:
        silicon, _, clock = trimmed(trim_e7)
        # Where the parts of the reckoning carry: a second, ten thousand of them.
        for from_ms in (0, 990, 9999 * 1000 + 900, 19999 * 1000 + 900):
            silicon.show_unix_ms(NOON_UNIX_S * 1000 + from_ms)
            before, before_s = clock.now(), clock.now_s()
            for _ in range(250):
                silicon.pass_ms(1)
                after, after_s = clock.now(), clock.now_s()
                assert before <= after and before_s <= after_s, (trim_e7, before, after)
                assert 0 <= after[0] - after_s <= 1
                before, before_s = after, after_s


def test_a_trim_stays_over_a_reset_and_over_a_loss_of_power():
    silicon, module, _ = trimmed(1000)
    silicon.pass_ms(1000 * DAY_S)
    right_s = NOON_S + DAY_S + 8  # 100 ppm of a day are 8.64 s
    assert module.Clock().now_s() == right_s
    silicon.lose_power()
    clock = module.Clock()
    clock.restore(right_s)
    silicon.pass_ms(1000 * DAY_S)
    assert clock.now_s() == module.Clock().now_s() == right_s + 1 + DAY_S + 8


def test_a_new_trim_counts_from_the_next_setting_on():
    """A cut between the trim's writing and the clock's setting leaves a straight line."""
    silicon, module, _ = trimmed(1000)
    silicon.pass_ms(1000 * DAY_S)
    sys.modules["wearable.trim"].save(-1000, 60)
    clock = module.Clock()
    assert (clock.trim_e7, clock.drift_ppm, clock.now_s()) == (1000, 50, NOON_S + DAY_S + 8)
    clock.set_unix_ms((NOON_UNIX_S + DAY_S) * 1000)
    silicon.pass_ms(1000 * DAY_S)
    assert (clock.trim_e7, clock.drift_ppm, clock.now_s()) == (-1000, 60, NOON_S + 2 * DAY_S - 9)


def test_setting_returns_what_the_trimmed_clock_showed():
    silicon, _, clock = trimmed(1000)
    silicon.pass_ms(1000 * DAY_S)
    assert clock.set_unix_ms(NOON_UNIX_S * 1000) == (NOON_UNIX_S + DAY_S) * 1000 + 8640


def test_a_trimmed_clock_is_less_uncertain():
    silicon, _, clock = trimmed(1000, drift_ppm=43)
    for _ in range(30):
        silicon.pass_ms(1000 * DAY_S)
    assert clock.uncertainty_s() == 1 + (30 * DAY_S + 259) // 1000 * 43 // 1000


def test_a_chip_that_stands_before_its_setting_is_not_trimmed():
    silicon, _, clock = trimmed(-15000)
    silicon.show_unix_ms((NOON_UNIX_S - 500) * 1000)
    assert clock.now() == (NOON_S - 500, 0)


def test_the_reckoning_takes_small_integers_alone():
    """Nineteen years after a desk set it, by the greatest trim; on a 32-bit MicroPython this is more than words."""
    only_on_micropython("CPython cannot say what it allocates")
    for trim_e7 in (15000, -15000):
        _, _, clock = trimmed(trim_e7)
        at_s = clock.set_s + 600000000
        gc.collect()
        gc.disable()
        before = gc.mem_alloc()
        added_ms = clock._correction_ms(at_s, 999)
        after = gc.mem_alloc()
        gc.enable()
        assert after == before, trim_e7
        assert abs(added_ms) // 1000 == 900000
