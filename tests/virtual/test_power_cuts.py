"""Power fails at a flash operation: the token starts again, and what was flushed is there."""

from __future__ import annotations

import pytest

from .bench import HERE, Bench, MakeBench

RECORDS = 16
SAMPLES = 40
LIGHT = 8
RUN_S = 15

# Every flush is told by the light, which the world sees and power cuts do not take back.
WRITES = f"""
import os, struct, time
from machine import Pin
time.sleep(1)
light = Pin({LIGHT}, Pin.OUT)
log = open("/log", "ab")
for n in range(1, {RECORDS} + 1):
    log.write(struct.pack("<I", n) * 24)
    log.flush()
    with open("/state.new", "w") as file:
        file.write(str(n))
    os.rename("/state.new", "/state")
    light.toggle()
light.off()
log.close()
"""
CHECKS = """
import os, struct
names = os.listdir("/")
data = open("/log", "rb").read() if "log" in names else b""
count, rest = divmod(len(data), 96)
assert rest == 0, len(data)
for n in range(count):
    assert data[96 * n : 96 * n + 96] == struct.pack("<I", n + 1) * 24, n
print(count, open("/state").read() if "state" in names else 0)
with open("/after", "wb") as file:
    file.write(bytes(10000))
os.remove("/after")
"""


@pytest.fixture(scope="module")
def image_and_operations(make_module_bench: MakeBench) -> tuple[bytes, int]:
    """A flash with the program on it, and how many operations the program makes of it."""
    bench = make_module_bench()
    bench.install(WRITES)
    bench.settle()
    image = bench.look(bench.token.flash.image)
    before = bench.look(lambda: bench.token.flash.operations)
    bench.world.run_for(RUN_S, 30)
    operations = bench.look(lambda: bench.token.flash.operations) - before
    assert bench.run(CHECKS).split() == [str(RECORDS), str(RECORDS)]
    return image, operations


def flushed(bench: Bench) -> int:
    """How many times the light has changed."""
    return bench.look(lambda: sum(pin == LIGHT for _, pin, _ in bench.token.strip))


def cut_and_look(make_bench: MakeBench, image: bytes, operation: int) -> None:
    bench = make_bench(HERE, image=image, boot_s=0.5)
    token = bench.token
    bench.look(lambda: token.flash.cut_after(operation, seed=operation))
    bench.world.run_for(RUN_S, 30)
    assert not bench.look(lambda: token.powered), "power must have failed"
    told = flushed(bench)
    bench.look(lambda: token.flash.cut_after(None))
    bench.look(lambda: token.power_up(bench.world.now_us))
    records, state = map(int, bench.run(CHECKS).split())
    assert told <= records <= told + 1
    assert told <= state <= told + 1
    make_bench.clear_away()


def test_a_cut_at_any_of_forty_operations(
    make_bench: MakeBench, image_and_operations: tuple[bytes, int]
) -> None:
    image, operations = image_and_operations
    assert operations > 2 * SAMPLES, "or it is no sample"
    for sample in range(SAMPLES):
        cut_and_look(make_bench, image, 1 + sample * operations // SAMPLES)


@pytest.mark.long
def test_a_cut_at_every_operation(make_bench: MakeBench, image_and_operations: tuple[bytes, int]) -> None:
    image, operations = image_and_operations
    for operation in range(1, operations + 1):
        cut_and_look(make_bench, image, operation)
