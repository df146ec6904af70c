"""Bluetooth Low Energy, and the only file that imports it.

The order of steps is not a matter of taste (docs/DESIGN.md has the reasons): the address mode falls
back to the factory address with every start; a controller that advertises or scans refuses a new
address and MicroPython does not say so; an exception in the handler removes the handler for good;
what the handler is given does not outlive it.
"""

import time

import bluetooth
from micropython import const

_IRQ_SCAN_RESULT = const(5)
_IRQ_SCAN_DONE = const(6)
_NON_RESOLVABLE = const(3)
_SCAN_RESPONSE = const(4)
_TRIES = const(3)
# Window and interval alike: without a pause. The channel changes with every interval.
_SCAN_US = const(60000)


class RadioFault(Exception):
    """The radio did not do what it was told."""


class Radio:
    """Advertises one identifier under one address, and puts what it hears into a ring.

    find(adv_data, service_uuid) -> offset or -1 says what is worth keeping.
    """

    def __init__(self, ring, find, service_uuid):
        self._ble = bluetooth.BLE()
        self._ring = ring
        self._find = find
        self._service_uuid = service_uuid
        self._address: object = None
        self._scanning = False
        self.adverts = 0  # everything heard, ours or not
        self.faults = 0  # exceptions in the handler
        self.cycled = 0  # times the radio had to be switched off and on to obey

    def on(self):
        """Start the radio. The random number generator is at its best from here to off()."""
        self._ble.active(True)
        self._ble.config(addr_mode=_NON_RESOLVABLE)
        self._ble.irq(self._handler)

    def off(self):
        """Stop everything; whatever refuses, the radio ends up off."""
        if not self._ble.active():
            return
        for step in (self._stop_listening, self._stop_advertising):
            try:
                step()
            except OSError:
                self.cycled += 1
        self._scanning = False
        try:
            self._ble.active(False)
        except OSError:
            self.cycled += 1

    def advertise(self, payload, interval_us):
        """Say `payload` under an address that has never said anything else."""
        for _ in range(_TRIES):
            if self._change_address():
                self._ble.gap_advertise(interval_us, payload, resp_data=b"", connectable=False)
                return
            self.cycled += 1
            self._ble.active(False)
            self.on()
        raise RadioFault("the controller keeps its address")

    def _change_address(self):
        """Ask for a new address; False where the old one stayed, which MicroPython hides."""
        self._stop_listening()
        self._stop_advertising()
        self._ble.config(addr_mode=_NON_RESOLVABLE)
        kind, address = self._ble.config("mac")
        address = bytes(address)
        if kind == 0 or address == self._address:
            return False
        self._address = address
        return True

    def listen(self):
        """Hear everything until stop_listening()."""
        self._ble.gap_scan(0, _SCAN_US, _SCAN_US, False)
        self._scanning = True

    def stop_listening(self):
        """Stop, and make sure that it did: scans have been seen to hang."""
        self._stop_listening()
        if self._scanning:
            raise RadioFault("the scan does not end")

    def _stop_listening(self):
        self._ble.gap_scan(None)

    def _stop_advertising(self):
        self._ble.gap_advertise(None)

    def _handler(self, event, data):
        # On ESP32 this runs on the Bluetooth task, with eight reports waiting behind it: look,
        # copy, count. Nothing here allocates, and nothing may be raised.
        try:
            if event == _IRQ_SCAN_RESULT:
                self.adverts += 1
                adv_data = data[4]
                offset = self._find(adv_data, self._service_uuid)
                if offset >= 0 and data[2] != _SCAN_RESPONSE:
                    self._ring.put(adv_data, offset, data[3], time.ticks_ms())
            elif event == _IRQ_SCAN_DONE:
                self._scanning = False
        except Exception:
            self.faults += 1
