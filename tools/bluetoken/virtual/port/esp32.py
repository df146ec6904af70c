"""ESP32's esp32 module: the partition that holds the file system, and pins that end a light sleep."""

import bus
import ffi
import struct
from micropython import const
from waking import WAKEUP_ALL_LOW, WAKEUP_ANY_HIGH, wake_on_gpio

_PROGRAM = const(1)
_ERASE = const(2)
_BLOCK = const(4096)

_HOLD_BACK = const(0)  # SIG_BLOCK
_LET_THROUGH = const(1)  # SIG_UNBLOCK
_SIGINT = b"\x02" + bytes(127)

_AT_ONCE = bytes(16)  # a struct timespec

_libc = ffi.open("libc.so.6")
_mask_signals = _libc.func("i", "sigprocmask", "iPP")
_take_signal = _libc.func("i", "sigtimedwait", "PPP")
_read = _libc.func("l", "pread", "iPll")
_owed = False


class Partition:
    """Flash blocks, erased to ones and programmed to zeros by the world, which counts, times and cuts."""

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
        # Reading takes no time and wears nothing: the world need not be asked.
        _enter()
        _read(bus.flash_fd, buf, len(buf), block_num * _BLOCK + offset)
        _leave()

    def writeblocks(self, block_num, buf, offset=None):
        _enter()
        if offset is None:
            for n in range(len(buf) // _BLOCK):
                _erase(block_num + n)
            offset = 0
        bus.call(bus.FLASH, struct.pack("<BI", _PROGRAM, block_num * _BLOCK + offset) + bytes(buf))
        _leave()

    def ioctl(self, op, arg):
        _enter()
        result = 0
        if op == 4:
            result = self._blocks
        elif op == 5:
            result = _BLOCK
        elif op == 6:
            _erase(arg)
        _leave()
        return result


def _erase(block):
    bus.call(bus.FLASH, struct.pack("<BI", _ERASE, block * _BLOCK))


# On the chip all this is C, and a Ctrl-C waits until littlefs is done. An exception raised here would
# tear littlefs in the middle, so none may be: between these two calls SIGINT is held back, and the world
# is asked to repeat it later.


def _enter():
    global _owed
    _mask_signals(_HOLD_BACK, _SIGINT, None)
    try:
        # Interpreters that do not raise in the signal handler itself do it at the next jump: this one.
        while _owed:
            break
    except KeyboardInterrupt:
        _owed = True


def _leave():
    global _owed
    # One that came meanwhile would be raised at the unmasking, still below littlefs.
    if _owed or _take_signal(_SIGINT, None, _AT_ONCE) > 0:
        bus.call(bus.KEYBOARD, b"\x02")
        _owed = False
    _mask_signals(_LET_THROUGH, _SIGINT, None)
