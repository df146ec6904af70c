"""Run by MicroPython with the firmware's folder as its argument; prints name=value lines.

The handler is the firmware's own, on a stand-in for the module that only a board has.
"""

import gc
import os
import sys
import time

sys.path.insert(0, sys.argv[1])


class _Bluetooth:
    class BLE:
        pass


sys.modules["bluetooth"] = _Bluetooth

from wearable import records  # noqa: E402
from wearable.crypto import aead, hpke, x25519  # noqa: E402
from wearable.ear import hear  # noqa: E402
from wearable.journal import Journal  # noqa: E402
from wearable.protocols import gaen  # noqa: E402
from wearable.radio import Radio  # noqa: E402
from wearable.ring import Ring  # noqa: E402
from wearable.sightings import Sightings  # noqa: E402

ADVERTS = 10000
NEIGHBOURS = 20
SEALED_BYTES = 1100
FOREIGN = bytes([2, 1, 6, 26, 255, 76, 0, 2, 21]) + bytes(22)


class Rig:
    """A radio without a controller, its ring, and the table behind it."""

    def __init__(self):
        self.ring = Ring()
        self.radio = Radio(self.ring, gaen.wanted())
        self.sightings = Sightings(7)
        adverts = [gaen.advertisement(os.urandom(16), b"\x40\x09\x00\x00") for _ in range(NEIGHBOURS)]
        self.ours = [(5, (0, None, 2, -60, memoryview(advert))) for advert in adverts]
        self.foreign = [(5, (0, None, 2, -60, memoryview(FOREIGN)))]

    def note(self, identifier, rssi_dbm, at_ms, told):
        self.sightings.note(identifier, rssi_dbm, 1000, 1)

    def hear(self, events):
        note = self.note  # a bound method is allocated wherever it is looked up; once is enough
        for n in range(ADVERTS):
            event = events[n % len(events)]
            hear(event[0], event[1])
            if n % 32 == 31:
                self.ring.drain(note)


def measure_handler(name, rig, events):
    rig.hear(events)
    gc.collect()
    before = gc.mem_alloc()
    start_us = time.ticks_us()
    rig.hear(events)
    took_us = time.ticks_diff(time.ticks_us(), start_us)
    print("%s_ns=%d" % (name, took_us * 1000 // ADVERTS))
    print("%s_allocated=%d" % (name, gc.mem_alloc() - before))


class RamFlash:
    """512 blocks in memory, for littlefs; counts what it programs."""

    def __init__(self, blocks):
        self._blocks = [bytearray(4096) for _ in range(blocks)]
        self.programmed = 0

    def readblocks(self, block, buffer, offset=0):
        buffer[:] = memoryview(self._blocks[block])[offset : offset + len(buffer)]

    def writeblocks(self, block, buffer, offset=0):
        self.programmed += len(buffer)
        self._blocks[block][offset : offset + len(buffer)] = buffer

    def ioctl(self, operation, argument):
        return {4: len(self._blocks), 5: 4096}.get(operation, 0)


def measure_journal():
    import vfs

    flash = RamFlash(512)
    vfs.VfsLfs2.mkfs(flash)
    vfs.mount(vfs.VfsLfs2(flash), "/flash")
    journal = Journal("/flash/journal")
    journal.open(records.Header(2, 0, bytes(8), 1, 1, 0, 0, 0, 0, 2, 0, 30, 0xFFFF, bytes(4), bytes(32)))
    batches, encounters = 50, 40
    sightings = Sightings()
    flash.programmed = 0
    took_us = 0
    for batch in range(batches):
        for n in range(encounters):
            sightings.note(memoryview(os.urandom(18)), -60, batch * 600 + n, batch)
        start_us = time.ticks_us()
        journal.append(600, records.body_prefix(20) + sightings.pack(batch * 600))
        took_us += time.ticks_diff(time.ticks_us(), start_us)
        sightings.clear()
    journal.close()
    count = batches * encounters
    print("journal_records_s=%d" % (count * 1000000 // took_us))
    print("journal_programmed_permille=%d" % (flash.programmed * 1000 // (count * records.ENCOUNTER_BYTES)))


def measure_sealing():
    private, key = bytes(range(32)), bytes(32)
    public = x25519.public_key(bytes(range(32, 64)))
    for name, function, arguments, times in (
        ("encapsulation", hpke.setup_sender, (public, b"", private), 20),
        ("seal", aead.seal, (key, bytes(16), bytes(SEALED_BYTES), b""), 1000),
    ):
        function(*arguments)
        gc.collect()
        start_us = time.ticks_us()
        for _ in range(times):
            function(*arguments)
        print("%s_us=%d" % (name, time.ticks_diff(time.ticks_us(), start_us) // times))


def main():
    rig = Rig()
    measure_handler("kept", rig, rig.ours)
    measure_handler("foreign", rig, rig.foreign)
    measure_journal()
    measure_sealing()


main()
