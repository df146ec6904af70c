"""Flash in RAM, as ESP32's driver shows it to littlefs: bits are cleared by programs and set by erases."""

import os

import vfs

BLOCK_BYTES = 4096
_BLOCK_COUNT, _BLOCK_SIZE, _BLOCK_ERASE = 4, 5, 6


class RamFlash:
    """`image` is what lies on it; with `log` a list, every program and erase is noted there."""

    def __init__(self, blocks=16, image=None):
        self.image = image or bytearray(b"\xff" * (blocks * BLOCK_BYTES))
        self.log = None

    def readblocks(self, block, buffer, offset=0):
        start = block * BLOCK_BYTES + offset
        buffer[:] = memoryview(self.image)[start : start + len(buffer)]

    def writeblocks(self, block, buffer, offset=0):
        self._note((block * BLOCK_BYTES + offset, bytes(buffer)))

    def ioctl(self, operation, argument):
        if operation == _BLOCK_COUNT:
            return len(self.image) // BLOCK_BYTES
        if operation == _BLOCK_SIZE:
            return BLOCK_BYTES
        if operation == _BLOCK_ERASE:
            self._note((argument * BLOCK_BYTES, None))
        return 0

    def _note(self, change):
        if self.log is not None:
            self.log.append(change)
        apply(self.image, change)


def apply(image, change, share=1):
    """Do a program or an erase (data None) to an image; `share` 2 stops halfway through."""
    start, data = change
    if data is None:
        count = BLOCK_BYTES // share
        image[start : start + count] = b"\xff" * count
        return
    for n in range(len(data) // share):
        image[start + n] &= data[n]


def format_flash(flash):
    vfs.VfsLfs2.mkfs(flash, readsize=32, progsize=32, lookahead=32)


def mount(flash, path="/flash"):
    """Mount littlefs at `path`, where the last one is unmounted first; returns the path."""
    try:
        vfs.umount(path)
    except OSError:
        pass
    vfs.mount(vfs.VfsLfs2(flash, readsize=32, progsize=32, lookahead=32), path)
    return path


def free_bytes(path="/flash"):
    block_bytes, _, _, free_blocks = os.statvfs(path)[:4]
    return block_bytes * free_blocks
