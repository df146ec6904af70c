# ruff: noqa
"""Calls that the ESP32 port does not have. mypy must refuse every line marked so, and no other.

Never run. See tests/typecheck_firmware.sh.
"""

import array
import bluetooth
import contextlib  # error
import dataclasses  # error
import esp32
import hmac  # error
import machine
import os
import pathlib  # error
import random
import re
import struct
import sys
import time

import neopixel


class Radio:
    def __init__(self):
        self._ble = bluetooth.BLE()

    def start(self, data):
        self._ble.gap_advertise(1, bogus=2)  # error
        self._ble.gap_advertise(1, b"", b"")  # error
        self._ble.gap_scan(0, window_us=3)  # error
        self._ble.irq(handler=None)  # error
        self._ble.config(rxbuf=512)  # error
        self._ble.config(txpower=3)  # error
        self._ble.hci_cmd(1, 2, b"", b"")  # error
        self._ble.gatts_notify(1)  # error
        self._ble.active(True, 1)  # error
        self._ble.gap_advertise(None)
        return bluetooth.FLAG_BROADCAST  # error


def chip():
    machine.foo()  # error
    machine.lightsleep(1, 2)  # error
    machine.lightsleep(time_ms=1)  # error
    machine.Pin(1, mod=3)  # error
    machine.Pin(1).mode()  # error
    machine.Pin(1, machine.Pin.ANALOG)  # error
    machine.ADC(1).read(3)  # error
    machine.ADC(1, sample_ns=3)  # error
    machine.PWM(1, 1000, 512)  # error
    machine.RTC(0)  # error
    machine.RTC().alarm(0, 100)  # error
    machine.WDT(timeout=1).timeout_ms(5)  # error
    machine.WDT(timeout=1).deinit()  # error
    esp32.hall_sensor()  # error
    esp32.Partition(esp32.Partition.RUNNING).ioctl(4)  # error
    esp32.Partition(esp32.Partition.RUNNING).erase(4)  # error
    esp32.wake_on_ext0(pins=3)  # error
    neopixel.NeoPixel(machine.Pin(1), 1, brightness=3)  # error
    machine.lightsleep(1)


def ends():
    machine.reset(1)  # error; what follows a call that never returns is not checked
    machine.foo()


def clock():
    time.monotonic()  # error
    time.perf_counter()  # error
    time.sleep_ms(ms=3)  # error
    time.strftime("%Y")  # error
    time.ticks_ms(1)  # error
    time.ticks_ms()


def files():
    os.path.join("a")  # error
    os.fsync(1)  # error
    os.getenv("x")  # error
    os.replace("a", "b")  # error
    os.makedirs("a")  # error
    os.stat("a").st_size  # error
    os.statvfs("a").f_bsize  # error
    os.listdir()


def language(text, data):
    sys.getsizeof(text)  # error
    sys.exc_info()  # error
    struct.Struct("<I")  # error
    struct.iter_unpack("<I", b"")  # error
    array.array("B", b"").tobytes()  # error
    random.shuffle([1])  # error
    re.findall("a", "b")  # error
    print(1, flush=True)  # error
    (1).to_bytes(2, "little", signed=True)  # error
    (1).bit_length()  # error
    "a".removeprefix("x")  # error
    "a".zfill(3)  # error
    "a b".split(maxsplit=1)  # error
    b"a".decode(errors="ignore")  # error
    bytearray(1).pop()  # error
    bytearray(1) * 2  # error
    memoryview(b"").tobytes()  # error
    try:
        "a".split(" ", 1)
    except FileNotFoundError:  # error
        pass
    except TimeoutError:  # error
        pass
    except OSError as e:
        return e.strerror  # error
    if sys.platform == "linux":
        os.fsync(1)
