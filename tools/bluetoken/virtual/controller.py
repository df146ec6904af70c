"""A Bluetooth controller in virtual time: HCI commands in, HCI events out (Core Specification Vol 4 Part E).

Legacy advertising and passive scanning, which is what a token uses, and connections as the central
(connection.py). Answers are those of a real controller; tests/virtual/test_controller.py holds them
against a recording of Google's rootcanal.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any, ClassVar, Protocol

from bluetoken.virtual.air import Air, Ear, Train
from bluetoken.virtual.connection import Connections

COMMAND = 0x01
ACL = 0x02
EVENT = 0x04
SUCCESS = 0x00
UNKNOWN_COMMAND = 0x01
DISALLOWED = 0x0C
UNSUPPORTED_VALUE = 0x11
INVALID_PARAMETERS = 0x12
LE_META_BIT, DISCONNECTION_BIT = 61, 4  # in Set Event Mask
REPORT_BIT = 1  # in LE Set Event Mask
UNIT_US = 625
_BEGINS_SOMETHING = (0x0406, 0x200D)  # answered at once, and by an event when it is done
REPORT_BUFFERS = 8  # NimBLE's discardable pool: further reports are lost while the host is busy


class Controller(Protocol):
    """What a token's HCI is joined to: one of these, or one of rootcanal's (rootcanal.py).

    `lost_reports` counts what the host was too busy for, `adverts` the advertising events that were sent.
    """

    lost_reports: int
    adverts: int

    @property
    def listening(self) -> bool:
        """Whether the receiver is on: it scans, or waits for an advert to connect to."""

    @property
    def expecting(self) -> bool:
        """Whether `reports` may have something soon: it listens, is connected, or has an event left."""

    @property
    def advertising(self) -> bool: ...

    def send(self, packet: bytes, at_us: int) -> bytes:
        """Take an H4 command; returns the H4 event that answers it. Nothing answers ACL data."""

    def reports(self, until_us: int) -> list[tuple[int, bytes]]:
        """What was heard and happened since the last call, as (at_us, H4 packet)."""

    def stall(self, from_us: int, to_us: int) -> None:
        """The host takes no reports meanwhile: flash is being erased or programmed."""

    def off(self, at_us: int) -> None:
        """Power is gone, or light sleep took the radio away."""


@dataclass
class Stall:
    """A stretch in which the host is busy, and how many reports wait for its end."""

    from_us: int
    to_us: int
    waiting: int = 0


class SimulatedController:
    """One token's controller on the simulated air."""

    def __init__(self, air: Air, node: int, public_address: bytes) -> None:
        self._air = air
        self._node = node
        self._public_address = public_address
        self._random = Random(f"{air.seed}/controller/{node}")
        self.lost_reports = 0
        self.adverts = 0
        self._stalls: list[Stall] = []
        self._connections = Connections(air, node, self._random)
        self._reset(0)

    def _reset(self, at_us: int) -> int:
        if hasattr(self, "_train"):
            self._stop_train(at_us)
        self._connections.reset(at_us)
        self._train: Train | None = None
        self._ear: Ear | None = None
        self._heard_us = at_us
        self._event_mask, self._le_event_mask = 0x1FFF_FFFF_FFFF, 0x1F  # 7.3.1, 7.8.1
        self._random_address = bytes(6)
        self._adv_parameters = struct.pack("<HHBBB6sBB", 0x800, 0x800, 0, 0, 0, bytes(6), 7, 0)
        self._adv_data = b""
        self._scan_parameters = struct.pack("<BHHBB", 0, 0x10, 0x10, 0, 0)
        return SUCCESS

    @property
    def listening(self) -> bool:
        return self._ear is not None or self._connections.connecting

    @property
    def expecting(self) -> bool:
        return self._ear is not None or self._connections.expecting

    @property
    def advertising(self) -> bool:
        return self._train is not None

    def off(self, at_us: int) -> None:
        self._reset(at_us)

    def stall(self, from_us: int, to_us: int) -> None:
        if self._ear:
            self._stalls.append(Stall(from_us, to_us))

    def send(self, packet: bytes, at_us: int) -> bytes:
        if packet[0] == ACL:
            self._connections.take(packet, at_us)
            return b""
        opcode, length = struct.unpack_from("<HB", packet, 1)
        parameters = packet[4 : 4 + length]
        handler = self._COMMANDS.get(opcode)
        if handler is None:
            return _complete(opcode, bytes([UNKNOWN_COMMAND]))
        try:
            answer = handler(self, parameters, at_us)
        except (struct.error, IndexError):
            answer = INVALID_PARAMETERS
        if opcode in _BEGINS_SOMETHING and isinstance(answer, int):
            return struct.pack("<BBBBBH", EVENT, 0x0F, 4, answer, 1, opcode)  # Command Status (7.7.15)
        return _complete(opcode, bytes([answer]) if isinstance(answer, int) else b"\0" + answer)

    def _read_address(self, parameters: bytes, at_us: int) -> bytes:
        return self._public_address

    def _succeed(self, parameters: bytes, at_us: int) -> int:
        return SUCCESS

    def _set_event_mask(self, parameters: bytes, at_us: int) -> int:
        (self._event_mask,) = struct.unpack("<Q", parameters)
        return SUCCESS

    def _set_le_event_mask(self, parameters: bytes, at_us: int) -> int:
        (self._le_event_mask,) = struct.unpack("<Q", parameters)
        return SUCCESS

    @property
    def _host_wants_reports(self) -> bool:
        return self._host_wants(REPORT_BIT)

    def _host_wants(self, le_bit: int) -> bool:
        return bool(self._event_mask >> LE_META_BIT & 1 and self._le_event_mask >> le_bit & 1)

    def _has_address(self, own_type: int) -> bool:
        """Whether there is an address of the kind that its parameters ask for."""
        return not own_type & 1 or self._random_address != bytes(6)

    def _command_reset(self, parameters: bytes, at_us: int) -> int:
        return self._reset(at_us)

    def _set_random_address(self, parameters: bytes, at_us: int) -> int:
        if self._train or self.listening:
            return DISALLOWED  # 7.8.4
        (address,) = struct.unpack("<6s", parameters)
        if address == bytes(6):
            return INVALID_PARAMETERS
        self._random_address = address
        return SUCCESS

    def _set_adv_parameters(self, parameters: bytes, at_us: int) -> int:
        low, high, kind, _, _, _, channels, _ = struct.unpack("<HHBBB6sBB", parameters)
        if self._train:
            return DISALLOWED  # 7.8.5
        if not channels & 7 or kind > 4:
            return INVALID_PARAMETERS
        if not (0x20 <= low <= 0x4000 and 0x20 <= high <= 0x4000):
            return UNSUPPORTED_VALUE
        if low > high:
            return INVALID_PARAMETERS
        self._adv_parameters = parameters
        return SUCCESS

    def _set_adv_data(self, parameters: bytes, at_us: int) -> int:
        length, data = struct.unpack("<B31s", parameters)
        if length > 31:
            return INVALID_PARAMETERS
        self._adv_data = data[:length]
        if self._train:  # takes effect at the next advertising event
            self._stop_train(at_us)
            self._start_train(at_us)
        return SUCCESS

    def _set_adv_enable(self, parameters: bytes, at_us: int) -> int:
        if parameters[0] and not self._has_address(self._adv_parameters[5]):
            return INVALID_PARAMETERS  # 7.8.9
        if parameters[0] and not self._train:
            self._start_train(at_us)
        elif not parameters[0] and self._train:
            self._stop_train(at_us)
        return SUCCESS

    def _start_train(self, at_us: int) -> None:
        interval, _, kind, own_type = struct.unpack_from("<HHBB", self._adv_parameters)
        address = self._random_address if own_type & 1 else self._public_address
        self._train = self._air.start(
            self._node, at_us, interval * UNIT_US, kind, own_type & 1, address, self._adv_data
        )

    def _stop_train(self, at_us: int) -> None:
        if self._train:
            self._train.stop_us = min(self._train.stop_us, at_us)
            self.adverts += len(self._train.between(self._train.start_us, at_us))
        self._train = None

    def _set_scan_parameters(self, parameters: bytes, at_us: int) -> int:
        kind, interval, window, _, _ = struct.unpack("<BHHBB", parameters)
        if self._ear:
            return DISALLOWED  # 7.8.10
        if not (4 <= interval <= 0x4000 and 4 <= window <= 0x4000):
            return UNSUPPORTED_VALUE
        if window > interval or kind > 1:
            return INVALID_PARAMETERS
        self._scan_parameters = parameters
        return SUCCESS

    def _set_scan_enable(self, parameters: bytes, at_us: int) -> int:
        if parameters[0] and not self._has_address(self._scan_parameters[5]):
            return INVALID_PARAMETERS  # 7.8.11
        if parameters[0] and self._connections.connecting:
            return DISALLOWED  # one receiver, one thing at a time: which ones go together is each controller's own
        if parameters[0] and not self._ear:
            _, interval, window, _, _ = struct.unpack("<BHHBB", self._scan_parameters)
            self._ear = Ear(at_us, interval * UNIT_US, window * UNIT_US)
            self._heard_us = at_us
            self._stalls.clear()
        elif not parameters[0]:
            self._ear = None
        return SUCCESS

    def _create_connection(self, parameters: bytes, at_us: int) -> int:
        if self._ear:
            return DISALLOWED
        if not self._has_address(parameters[12]):
            return INVALID_PARAMETERS  # 7.8.12
        return self._connections.create(parameters, at_us)

    def _cancel_connection(self, parameters: bytes, at_us: int) -> int:
        return self._connections.cancel(at_us)

    def _disconnect(self, parameters: bytes, at_us: int) -> int:
        return self._connections.disconnect(parameters, at_us)

    _COMMANDS: ClassVar[dict[int, Callable[[Any, bytes, int], int | bytes]]] = {
        0x0C03: _command_reset,
        0x0C01: _set_event_mask,
        0x2001: _set_le_event_mask,
        0x1009: _read_address,
        0x2005: _set_random_address,
        0x2006: _set_adv_parameters,
        0x2008: _set_adv_data,
        0x2009: _succeed,  # LE Set Scan Response Data: nobody here scans actively
        0x200A: _set_adv_enable,
        0x200B: _set_scan_parameters,
        0x200C: _set_scan_enable,
        0x200D: _create_connection,
        0x200E: _cancel_connection,
        0x0406: _disconnect,
    }

    def reports(self, until_us: int) -> list[tuple[int, bytes]]:
        found = self._reports(until_us)
        if self._connections.expecting:
            found += filter(self._is_wanted, self._connections.events(until_us))
            found.sort(key=lambda event: event[0])
        return found

    def _is_wanted(self, event: tuple[int, bytes]) -> bool:
        """Whether the host's masks let an event of a connection through; some are under none."""
        packet = event[1]
        if packet[:2] == bytes([EVENT, 0x3E]):
            return self._host_wants(packet[3] - 1)
        return packet[:2] != bytes([EVENT, 0x05]) or bool(self._event_mask >> DISCONNECTION_BIT & 1)

    def _reports(self, until_us: int) -> list[tuple[int, bytes]]:
        if not self._ear or until_us <= self._heard_us:
            return []
        heard = self._air.heard(self._node, self._ear, self._heard_us, until_us, self._random)
        self._heard_us = until_us
        if not self._host_wants_reports:
            return []
        kept = [
            (report.at_us, advertising_report(report.train, report.rssi_dbm))
            for report in heard
            if self._has_room(report.at_us)
        ]
        self._stalls = [stall for stall in self._stalls if stall.to_us > until_us]
        return kept

    def _has_room(self, at_us: int) -> bool:
        """Whether a report of that moment finds a buffer; counts it as lost otherwise."""
        stall = next((s for s in self._stalls if s.from_us <= at_us < s.to_us), None)
        if stall is None:
            return True
        stall.waiting += 1
        if stall.waiting <= REPORT_BUFFERS:
            return True
        self.lost_reports += 1
        return False


def _complete(opcode: int, parameters: bytes) -> bytes:
    """A Command Complete event (7.7.14)."""
    return struct.pack("<BBBBH", EVENT, 0x0E, 3 + len(parameters), 1, opcode) + parameters


def status(event: bytes) -> int:
    """What a command was answered: the status in a Command Complete or a Command Status event."""
    return event[6] if event[1] == 0x0E else event[3]


def is_report(packet: bytes) -> bool:
    """Whether an H4 packet is an advertising report, of which some may be lost."""
    return packet[1] == 0x3E and packet[3] == 0x02


def advertising_report(train: Train, rssi_dbm: int) -> bytes:
    """An LE Advertising Report event with one report (7.7.65.2)."""
    data = train.data
    head = struct.pack("<BBB6sB", 1, train.event_type, train.address_type, train.address, len(data))
    body = b"\x02" + head + data + struct.pack("<b", rssi_dbm)
    return struct.pack("<BBB", EVENT, 0x3E, len(body)) + body


