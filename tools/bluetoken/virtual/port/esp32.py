"""ESP32's esp32 module: the partition that holds the file system."""

import bus
import struct
from micropython import const

WAKEUP_ALL_LOW = False
WAKEUP_ANY_HIGH = True

_READ = const(0)
_PROGRAM = const(1)
_ERASE = const(2)
_BLOCK = const(4096)


class Partition:
    """Flash blocks, erased to ones and programmed to zeros by the world, which counts and cuts."""

    BOOT = 0
    RUNNING = 1
    TYPE_APP = 0
    TYPE_DATA = 1

    def __init__(self, id, block_size=_BLOCK):
        self._name = id
        self._blocks = struct.unpack("<I", bus.call(bus.FLASH, struct.pack("<BI", 3, 0)))[0]

    def info(self):
        return (1, 0x83, 0x200000, self._blocks * _BLOCK, self._name, False)

    def readblocks(self, block_num, buf, offset=0):
        data = _operate(struct.pack("<BII", _READ, block_num * _BLOCK + offset, len(buf)))
        memoryview(buf)[:] = data

    def writeblocks(self, block_num, buf, offset=None):
        if offset is None:
            for n in range(len(buf) // _BLOCK):
                self.ioctl(6, block_num + n)
            offset = 0
        _operate(struct.pack("<BI", _PROGRAM, block_num * _BLOCK + offset) + bytes(buf))

    def ioctl(self, cmd, arg=None):
        if cmd == 4:
            return self._blocks
        if cmd == 5:
            return _BLOCK
        if cmd == 6:
            _operate(struct.pack("<BI", _ERASE, arg * _BLOCK))
        return 0


def _operate(request):
    # On the chip this is C, which a Ctrl-C never interrupts; here it may, so it is put off.
    try:
        return _transfer(request)
    except KeyboardInterrupt:
        data = _transfer(request)
        bus.call(bus.KEYBOARD, b"\x02")
        return data


def _transfer(request):
    if request[0] != _READ:
        return bus.call(bus.FLASH, request)
    _, offset, length = struct.unpack("<BII", request)
    if length <= 2048:
        return bus.call(bus.FLASH, request)
    data = b""
    for at in range(0, length, 2048):
        data += bus.call(bus.FLASH, struct.pack("<BII", _READ, offset + at, min(2048, length - at)))
    return data
