"""The stand-ins offer what the ESP32 port offers and no more, say its stubs."""

from __future__ import annotations

from pathlib import Path

import pytest

import bluetoken.virtual
import stub_signatures

from .bench import Bench

PORT = Path(bluetoken.virtual.__file__).parent / "port"
STANDS_IN = {
    "bluetooth": "bluetooth.py",
    "esp32": "esp32.py",
    "machine": "machine.py",
    "micropython": "micropython_.py",
    "os": "os.py",
    "time": "time.py",
}
BOGUS = {
    "a name": ("machine", "def fly():\n    pass\n"),
    "a parameter": ("time", "def sleep_ms(ms, softly=True):\n    pass\n"),
    "a method": (
        "esp32",
        "class Partition:\n    def __init__(self, id):\n        pass\n\n    def melt(self):\n        pass\n",
    ),
}
HABITS = {
    "pins": """
from machine import ADC, Pin
Pin(5, Pin.IN, None).value()
Pin(8, Pin.OUT, value=1, hold=False).toggle()
assert Pin(8)() == 0
Pin(Pin(8)).on()
assert Pin(8).value() == 1
assert ADC(3).read_uv() == ADC(Pin(3), atten=ADC.ATTN_11DB).read_uv() == 2_000_000
""",
    "watchdog": """
from machine import WDT
WDT(0, 60000).feed()
WDT(timeout=60000)
WDT(id=0)
""",
    "real-time clock": """
from machine import RTC
rtc = RTC()
rtc.datetime((2026, 3, 2, 0, 7, 8, 9, 500000))
assert rtc.datetime()[:7] == (2026, 3, 2, 0, 7, 8, 9)
rtc.init((2026, 3, 3, 1, 2, 3, 500000, 0))
assert rtc.datetime()[:7] == (2026, 3, 3, 1, 1, 2, 3)
""",
    "memory of the real-time clock": """
from machine import RTC
rtc = RTC()
for told in (b"", b"ab", bytearray(b"c"), b"d" * 2048):
    rtc.memory(told)
    assert rtc.memory() == told
rtc.memory("e")
assert rtc.memory() == b"e"
try:
    rtc.memory(bytes(2049))
except ValueError:
    pass
else:
    raise AssertionError
""",
    "ticks": """
from time import ticks_add, ticks_diff, ticks_ms
last = (1 << 30) - 1
assert ticks_add(last, 5) == 4
assert ticks_diff(4, last) == 5 and ticks_diff(last, 4) == -5
assert 0 <= ticks_ms() <= last
""",
    "whole seconds since 2000": """
import time
assert isinstance(time.time(), int)
assert time.gmtime(0)[:3] == (2000, 1, 1)
assert time.mktime((2000, 1, 2, 0, 0, 0, 0, 0)) == 86400
""",
    "flash blocks": """
from esp32 import Partition
part = Partition("vfs")
whole = bytearray(5000)
tail = bytearray(904)
part.readblocks(0, whole)
part.readblocks(1, tail, 0)
assert whole[4096:] == tail
assert part.ioctl(5, 0) == 4096 and part.ioctl(4, 0) == 512
assert part.info()[3] == 512 * 4096
""",
    "no parameter that NimBLE lacks": """
import bluetooth
for key in ({"rxbuf": 1}, {"mac": b"abcdef"}):
    try:
        bluetooth.BLE().config(**key)
    except ValueError:
        continue
    raise AssertionError(key)
""",
}


@pytest.mark.parametrize("module", STANDS_IN)
def test_nothing_that_the_port_lacks(module: str) -> None:
    found = stub_signatures.problems(PORT / STANDS_IN[module], stub_signatures.stub_path(module))
    assert found == []


def test_nor_has_the_part_of_esp32_that_a_32_bit_token_has() -> None:
    assert stub_signatures.problems(PORT / "waking.py", stub_signatures.stub_path("esp32")) == []


@pytest.mark.parametrize("module, addition", BOGUS.values(), ids=BOGUS)
def test_an_invented_offer_is_found(tmp_path: Path, module: str, addition: str) -> None:
    ours = tmp_path / f"{module}.py"
    ours.write_text((PORT / STANDS_IN[module]).read_text() + "\n\n" + addition)
    assert len(stub_signatures.problems(ours, stub_signatures.stub_path(module))) == 1


@pytest.mark.parametrize("program", HABITS.values(), ids=HABITS)
def test_the_stand_ins_take_what_the_port_takes(bench: Bench, program: str) -> None:
    assert bench.run(f"{program}\nprint('well')").strip() == "well"
