"""One clock for everybody: held, as fast as possible, or with the wall clock; and the same day again."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

import pytest

from bluetoken.virtual.world import World

from .bench import HERE, Bench, MakeBench

T = TypeVar("T")
SECOND_US = 1_000_000
HOUR_S = 3600
LIGHT = 8
BLINK = f"""
import time
from machine import Pin
light = Pin({LIGHT}, Pin.OUT)
while True:
    time.sleep_ms(1000)
    light.toggle()
"""
THREE = (HERE, "position = [1, 0]\ndrift_ppm = 20", "position = [0, 2]\ndrift_ppm = -35")


def now_us(bench: Bench) -> int:
    return bench.look(lambda: bench.world.now_us)


def blinks_us(bench: Bench) -> list[int]:
    return bench.look(lambda: [at_us for at_us, pin, _ in bench.token.strip if pin == LIGHT])


class HardToReach(World):
    """It always stands idle for a while before it hears what somebody wants."""

    def call(self, function: Callable[[], T]) -> T:
        time.sleep(0.3)
        return super().call(function)


def test_a_run_is_not_over_because_the_world_stood_idle_before_it() -> None:
    world = HardToReach()
    world.start()
    try:
        world.at(SECOND_US, lambda _: time.sleep(0.5))
        world.run_until(2 * SECOND_US)
        assert world.now_us == 2 * SECOND_US
    finally:
        world.close()


class TestPaces:
    def test_held_time_stands_still_whatever_a_token_wants(self, bench: Bench) -> None:
        bench.install(BLINK)
        before_us = now_us(bench)
        time.sleep(0.3)
        assert now_us(bench) == before_us and not blinks_us(bench)

    def test_a_desk_s_program_sees_its_clock_go_on_while_time_is_held(self, bench: Bench) -> None:
        before_us = now_us(bench)
        program = (
            "import time\nstart = last = time.ticks_us()\nbackwards = 0\n"
            "while time.ticks_diff(last, start) < 50_000:\n"
            "    now = time.ticks_us()\n    backwards += now < last\n    last = now\n"
            "print(backwards)"
        )
        assert bench.run(program).strip() == "0"
        assert now_us(bench) == before_us

    def test_running_ends_at_the_very_moment(self, bench: Bench) -> None:
        bench.install(BLINK)
        before_us = now_us(bench)
        bench.world.run_for(3600.5, 30)
        assert now_us(bench) == before_us + 3600_500_000
        assert len(blinks_us(bench)) == 3600

    def test_running_is_faster_than_the_wall_clock(self, bench: Bench) -> None:
        began_s = time.monotonic()
        bench.world.run_for(100_000, 30)
        assert time.monotonic() - began_s < 1

    @pytest.mark.parametrize("speed", [1.0, 10.0])
    def test_live_keeps_up_with_the_wall_clock(self, bench: Bench, speed: float) -> None:
        bench.install(BLINK)
        bench.settle()
        before_us, before_s = now_us(bench), time.monotonic()
        bench.world.live(speed)
        time.sleep(1.2)
        bench.world.hold()
        passed_s = time.monotonic() - before_s
        assert now_us(bench) - before_us == pytest.approx(passed_s * speed * SECOND_US, rel=0.1)
        assert len(blinks_us(bench)) == pytest.approx(speed * 1.2, abs=1)

    def test_a_time_limit_is_kept(self, bench: Bench) -> None:
        bench.world.at(now_us(bench) + SECOND_US, lambda _: time.sleep(1.5))
        with pytest.raises(TimeoutError):
            bench.world.run_for(2, timeout_s=0.5)


class TestCalendar:
    def test_things_happen_in_order_and_on_time(self, bench: Bench) -> None:
        told: list[tuple[str, int]] = []
        start_us = now_us(bench)
        for name, after_us in (("late", 2000), ("first", 1000), ("second", 1000)):
            bench.world.at(
                start_us + after_us, lambda at_us, name=name: told.append((name, at_us - start_us))
            )
        bench.world.run_for(1, 10)
        assert told == [("first", 1000), ("second", 1000), ("late", 2000)]

    def test_an_error_in_a_call_comes_to_the_caller_and_the_world_lives(self, bench: Bench) -> None:
        with pytest.raises(ZeroDivisionError):
            bench.look(lambda: 1 // 0)
        bench.world.run_for(1, 10)


class TestOscillators:
    @pytest.mark.parametrize("ppm", [0, 40, -250, 20_000])
    def test_a_sleep_lasts_what_the_token_takes_for_it(self, make_bench: MakeBench, ppm: float) -> None:
        bench = make_bench(f"{HERE}\ndrift_ppm = {ppm}")
        bench.install(
            "import time\nfrom machine import Pin\np = Pin(8, Pin.OUT)\np.on()\ntime.sleep(1000)\np.off()"
        )
        bench.world.run_for(1100, 30)
        on_us, off_us = blinks_us(bench)
        assert off_us - on_us == pytest.approx(1000 * SECOND_US / (1 + ppm / 1e6), abs=200)

    def test_light_sleep_and_awake_sleep_are_as_long(self, bench: Bench) -> None:
        bench.install(
            "import time, machine\np = machine.Pin(8, machine.Pin.OUT)\np.on()\nmachine.lightsleep(5000)\n"
            "p.off()\ntime.sleep_ms(5000)\np.on()"
        )
        bench.world.run_for(11, 30)
        first, second, third = blinks_us(bench)
        assert (
            third - second == pytest.approx(second - first, abs=200) == pytest.approx(5 * SECOND_US, abs=200)
        )


class TestTheSameDayAgain:
    def images_after(self, seconds: int, make_bench: MakeBench, image: bytes, seed: int) -> list[bytes]:
        bench = make_bench(*THREE, image=image, seed=seed)
        bench.world.run_for(seconds, 60)
        images = bench.look(lambda: [token.flash.image() for token in bench.tokens])
        assert all(after != image for after in images), "something was written"
        make_bench.clear_away()
        return images

    def test_a_seed_is_a_day(self, make_bench: MakeBench, issued_image: bytes) -> None:
        once = self.images_after(HOUR_S, make_bench, issued_image, 5)
        assert self.images_after(HOUR_S, make_bench, issued_image, 5) == once

    def test_another_seed_is_another_day(self, make_bench: MakeBench, issued_image: bytes) -> None:
        one, other = (self.images_after(HOUR_S // 6, make_bench, issued_image, seed) for seed in (5, 6))
        assert all(a != b for a, b in zip(one, other, strict=True))
