# ruff: noqa
"""Corrections to micropython-esp32-stubs 1.27.0.post1; facts from MicroPython v1.27.0, ports/esp32.

The stub describes ESP32_GENERIC. Other chips differ, and mypy cannot know it: guard these with
`hasattr(esp32, ...)`: raw_temperature (ESP32 only) and mcu_temperature (all others), wake_on_ext0 (ESP32,
S2, S3), wake_on_ext1 (not C2, C3), wake_on_touch, wake_on_ulp, gpio_deep_sleep_hold (not C6, H2).
"""

from _mpy_shed import AnyReadableBuf, AnyWritableBuf
from collections.abc import Sequence
from machine import Pin

# The stub has these two by position only, with a level of int. esp32_wake_on_ext0 and _ext1 in modesp32.c: pin(s) and level are
# also keywords and may be left out, level is a bool, and a pin may be its number.
def wake_on_ext0(pin: Pin | int | None = ..., level: bool | int = ...) -> None: ...
def wake_on_ext1(pins: Sequence[Pin | int] | None = None, level: bool | int = ...) -> None: ...

# esp32_wake_on_gpio in modesp32.c. The stub requires both.
def wake_on_gpio(pins: Sequence[Pin | int] | None = None, level: bool | int = ...) -> None: ...

# esp32_mcu_temperature in modesp32.c, every chip but the ESP32: degrees Celsius. The stub lacks it.
def mcu_temperature() -> int: ...

# esp32_idf_heap_info in modesp32.c: (total, free, largest free block, least free ever) of each heap.
def idf_heap_info(capabilities: int, /) -> list[tuple[int, int, int, int]]: ...

class Partition:
    # The stub wants a str; also Partition.BOOT and Partition.RUNNING, ints (esp32_partition_make_new).
    def __init__(self, id: str | int, block_size: int = 4096, /) -> None: ...

    # The stub takes type and subtype by position only, and lacks block_size (esp32_partition_find).
    @staticmethod
    def find(
        type: int = 0, subtype: int = 0xFF, label: str | None = None, block_size: int = 4096
    ) -> list[Partition]: ...

    # (type, subtype, address, size, label, encrypted): esp32_partition_info.
    def info(self) -> tuple[int, int, int, int, str, bool]: ...

    # The stub returns bool and takes only bytes and bytearray, by keyword too (esp32_partition_readblocks, _writeblocks).
    def readblocks(self, block_num: int, buf: AnyWritableBuf, offset: int = ..., /) -> None: ...
    def writeblocks(self, block_num: int, buf: AnyReadableBuf, offset: int = ..., /) -> None: ...

    # The stub lets arg be left out; MP_DEFINE_CONST_FUN_OBJ_3 (esp32_partition_ioctl_obj) does not.
    def ioctl(self, op: int, arg: int, /) -> int: ...
