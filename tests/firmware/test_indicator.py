"""What the wearer sees and feels."""

import chip
from loading import load

STATES = ("WELL", "BATTERY_LOW", "CLOCK_LOST", "FULL", "PAUSED", "WAITING")


class Part:
    def __init__(self):
        self.seen = []

    def set(self, on):
        self.seen.append((on, chip.current().rtc_ms))

    def pulses_ms(self):
        """Return how long each pulse was, and each gap between two of them."""
        edges = [edge for n, edge in enumerate(self.seen) if n == 0 or edge[0] != self.seen[n - 1][0]]
        spans = [edges[n][1] - edges[n - 1][1] for n in range(1, len(edges))]
        return (spans[::2], spans[1::2]) if edges and edges[0][0] else (spans[1::2], spans[2::2])


class Fitted:
    def __init__(self, light=None, motor=None):
        self.light = light
        self.motor = motor


def fresh():
    chip.switch_on()
    return load("indicator", "signs")


def shown(name):
    """Return (light, motor) after one sign, at the start."""
    module, signs = fresh()
    light, motor = Part(), Part()
    module.Indicator(Fitted(light, motor)).show(getattr(signs, name))
    return light, motor


def test_signs_are_told_apart_by_counting():
    for name, count in (("WELL", 1), ("BATTERY_LOW", 2), ("CLOCK_LOST", 3), ("FULL", 4)):
        light, _ = shown(name)
        assert light.pulses_ms() == ([15] * count, [200] * (count - 1)), name


def test_waiting_and_paused_are_long():
    assert shown("WAITING")[0].pulses_ms() == ([200], [])
    assert shown("PAUSED")[0].pulses_ms() == ([200, 200], [300])


def test_no_two_states_look_alike():
    assert len({str(shown(name)[0].pulses_ms()) for name in STATES}) == len(STATES)


def test_everything_ends_dark_and_still():
    for name in STATES:
        for part in shown(name):
            assert not part.seen or part.seen[-1][0] is False, name


def test_a_motor_gives_the_same_sign_long_enough_to_be_felt():
    for name in ("BATTERY_LOW", "CLOCK_LOST", "FULL", "PAUSED"):
        light, motor = shown(name)
        assert len(motor.pulses_ms()[0]) == len(light.pulses_ms()[0]), name
        assert min(motor.pulses_ms()[0]) >= 100, name


def test_that_all_is_well_is_not_felt_nor_that_a_token_waits():
    for name in ("WELL", "WAITING"):
        assert shown(name)[1].seen == [], name


def felt_at_s(name, every_s, until_s):
    """Return at which seconds a sign that is given again and again was felt."""
    module, signs = fresh()
    motor = Part()
    indicator = module.Indicator(Fitted(motor=motor))
    felt = []
    for up_s in range(0, until_s, every_s):
        before = len(motor.seen)
        indicator.show(getattr(signs, name), up_s)
        if len(motor.seen) > before:
            felt.append(up_s)
    return felt


def test_what_lasts_is_felt_at_once_and_seldom_again():
    every_s = 4 * 3600
    for name in ("BATTERY_LOW", "CLOCK_LOST", "FULL"):
        assert felt_at_s(name, 30, 86400) == list(range(0, 86400, every_s)), name
    assert felt_at_s("PAUSED", 30, 7200) == [0, 1800, 3600, 5400]


def test_signs_in_turn_are_not_felt_more_often():
    module, signs = fresh()
    motor = Part()
    indicator = module.Indicator(Fitted(motor=motor))
    for up_s in range(0, 3600, 60):
        indicator.show(signs.BATTERY_LOW, up_s)
        indicator.show(signs.WELL, up_s + 30)
    assert len(motor.pulses_ms()[0]) == 2


def test_a_board_without_light_and_motor_shows_nothing():
    module, signs = fresh()
    module.Indicator(Fitted()).show(signs.FULL)
    module.Indicator(Fitted()).hold(True)
    assert chip.current().slept_ms == []


def test_hold_leaves_it_on():
    light = Part()
    fresh()[0].Indicator(Fitted(light)).hold(True)
    assert [on for on, _ in light.seen] == [True]


def test_a_sign_is_seen_though_the_light_is_held_on():
    module, signs = fresh()
    light = Part()
    indicator = module.Indicator(Fitted(light))
    indicator.hold(True)
    indicator.show(signs.PAUSED)
    on_ms, off_ms = light.pulses_ms()
    assert on_ms[1:] == [200, 200] and off_ms[0] >= 300 and light.seen[-1][0] is True


class Interrupted(BaseException):
    """Ctrl-C, without ending the test run."""


def test_ctrl_c_leaves_no_motor_running():
    module, signs = fresh()
    light, motor = Part(), Part()

    def interrupt():
        if motor.seen:
            raise Interrupted

    chip.current().when_sleeping = interrupt
    try:
        module.Indicator(Fitted(light, motor)).show(signs.FULL)
        raise AssertionError("nothing interrupted it")
    except Interrupted:
        pass
    assert motor.seen[-1][0] is False
