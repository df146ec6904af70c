"""One value of one iPhone, asked for over a connection: GATT's client, as small as it can be.

Apart from radio.py the only file that imports `bluetooth`; a token that reads no iPhones does not load it. At most one
connection is open at a time, and none for longer than it was given.
"""

import time

import bluetooth
from micropython import const

from .iphone_ear import name, told

SERVICE = bluetooth.UUID("00004E56-73F5-4BC4-A12F-17D1AD07A667")
CHARACTERISTIC = bluetooth.UUID("00004E56-73F5-4BC4-A12F-17D1AD07A689")

_CONNECTED = const(7)
_DISCONNECTED = const(8)
_SERVICES_DONE = const(10)
_CHARACTERISTICS_DONE = const(12)
_READ_DONE = const(16)
_LOOK_MS = const(10)
_GOODBYE_MS = const(300)

# Places in iphone_ear.told.
_EVENT = const(0)
_CONNECTION = const(1)
_FROM = const(2)
_TO = const(3)
_VALUE = const(4)
_LENGTH = const(5)


def read(kind, address, most_ms):
    """Return the 12 bytes that an iPhone of this address calls itself, on loan, or None; in `most_ms` and a little."""
    ble = bluetooth.BLE()
    told[_FROM] = told[_VALUE] = told[_LENGTH] = 0
    end_ms = time.ticks_add(time.ticks_ms(), most_ms)
    try:
        if not _wait(_CONNECTED, end_ms, ble.gap_connect, kind, address, most_ms):
            ble.gap_connect(None)
            return None
    except OSError:
        return None
    connection = told[_CONNECTION]
    try:
        return _ask(ble, connection, end_ms)
    except OSError:
        return None
    finally:
        _hang_up(ble, connection)


def _ask(ble, connection, end_ms):
    done = _wait(_SERVICES_DONE, end_ms, ble.gattc_discover_services, connection, SERVICE)
    if done and told[_FROM]:
        find = ble.gattc_discover_characteristics
        done = _wait(_CHARACTERISTICS_DONE, end_ms, find, connection, told[_FROM], told[_TO], CHARACTERISTIC)
        if done and told[_VALUE]:
            _wait(_READ_DONE, end_ms, ble.gattc_read, connection, told[_VALUE])
    return name if told[_LENGTH] == len(name) else None


def _wait(event, end_ms, ask, *arguments):
    """Ask the stack, and return whether its answer's last event came in time and before the end of the connection."""
    told[_EVENT] = 0
    ask(*arguments)
    while told[_EVENT] != event:
        if told[_EVENT] == _DISCONNECTED or time.ticks_diff(end_ms, time.ticks_ms()) <= 0:
            return False
        time.sleep_ms(_LOOK_MS)
    return True


def _hang_up(ble, connection):
    """End the connection; where that fails, the radio's switching off ends it."""
    try:
        end_ms = time.ticks_add(time.ticks_ms(), _GOODBYE_MS)
        _wait(_DISCONNECTED, end_ms, ble.gap_disconnect, connection)
    except OSError:
        pass
