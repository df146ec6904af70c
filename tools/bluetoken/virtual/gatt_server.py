"""A small GATT server: the requests of a client that discovers and reads (Core Specification Vol 3 Parts F and G)."""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from typing import NamedTuple

PRIMARY_SERVICE, CHARACTERISTIC = 0x2800, 0x2803
READABLE = 0x02  # of a characteristic's properties
LEAST_MTU = 23

ERROR = 0x01
MTU_REQUEST, MTU_ANSWER = 0x02, 0x03
FIND_BY_VALUE, READ_BY_TYPE, READ, READ_BY_GROUP = 0x06, 0x08, 0x0A, 0x10
COMMAND = 0x40  # in an operation: it wants no answer

INVALID_HANDLE, READ_NOT_PERMITTED, INVALID_PDU = 0x01, 0x02, 0x04
NOT_SUPPORTED, NOT_FOUND, NOT_A_GROUP = 0x06, 0x0A, 0x10

Value = Callable[[int], bytes]


class Characteristic(NamedTuple):
    uuid: bytes
    properties: int
    value: Value  # at_us -> what is read then


class Service(NamedTuple):
    """A service whose declaration is at `handle`; its characteristics follow it."""

    handle: int
    uuid: bytes
    characteristics: Sequence[Characteristic]

    @property
    def end(self) -> int:
        return self.handle + 2 * len(self.characteristics)


class Attribute(NamedTuple):
    handle: int
    type: bytes
    value: Value
    readable: bool
    group_end: int


class Refusal(Exception):
    """An Error Response: what is wrong, and with which handle."""

    def __init__(self, code: int, handle: int = 0) -> None:
        super().__init__(code)
        self.code, self.handle = code, handle


def uuid16(number: int) -> bytes:
    """A UUID of 16 bits as it is on the air."""
    return struct.pack("<H", number)


def uuid128(text: str) -> bytes:
    """A UUID of 128 bits as it is on the air: the lowest byte first."""
    return bytes.fromhex(text.replace("-", ""))[::-1]


class GattServer:
    """What a device has to be asked for, and its answers to one client after the other."""

    def __init__(self, services: Sequence[Service]) -> None:
        self._attributes = [each for service in services for each in _attributes(service)]

    def answer(self, pdu: bytes, at_us: int, mtu: int) -> bytes | None:
        """What is said to a request; nothing to an answer or a command."""
        operation = pdu[0]
        if operation & (1 | COMMAND):
            return None
        try:
            handler = self._REQUESTS.get(operation)
            if handler is None:
                raise Refusal(NOT_SUPPORTED)
            return handler(self, pdu, at_us, mtu)[:mtu]
        except struct.error:
            refusal = Refusal(INVALID_PDU)
        except Refusal as why:
            refusal = why
        return struct.pack("<BBHB", ERROR, operation, refusal.handle, refusal.code)

    def _between(self, first: int, last: int) -> list[Attribute]:
        if not 0 < first <= last:
            raise Refusal(INVALID_HANDLE, first)
        return [each for each in self._attributes if first <= each.handle <= last]

    def _find_by_value(self, pdu: bytes, at_us: int, mtu: int) -> bytes:
        first, last, kind = struct.unpack_from("<HHH", pdu, 1)
        found = b"".join(
            struct.pack("<HH", each.handle, each.group_end)
            for each in self._between(first, last)
            if each.type == uuid16(kind) and each.value(at_us) == pdu[7:]
        )
        if not found:
            raise Refusal(NOT_FOUND, first)
        return bytes([FIND_BY_VALUE + 1]) + found[: (mtu - 1) // 4 * 4]

    def _read_by_type(self, pdu: bytes, at_us: int, mtu: int) -> bytes:
        first, last = struct.unpack_from("<HH", pdu, 1)
        found = [each for each in self._between(first, last) if each.type == _told_type(pdu)]
        if found and not found[0].readable:
            raise Refusal(READ_NOT_PERMITTED, found[0].handle)
        entries = [struct.pack("<H", each.handle) + each.value(at_us) for each in found if each.readable]
        return _listed(READ_BY_TYPE, entries, first, mtu)

    def _read_by_group(self, pdu: bytes, at_us: int, mtu: int) -> bytes:
        first, last = struct.unpack_from("<HH", pdu, 1)
        kind = _told_type(pdu)
        if kind != uuid16(PRIMARY_SERVICE):
            raise Refusal(NOT_A_GROUP, first)
        found = [each for each in self._between(first, last) if each.type == kind]
        entries = [struct.pack("<HH", each.handle, each.group_end) + each.value(at_us) for each in found]
        return _listed(READ_BY_GROUP, entries, first, mtu)

    def _read(self, pdu: bytes, at_us: int, mtu: int) -> bytes:
        (handle,) = struct.unpack("<H", pdu[1:])
        attribute = next((each for each in self._attributes if each.handle == handle), None)
        if attribute is None:
            raise Refusal(INVALID_HANDLE, handle)
        if not attribute.readable:
            raise Refusal(READ_NOT_PERMITTED, handle)
        return bytes([READ + 1]) + attribute.value(at_us)

    _REQUESTS = {  # noqa: RUF012
        FIND_BY_VALUE: _find_by_value,
        READ_BY_TYPE: _read_by_type,
        READ_BY_GROUP: _read_by_group,
        READ: _read,
    }


def _told_type(pdu: bytes) -> bytes:
    if len(pdu) not in (7, 21):
        raise Refusal(INVALID_PDU)
    return pdu[5:]


def _listed(operation: int, entries: list[bytes], first: int, mtu: int) -> bytes:
    """A list holds entries of one length only; what comes after them is asked for again."""
    if not entries:
        raise Refusal(NOT_FOUND, first)
    size = min(len(entries[0]), mtu - 2)
    told = bytes([operation + 1, size])
    for entry in entries:
        if len(entry) != len(entries[0]) or len(told) + size > mtu:
            break
        told += entry[:size]
    return told


def _attributes(service: Service) -> list[Attribute]:
    head = Attribute(service.handle, uuid16(PRIMARY_SERVICE), lambda _: service.uuid, True, service.end)
    return [head, *(each for n, told in enumerate(service.characteristics) for each in _pair(service, n, told))]


def _pair(service: Service, n: int, told: Characteristic) -> list[Attribute]:
    """A characteristic's declaration, and its value."""
    handle = service.handle + 1 + 2 * n
    declaration = struct.pack("<BH", told.properties, handle + 1) + told.uuid
    readable = bool(told.properties & READABLE)
    return [
        Attribute(handle, uuid16(CHARACTERISTIC), lambda _: declaration, True, handle),
        Attribute(handle + 1, told.uuid, told.value, readable, handle + 1),
    ]
