"""Connections of the simulated controller, HCI packet by HCI packet."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from itertools import pairwise

import pytest

from bluetoken.virtual.air import Air, PathLoss
from bluetoken.virtual.connection import HANDLE, MEETING_US, Peer
from bluetoken.virtual.controller import SimulatedController
from bluetoken.virtual.gatt_server import READABLE, Characteristic, GattServer, Service, uuid16

SECOND_US = 1_000_000
QUIET = PathLoss(posture_sd_db=0, movement_sd_db=0, fading_sd_db=0)
ADDRESS = bytes.fromhex("01020304054f")
OTHER = bytes.fromhex("11121314154f")
INTERVAL_US = 50_000
TIMEOUT_US = 2_560_000
CONNECT, CANCEL, DISCONNECT, SCAN = 0x200D, 0x200E, 0x0406, 0x200C
COMPLETE, STATUS, DISCONNECTED, PACKETS, META = 0x0E, 0x0F, 0x05, 0x13, 0x3E
SERVER = GattServer((Service(1, uuid16(0x4E56), (Characteristic(uuid16(0x4E57), READABLE, lambda _: b"here"),)),))


class Device(Peer):
    """Somebody to connect to, who remembers what became of it."""

    def __init__(self) -> None:
        self.heard: list[tuple[int, bytes]] = []
        self.closed_us: list[int] = []

    def accept(self, at_us: int) -> Device:
        return self

    def opening(self) -> None:
        return None

    def receive(self, pdu: bytes, at_us: int) -> bytes | None:
        self.heard.append((at_us, pdu))
        return SERVER.answer(pdu, at_us, 23)

    def closed(self, at_us: int) -> None:
        self.closed_us.append(at_us)


class Room:
    """A host's controller, and a device a metre from it until `leaves_us`."""

    def __init__(self, kind: int = 0, leaves_us: int = 1 << 60, power_dbm: int = 0) -> None:
        self.leaves_us = leaves_us
        self.air = Air(1, self._position_m, lambda node: 0 if node else power_dbm, QUIET)
        self.device = Device()
        self.air.peripherals[1] = self.device
        self.air.start(1, 0, 100_000, kind, 1, ADDRESS, b"")
        self.host = SimulatedController(self.air, 0, bytes(5) + b"\2")
        self.now_us = 0
        self.command(0x0C01, b"\xff" * 7 + b"\x3f")

    def _position_m(self, node: int, at_us: int) -> tuple[float, float] | None:
        return (float(node), 0.0) if node == 0 or at_us < self.leaves_us else None

    def command(self, opcode: int, parameters: bytes = b"") -> tuple[int, int]:
        """Send a command; returns the code of the event that answers it, and the status in it."""
        answer = self.host.send(struct.pack("<BHB", 1, opcode, len(parameters)) + parameters, self.now_us)
        assert opcode.to_bytes(2, "little") in answer
        return answer[1], answer[6] if answer[1] == COMPLETE else answer[3]

    def connect(self, address: bytes = ADDRESS, **more: int) -> tuple[int, int]:
        told = {"interval": 16, "window": 16, "policy": 0, "kind": 1, "own": 0, "low": 24, "high": 40, "timeout": 256}
        told |= more
        first = (told["interval"], told["window"], told["policy"], told["kind"], address, told["own"])
        rest = (told["low"], told["high"], 0, told["timeout"], 0, 0)
        return self.command(CONNECT, struct.pack("<HHBB6sBHHHHHH", *first, *rest))

    def send(self, pdu: bytes, handle: int = HANDLE) -> None:
        frame = struct.pack("<HH", len(pdu), 4) + pdu
        assert self.host.send(struct.pack("<BHH", 2, handle, len(frame)) + frame, self.now_us) == b""

    def run(self, seconds: float) -> list[tuple[int, bytes]]:
        """What the host gets, in the slices a token asks in."""
        end_us = self.now_us + int(seconds * SECOND_US)
        found = []
        while self.now_us < end_us:
            self.now_us += 20_000
            found += self.host.reports(self.now_us)
        return found

    def connected(self) -> Room:
        assert self.connect() == (STATUS, 0)
        assert len(self.run(1)) == 1 and self.host.expecting and not self.host.listening
        return self


@pytest.fixture
def room() -> Iterator[Room]:
    yield Room()


def codes(found: list[tuple[int, bytes]]) -> list[int]:
    return [packet[1] if packet[0] == 4 else -1 for _, packet in found]


def test_it_connects_reads_and_disconnects(room: Room) -> None:
    assert room.connect() == (STATUS, 0) and room.host.listening
    ((at_us, packet),) = room.run(0.5)
    assert packet == bytes.fromhex("043e1301000000" + "0001" + ADDRESS.hex() + "2800000000" + "0100")
    adverts_us = room.air._trains[0].between(0, SECOND_US)
    assert any(0 < at_us - event_us < 2_500 for event_us in adverts_us)
    assert room.host.expecting and not room.host.listening
    room.send(b"\x0a\x03\x00")
    sent_us = room.now_us
    (sent, answered) = room.run(0.5)
    assert sent[1] == bytes.fromhex("04130501" + "0000" + "0100")
    assert answered[1] == bytes.fromhex("020020" + "0900" + "0500" + "0400" + "0b") + b"here"
    assert 0 < sent[0] - sent_us <= INTERVAL_US + 1000 and answered[0] - sent[0] == INTERVAL_US
    assert room.device.heard[0][1] == b"\x0a\x03\x00"
    assert room.command(DISCONNECT, b"\0\0\x13") == (STATUS, 0)
    assert room.command(DISCONNECT, b"\0\0\x13") == (STATUS, 0x0C)
    ((end_us, packet),) = room.run(0.5)
    assert packet == bytes.fromhex("0405040000" + "0016") and room.device.closed_us == [end_us]
    assert not room.host.expecting and room.command(DISCONNECT, b"\0\0\x13") == (STATUS, 0x02)
    assert room.connect() == (STATUS, 0) and len(room.run(0.5)) == 1, "and once more"


@pytest.mark.parametrize(
    "change",
    [{"kind": 0}, {"address": OTHER}],
    ids=["an address of another type", "another address"],
)
def test_it_waits_for_the_one_it_is_to_connect_to(room: Room, change: dict[str, int]) -> None:
    room.connect(**change)  # type: ignore[arg-type]
    assert room.run(3) == [] and room.host.listening


@pytest.mark.parametrize("kind", [2, 3])
def test_who_is_not_connectable_is_not_connected_to(kind: int) -> None:
    room = Room(kind)
    room.connect()
    assert room.run(3) == [] and room.host.listening


def test_who_is_not_there_is_waited_for_until_the_host_cancels() -> None:
    room = Room(leaves_us=0)
    room.connect()
    assert room.run(3) == []
    assert room.command(CANCEL) == (COMPLETE, 0)
    assert room.host.expecting and not room.host.listening
    ((_, packet),) = room.run(0.1)
    assert packet[:5] == bytes.fromhex("043e130102") and not room.host.expecting
    assert room.command(CANCEL) == (COMPLETE, 0x0C)


def test_who_advertises_and_does_not_answer_was_never_connected(room: Room) -> None:
    del room.air.peripherals[1]
    room.connect()
    complete, lost = room.run(2)
    assert complete[1][4] == 0 and lost[1] == bytes.fromhex("040504000000" + "3e")
    assert 5 * INTERVAL_US <= lost[0] - complete[0] <= 6 * INTERVAL_US + 2_000
    room.connect(timeout=11)  # which would be over earlier
    assert room.run(2)[1][1][-1] == 0x3E


def test_who_does_not_hear_that_it_is_asked_does_not_answer() -> None:
    room = Room(power_dbm=-60)
    room.connect()
    assert [packet[-1] for _, packet in room.run(2)][1:] == [0x3E] and room.device.closed_us == []


def test_who_walks_away_is_lost_after_the_supervision_timeout() -> None:
    room = Room(leaves_us=3 * SECOND_US).connected()
    ((at_us, packet),) = room.run(8)
    assert packet == bytes.fromhex("0405040000" + "0008") and room.device.closed_us == [at_us]
    assert -INTERVAL_US <= at_us - 3 * SECOND_US - TIMEOUT_US <= 0
    assert not room.host.expecting


def test_one_who_is_gone_cannot_be_told_good_bye() -> None:
    room = Room(leaves_us=SECOND_US).connected()
    assert room.command(DISCONNECT, b"\0\0\x13") == (STATUS, 0)
    ((_, packet),) = room.run(5)
    assert packet[-1] == 0x08


def test_a_second_is_one_too_many(room: Room) -> None:
    room.connect()
    assert room.connect() == (STATUS, 0x0C), "while it waits for the first"
    room.run(1)
    assert room.connect() == (STATUS, 0x0B), "the same again"
    assert room.connect(OTHER) == (STATUS, 0x09)


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"window": 17}, 0x12),
        ({"interval": 3, "window": 3}, 0x12),
        ({"kind": 4}, 0x12),
        ({"own": 1}, 0x12),
        ({"low": 41}, 0x12),
        ({"low": 5}, 0x12),
        ({"high": 0xC81}, 0x12),
        ({"timeout": 9}, 0x12),
        ({"timeout": 10}, 0x12),
        ({"policy": 1}, 0x11),
    ],
)
def test_parameters_that_cannot_be(room: Room, change: dict[str, int], status: int) -> None:
    assert room.connect(**change) == (STATUS, status)
    assert not room.host.listening
    assert room.connect(timeout=11) == (STATUS, 0)


def test_a_command_cut_short_is_refused(room: Room) -> None:
    assert room.command(CONNECT, bytes(24)) == (STATUS, 0x12)
    assert room.command(DISCONNECT, b"\0") == (STATUS, 0x12)


def test_it_does_not_scan_and_connect_at_once(room: Room) -> None:
    room.connect()
    assert room.command(SCAN, b"\1\0") == (COMPLETE, 0x0C)
    assert room.command(0x2005, OTHER) == (COMPLETE, 0x0C), "nor gets another address meanwhile"
    room.run(1)
    assert room.command(SCAN, b"\1\0") == (COMPLETE, 0)
    assert room.host.listening
    assert META in codes(room.run(1)), "adverts are heard beside a connection"
    room.command(SCAN, b"\0\0")
    room.command(DISCONNECT, b"\0\0\x13")
    room.run(1)
    room.command(SCAN, b"\1\0")
    assert room.connect() == (STATUS, 0x0C)


def test_what_is_sent_goes_one_at_a_time_and_in_order(room: Room) -> None:
    room.connected()
    for handle in range(1, 4):
        room.send(bytes([0x0A, handle, 0]))
    found = room.run(1)
    sent = [at_us for at_us, packet in found if packet[1] == PACKETS and packet[0] == 4]
    assert [after - before for before, after in pairwise(sent)] == [INTERVAL_US, INTERVAL_US]
    assert [packet[9:12] for _, packet in found if packet[0] == 2] == [b"\x0bVN", b"\x0b\x02\x03", b"\x0bhe"]


def test_what_comes_too_late_for_a_meeting_waits_for_the_next(room: Room) -> None:
    room.connected()
    room.send(b"\x0a\x03\x00")
    meeting_us = room.run(1)[0][0] - MEETING_US
    room.now_us = meeting_us + 30 * INTERVAL_US + MEETING_US // 2
    assert room.host.reports(room.now_us) == []
    room.send(b"\x0a\x03\x00")
    assert room.run(1)[0][0] == meeting_us + 31 * INTERVAL_US + MEETING_US


def test_a_reset_takes_back_what_was_not_told_yet(room: Room) -> None:
    room.connect()
    room.command(CANCEL)
    room.command(0x0C03)
    assert not room.host.expecting
    room.command(0x0C01, b"\xff" * 7 + b"\x3f")
    assert room.run(1) == []


def test_a_reset_ends_it_without_a_word(room: Room) -> None:
    room.connected()
    room.command(0x0C03)
    assert room.device.closed_us == [room.now_us] and not room.host.expecting
    room.send(b"\x0a\x03\x00")
    assert room.run(1) == [] and room.device.heard == []


def test_without_power_there_is_no_connection(room: Room) -> None:
    room.connected()
    room.host.off(room.now_us)
    assert room.device.closed_us == [room.now_us] and not room.host.expecting
    room.connect()
    room.host.off(room.now_us)
    assert not room.host.expecting and room.run(1) == []


@pytest.mark.parametrize(
    "packet",
    [
        "02",
        "0200",
        "02000008000300",  # shorter than it says
        "020000070003000400" + "0a0300" + "00",  # longer
        "020100070003000400" + "0a0300",  # another connection's
        "020010070003000400" + "0a0300",  # the second part of something
        "0200003401" + "00" * 0x134,  # more than a controller has room for
    ],
)
def test_malformed_data_is_dropped(room: Room, packet: str) -> None:
    room.connected()
    assert room.host.send(bytes.fromhex(packet), room.now_us) == b""
    assert room.run(1) == [] and room.device.heard == []
    room.send(b"\x0a\x03\x00")
    assert codes(room.run(1)) == [PACKETS, -1]


@pytest.mark.parametrize("frame", ["", "0300", "03000400" + "0a03", "03000500" + "0a0300"])
def test_what_is_no_frame_of_att_arrives_nowhere(room: Room, frame: str) -> None:
    room.connected()
    data = bytes.fromhex(frame)
    room.host.send(struct.pack("<BHH", 2, HANDLE, len(data)) + data, room.now_us)
    assert codes(room.run(1)) == [PACKETS] and room.device.heard == []


def test_a_host_that_masks_events_gets_none(room: Room) -> None:
    room.command(0x0C01, b"\xef" + b"\xff" * 6 + b"\x1f")  # neither LE events nor disconnections
    room.connect()
    assert room.run(1) == [] and room.host.expecting
    room.command(DISCONNECT, b"\0\0\x13")
    assert room.run(1) == [] and not room.host.expecting


def test_the_same_seed_gives_the_same_connection() -> None:
    def day() -> list[tuple[int, bytes]]:
        room = Room().connected()
        room.send(b"\x0a\x03\x00")
        return room.run(1)

    assert day() == day() != []
