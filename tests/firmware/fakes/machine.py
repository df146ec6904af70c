"""What the firmware uses of MicroPython's `machine` on ESP32."""

import chip

PWRON_RESET, HARD_RESET, WDT_RESET, DEEPSLEEP_RESET, SOFT_RESET = 1, 2, 3, 4, 5


def reset_cause():
    return chip.current().reset_cause


def reset():
    raise chip.Restarted


def lightsleep(duration_ms):
    chip.current().light_slept_ms.append(duration_ms)
    chip.current().pass_ms(duration_ms)


class RTC:
    def memory(self, *data):
        if not data:
            return chip.current().rtc_memory
        chip.current().rtc_memory = bytes(data[0])

    def datetime(self, fields):
        year, month, day, _, hour, minute, second, microsecond = fields
        silicon = chip.current()
        seconds = _days(year, month, day) * 86400 + hour * 3600 + minute * 60 + second
        silicon.show_unix_ms(seconds * 1000 + microsecond // 1000)


def _days(year, month, day):
    """Days from 1970-01-01, Gregorian."""
    year -= month <= 2  # a year from March to February ends with its leap day
    leap_days = year // 4 - year // 100 + year // 400
    return 365 * year + leap_days + (153 * ((month + 9) % 12) + 2) // 5 + day - 719469


class Pin:
    IN, OUT, PULL_DOWN, PULL_UP = 1, 3, 1, 2

    def __init__(self, gpio, mode=-1, pull=-1, *, value=None):
        self.gpio = gpio
        if mode == Pin.IN:
            chip.current().pulls[gpio] = pull
        if value is not None:
            self.value(value)

    def value(self, *level):
        if not level:
            return chip.current().levels.get(self.gpio, 0)
        chip.current().levels[self.gpio] = int(level[0])


class ADC:
    ATTN_11DB = 3

    def __init__(self, pin, *, atten=0):
        self._gpio = pin.gpio

    def read_uv(self):
        return chip.current().adc_uv[self._gpio]


class I2C:
    """A bus with what lies in the chip's `i2c`: {address: {register: byte}}."""

    def __init__(self, id, *, scl, sda, freq):
        self.pins = sda.gpio, scl.gpio

    def readfrom_mem(self, address, register, count):
        registers = self._of(address)
        return bytes(registers.get(register + n, 0) for n in range(count))

    def writeto_mem(self, address, register, data):
        self._of(address)[register] = data[0]

    def _of(self, address):
        if address not in chip.current().i2c:
            raise OSError(19)  # ENODEV: nobody answers
        return chip.current().i2c[address]


class WDT:
    def __init__(self, id=0, timeout=5000):
        chip.current().watchdogs_ms.append(timeout)

    def feed(self):
        chip.current().fed += 1
