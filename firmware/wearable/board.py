"""The board's pins, as board_configs/ describe it; the desk tool leaves them in /board.json."""

import json

from machine import ADC, Pin

from . import const

_PATH = "/board.json"
_DIM = const(24)  # of 255: as bright as a plain light
_DEFAULTS = {"name": "unknown", "pins": {}, "battery": {}, "radio": {}}


class Board:
    """What this token is soldered to; a missing part reads as absent, never as an error."""

    def __init__(self, path=_PATH):
        try:
            with open(path) as file:
                self._config = json.load(file)
        except (OSError, ValueError):
            self._config = _DEFAULTS
        self.name = self._config.get("name", "unknown")
        radio = self._config.get("radio", {})
        self.tx_power_dbm = radio.get("tx_power_dbm", 0)
        self.rssi_offset_db = radio.get("rssi_offset_db", 0)
        # For pace.Purse: a C3's figures where nobody said.
        self.draws = self._config.get("draws", (350, 10000, 32667, 64000))
        self.light = self._output("light")
        self.motor = self._output("motor")
        self.low_mv = self._config.get("battery", {}).get("low_mv", 3500)
        self.button = self._input("button")
        self._usb = self._input("vbus")
        self._battery = self._analog()
        self._power_chip = self._axp192()

    def _pin(self, name):
        pin = self._config.get("pins", {}).get(name)
        return (abs(pin["gpio"]), pin.get("active_low", False), pin.get("pull")) if pin else None

    def _output(self, name):
        pin = self._pin(name)
        if not pin:
            return None
        if self._config["pins"][name].get("kind") == "rgb":
            return Pixel(Pin(pin[0], Pin.OUT))
        return Switch(Pin(pin[0], Pin.OUT, value=int(pin[1])), pin[1])

    def _input(self, name):
        pin = self._pin(name)
        if not pin:
            return None
        pulls = {"up": Pin.PULL_UP, "down": Pin.PULL_DOWN}
        return Switch(Pin(pin[0], Pin.IN, pulls.get(pin[2])), pin[1])

    def _analog(self):
        battery = self._config.get("battery", {})
        gpio = battery.get("adc_gpio")
        if gpio is None:
            return None
        return ADC(Pin(gpio), atten=ADC.ATTN_11DB)

    def _axp192(self):
        where = self._config.get("axp192")
        if where is None:
            return None
        # Imported late: few boards have one.
        from .axp192 import Axp192

        return Axp192(where["sda_gpio"], where["scl_gpio"])

    def usb_present(self):
        """Return whether USB power is there; None where the board cannot tell."""
        if self._power_chip:
            return self._power_chip.usb_present()
        return self._usb.is_on() if self._usb else None

    def button_pressed(self):
        return self.button.is_on() if self.button else False

    def battery_mv(self):
        """Return the battery's voltage in millivolts, or None where the board cannot tell."""
        if self._power_chip:
            return self._power_chip.battery_mv()
        if self._battery is None:
            return None
        divider = self._config["battery"].get("divider_permille", 2000)
        return self._battery.read_uv() // 1000 * divider // 1000


class Switch:
    """A pin that may be active low."""

    def __init__(self, pin, active_low):
        self.pin = pin
        self._active_low = active_low
        self.on_level = not active_low

    def is_on(self):
        return bool(self.pin.value()) != self._active_low

    def set(self, on):
        self.pin.value(bool(on) != self._active_low)


class Pixel:
    """A light of three colours that is told its colour by one wire (WS2812). It is white and dim: signs are counted."""

    def __init__(self, pin):
        # Imported late: most boards have a plain light.
        from neopixel import NeoPixel

        self._pixel = NeoPixel(pin, 1)
        self.set(False)

    def set(self, on):
        level = _DIM if on else 0
        self._pixel[0] = (level, level, level)
        self._pixel.write()
