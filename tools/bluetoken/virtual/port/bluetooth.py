"""MicroPython's BLE class as an HCI host, with the manners it has on NimBLE on an ESP32.

Broadcaster and observer; the central and the GATT client are in gatt_client.py. What the real one does
and this one does too: `connectable=False` is sent as ADV_SCAN_IND; every `config(addr_mode=3)` asks for
a new non-resolvable address, which a controller that advertises or scans refuses without anybody
hearing of it; `active(True)` falls back to the public address; reports are never filtered for
duplicates; an exception in the handler removes the handler.
"""

import bus
import os
import struct
import sys
from micropython import const

_IRQ_SCAN_RESULT = const(5)
_IRQ_SCAN_DONE = const(6)
_EINVAL = const(22)
_EALREADY = const(114)
_EBUSY = const(16)
_ENODEV = const(19)
_UNIT_US = const(625)

_RESET = const(0x0C03)
_READ_BD_ADDR = const(0x1009)
_SET_EVENT_MASK = const(0x0C01)
_LE_SET_EVENT_MASK = const(0x2001)
_LE_SET_RANDOM_ADDRESS = const(0x2005)
_LE_SET_ADV_PARAMETERS = const(0x2006)
_LE_SET_ADV_DATA = const(0x2008)
_LE_SET_SCAN_RSP_DATA = const(0x2009)
_LE_SET_ADV_ENABLE = const(0x200A)
_LE_SET_SCAN_PARAMETERS = const(0x200B)
_LE_SET_SCAN_ENABLE = const(0x200C)

_PUBLIC = const(0)
_RANDOM = const(1)
_RPA = const(2)
_NRPA = const(3)
# The two highest bits of a random address say of which kind it is.
_KINDS = {_RANDOM: 0xC0, _RPA: 0x40, _NRPA: 0x00}
_ADV_IND = const(0)
_ADV_SCAN_IND = const(2)


def _command(opcode, parameters=b""):
    """Send a command; returns (status, return parameters) of its Command Complete event."""
    return _commands((opcode, parameters))


def _commands(*commands):
    """Send commands in one request; returns what the last one carried out was answered.

    The controller carries out none after one that it refused.
    """
    request = b"".join([struct.pack("<BHB", 1, opcode, len(told)) + told for opcode, told in commands])
    events = bus.call(bus.HCI, request)
    place = 0
    for opcode, _ in commands:
        after = place + 3 + events[place + 2]
        event = events[place:after]
        place = after
        if event[1] != 0x0E or event[4] | event[5] << 8 != opcode:
            raise OSError(_EINVAL)
        if event[6]:
            break
    return event[6], event[7:]


class BLE:
    _instance = None

    def __new__(cls):
        if BLE._instance is None:
            BLE._instance = object.__new__(cls)
            BLE._instance._start()
        return BLE._instance

    def _start(self):
        self._active = False
        self._handler = None
        self._public = bytes(6)
        self._random = None
        self._mode = _PUBLIC
        self._adv_data = b""
        self._advertising = False
        self._scanning = False
        self._client = None
        self._set_alarm = bus.set_alarm
        bus.listen(self._on_hci, self._end_scan)

    def active(self, active=None):
        if active is None:
            return self._active
        if active and not self._active:
            self._public = _commands(
                (_RESET, b""),
                (_SET_EVENT_MASK, b"\xff\xff\xff\xff\xff\xff\xff\x3f"),
                (_LE_SET_EVENT_MASK, b"\x1f\x00\x00\x00\x00\x00\x00\x00"),
                (_READ_BD_ADDR, b""),
            )[1]
            self._mode = _PUBLIC
            self._random = None
        elif not active and self._active:
            if self._client:
                self._client.stop()
            _command(_RESET)
            self._advertising = self._scanning = False
            self._set_alarm(0)
        self._active = bool(active)
        return self._active

    def irq(self, handler):
        self._handler = handler

    def _need_active(self):
        if not self._active:
            raise OSError(_ENODEV)

    def config(self, _param=None, **kwargs):
        if _param is not None:
            if kwargs:
                raise TypeError("can't specify pos and kw args")
            return self._configured(_param)
        if not kwargs:
            raise TypeError("must query one param")
        for name, value in kwargs.items():
            if name != "addr_mode":
                raise ValueError("unknown config param")
            self._need_active()
            self._set_address_mode(value)

    def _configured(self, param):
        if param == "addr_mode":
            return self._mode
        if param != "mac":
            raise ValueError("unknown config param")
        self._need_active()
        if self._mode == _RPA:
            raise OSError(_EINVAL)
        if self._mode == _PUBLIC:
            return (0, _reversed(self._public))
        return (1, _reversed(self._random or bytes(6)))

    def _set_address_mode(self, mode):
        if mode in _KINDS:
            address = bytearray(os.urandom(6))
            address[5] = address[5] & 0x3F | _KINDS[mode]
            # A refusal is only asserted, and asserts are compiled out: nobody hears of it.
            status, _ = _command(_LE_SET_RANDOM_ADDRESS, address)
            if status == 0:
                self._random = bytes(address)
        elif mode != _PUBLIC:
            raise ValueError("invalid addr_mode")
        self._mode = mode

    def _own_address_type(self):
        return 0 if self._mode == _PUBLIC else 1

    def gap_advertise(self, interval_us=500000, adv_data=None, *, resp_data=None, connectable=True):
        self._need_active()
        if self._advertising:
            _command(_LE_SET_ADV_ENABLE, b"\x00")
            self._advertising = False
        if interval_us is None:
            return
        if adv_data is not None:
            if len(adv_data) > 31:
                raise OSError(-0x12)
            self._adv_data = bytes(adv_data)
        units = interval_us // _UNIT_US
        if not 0x20 <= units <= 0x4000:
            raise OSError(_EINVAL)
        kind = _ADV_IND if connectable else _ADV_SCAN_IND
        parameters = struct.pack(
            "<HHBBB6sBB", units, units, kind, self._own_address_type(), 0, bytes(6), 7, 0
        )
        commands = [
            (_LE_SET_ADV_PARAMETERS, parameters),
            (_LE_SET_ADV_DATA, struct.pack("<B31s", len(self._adv_data), self._adv_data)),
            (_LE_SET_ADV_ENABLE, b"\x01"),
        ]
        if resp_data is not None:
            told = struct.pack("<B31s", len(resp_data), bytes(resp_data))
            commands.insert(2, (_LE_SET_SCAN_RSP_DATA, told))
        self._check(_commands(*commands))
        self._advertising = True

    def _check(self, answer):
        if answer[0]:
            raise OSError(-answer[0])

    def gap_scan(self, duration_ms=0, interval_us=1280000, window_us=11250, active=False):
        self._need_active()
        if duration_ms is None:
            if self._scanning:
                self._end_scan()
            return
        if self._scanning:
            raise OSError(_EALREADY)
        if self._client and self._client.connecting:
            raise OSError(_EBUSY)
        interval = min(max(interval_us // _UNIT_US, 4), 0x4000)
        window = min(max(window_us // _UNIT_US, 4), interval)
        parameters = struct.pack("<BHHBB", int(active), interval, window, self._own_address_type(), 0)
        self._check(_commands((_LE_SET_SCAN_PARAMETERS, parameters), (_LE_SET_SCAN_ENABLE, b"\x01\x00")))
        self._scanning = True
        self._set_alarm(duration_ms)

    def _end_scan(self):
        _command(_LE_SET_SCAN_ENABLE, b"\x00\x00")
        self._set_alarm(0)
        self._scanning = False
        self._irq(_IRQ_SCAN_DONE, ())

    def _central(self):
        if self._client is None:
            self._client = _gatt_client().Client(self)
        return self._client

    def gap_connect(
        self, addr_type, addr=None, scan_duration_ms=2000, min_conn_interval_us=None, max_conn_interval_us=None
    ):
        self._central().connect(addr_type, addr, scan_duration_ms, min_conn_interval_us, max_conn_interval_us)

    def gap_disconnect(self, conn_handle):
        return self._central().disconnect(conn_handle)

    def gattc_discover_services(self, conn_handle, uuid=None):
        self._central().discover_services(conn_handle, uuid)

    def gattc_discover_characteristics(self, conn_handle, start_handle, end_handle, uuid=None):
        self._central().discover_characteristics(conn_handle, start_handle, end_handle, uuid)

    def gattc_read(self, conn_handle, value_handle):
        self._central().read(conn_handle, value_handle)

    def _on_hci(self, packet):
        if packet[1] != 0x3E or packet[3] != 0x02 or not self._scanning:
            return
        # One report an event, as controllers send them: type, address type, address, data, RSSI.
        size = packet[13]
        rssi = packet[14 + size]
        self._irq(
            _IRQ_SCAN_RESULT,
            (
                packet[6],
                memoryview(_reversed(packet[7:13])),
                packet[5],
                rssi - 256 if rssi > 127 else rssi,
                packet[14 : 14 + size],
            ),
        )

    def _irq(self, event, data):
        if self._handler is None:
            return
        try:
            self._handler(event, data)
        except Exception as error:
            print("Unhandled exception in IRQ callback handler")
            sys.print_exception(error)
            self._handler = None


def _reversed(address):
    return bytes(address[5 - n] for n in range(6))


def _gatt_client():
    """Loaded when it is first needed: on the chip it is C and takes none of the program's room."""
    try:
        import gatt_client
    except ImportError:
        gatt_client = bus.load("gatt_client")
    return gatt_client


def __getattr__(name):
    if name == "UUID":
        return _gatt_client().UUID
    raise AttributeError(name)
