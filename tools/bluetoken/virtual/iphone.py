"""An iPhone with Bluezone's app, as a device of the virtual air.

Its advertisement does not say the ID: who wants to know it connects and reads a characteristic. What it sends, and what
it takes of what it hears, is the app's source (bluezone-app 75c5c5b, ios/Scanner). How often iOS sends and when it
listens is remembered, and measured nowhere.
"""

from __future__ import annotations

from collections.abc import Iterator

from bluetoken.virtual.air import Air, Ear, Report
from bluetoken.virtual.gatt_server import (
    LEAST_MTU,
    MTU_ANSWER,
    MTU_REQUEST,
    READABLE,
    Characteristic,
    GattServer,
    Service,
    uuid16,
    uuid128,
)
from bluetoken.virtual.handset import CONNECTABLE, RANDOM_ADDRESS, SECOND_US, Handset
from bluetoken.virtual.scenario import PhonePlan, Scenario
from bluetoken.virtual.world import World
from wearable.protocols import bluezone

SERVICE = uuid128("00004E56-73F5-4BC4-A12F-17D1AD07A667")
CHARACTERISTIC = uuid128("00004E56-73F5-4BC4-A12F-17D1AD07A689")
NAME = b"Bluezone"

FOREGROUND_INTERVAL_US, BACKGROUND_INTERVAL_US = 152_500, 417_500
#: Of a scanner's interval the window, in the foreground and behind it.
FOREGROUND_SCAN_US, BACKGROUND_SCAN_US = (40_000, 30_000), (300_000, 30_000)
ADDRESS_S = 900
MTU = 527  # what it asks for, once somebody has connected

_FLAGS = b"\x02\x01\x06"
_ALL_128, _NAME, _MANUFACTURER = 0x07, 0x09, 0xFF
FOREGROUND_DATA = _FLAGS + bytes([17, _ALL_128]) + SERVICE + bytes([1 + len(NAME), _NAME]) + NAME
#: iOS moves the service of an app that is not looked at into a bit mask of Apple's own.
BACKGROUND_DATA = _FLAGS + bytes([20, _MANUFACTURER]) + b"\x4c\x00\x01\x08" + bytes(15)


class IphonePeer:
    """The phone's side of one connection."""

    def __init__(self, server: GattServer, fault: str | None) -> None:
        self._server = server
        self._is_mute = fault == "mute"
        self.mtu = LEAST_MTU

    def opening(self) -> bytes | None:
        return None if self._is_mute else bytes([MTU_REQUEST]) + MTU.to_bytes(2, "little")

    def receive(self, pdu: bytes, at_us: int) -> bytes | None:
        if self._is_mute:
            return None
        if pdu[0] in (MTU_REQUEST, MTU_ANSWER) and len(pdu) == 3:
            self.mtu = min(max(int.from_bytes(pdu[1:], "little"), LEAST_MTU), MTU)
            return bytes([MTU_ANSWER]) + MTU.to_bytes(2, "little") if pdu[0] == MTU_REQUEST else None
        return self._server.answer(pdu, at_us, self.mtu)

    def closed(self, at_us: int) -> None:
        """Nothing was kept for it."""


class Iphone(Handset):
    """One iPhone. It goes on advertising while somebody is connected, and does not connect itself."""

    timestamp_unit_ms = 1000

    def __init__(self, plan: PhonePlan, scenario: Scenario, world: World, air: Air, node: int) -> None:
        super().__init__(plan, scenario, world, air, node)
        self._address = self._new_address()
        self._ear = Ear(0, *BACKGROUND_SCAN_US)
        self._heard_us = 0
        self._told: set[bytes] = set()
        self._server = GattServer(
            (
                Service(0x0001, uuid16(0x1800), (Characteristic(uuid16(0x2A00), READABLE, lambda _: b"iPhone"),)),
                Service(0x0006, uuid16(0x1801), ()),
                Service(0x002A, SERVICE, (Characteristic(CHARACTERISTIC, READABLE, self._value),)),
            )
        )
        air.peripherals[node] = self

    def start(self) -> None:
        self._turn(0)
        for span in self.plan.foreground:
            self._world.at(span.from_us, self._turn)
            self._world.at(span.to_us, self._turn)
        self._world.at(self._random.randrange(ADDRESS_S * SECOND_US), self._change_address)
        self._world.at(self._random.randrange(SECOND_US), self._hear_on)

    def in_foreground(self, at_us: int) -> bool:
        return any(span.from_us <= at_us < span.to_us for span in self.plan.foreground)

    def accept(self, at_us: int) -> IphonePeer:
        """Let somebody connect."""
        return IphonePeer(self._server, self.plan.fault)

    def _value(self, at_us: int) -> bytes:
        identifier = self.bluezone_id(at_us)
        return identifier[:8] if self.plan.fault == "short" else identifier

    # Sending.

    def _turn(self, now_us: int) -> None:
        """It comes to the foreground, or leaves it."""
        self._hear(now_us)
        self._told.clear()
        self._ear = Ear(now_us, *(FOREGROUND_SCAN_US if self.in_foreground(now_us) else BACKGROUND_SCAN_US))
        self._send(now_us)

    def _change_address(self, now_us: int) -> None:
        self._address = self._new_address()
        self._send(now_us)
        self._world.at(now_us + ADDRESS_S * SECOND_US, self._change_address)

    def _send(self, now_us: int) -> None:
        if self._train:
            self._train.stop_us = now_us
        seen = self.in_foreground(now_us)
        interval_us = FOREGROUND_INTERVAL_US if seen else BACKGROUND_INTERVAL_US
        data = FOREGROUND_DATA if seen else BACKGROUND_DATA
        self._train = self._air.start(
            self.node, now_us, interval_us, CONNECTABLE, RANDOM_ADDRESS, self._address, data
        )

    # Listening: the air forgets what was sent some seconds ago, so it is asked every second.

    def _hear_on(self, now_us: int) -> None:
        self._hear(now_us)
        self._world.at(now_us + SECOND_US, self._hear_on)

    def _hear(self, now_us: int) -> None:
        for report in self._air.heard(self.node, self._ear, self._heard_us, now_us, self._random):
            contact_id = identifier_in(report.train.data)
            if contact_id is not None and self._is_told(report):
                self._store(contact_id, report)
        self._heard_us = now_us

    def _is_told(self, report: Report) -> bool:
        """Whether iOS hands it on: in the background an app hears of each advertiser once."""
        address = report.train.address
        is_new = address not in self._told
        self._told.add(address)
        return is_new or self.in_foreground(report.at_us)


def identifier_in(data: bytes) -> bytes | None:
    """What the app takes for an ID: of who advertises one of its services, 12 bytes of manufacturer's data.

    Whose data it is it does not ask, unlike Android's.
    """
    found = None
    listed = False
    for kind, body in _structures(data):
        if kind == _MANUFACTURER and len(body) == 2 + bluezone.ID_BYTES:
            found = body[2:]
        elif kind in (2, 3):
            listed |= uuid16(bluezone.SERVICE_UUID) in (body[n : n + 2] for n in range(0, len(body), 2))
        elif kind in (6, 7):
            listed |= SERVICE in (body[n : n + 16] for n in range(0, len(body), 16))
    return found if listed else None


def _structures(data: bytes) -> Iterator[tuple[int, bytes]]:
    """The AD structures, as (type, what it holds)."""
    offset = 0
    while offset + 1 < len(data) and data[offset] and offset + 1 + data[offset] <= len(data):
        yield data[offset + 1], data[offset + 2 : offset + 1 + data[offset]]
        offset += 1 + data[offset]
