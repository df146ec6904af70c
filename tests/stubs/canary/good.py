# ruff: noqa
"""Every call of the ESP32 port that the firmware makes or may make. mypy must accept all of it.

Never run. See tests/typecheck_firmware.sh.
"""

import binascii
import bluetooth
import cryptolib
import esp32
import gc
import hashlib
import json
import machine
import micropython
import neopixel
import os
import struct
import sys
import time
import errno
from machine import ADC, PWM, RTC, WDT, Pin, Timer
from micropython import const

_IRQ_CENTRAL_CONNECT = const(1)
_FLAG = const(0x0001)


def clock():
    t = time.ticks_ms()
    time.sleep_ms(10)
    time.sleep_us(10)
    time.sleep(1)
    d = time.ticks_add(t, 50)
    time.ticks_us()
    time.time()
    time.gmtime()
    time.localtime()
    time.mktime((2024, 1, 1, 0, 0, 0, 0, 0))
    return time.ticks_diff(d, time.ticks_ms()) > 0


def pins():
    led = Pin(2, Pin.OUT, value=0)
    led.on()
    led.off()
    led.value(1)
    led(0)
    btn = Pin(0, Pin.IN, Pin.PULL_UP)
    btn.irq(trigger=Pin.IRQ_FALLING | Pin.IRQ_RISING, handler=lambda p: None)
    btn.irq(handler=None)
    btn.init(Pin.IN, Pin.PULL_UP, hold=True)
    btn.init(mode=Pin.IN, pull=None)
    Pin(4, Pin.IN, pull=None)
    Pin(4, Pin.OUT, drive=Pin.DRIVE_2)
    btn.irq(trigger=Pin.WAKE_LOW, wake=machine.DEEPSLEEP)
    adc = ADC(Pin(34), atten=ADC.ATTN_11DB)
    adc.atten(ADC.ATTN_11DB)
    adc.width(ADC.WIDTH_12BIT)
    adc.read()
    mv = adc.read_uv() // 1000
    adc.read_u16()
    pwm = PWM(Pin(5), freq=1000, duty=0)
    pwm.freq(2000)
    pwm.duty(512)
    pwm.duty_u16(1000)
    pwm.duty_ns(100)
    pwm.deinit()
    PWM(Pin(5), freq=2000, duty_u16=0)
    tim = Timer(0)
    tim.init(period=100, mode=Timer.PERIODIC, callback=lambda t: None)
    tim.deinit()
    rtc = RTC()
    rtc.datetime((2024, 1, 1, 0, 0, 0, 0, 0))
    y = rtc.datetime()[0]
    rtc.memory(b"abc")
    m = rtc.memory()
    w = WDT(timeout=8000)
    w2 = WDT(0, 8000)
    w.feed()
    return mv + y + len(m)


def power():
    esp32.wake_on_ext0(pin=Pin(0), level=esp32.WAKEUP_ALL_LOW)
    esp32.wake_on_ext0(Pin(0), 0)
    esp32.wake_on_ext1(pins=(Pin(0), Pin(2)), level=esp32.WAKEUP_ANY_HIGH)
    esp32.wake_on_ext1([Pin(0)], esp32.WAKEUP_ANY_HIGH)
    esp32.wake_on_gpio((Pin(0),), esp32.WAKEUP_ALL_LOW)
    esp32.wake_on_touch(True)
    if hasattr(esp32, "mcu_temperature"):
        esp32.mcu_temperature()
    esp32.gpio_deep_sleep_hold(True)
    t = esp32.raw_temperature()
    h = esp32.idf_heap_info(esp32.HEAP_DATA)
    free = sum(x[1] for x in h)
    esp32.idf_heap_info(esp32.HEAP_EXEC)
    p = esp32.Partition(esp32.Partition.RUNNING)
    n = p.get_next_update()
    n.writeblocks(0, b"\xff" * 4096)
    n.writeblocks(0, bytearray(4096), 0)
    buf = bytearray(4096)
    n.readblocks(0, buf)
    n.readblocks(0, buf, 16)
    n.ioctl(4, 0)
    size = n.info()[3]
    label = n.info()[4]
    n.set_boot()
    esp32.Partition.mark_app_valid_cancel_rollback()
    f = esp32.Partition.find(esp32.Partition.TYPE_APP, label="ota_1")
    f = esp32.Partition.find(esp32.Partition.TYPE_DATA, label="vfs")[0].info()
    nvs = esp32.NVS("wear")
    nvs.set_i32("a", 1)
    nvs.get_i32("a")
    nvs.set_blob("k", b"x")
    nvs.get_blob("k", bytearray(4))
    nvs.erase_key("k")
    nvs.commit()
    machine.freq(80000000)
    machine.freq()
    machine.lightsleep(100)
    machine.lightsleep()
    machine.unique_id()
    machine.idle()
    s = machine.disable_irq()
    machine.enable_irq(s)
    c = machine.reset_cause() in (machine.PWRON_RESET, machine.HARD_RESET, machine.WDT_RESET, machine.SOFT_RESET)
    machine.wake_reason() == machine.EXT0_WAKE
    machine.wake_reason() == machine.PIN_WAKE
    machine.wake_reason() in (machine.EXT1_WAKE, machine.TIMER_WAKE, machine.TOUCHPAD_WAKE, machine.ULP_WAKE)
    return t + free + size, label, c


def files():
    r = os.urandom(16)
    os.rename("a", "b")
    os.remove("b")
    os.mkdir("d")
    os.rmdir("d")
    st = os.statvfs("/")
    fr = st[0] * st[3]
    for e in os.ilistdir("/"):
        if e[1] == 0x8000:
            print(e[0])
    for e in os.ilistdir():
        print(e[0])
    os.listdir("/")
    os.sync()
    sz = os.stat("x")[6]
    os.getcwd()
    os.chdir("/")
    os.uname().machine
    with open("x", "rb") as fh:
        b = fh.read(4)
        fh.seek(0)
        n = fh.readinto(bytearray(3))
    with open("x", "w") as ft:
        ft.write("s")
        json.dump({"a": 1}, ft)
        ft.flush()
    json.loads(b"{}")
    json.dumps({"a": 1})
    json.dumps({"a": 1}, separators=(",", ":"))
    try:
        os.stat("y")
    except OSError as ex:
        if ex.errno == errno.ENOENT:
            pass
        if ex.args[0] == errno.ENOENT:
            pass
    return r, fr, sz, b, n


def crypto():
    h = hashlib.sha256()
    h.update(b"a")
    d = h.digest()
    hashlib.sha256(b"x").digest()
    a = cryptolib.aes(b"k" * 16, 1)
    e = a.encrypt(b"0" * 16)
    out = bytearray(16)
    a.encrypt(out, out)
    a.decrypt(e)
    a = cryptolib.aes(b"k" * 16, 2, b"i" * 16)
    x = binascii.hexlify(d)
    x = binascii.hexlify(d, ":").decode()
    x = binascii.unhexlify("00")
    x = binascii.b2a_base64(d)
    x = binascii.a2b_base64("aa==")
    c = binascii.crc32(d)
    c = binascii.crc32(d, c)
    s = struct.pack("<BH", 1, 2)
    v = struct.unpack("<BH", s)[0]
    v = struct.unpack_from("<BH", s, 0)[1]
    ba = bytearray(10)
    struct.pack_into("<H", ba, 0, 5)
    struct.unpack_from("<H", memoryview(ba))
    return struct.calcsize("<I"), x


@micropython.native
def quick(x):
    return x + 1


@micropython.viper
def quicker(data: ptr8, n: int) -> int:
    total = 0
    for i in range(n):
        total += data[i]
    return total


def misc():
    micropython.kbd_intr(-1)
    micropython.kbd_intr(3)
    micropython.alloc_emergency_exception_buf(100)
    micropython.schedule(lambda x: None, 0)
    micropython.mem_info()
    micropython.stack_use()
    micropython.opt_level(3)
    gc.collect()
    gc.mem_alloc() + gc.mem_free()
    gc.threshold(10000)
    gc.disable()
    gc.enable()
    gc.isenabled()
    np = neopixel.NeoPixel(Pin(8), 1)
    np = neopixel.NeoPixel(Pin(8, Pin.OUT), 1, bpp=3, timing=1)
    np[0] = (1, 2, 3)
    r, g, b = np[0]
    np.fill((0, 0, 0))
    np.write()
    print(len(np), np.n)
    sys.stdout.buffer.write(b"x")
    sys.stdout.write("x")
    sys.stdin.buffer.read(1)
    try:
        pass
    except Exception as e:
        sys.print_exception(e)
        sys.print_exception(e, sys.stderr)
    sys.implementation.name
    sys.implementation[2]
    sys.implementation._machine
    sys.platform
    sys.path.append("/lib")
    memoryview(bytearray(3))[1:]
    b"a".decode()
    bytes(3).hex()
    bytes.fromhex("00")
    int.from_bytes(b"ab", "little")
    (5).to_bytes(2, "big")
    sorted([1, 2], reverse=True)
    "%d" % 3
    f"{3:02x}"


class Ble:
    def __init__(self):
        self._ble = bluetooth.BLE()
        self._ble.active(True)
        self._ble.active()
        self._ble.irq(self._irq)
        self._ble.irq(None)
        self._ble.config(gap_name="abc")
        self._ble.config(mtu=256)
        self._ble.config(bond=True, mitm=True, le_secure=True, io=3)
        self._ble.config(addr_mode=0)
        at, addr = self._ble.config("mac")
        n = self._ble.config("gap_name")
        mtu = self._ble.config("mtu")
        svc = (
            bluetooth.UUID("6E400001-B5A3-F393-E0A9-E50E24DCCA9E"),
            (
                (
                    bluetooth.UUID(0x2A37),
                    bluetooth.FLAG_READ | bluetooth.FLAG_NOTIFY,
                    ((bluetooth.UUID(0x2901), bluetooth.FLAG_READ),),
                ),
                (bluetooth.UUID(b"\x00" * 16), bluetooth.FLAG_WRITE | bluetooth.FLAG_WRITE_NO_RESPONSE),
                (bluetooth.UUID(0x2A38), 0x0200 | bluetooth.FLAG_INDICATE),
            ),
        )
        ((self._a, self._d, self._b, self._c),) = self._ble.gatts_register_services((svc,))
        self._ble.gatts_register_services([svc])
        self._ble.gatts_set_buffer(self._b, 512, True)
        self._ble.gatts_set_buffer(self._b, 512)
        self._ble.gatts_write(self._a, b"abc")
        self._ble.gatts_write(self._a, bytearray(3), True)
        self._ble.gatts_write(self._a, memoryview(b"abc"))
        data = self._ble.gatts_read(self._b)
        self._ble.gatts_notify(1, self._a, b"xx")
        self._ble.gatts_notify(1, self._a, memoryview(b"xx"))
        self._ble.gatts_notify(1, self._a, bytearray(b"xx"))
        self._ble.gatts_notify(1, self._a)
        self._ble.gatts_indicate(1, self._c)
        self._ble.gatts_indicate(1, self._c, b"x")
        self._ble.gap_advertise(100000, adv_data=b"abc", resp_data=b"x", connectable=True)
        self._ble.gap_advertise(100000, bytearray(b"abc"))
        self._ble.gap_advertise(100000, adv_data=bytearray(b"abc"), resp_data=None)
        self._ble.gap_advertise(None)
        self._ble.gap_disconnect(0)
        self._ble.gap_pair(0)
        self._ble.gap_passkey(0, 2, 123456)
        self._ble.gap_scan(0)
        self._ble.gap_scan(4000, 30000, 30000, False)
        self._ble.gap_connect(None)
        self._ble.gap_scan(None)
        self._ble.gattc_exchange_mtu(0)

    def _irq(self, event, data):
        if event == _IRQ_CENTRAL_CONNECT:
            conn, addr_type, addr = data
            bytes(addr)
        return 0


def ends(how):
    # What follows a call that never returns is not checked: one each.
    if how == 0:
        machine.reset()
    elif how == 1:
        machine.soft_reset()
    elif how == 2:
        machine.deepsleep(1000)
    elif how == 3:
        machine.deepsleep()
    sys.exit(1)


def boot():
    micropython.alloc_emergency_exception_buf(100)
    if machine.reset_cause() == machine.DEEPSLEEP_RESET:
        print("woke", machine.wake_reason(), end="", file=sys.stderr)


try:
    from typing import Any
except ImportError:
    pass
