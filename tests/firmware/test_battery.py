"""A battery is low by the median of several looks, and stays so until it is clearly better."""

from wearable.battery import HYSTERESIS_MV, LOOKS, Gauge

LOW_MV = 3700


def told(*looks_mv):
    """Return what a gauge says after each look."""
    gauge = Gauge(LOW_MV)
    return [gauge.look(look_mv) for look_mv in looks_mv]


def test_one_look_says_nothing():
    assert told(*[3000] * LOOKS) == [False] * (LOOKS - 1) + [True]


def test_a_look_that_caught_the_radio_says_nothing():
    looks = [3720, 3720, 3400, 3720, 3720] * 20
    assert not any(told(*looks))


def test_a_battery_that_crosses_the_limit_in_noise_is_told_once():
    # 4 mV less a look, and 30 mV of noise either way: without median or hysteresis it goes on and off.
    state = 1
    looks = []
    for number in range(100):
        state = (state * 1103515245 + 12345) & 0x3FFFFFFF
        looks.append(3900 - 4 * number + (state >> 10) % 61 - 30)
    said = told(*looks)
    assert changes(said) == 1 and said[-1]
    assert changes([look_mv < LOW_MV for look_mv in looks]) > 1, "or the noise is none"


def changes(said):
    return sum(said[n] != said[n - 1] for n in range(1, len(said)))


def test_a_cell_that_recovers_a_little_stays_low():
    said = told(*[LOW_MV - 1] * LOOKS, *[LOW_MV + HYSTERESIS_MV - 1] * 50)
    assert said[LOOKS - 1 :] == [True] * 51


def test_a_charged_battery_is_well_again():
    assert told(*[LOW_MV - 1] * LOOKS, *[LOW_MV + HYSTERESIS_MV] * LOOKS)[-1] is False


def test_a_board_that_cannot_tell_is_never_low():
    assert told(*[None] * 20) == [False] * 20


def test_it_goes_on_for_years():
    gauge = Gauge(LOW_MV)
    for _ in range(2000):
        gauge.look(3600)
    assert gauge._count <= 2 * LOOKS
    for _ in range(LOOKS):
        low = gauge.look(4000)
    assert low is False
