"""Signs are read from what light and motor did, and from nothing else."""

from __future__ import annotations

import pytest

from bluetoken.virtual.strip import ON, SIGNS, UNKNOWN, Sign, signs, timing_ms
from bluetoken.virtual.strip_page import page, stretches

PINS = {"light": {"gpio": 8, "active_low": True}, "motor": {"gpio": 6}}


def changes(part: str, name: str, at_us: int) -> list[tuple[int, int, int]]:
    """What a token's strip shows of a sign."""
    pin = PINS[part]
    on = int(not pin.get("active_low", False))
    count, is_long = SIGNS[name]
    on_ms, off_ms = timing_ms(part, is_long)
    found = []
    for _ in range(count):
        found += [(at_us, pin["gpio"], on), (at_us + on_ms * 1000, pin["gpio"], 1 - on)]
        at_us += (on_ms + off_ms) * 1000
    return found


def test_every_sign_has_a_shape_of_its_own() -> None:
    assert len(set(SIGNS.values())) == len(SIGNS) == 7


@pytest.mark.parametrize("part", PINS)
@pytest.mark.parametrize("name", SIGNS)
def test_a_sign_is_read_as_what_it_is(part: str, name: str) -> None:
    assert signs(changes(part, name, 5_000_000), PINS) == [Sign(5_000_000, part, name)]


def test_one_after_the_other() -> None:
    strip = changes("light", "WELL", 0) + changes("light", "FULL", 30_000_000) + changes("motor", "FULL", 31_000_000)
    assert [(sign.part, sign.name) for sign in signs(strip, PINS)] == [
        ("light", "WELL"),
        ("light", "FULL"),
        ("motor", "FULL"),
    ]


def test_a_light_that_stays_on_is_no_sign_of_the_table() -> None:
    paused = changes("light", "PAUSED", 60_400_000)
    strip = [(0, 8, 0), (60_000_000, 8, 1), *paused, (61_500_000, 8, 0), (90_000_000, 8, 1)]
    assert [sign.name for sign in signs(strip, PINS)] == [ON, "PAUSED", ON]


def test_what_is_no_sign_is_unknown() -> None:
    assert [sign.name for sign in signs([(0, 8, 0), (70_000, 8, 1)], PINS)] == [UNKNOWN]
    assert signs([(0, 3, 1), (15_000, 3, 0)], PINS) == []


def test_a_sign_that_goes_on_is_one_stretch_of_the_page() -> None:
    given = [Sign(at_s * 1_000_000, "light", "WELL") for at_s in (60, 90, 120, 900)]
    given += [Sign(950_000_000, "light", "PAUSED"), Sign(950_000_000, "motor", "PAUSED")]
    found = stretches(given, "light")
    assert [(each.name, each.from_s, each.to_s) for each in found] == [
        ("WELL", 60, 120),
        ("WELL", 900, 900),
        ("PAUSED", 950, 950),
    ]
    written = page("A day", {"An": given}, 3600)
    assert written.count("<rect x=") >= 4 and "An, light" in written and "An, motor" in written
    assert written.count("paused") == 1 and "all is well" in written and "charge it" not in written
