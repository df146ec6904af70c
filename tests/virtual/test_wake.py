"""A pin ends a light sleep, where the program armed it, and nothing else does."""

from __future__ import annotations

import pytest

from .bench import Bench, MakeBench

PROGRAM = """
import esp32, time
from machine import Pin, lightsleep
button = Pin(9, Pin.IN, Pin.PULL_UP)
light = Pin(8, Pin.OUT, value=0)
{arm}
while True:
    lightsleep(30_000)
    light.toggle()
"""
ARMED = "esp32.wake_on_gpio((button,), esp32.WAKEUP_ALL_LOW)"


def wakings_s(bench: Bench) -> list[float]:
    """When the program woke, in seconds of the world."""
    return bench.look(lambda: [at_us / 1e6 for at_us, pin, _ in bench.token.strip if pin == 8])


def run(make_bench: MakeBench, arm: str, press_ms: int) -> list[float]:
    """Press ten seconds after the start; returns when it woke within the next twenty-five."""
    bench = make_bench()
    bench.install(PROGRAM.format(arm=arm))
    bench.world.run_for(10)
    begun_s = bench.look(lambda: bench.world.now_us) / 1e6
    bench.stage.press(bench.token, press_ms)
    bench.world.run_for(25)
    return [at_s - begun_s for at_s in wakings_s(bench) if at_s >= begun_s]


def test_a_press_wakes_at_once(make_bench: MakeBench) -> None:
    woke_s = run(make_bench, ARMED, 1)
    assert woke_s[0] == pytest.approx(0, abs=0.001)


@pytest.mark.parametrize("arm", ["", f"{ARMED}\nesp32.wake_on_gpio((), False)"], ids=["never", "disarmed"])
def test_what_is_not_armed_does_not_wake(make_bench: MakeBench, arm: str) -> None:
    assert all(at_s > 10 for at_s in run(make_bench, arm, 200))


def test_a_pin_at_its_level_lets_nothing_sleep(make_bench: MakeBench) -> None:
    woke_s = run(make_bench, ARMED, 100)
    assert 50 < sum(at_s < 0.11 for at_s in woke_s) < 150
    assert not any(0.11 < at_s < 20 for at_s in woke_s)


def test_a_reset_forgets_it(make_bench: MakeBench) -> None:
    bench = make_bench()
    bench.run("import esp32\nfrom machine import Pin\nesp32.wake_on_gpio((Pin(9),), esp32.WAKEUP_ALL_LOW)")
    bench.install(PROGRAM.format(arm=""))
    bench.world.run_for(10)
    begun_s = bench.look(lambda: bench.world.now_us) / 1e6
    bench.stage.press(bench.token, 100)
    bench.world.run_for(10)
    assert not [at_s for at_s in wakings_s(bench) if at_s >= begun_s]
