"""What the wearer sees."""

import chip
from loading import load


class Light:
    def __init__(self):
        self.seen = []

    def set(self, on):
        self.seen.append((on, chip.current().rtc_ms))


class Lit:
    def __init__(self, light):
        self.light = light


def fresh():
    chip.switch_on()
    return load("indicator")


def flashes(sign):
    """Return ([how long each flash was], whether it ends dark)."""
    module = fresh()
    light = Light()
    module.Indicator(Lit(light)).show(getattr(module, sign))
    on = [at_ms for is_on, at_ms in light.seen if is_on]
    off = [at_ms for is_on, at_ms in light.seen if not is_on]
    return [end - start for start, end in zip(on, off)], light.seen[-1][0] is False


def test_signs_are_told_apart_by_counting():
    for sign, count in (("WELL", 1), ("BATTERY_LOW", 2), ("CLOCK_LOST", 3), ("FULL", 4)):
        lengths, dark = flashes(sign)
        assert lengths == [15] * count and dark, sign


def test_waiting_is_long():
    assert flashes("WAITING") == ([200], True)


def test_a_board_without_a_light_shows_nothing():
    module = fresh()
    module.Indicator(Lit(None)).show(module.WELL)
    module.Indicator(Lit(None)).hold(True)
    assert chip.current().slept_ms == []


def test_hold_leaves_it_on():
    light = Light()
    fresh().Indicator(Lit(light)).hold(True)
    assert [on for on, _ in light.seen] == [True]
