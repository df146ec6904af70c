"""Of MicroPython's BLE class the central and the GATT client, with the manners they have on NimBLE on an ESP32.

bluetooth.py loads this when it is first asked for, so that a program that never connects keeps the room: on the chip it
is C (extmod/modbluetooth.c, extmod/nimble/modbluetooth_nimble.c, esp-nimble's ble_gap.c and ble_gattc.c). What the real
one does and this one does too: a connect ends a scan, which says that it is done; a scan during a connect is EBUSY, a
second connect EALREADY; requests are sent as they come, not one after the other, but for a second discovery of
characteristics, which is EBUSY; a request that is not answered in 30 s fails, and the connection is ended; what was
under way when a connection broke fails before the disconnection is told; active(False) waits up to 2 s for the end of
a connection. What becomes of a connect under way then was not found in the source: here it ends without a word. Not
here: pairing, writing, notifications, descriptors, a GATT server (what a peer asks for is answered with an error).
"""

import bus
import struct
import time
from micropython import const

_IRQ_PERIPHERAL_CONNECT = const(7)
_IRQ_PERIPHERAL_DISCONNECT = const(8)
_IRQ_SERVICE_RESULT = const(9)
_IRQ_SERVICE_DONE = const(10)
_IRQ_CHARACTERISTIC_RESULT = const(11)
_IRQ_CHARACTERISTIC_DONE = const(12)
_IRQ_READ_RESULT = const(15)
_IRQ_READ_DONE = const(16)
_IRQ_MTU_EXCHANGED = const(21)

_EIO = const(5)
_EBUSY = const(16)
_EINVAL = const(22)
_ENOTCONN = const(107)
_EALREADY = const(114)
# NimBLE's own, as the statuses of what is done; errors of ATT and of the controller lie above a base.
_HS_ENOTCONN = const(7)
_HS_EBADDATA = const(10)
_HS_ETIMEOUT = const(13)
_HS_ATT = const(0x100)
_HS_HCI = const(0x200)

_DISCONNECT = const(0x0406)
_LE_CREATE_CONN = const(0x200D)
_LE_CREATE_CONN_CANCEL = const(0x200E)
_REMOTE_USER = const(0x13)  # the reason given for a disconnection

_NO_HANDLE = const(0xFFFF)
_CONNECT_MS = const(30000)  # what a duration of 0 means
_ANSWER_MS = const(30000)
_STOP_MS = const(2000)
_SLICE_MS = const(20)
_MTU = const(256)  # ESP-IDF's CONFIG_BT_NIMBLE_ATT_PREFERRED_MTU
_LEAST_MTU = const(23)
_ATT_CID = const(4)
_PRIMARY_SERVICE = const(0x2800)
_CHARACTERISTIC = const(0x2803)
_END = const(0xFFFF)

# ATT operations (Core Specification Vol 3 Part F 3.4.8).
_ERROR = const(0x01)
_MTU_REQUEST = const(0x02)
_MTU_ANSWER = const(0x03)
_FIND_BY_VALUE = const(0x06)
_READ_BY_TYPE = const(0x08)
_READ = const(0x0A)
_READ_BY_GROUP = const(0x10)
_NOT_SUPPORTED = const(0x06)
_NOT_FOUND = const(0x0A)


class UUID(bytes):
    """Its bytes lie as on the air, the lowest first."""

    def __init__(self, value):
        super().__init__(_flat(value))

    def __eq__(self, other):
        return isinstance(other, UUID) and bytes(self) == bytes(other)

    def __ne__(self, other):  # or the bytes would be asked
        return not self == other

    def __hash__(self):
        return hash(bytes(self))

    def __repr__(self):
        digits = bytes(reversed(bytes(self))).hex()
        if len(digits) <= 8:
            return "UUID(0x%s)" % digits
        cuts = (0, 8, 12, 16, 20, 32)
        return "UUID('%s')" % "-".join(digits[cuts[n] : cuts[n + 1]] for n in range(5))

    __str__ = __repr__


def _flat(value):
    if isinstance(value, int):
        if value > 0xFFFF:
            raise ValueError("invalid UUID")
        return bytes((value & 0xFF, value >> 8 & 0xFF))
    if len(bytes(value, "ascii") if isinstance(value, str) else bytes(value)) in (2, 4, 16):
        return bytes(value, "ascii") if isinstance(value, str) else bytes(value)
    digits = (value if isinstance(value, str) else str(bytes(value), "ascii")).replace("-", "")
    if any(digit not in "0123456789abcdefABCDEF" for digit in digits):
        raise ValueError("invalid char in UUID")
    if len(digits) != 32:
        raise ValueError("UUID too long" if len(digits) > 32 else "UUID too short")
    return bytes(int(digits[n : n + 2], 16) for n in range(30, -1, -2))


class _Procedure:
    """A question to the peer that is under way, perhaps in several requests."""

    def __init__(self, peer, operation, done, uuid=None, end=_END, handle=0):
        self.peer = peer
        self.operation = operation
        self.done = done
        self.uuid = uuid
        self.end = end
        self.handle = handle
        self.found = None  # a characteristic, until it is known where it ends
        self.until_ms = 0

    def request(self, start):
        if self.operation == _READ:
            return struct.pack("<BH", _READ, self.handle)
        kind = _CHARACTERISTIC if self.operation == _READ_BY_TYPE else _PRIMARY_SERVICE
        head = struct.pack("<BHHH", self.operation, start, self.end, kind)
        return head + bytes(self.uuid) if self.operation == _FIND_BY_VALUE else head


class Client:
    def __init__(self, ble):
        self._ble = ble
        self._end_of_scan_ms = self._end_of_connect_ms = None
        self._set_alarm_before = ble._set_alarm
        ble._set_alarm = self._set_scan_alarm
        self._forget()
        bus.listen(self._on_hci, self._on_alarm)

    def _forget(self):
        self.connecting = False
        self._peer = None  # (handle, address type, address) of the connection
        self._terminating = False
        self._under_way = []

    # Timers: the bus has one alarm, which goes to whatever ends first.

    def _set_scan_alarm(self, after_ms):
        self._end_of_scan_ms = time.ticks_add(time.ticks_ms(), after_ms) if after_ms else None
        self._wind()

    def _wind(self):
        ends_ms = [each.until_ms for each in self._under_way]
        ends_ms += [ms for ms in (self._end_of_scan_ms, self._end_of_connect_ms) if ms is not None]
        now_ms = time.ticks_ms()
        left_ms = [max(time.ticks_diff(ms, now_ms), 1) for ms in ends_ms]
        self._set_alarm_before(min(left_ms) if left_ms else 0)

    def _on_alarm(self):
        now_ms = time.ticks_ms()

        def over(until_ms):
            return until_ms is not None and time.ticks_diff(until_ms, now_ms) <= 0

        if over(self._end_of_scan_ms):
            self._ble._end_scan()
        if over(self._end_of_connect_ms):
            self._end_of_connect_ms = None
            self._command(_LE_CREATE_CONN_CANCEL)  # the controller says when it is done
        for each in [each for each in self._under_way if over(each.until_ms)]:
            self._under_way.remove(each)
            self._finish(each, _HS_ETIMEOUT)
            if self._peer and not self._terminating:
                self.disconnect(self._peer[0])
        self._wind()

    # Connecting.

    def _command(self, opcode, parameters=b""):
        """Send a command; a controller answers some with Command Complete, some with Command Status."""
        event = bus.call(bus.HCI, struct.pack("<BHB", 1, opcode, len(parameters)) + parameters)
        status = event[6] if event[1] == 0x0E else event[3]
        if status:
            raise OSError(-(_HS_HCI + status))

    def connect(self, addr_type, addr, scan_duration_ms, min_interval_us, max_interval_us):
        self._ble._need_active()
        if addr_type is None and addr is None:
            return self._cancel()
        if addr is None:
            raise TypeError("invalid addr")
        if len(addr) != 6:
            raise ValueError("invalid addr")
        if self._ble._scanning:
            self._ble._end_scan()
        if self.connecting:
            raise OSError(_EALREADY)
        if not 0 <= addr_type <= 3:
            raise OSError(_EINVAL)
        address = bytes(addr[5 - n] for n in range(6))
        if self._peer and self._peer[1:] == (addr_type, address):
            raise OSError(_EIO)  # NimBLE's EDONE has no number of its own
        least = min_interval_us // 1250 if min_interval_us else 24
        most = max_interval_us // 1250 if max_interval_us else 40
        parameters = struct.pack(
            "<HHBB6sBHHHHHH",
            *(16, 16, 0, addr_type, address, self._ble._own_address_type(), least, most, 0, 0x100, 0, 0),
        )
        self._command(_LE_CREATE_CONN, parameters)
        self.connecting = True
        duration_ms = _CONNECT_MS if scan_duration_ms == 0 else 2000 if scan_duration_ms is None else scan_duration_ms
        self._end_of_connect_ms = time.ticks_add(time.ticks_ms(), duration_ms)
        self._wind()

    def _cancel(self):
        if not self.connecting:
            raise OSError(_EALREADY)
        self._command(_LE_CREATE_CONN_CANCEL)
        # What ends it is the controller's event, as at the end of its time.

    def disconnect(self, conn_handle):
        self._ble._need_active()
        if not self._peer or self._peer[0] != conn_handle:
            return False
        if self._terminating:
            raise OSError(_EALREADY)
        self._command(_DISCONNECT, struct.pack("<HB", conn_handle, _REMOTE_USER))
        self._terminating = True
        return True

    def stop(self):
        """The radio is about to be switched off."""
        if self._peer and not self._terminating:
            self.disconnect(self._peer[0])
        for _ in range(_STOP_MS // _SLICE_MS):
            if not self._peer:
                break
            bus.sleep_ms(_SLICE_MS)
        self._forget()
        self._end_of_scan_ms = self._end_of_connect_ms = None
        self._wind()

    # Asking the peer.

    def discover_services(self, conn_handle, uuid):
        operation = _READ_BY_GROUP if uuid is None else _FIND_BY_VALUE
        self._ask(1, _Procedure(conn_handle, operation, _IRQ_SERVICE_DONE, _checked(uuid)))

    def discover_characteristics(self, conn_handle, start_handle, end_handle, uuid):
        procedure = _Procedure(conn_handle, _READ_BY_TYPE, _IRQ_CHARACTERISTIC_DONE, _checked(uuid), end_handle)
        self._ble._need_active()
        if any(each.operation == _READ_BY_TYPE for each in self._under_way):
            raise OSError(_EBUSY)
        if not 0 < start_handle <= end_handle:
            raise OSError(_EINVAL)
        self._ask(start_handle, procedure)

    def read(self, conn_handle, value_handle):
        self._ble._need_active()
        if value_handle == 0:
            raise OSError(_EINVAL)
        self._ask(0, _Procedure(conn_handle, _READ, _IRQ_READ_DONE, handle=value_handle))

    def _ask(self, start, procedure):
        self._ble._need_active()
        if not self._peer or self._peer[0] != procedure.peer:
            raise OSError(_ENOTCONN)
        self._go_on(procedure, start)

    def _go_on(self, procedure, start):
        self._send(procedure.request(start))
        procedure.until_ms = time.ticks_add(time.ticks_ms(), _ANSWER_MS)
        self._under_way.append(procedure)
        self._wind()

    def _send(self, pdu):
        """Send an ATT PDU: L2CAP's header before it, HCI's before that."""
        head = struct.pack("<BHHHH", 2, self._peer[0], len(pdu) + 4, len(pdu), _ATT_CID)
        bus.call(bus.HCI, head + pdu)

    def _finish(self, procedure, status, handle=0):
        """Say that it is over, or that it failed."""
        if procedure.operation == _READ:
            self._ble._irq(_IRQ_READ_DONE, (procedure.peer, handle, status))
            return
        if status == _HS_ATT + _NOT_FOUND:
            status = 0  # there are no more: that is how a discovery ends
        self._tell_found(procedure, procedure.end)
        self._ble._irq(procedure.done, (procedure.peer, status))

    def _tell_found(self, procedure, end):
        if procedure.found:
            value_handle, properties, uuid = procedure.found
            procedure.found = None
            self._ble._irq(_IRQ_CHARACTERISTIC_RESULT, (procedure.peer, end, value_handle, properties, uuid))

    # What comes from the controller.

    def _on_hci(self, packet):
        if packet[0] == 2:
            self._on_acl(packet)
        elif packet[1] == 0x3E and packet[3] == 0x01:
            self._on_connection(packet[4], struct.unpack_from("<HBB6s", packet, 5))
        elif packet[1] == 0x05:
            self._on_disconnection()
        else:
            self._ble._on_hci(packet)

    def _on_connection(self, status, told):
        if not self.connecting:
            return
        self.connecting = False
        self._end_of_connect_ms = None
        self._wind()
        if status:
            self._ble._irq(_IRQ_PERIPHERAL_DISCONNECT, (_NO_HANDLE, 0xFF, memoryview(bytes(6))))
            return
        handle, _, addr_type, address = told
        self._peer = (handle, addr_type, address)
        self._terminating = False
        self._tell_peer(_IRQ_PERIPHERAL_CONNECT, self._peer)

    def _on_disconnection(self):
        if not self._peer:
            return
        failed = self._under_way
        self._under_way = []
        self._wind()
        for each in failed:
            self._finish(each, _HS_ENOTCONN)
        peer = self._peer
        self._peer = None
        self._tell_peer(_IRQ_PERIPHERAL_DISCONNECT, peer)

    def _tell_peer(self, event, peer):
        handle, addr_type, address = peer
        self._ble._irq(event, (handle, addr_type, memoryview(bytes(address[5 - n] for n in range(6)))))

    def _on_acl(self, packet):
        handle, _, length, cid = struct.unpack_from("<HHHH", packet, 1)
        if not self._peer or handle & 0xFFF != self._peer[0] or cid != _ATT_CID or length != len(packet) - 9:
            return
        pdu = bytes(packet[9:])
        if pdu and not pdu[0] & 1:
            self._on_request(pdu)
        elif pdu:
            self._on_answer(pdu)

    def _on_request(self, pdu):
        """The peer asks: for an MTU, or for what only a server has."""
        if pdu[0] == _MTU_REQUEST and len(pdu) == 3:
            self._send(struct.pack("<BH", _MTU_ANSWER, _MTU))
            theirs = max(pdu[1] | pdu[2] << 8, _LEAST_MTU)
            self._ble._irq(_IRQ_MTU_EXCHANGED, (self._peer[0], min(theirs, _MTU)))
        elif not pdu[0] & 0x40:  # a command is not answered
            self._send(struct.pack("<BBHB", _ERROR, pdu[0], 0, _NOT_SUPPORTED))

    def _on_answer(self, pdu):
        is_error = pdu[0] == _ERROR and len(pdu) == 5
        for procedure in self._under_way:
            if is_error or pdu[0] == procedure.operation + 1:
                break
        else:
            return
        self._under_way.remove(procedure)
        self._wind()
        if is_error:
            self._finish(procedure, _HS_ATT + pdu[4], pdu[2] | pdu[3] << 8)
        elif procedure.operation == _READ:
            self._ble._irq(_IRQ_READ_RESULT, (procedure.peer, procedure.handle, memoryview(pdu)[1:]))
            self._finish(procedure, 0, procedure.handle)
        else:
            last = self._take(procedure, pdu)
            if last == 0:
                self._finish(procedure, _HS_EBADDATA)
            elif last >= procedure.end:
                self._finish(procedure, 0)
            elif self._peer:  # the program may have let go of it meanwhile
                self._go_on(procedure, last + 1)

    def _take(self, procedure, pdu):
        """Hand on what was found; returns the last handle, or 0 where the peer did not keep to the form."""
        by_value = procedure.operation == _FIND_BY_VALUE
        size = 4 if by_value else pdu[1] if len(pdu) > 1 else 0
        offset = 1 if by_value else 2
        sizes = {_FIND_BY_VALUE: (4,), _READ_BY_GROUP: (6, 20), _READ_BY_TYPE: (7, 21)}[procedure.operation]
        if size not in sizes or len(pdu) == offset or (len(pdu) - offset) % size:
            return 0
        last = 0
        for at in range(offset, len(pdu), size):
            first, second = struct.unpack_from("<HH", pdu, at)
            if procedure.operation == _READ_BY_TYPE:
                self._tell_found(procedure, first - 1)
                properties, value_handle = struct.unpack_from("<BH", pdu, at + 2)
                uuid = UUID(pdu[at + 5 : at + size])
                if procedure.uuid is None or procedure.uuid == uuid:
                    procedure.found = (value_handle, properties, uuid)
                following = first
            else:
                uuid = procedure.uuid if by_value else UUID(pdu[at + 4 : at + size])
                self._ble._irq(_IRQ_SERVICE_RESULT, (procedure.peer, first, second, uuid))
                following = second
            if following <= last:
                return 0
            last = following
        return last


def _checked(uuid):
    if uuid is not None and not isinstance(uuid, UUID):
        raise TypeError("UUID")
    return uuid
