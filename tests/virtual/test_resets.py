"""How a token starts again, and what it still knows then."""

from __future__ import annotations

import pytest

from bluetoken.virtual import world
from bluetoken.virtual.token import DEEPSLEEP, HARD, PWRON, SOFT, WDT

from .bench import Bench

EVERY_WAY = """
import machine, time
rtc = machine.RTC()
seen = rtc.memory() + bytes([machine.reset_cause()])
rtc.memory(seen)

def hang():
    machine.WDT(timeout=2000)
    while True:
        time.sleep_ms(100)

ways = (machine.reset, lambda: machine.deepsleep(3000), machine.soft_reset, hang)
if len(seen) <= len(ways):
    ways[len(seen) - 1]()
"""
FED = """
import machine, time
watchdog = machine.WDT(timeout=2000)
for _ in range(100):
    time.sleep_ms(1500)
    watchdog.feed()
machine.reset()
"""
BUSY_FOR_EVER = """
import machine
if machine.reset_cause() != machine.WDT_RESET:
    machine.WDT(timeout=3000)
    while True:
        pass
"""
ASK = "import machine, time\nprint(list(machine.RTC().memory()), time.time(), machine.reset_cause())"


def remembered(bench: Bench) -> list[int]:
    return eval(bench.run("import machine\nprint(list(machine.RTC().memory()))"))


def test_every_cause_is_told_to_the_program(bench: Bench) -> None:
    bench.install(EVERY_WAY)
    bench.world.run_for(20, 30)
    assert remembered(bench) == [HARD, HARD, DEEPSLEEP, SOFT, WDT]
    assert bench.causes()[-6:-1] == [HARD, HARD, DEEPSLEEP, SOFT, WDT]


def test_the_first_start_is_a_power_on(bench: Bench) -> None:
    assert bench.causes() == [PWRON]


def test_deep_sleep_lasts_as_long_as_was_asked_for(bench: Bench) -> None:
    bench.install("import machine\nif machine.reset_cause() != 4: machine.deepsleep(7000)")
    bench.world.run_for(20, 30)
    (slept_us, _), (woke_us, cause) = bench.look(lambda: bench.token.resets[-2:])
    assert cause == DEEPSLEEP
    assert woke_us - slept_us == pytest.approx(7_000_000, abs=200_000)


def test_a_sleeping_chip_has_no_watchdog(bench: Bench) -> None:
    bench.install(
        "import machine\nmachine.WDT(timeout=2000)\nif machine.reset_cause() == 2: machine.deepsleep(9000)"
    )
    bench.world.run_for(10, 30)
    assert bench.causes()[-1] == DEEPSLEEP


def test_a_fed_watchdog_lets_the_program_work(bench: Bench) -> None:
    bench.install(FED)
    before = len(bench.causes())
    bench.world.run_for(140, 30)
    assert len(bench.causes()) == before


def test_a_program_that_hangs_is_ended_by_its_watchdog(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(world, "HUNG_S", 0.3)
    bench.install(BUSY_FOR_EVER)
    bench.world.run_for(30, 20)
    assert bench.causes()[-2:] == [HARD, WDT]


def test_without_a_watchdog_it_hangs_but_the_world_goes_on(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(world, "HUNG_S", 0.3)
    bench.install("while True: pass")
    before = bench.causes()
    bench.world.run_for(30, 20)
    assert bench.causes() == before
    assert bench.run("print('back')").strip() == "back"


@pytest.mark.parametrize("way", ["machine.reset()", "machine.deepsleep(100)", "machine.soft_reset()"])
def test_clock_and_memory_of_the_rtc_outlive_a_reset(bench: Bench, way: str) -> None:
    bench.install("import machine\nif machine.reset_cause() not in (1, 3): machine.WDT(timeout=100000)\n")
    bench.run(
        "import machine\nmachine.RTC().datetime((2026, 3, 2, 0, 7, 0, 0, 0))\nmachine.RTC().memory(b'kept')"
    )
    bench.install(f"import machine, os\nif 'once' not in os.listdir():\n open('once', 'w').close()\n {way}\n")
    bench.world.run_for(10, 30)
    memory, seconds = eval(bench.run("import machine, time\nprint((machine.RTC().memory(), time.time()))"))
    assert memory == b"kept"
    assert 0 <= seconds - 825_750_000 <= 12


def test_power_takes_clock_and_memory_along(bench: Bench) -> None:
    bench.run(
        "import machine\nmachine.RTC().datetime((2026, 3, 2, 0, 7, 0, 0, 0))\nmachine.RTC().memory(b'lost')"
    )
    bench.look(lambda: bench.token.power_down(bench.world.now_us))
    bench.world.run_for(5)
    bench.look(lambda: bench.token.power_up(bench.world.now_us))
    bench.settle()
    memory, seconds = eval(bench.run("import machine, time\nprint((machine.RTC().memory(), time.time()))"))
    assert memory == b"" and seconds < 60
    assert bench.causes()[1:][-2:] == [PWRON, SOFT]


def test_a_dying_interpreter_is_a_reset(bench: Bench) -> None:
    bench.install(
        "import machine, ffi\nif machine.reset_cause() == 2 and not machine.RTC().memory():\n"
        " machine.RTC().memory(b'1')\n ffi.open('libc.so.6').func('v', 'abort', '')()"
    )
    bench.world.run_for(5, 30)
    assert bench.causes()[-2:] == [HARD, HARD]
    assert remembered(bench) == [ord("1")]


def test_a_jumping_clock_is_noticed_by_the_program(bench: Bench) -> None:
    before_s = int(bench.run("import time\nprint(time.time())"))
    bench.look(lambda: bench.token.jump_clock(bench.world.now_us, -3600))
    assert int(bench.run("import time\nprint(time.time())")) - before_s == pytest.approx(-3600, abs=5)
