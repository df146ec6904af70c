"""The power chip of the M5StickC family: battery, USB power, and the screen that a token does not need.

Registers: X-Powers AXP192 data sheet. I2C is at its address for as long as the board has power.
"""

from machine import I2C, Pin
from micropython import const

_ADDRESS = const(0x34)
_POWER_STATUS = const(0x00)
_OUTPUTS = const(0x12)
_BATTERY = const(0x78)
_USB_PRESENT = const(0x20)
_SCREEN = const(0x0C)  # LDO2 is the screen's light, LDO3 the screen


class Axp192:
    """A missing chip reads as absent, as other missing parts of a board do."""

    def __init__(self, sda_gpio, scl_gpio):
        self._i2c = I2C(0, sda=Pin(sda_gpio), scl=Pin(scl_gpio), freq=100000)
        self._switch_the_screen_off()

    def usb_present(self):
        """Return whether USB power is there, None where nobody answers."""
        status = self._read(_POWER_STATUS, 1)
        return bool(status[0] & _USB_PRESENT) if status else None

    def battery_mv(self):
        """Return the battery's voltage in millivolts, or None: twelve bits of 1.1 mV, the upper eight first."""
        found = self._read(_BATTERY, 2)
        return (found[0] << 4 | found[1] & 0xF) * 11 // 10 if found else None

    def _switch_the_screen_off(self):
        outputs = self._read(_OUTPUTS, 1)
        if outputs:
            try:
                self._i2c.writeto_mem(_ADDRESS, _OUTPUTS, bytes([outputs[0] & ~_SCREEN]))
            except OSError:
                pass

    def _read(self, register, count):
        try:
            return self._i2c.readfrom_mem(_ADDRESS, register, count)
        except OSError:
            return b""
