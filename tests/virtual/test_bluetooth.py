"""The stand-in for bluetooth has NimBLE's manners, the inconvenient ones above all."""

from __future__ import annotations

import pytest

from .bench import HERE, Bench, MakeBench

ON = """
import bluetooth, time
ble = bluetooth.BLE()
ble.active(True)

def raises(kind, number, call, *arguments, **named):
    try:
        call(*arguments, **named)
    except kind as error:
        assert number is None or error.errno == number, error
    else:
        raise AssertionError("nothing was raised")
"""
MANNERS = {
    "the radio must be on": """
ble.active(False)
raises(OSError, 19, ble.gap_scan, 0)
raises(OSError, 19, ble.gap_advertise, 100_000, b"a")
raises(OSError, 19, ble.config, "mac")
raises(OSError, 19, ble.config, addr_mode=3)
""",
    "every start is at the public address": """
public = ble.config("mac")
assert public[0] == 0
ble.config(addr_mode=3)
assert ble.config("mac")[0] == 1
ble.active(False)
ble.active(True)
assert ble.config("mac") == public
""",
    "an address is of the kind asked for, and new each time": """
for mode, kind in ((1, 0xC0), (3, 0x00)):
    seen = set()
    for _ in range(20):
        ble.config(addr_mode=mode)
        address = bytes(ble.config("mac")[1])
        assert address[0] & 0xC0 == kind
        seen.add(address)
    assert len(seen) == 20
""",
    "a resolvable address is not told": """
ble.config(addr_mode=2)
raises(OSError, 22, ble.config, "mac")
""",
    "a new address while advertising is refused in silence": """
ble.config(addr_mode=3)
before = bytes(ble.config("mac")[1])
ble.gap_advertise(100_000, b"a", connectable=False)
ble.config(addr_mode=3)
assert bytes(ble.config("mac")[1]) == before
ble.gap_advertise(None)
ble.config(addr_mode=3)
assert bytes(ble.config("mac")[1]) != before
""",
    "a new address while scanning is refused in silence": """
ble.config(addr_mode=3)
before = bytes(ble.config("mac")[1])
ble.gap_scan(0, 60_000, 60_000)
ble.config(addr_mode=3)
assert bytes(ble.config("mac")[1]) == before
""",
    "a second scan is one too many": """
ble.gap_scan(0)
raises(OSError, 114, ble.gap_scan, 0)
ble.gap_scan(None)
ble.gap_scan(None)
ble.gap_scan(0)
""",
    "more than 31 bytes are an odd number": """
raises(OSError, -18, ble.gap_advertise, 100_000, bytes(32))
ble.gap_advertise(100_000, bytes(31))
""",
    "the interval has its limits": """
raises(OSError, 22, ble.gap_advertise, 19_999, b"a")
raises(OSError, 22, ble.gap_advertise, 10_240_625, b"a")
ble.gap_advertise(20_000, b"a")
ble.gap_advertise(10_240_000, b"a")
""",
    "a scan says when it is done": """
done = []
ble.irq(lambda event, data: done.append(event))
ble.gap_scan(200, 60_000, 60_000)
time.sleep_ms(150)
assert done == []
time.sleep_ms(100)
assert done == [6]
ble.gap_scan(0)
ble.gap_scan(None)
assert done == [6, 6]
""",
}
HEARS = """
reports = []
def hear(event, data):
    if event == 5:
        reports.append((data[0], bytes(data[1]), data[2], data[3], bytes(data[4])))
        if FAILS:
            raise ValueError("from the handler")
ble.irq(hear)
ble.gap_scan(0, 60_000, 60_000)
time.sleep(2)
print(len(reports), {(report[0], report[1], report[2], report[4]) for report in reports})
"""


@pytest.mark.parametrize("program", MANNERS.values(), ids=MANNERS)
def test_a_manner_of_nimble(bench: Bench, program: str) -> None:
    assert bench.run(f"{ON}{program}\nprint('well')").strip() == "well"


class TestHearing:
    @pytest.fixture
    def pair(self, make_bench: MakeBench) -> Bench:
        """Two tokens a metre apart; the second advertises."""
        pair = make_bench(HERE, "position = [1, 0]")
        says = f"{ON}ble.config(addr_mode=3)\nble.gap_advertise(100_000, b'hello', connectable=CONNECTABLE)\n"
        pair.install(says.replace("CONNECTABLE", "False") + "time.sleep(60)", pair.tokens[1])
        pair.world.live(5)
        return pair

    def test_a_report_for_every_packet_and_nothing_filtered(self, pair: Bench) -> None:
        count, rest = pair.run(ON + HEARS.replace("FAILS", "False")).split(" ", 1)
        assert 12 <= int(count) <= 20, "in two seconds at 105 ms"
        ((address_type, address, adv_type, data),) = eval(rest)
        assert (address_type, adv_type, data) == (1, 2, b"hello")
        assert len(address) == 6 and address[0] < 0x40

    def test_an_exception_takes_the_handler_away(self, pair: Bench) -> None:
        printed = pair.run(ON + HEARS.replace("FAILS", "True"))
        assert printed.startswith("Unhandled exception in IRQ callback handler\n")
        assert "ValueError: from the handler" in printed
        assert printed.splitlines()[-1].startswith("1 ")

    def test_a_busy_wait_does_not_lose_what_is_heard(self, pair: Bench) -> None:
        busy = "start = time.ticks_ms()\nwhile time.ticks_diff(time.ticks_ms(), start) < 2000: pass"
        printed = pair.run(
            ON + HEARS.replace("FAILS", "False").replace("time.sleep(2)", f"{busy}\nble.gap_scan(None)")
        )
        assert 12 <= int(printed.split()[0]) <= 20
