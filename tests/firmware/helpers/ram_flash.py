"""Flash in RAM, as ESP32's driver shows it to littlefs: bits are cleared by programs and set by erases."""

import os

import vfs

BLOCK_BYTES = 4096
_ONES = b"\xff" * BLOCK_BYTES
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


def apply(image, change):
    """Do a program or an erase (data None) to an image."""
    start, data = change
    if data is None:
        image[start : start + BLOCK_BYTES] = _ONES
        return
    for n in range(len(data)):
        image[start + n] &= data[n]


def tear(image, change, dice):
    """Do as much of it as is done when power fails: of a program the first bytes and some bits of the next one, of an
    erase each bit or not.
    """
    start, data = change
    if data is None:
        for n in range(start, start + BLOCK_BYTES, 4):
            _keep(image, n, dice.draw())
        return
    done = dice.draw() % len(data)
    apply(image, (start, data[:done]))
    image[start + done] &= data[done] | dice.draw() & 0xFF


def _keep(image, start, ones):
    for n in range(start, start + 4):
        image[n] |= ones & 0xFF
        ones >>= 8


class Dice:
    """Chance that is the same in every run; 32 bits each time (Marsaglia's xorshift)."""

    def __init__(self, seed):
        self._state = seed * 2654435761 + 1 & 0xFFFFFFFF or 1

    def draw(self):
        state = self._state
        state ^= state << 13 & 0xFFFFFFFF
        state ^= state >> 17
        state ^= state << 5 & 0xFFFFFFFF
        self._state = state
        return state


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
