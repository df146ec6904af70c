"""Run by MicroPython: print the files of a flash image, or put files into it.

micropython look_into_flash.py IMAGE [FILE WITH LINES OF "PATH HEX"]
"""

import sys
from binascii import hexlify, unhexlify

from uos import ilistdir, mkdir, mount
from vfs import VfsLfs2

BLOCK_BYTES = 4096
FOLDER = 0x4000


class Image:
    def __init__(self, path):
        self._file = open(path, "r+b")
        self._blocks = self._file.seek(0, 2) // BLOCK_BYTES

    def _go(self, block, offset):
        self._file.seek(block * BLOCK_BYTES + offset)

    def readblocks(self, block, buffer, offset=0):
        self._go(block, offset)
        self._file.readinto(buffer)

    def writeblocks(self, block, buffer, offset=0):
        self._go(block, offset)
        self._file.write(buffer)

    def ioctl(self, operation, argument):
        if operation == 4:
            return self._blocks
        if operation == 5:
            return BLOCK_BYTES
        if operation == 6:
            self.writeblocks(argument, b"\xff" * BLOCK_BYTES)
        if operation == 2:
            self._file.close()
        return 0


def show(folder):
    for entry in ilistdir("/image" + folder):
        path = folder + "/" + entry[0]
        if entry[1] == FOLDER:
            show(path)
        else:
            with open("/image" + path, "rb") as file:
                print(path, hexlify(file.read()).decode() or "-")


def make_folder(path):
    try:
        mkdir("/image" + path)
    except OSError:
        pass  # it is there


def put(listing):
    with open(listing) as lines:
        for line in lines:
            path, data = line.split()
            make_folder(path.rsplit("/", 1)[0])
            with open("/image" + path, "wb") as file:
                file.write(unhexlify(data))


mount(VfsLfs2(Image(sys.argv[1])), "/image")
if len(sys.argv) > 2:
    put(sys.argv[2])
else:
    show("")
