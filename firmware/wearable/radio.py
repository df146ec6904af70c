"""Bluetooth Low Energy. No other file but gatt.py imports it.

The order of steps is not a matter of taste (docs/DESIGN.md has the reasons): the address mode falls
back to the factory address with every start; a controller that advertises or scans refuses a new
address and MicroPython does not say so. What is heard goes to the handler in ear.py.
"""

import bluetooth
from micropython import const

from . import ear

_NON_RESOLVABLE = const(3)
_TRIES = const(3)
# Window and interval alike: without a pause. The channel changes with every interval.
_SCAN_US = const(60000)

# Places in ear.counts.
_ADVERTS = const(0)
_FAULTS = const(1)
_SCANNING = const(2)


class RadioFault(Exception):
    """The radio did not do what it was told."""


class Radio:
    """Advertises one identifier under one address, and puts what it hears into a ring.

    `wanted` are the four bytes that begin what is worth keeping: length, type and first two of an AD structure.
    `hear` is who takes the stack's events.
    """

    def __init__(self, ring, wanted, hear=ear.hear):
        self._ble = bluetooth.BLE()
        self._hear = hear
        ear.listen_for(ring, wanted)
        self._address: object = None
        self.cycled = 0  # times the radio had to be switched off and on to obey

    @property
    def adverts(self):
        """Everything heard, ours or not."""
        return ear.counts[_ADVERTS]

    @property
    def faults(self):
        """Exceptions in the handler."""
        return ear.counts[_FAULTS]

    def on(self):
        """Start the radio. The random number generator is at its best from here to off()."""
        self._ble.active(True)
        self._ble.config(addr_mode=_NON_RESOLVABLE)
        self._ble.irq(self._hear)

    def off(self):
        """Stop everything; whatever refuses, the radio ends up off.

        RadioFault where it does not: the chip must not sleep then, and a restart is the cure.
        """
        if not self._ble.active():
            return
        for step in (self._stop_listening, self.stop_advertising):
            try:
                step()
            except OSError:
                self.cycled += 1
        ear.counts[_SCANNING] = 0
        for _ in range(_TRIES):
            try:
                self._ble.active(False)
            except OSError:
                self.cycled += 1
            if not self._ble.active():
                return
        raise RadioFault("the radio does not switch off")

    def advertise(self, payload, interval_us, connectable=False):
        """Say `payload` under an address that has never said anything else."""
        for _ in range(_TRIES):
            if self._change_address():
                self.say(payload, interval_us, connectable)
                return
            self.cycled += 1
            self._ble.active(False)
            self.on()
        raise RadioFault("the controller keeps its address")

    def say(self, payload, interval_us, connectable=False):
        """Say something else under the same address."""
        self._ble.gap_advertise(interval_us, payload, resp_data=b"", connectable=connectable)

    def _change_address(self):
        """Ask for a new address; False where the old one stayed, which MicroPython hides."""
        self._stop_listening()
        self.stop_advertising()
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
        ear.counts[_SCANNING] = 1

    def stop_listening(self):
        """Stop, and make sure that it did: scans have been seen to hang."""
        self._stop_listening()
        if ear.counts[_SCANNING]:
            raise RadioFault("the scan does not end")

    def _stop_listening(self):
        self._ble.gap_scan(None)

    def stop_advertising(self):
        """Say nothing more; the radio stays on."""
        self._ble.gap_advertise(None)
