"""ESP32's os module: the real file system functions, the board's own randomness."""

import bus
import struct
import sys
from uos import (
    chdir,
    getcwd,
    ilistdir,
    listdir,
    mkdir,
    mount,
    remove,
    rename,
    rmdir,
    stat,
    statvfs,
    umount,
    unlink,
)
from uos import VfsLfs2 as VfsLfs2


def sync():
    # As on ESP32: a loop over FAT mounts, of which there are none.
    pass


def uname():
    release = "%d.%d.%d" % sys.implementation.version[:3]
    return ("esp32", "esp32", release, sys.version, "Virtual token with ESP32")


def urandom(n):
    return bus.call(bus.RANDOM, struct.pack("<H", n))
