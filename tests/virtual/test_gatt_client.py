"""Programs on a token connect to an iPhone and read its ID, with NimBLE's manners."""

from __future__ import annotations

from ast import literal_eval
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest

from bluetoken.virtual.air import PathLoss
from bluetoken.virtual.iphone import Iphone
from bluetoken.virtual.meter import State
from wearable.protocols import bluezone

from .bench import HERE, Bench, MakeBench

KEY = bytes.fromhex("0552a69519d1f3043611126c13489ff4a2a867a1c667b1d9d9031cd27fdcff5a")
QUIET = PathLoss(posture_sd_db=0, movement_sd_db=0, fading_sd_db=0)
SECOND_US = 1_000_000
SPEED = 20

ON = """
import bluetooth, time
SERVICE = bluetooth.UUID("00004E56-73F5-4BC4-A12F-17D1AD07A667")
CHARACTERISTIC = bluetooth.UUID("00004E56-73F5-4BC4-A12F-17D1AD07A689")
ble = bluetooth.BLE()
ble.active(True)
ble.config(addr_mode=3)
events, found = [], []

def plain(value):
    if isinstance(value, memoryview):
        return bytes(value).hex()
    return value if isinstance(value, int) else bytes(value).hex()

def heard(event, data):
    if event == 5:
        if data[1] not in found and (b"Bluezone" in bytes(data[4]) or b"\\x4c\\0\\x01\\x08" in bytes(data[4])):
            found.append(bytes(data[1]))
    elif event != 6:
        events.append((event, tuple(plain(value) for value in data), time.ticks_ms()))

def raises(kind, number, call, *arguments):
    try:
        call(*arguments)
    except kind as error:
        assert number is None or error.errno == number, error
    else:
        raise AssertionError("nothing was raised")

def wait(event, ms=5000):
    end = time.ticks_add(time.ticks_ms(), ms)
    while not any(each[0] == event for each in events):
        if time.ticks_diff(end, time.ticks_ms()) < 0:
            raise AssertionError("%d did not come: %s" % (event, events))
        time.sleep_ms(50)
    return [each[1] for each in events if each[0] == event]

def look(ms=3000):
    ble.gap_scan(ms, 60_000, 60_000)
    time.sleep_ms(ms)
    ble.gap_scan(None)
    return found[0]

def connect():
    address = look()
    ble.gap_connect(1, address)
    return wait(7)[0][0]

ble.irq(heard)
"""
READ = """
peer = connect()
ble.gattc_discover_services(peer, SERVICE)
wait(10)
_, start, end, _ = wait(9)[0]
ble.gattc_discover_characteristics(peer, start, end, CHARACTERISTIC)
wait(12)
_, _, value, properties, _ = wait(11)[0]
assert properties & 2
ble.gattc_read(peer, value)
wait(16)
assert ble.gap_disconnect(peer) is True
wait(8)
print(events)
"""

MakeRoom = Callable[..., Bench]


@pytest.fixture
def make_room(make_bench: MakeBench) -> MakeRoom:
    """A token, and an iPhone with `lines` a metre away; time goes."""

    def make(*lines: str) -> Bench:
        head = ['[[phone]]\nname = "Cuc"\nposition = [1, 0]\nsystem = "iphone"', f'daily_key = "{KEY.hex()}"']
        bench = make_bench(HERE, phones="\n".join(("", *head, *lines, "")), path_loss=QUIET)
        bench.world.live(SPEED)
        return bench

    return make


@pytest.fixture
def room(make_room: MakeRoom) -> Bench:
    return make_room()


def told(printed: str) -> list[tuple[int, tuple[Any, ...], int]]:
    return list(literal_eval(printed.strip().splitlines()[-1]))


class TestReading:
    @pytest.mark.parametrize("foreground", [True, False])
    def test_it_reads_the_id(self, make_room: MakeRoom, foreground: bool) -> None:
        room = make_room('foreground = [["0s", "1h"]]' if foreground else "")
        events = told(room.run(ON + READ))
        kinds = [event for event, _, _ in events]
        assert [kind for kind in kinds if kind != 21] == [7, 9, 10, 11, 12, 15, 16, 8]
        by_kind = {event: data for event, data, _ in events}
        assert by_kind[7][:2] == (0, 1) and by_kind[7] == by_kind[8]
        assert by_kind[9][:3] == (0, 0x2A, 0x2C) and by_kind[10] == (0, 0)
        assert by_kind[11][:4] == (0, 0x2C, 0x2C, 2) and by_kind[12] == (0, 0)
        assert by_kind[9][3] == "67a607add1172fa1c44bf573564e0000"
        assert by_kind[11][4] == "89a607add1172fa1c44bf573564e0000"
        assert by_kind[15] == (0, 0x2C, bluezone.bluezone_id(KEY, 0).hex()) and by_kind[16] == (0, 0x2C, 0)
        assert by_kind[21] == (0, 256)
        # A question and its answer take two intervals of 50 ms, and a program that waits for each may take 50 more.
        times_ms = {event: at_ms for event, _, at_ms in events}
        for before, after in pairwise((7, 10, 12, 16, 8)):
            assert 20 <= times_ms[after] - times_ms[before] <= 350

    def test_it_agrees_to_a_larger_mtu(self, room: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
        (phone,) = room.stage.phones
        assert isinstance(phone, Iphone)
        peer = phone.accept(0)
        monkeypatch.setattr(phone, "accept", lambda at_us: peer)
        assert peer.mtu == 23
        room.run(ON + READ)
        assert peer.mtu == 256

    def test_a_later_slot_has_another_id(self, room: Bench) -> None:
        room.world.run_until(901 * SECOND_US)
        room.world.live(SPEED)
        by_kind = {event: data for event, data, _ in told(room.run(ON + READ))}
        assert by_kind[15][2] == bluezone.bluezone_id(KEY, 1).hex()

    def test_everything_can_be_discovered(self, room: Bench) -> None:
        program = """
peer = connect()
ble.gattc_discover_services(peer)
wait(10)
ble.gattc_discover_characteristics(peer, 1, 0xFFFF)
wait(12)
print(events)
"""
        events = told(room.run(ON + program))
        services = [data[1:3] for event, data, _ in events if event == 9]
        assert services == [(1, 3), (6, 6), (0x2A, 0x2C)]
        # What lies before the next declaration belongs to a characteristic; the last goes to the end of what was asked.
        ends = [data[1:3] for event, data, _ in events if event == 11]
        assert ends == [(0x2A, 3), (0xFFFF, 0x2C)]

    def test_handlers_may_go_on_themselves(self, room: Bench) -> None:
        """A program that asks the next question from the handler, as most do."""
        program = """
ids = []
def step(event, data):
    if event == 7:
        ble.gattc_discover_services(data[0], SERVICE)
    elif event == 9:
        span[:] = data[1:3]
    elif event == 10:
        ble.gattc_discover_characteristics(data[0], span[0], span[1], CHARACTERISTIC)
    elif event == 11:
        span[:] = data[2:3]
    elif event == 12:
        ble.gattc_read(data[0], span[0])
    elif event == 15:
        ids.append(bytes(data[2]).hex())
    elif event == 16:
        ble.gap_disconnect(data[0])
    elif event == 8:
        ids.append("over")
span = []
address = look()
ble.irq(step)
ble.gap_connect(1, address)
time.sleep(3)
print(ids)
"""
        assert literal_eval(room.run(ON + program)) == [bluezone.bluezone_id(KEY, 0).hex(), "over"]

    def test_a_phone_may_say_too_little(self, make_room: MakeRoom) -> None:
        by_kind = {event: data for event, data, _ in told(make_room('fault = "short"').run(ON + READ))}
        assert by_kind[15][2] == bluezone.bluezone_id(KEY, 0)[:8].hex() and by_kind[16] == (0, 0x2C, 0)

    def test_what_cannot_be_read(self, room: Bench) -> None:
        program = """
peer = connect()
ble.gattc_read(peer, 9)
assert wait(16) == [(peer, 9, 0x101)]
ble.gattc_discover_services(peer, bluetooth.UUID(0x4E56))
assert wait(10) == [(peer, 0)]
assert not any(event == 9 for event, _, _ in events)
print("well")
"""
        assert room.run(ON + program).strip() == "well"


class TestFailing:
    def test_a_mute_phone_costs_30_s_and_the_connection(self, make_room: MakeRoom) -> None:
        program = """
peer = connect()
ble.gattc_discover_services(peer, SERVICE)
began = time.ticks_ms()
wait(10, 40_000)
wait(8)
print([(event, data, time.ticks_diff(at, began)) for event, data, at in events])
"""
        connected, done, gone = told(make_room('fault = "mute"').run(ON + program))
        assert done[:2] == (10, (0, 13)) and 30_000 <= done[2] <= 30_100
        assert gone[0] == 8 and gone[1] == connected[1] and gone[2] >= done[2]

    def test_who_walks_away_takes_what_was_asked_along(self, make_room: MakeRoom) -> None:
        room = make_room('fault = "mute"', 'moves = [["12s", "away"]]')
        program = "peer = connect()\nble.gattc_read(peer, 44)\nwait(16, 20_000)\nwait(8)\nprint(events)"
        _, done, gone = told(room.run(ON + program))
        assert done[:2] == (16, (0, 0, 7)) and gone[0] == 8 and gone[1][:2] == (0, 1)
        assert room.look(lambda: not room.token.controller.expecting)

    def test_nobody_there(self, room: Bench) -> None:
        program = """
began = time.ticks_ms()
ble.gap_connect(1, b"\\x41abcde", 1500)
raises(OSError, 114, ble.gap_connect, 1, b"\\x41abcde")
raises(OSError, 16, ble.gap_scan, 0)
wait(8)
print([(event, data, time.ticks_diff(at, began)) for event, data, at in events])
"""
        ((event, data, after_ms),) = told(room.run(ON + program))
        assert (event, data) == (8, (0xFFFF, 0xFF, "00" * 6)) and 1500 <= after_ms <= 1550

    def test_a_connect_can_be_cancelled(self, room: Bench) -> None:
        program = """
raises(OSError, 114, ble.gap_connect, None)
ble.gap_connect(1, b"\\x41abcde", 60_000)
time.sleep_ms(500)
ble.gap_connect(None)
time.sleep_ms(100)
raises(OSError, 114, ble.gap_connect, None)
assert [(event, data) for event, data, _ in events] == [(8, (0xFFFF, 0xFF, "00" * 6))], events
peer = connect()
print("well")
"""
        assert room.run(ON + program).strip() == "well"


MANNERS = {
    "the radio must be on": """
ble.active(False)
raises(OSError, 19, ble.gap_connect, 1, bytes(6))
raises(OSError, 19, ble.gap_connect, None)
raises(OSError, 19, ble.gap_disconnect, 0)
raises(OSError, 19, ble.gattc_discover_services, 0)
raises(OSError, 19, ble.gattc_discover_characteristics, 0, 1, 2)
raises(OSError, 19, ble.gattc_read, 0, 1)
""",
    "without a connection there is nobody to ask": """
assert ble.gap_disconnect(0) is False
raises(OSError, 107, ble.gattc_discover_services, 0)
raises(OSError, 107, ble.gattc_discover_characteristics, 0, 1, 2)
raises(OSError, 107, ble.gattc_read, 0, 1)
""",
    "handles have their limits": """
raises(OSError, 22, ble.gattc_discover_characteristics, 0, 2, 1)
raises(OSError, 22, ble.gattc_discover_characteristics, 0, 0, 1)
raises(OSError, 22, ble.gattc_read, 0, 0)
""",
    "an address is six bytes of one of four types": """
raises(ValueError, None, ble.gap_connect, 1, bytes(5))
raises(TypeError, None, ble.gap_connect, 1)
raises(OSError, 22, ble.gap_connect, 4, bytes(6))
""",
    "a service is named by a UUID": """
raises(TypeError, None, ble.gattc_discover_services, 0, 0x4E56)
raises(TypeError, None, ble.gattc_discover_characteristics, 0, 1, 2, b"ab")
""",
    "an interval must be one": """
raises(OSError, -0x212, ble.gap_connect, 1, bytes(6), 2000, 1250, 1250)
ble.gap_connect(1, bytes(6), 2000, 7500, 7500)
""",
    "a connect ends a scan, which says so": """
ends = []
ble.irq(lambda event, data: ends.append(event))
ble.gap_scan(0)
ble.gap_connect(1, bytes(6), 500)
assert ends == [6]
time.sleep_ms(600)
assert ends == [6, 8]
""",
    "a second discovery of characteristics waits for the first": """
peer = connect()
ble.gattc_discover_characteristics(peer, 1, 0xFFFF)
raises(OSError, 16, ble.gattc_discover_characteristics, peer, 1, 0xFFFF)
ble.gattc_read(peer, 3)
ble.gattc_read(peer, 44)
wait(12)
time.sleep_ms(300)
assert wait(16) == [(peer, 3, 0), (peer, 44, 0)]
ble.gattc_discover_characteristics(peer, 1, 0xFFFF)
""",
    "the same once more, and another": """
peer = connect()
raises(OSError, 5, ble.gap_connect, 1, found[0])
raises(OSError, -0x209, ble.gap_connect, 1, bytes(6))
""",
    "good bye is said once": """
peer = connect()
assert ble.gap_disconnect(peer + 1) is False
assert ble.gap_disconnect(peer) is True
raises(OSError, 114, ble.gap_disconnect, peer)
wait(8)
assert ble.gap_disconnect(peer) is False
raises(OSError, 107, ble.gattc_read, peer, 44)
""",
    "scans and adverts go on beside a connection": """
peer = connect()
ble.gap_advertise(100_000, b"\\2\\1\\6", connectable=False)
ble.gap_scan(2000, 60_000, 60_000)
found.clear()
ble.gattc_read(peer, 3)
time.sleep_ms(2100)
assert found and wait(16) == [(peer, 3, 0)]
ble.gap_scan(0)
""",
    "switched off, it says good bye": """
peer = connect()
ble.active(False)
assert [event for event, _, _ in events if event != 21] == [7, 8], events
ble.active(True)
raises(OSError, 107, ble.gattc_read, peer, 44)
ble.config(addr_mode=3)
events.clear()
found.clear()
connect()
""",
    "switched off, a connect under way ends without a word": """
ble.gap_connect(1, bytes(6))
ble.active(False)
ble.active(True)
time.sleep_ms(100)
assert events == []
ble.gap_connect(1, bytes(6))
""",
    "UUIDs": """
UUID = bluetooth.UUID
assert bytes(UUID(0x4E56)) == b"\\x56\\x4e" and bytes(UUID(b"\\x56\\x4e")) == b"\\x56\\x4e"
assert UUID(0x4E56) == UUID(0x4E56) != UUID(0x4E57) and UUID(0x4E56) != b"\\x56\\x4e"
assert bytes(SERVICE)[:2] == b"\\x67\\xa6" and UUID(bytes(SERVICE)) == SERVICE
assert UUID("00004e56-73f5-4bc4-a12f-17d1ad07a667") == SERVICE and len({SERVICE, UUID(bytes(SERVICE))}) == 1
assert str(SERVICE) == "UUID('00004e56-73f5-4bc4-a12f-17d1ad07a667')" and repr(UUID(0x18)) == "UUID(0x0018)"
for wrong in (0x10000, "00004E56-73F5-4BC4-A12F-17D1AD07A6", "00004E56-73F5-4BC4-A12F-17D1AD07A66700", "g" * 32):
    raises(ValueError, None, UUID, wrong)
raises(AttributeError, None, getattr, bluetooth, "UUIDS")
""",
}


@pytest.mark.parametrize("program", MANNERS.values(), ids=MANNERS)
def test_a_manner_of_nimble(room: Bench, program: str) -> None:
    assert room.run(f"{ON}{program}\nprint('well')").strip() == "well"


def test_a_program_that_never_connects_does_not_load_it(bench: Bench) -> None:
    program = "import bluetooth, sys\nble = bluetooth.BLE()\nble.active(True)\nble.gap_scan(100)\n"
    assert bench.run(program + "print('gatt_client' in sys.modules)").strip() == "False"
    assert bench.run(program + "ble.gap_connect(1, bytes(6))\nprint('gatt_client' in sys.modules)").strip() == "True"


def test_data_is_not_taken_for_a_command(room: Bench) -> None:
    """Even where its handle looks like a reset, after which the radio would count as off."""
    program = "import bus\nbus.call(bus.HCI, b'\\2\\3\\x0c\\0\\0')\ntime.sleep(1)"
    before_us = room.look(lambda: room.token.meter.us[State.RADIO])
    room.run(ON + program)
    assert room.look(lambda: room.token.meter.us[State.RADIO]) - before_us >= SECOND_US


def test_a_restart_forgets_the_connection(room: Bench) -> None:
    room.run(ON + "connect()")
    assert room.look(lambda: room.token.controller.expecting)
    room.look(lambda: room.token.reset(room.world.now_us, 2))
    assert not room.look(lambda: room.token.controller.expecting)


def test_light_sleep_takes_the_connection_away(room: Bench) -> None:
    """The radio sleeps too, and the program is told nothing."""
    program = "import machine\nconnect()\nevents.clear()\nmachine.lightsleep(3000)\ntime.sleep(3)\nprint(events)"
    assert room.run(ON + program).splitlines()[-1] == "[]"
    assert not room.look(lambda: room.token.controller.expecting)


def test_two_tokens_may_ask_at_once(make_bench: MakeBench) -> None:
    phone = f'\n[[phone]]\nname = "Cuc"\nposition = [1, 0]\nsystem = "iphone"\ndaily_key = "{KEY.hex()}"\n'
    bench = make_bench(HERE, "position = [2, 0]", phones=phone, path_loss=QUIET)
    first, second = bench.tokens
    bench.world.live(SPEED)
    bench.run(ON + "peer = connect()", first)
    assert {event: data for event, data, _ in told(bench.run(ON + READ, second))}[15][2] == bluezone.bluezone_id(
        KEY, 0
    ).hex()
    assert bench.look(lambda: first.controller.expecting and not second.controller.expecting)


def test_what_a_connection_costs_the_battery(room: Bench) -> None:
    """Waiting for the phone's advert the receiver is on; connected it is not, but for a moment now and then."""

    def spent_us(state: State) -> int:
        return room.look(lambda: room.token.meter.us[state])

    peer = "address = look()\nble.gap_connect(1, b'\\x41abcde', 1000)\nwait(8)\nevents.clear()\nprint(address.hex())"
    before_us = spent_us(State.RECEIVE)
    address = room.run(ON + peer).strip().splitlines()[-1]
    assert 3.9 * SECOND_US <= spent_us(State.RECEIVE) - before_us <= 4.2 * SECOND_US
    before_us, radio_us = spent_us(State.RECEIVE), spent_us(State.RADIO)
    room.run(f"{ON}ble.gap_connect(1, bytes.fromhex('{address}'))\nwait(7)\ntime.sleep(5)\nble.active(False)")
    # It may wait for two seconds; it stays connected for five.
    assert spent_us(State.RECEIVE) - before_us < 2.2 * SECOND_US
    assert spent_us(State.RADIO) - radio_us >= 5 * SECOND_US
