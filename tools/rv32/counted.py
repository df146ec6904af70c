# SPDX-License-Identifier: Apache-2.0
"""Run by MicroPython in the machine that run.py starts; prints "name value" lines. counts.py explains them.

The firmware's own code, on littlefs in RAM and stand-ins for the modules that only a board has.
"""

import gc
import os
import sys

import rv32

ENCOUNTERS, BATCHES = 40, 20
HANDLED = 32
CALLS = 4
BATCH = bytes(1100)
AUTHORITY = bytes([9]) + bytes(31)
FOREIGN = bytes([2, 1, 6, 26, 255, 76, 0, 2, 21]) + bytes(22)
CROWDED = bytes([1, 9] * 4 + [22, 255]) + bytes(21)  # as many structures as can stand in front of one of ours

# Those without imports of their own first, so that each line is one module's own.
MODULES = (
    "ring ear records schedule pace entropy crypto.hmac crypto.hkdf crypto.ctr crypto.aead protocols.gaen identity"
    " settings sightings sealing journal power clock board signs indicator button battery wearer radio quota meetings"
    " logbook supervisor app"
).split()
# Let go when they have been counted: what counts the others needs the room, and calls none of these.
COUNTED = "app supervisor meetings wearer indicator button battery signs schedule pace".split()
# What the desk calls: a soft reset clears the heap of the application's modules first.
DESK = ("trim", "desk")
# What a segment needs only when it begins; sealing.py loads them and lets them go.
LATE = "crypto.fixed_base crypto.x25519 crypto.hpke".split()


def heap():
    gc.collect()
    return gc.mem_alloc()


def settle():
    """Collect, and take all gaps: what is counted next finds room at once, wherever in the heap the gaps were.

    Whoever counts holds on to what this returns.
    """
    gc.collect()
    end = id(bytearray(2000))
    taken = None
    while id(taken) < end:
        taken = (taken,)
    return taken


def count_imports():
    # The stand-ins are in ROM, and what little heap they take is none of the firmware's.
    for name in ("machine", "esp32", "bluetooth"):
        __import__(name)
    before = first = heap()
    __import__("wearable.crypto")
    __import__("wearable.protocols")
    print("heap.packages", heap() - before)
    total = import_each(MODULES)
    left_out = [name for name in sys.modules if name.startswith("wearable.") and name[9:] not in MODULES]
    left_out = [name for name in left_out if name not in ("wearable.crypto", "wearable.protocols")]
    assert not left_out, left_out
    print("heap", heap() - first)
    print("import", total)
    for name in COUNTED:
        del sys.modules["wearable." + name]
        delattr(sys.modules["wearable"], name)


def import_each(names):
    """Say what each takes; returns the instructions of all."""
    total = 0
    for name in names:
        before = heap()
        took = rv32.count(__import__, 1, "wearable." + name)
        total += took
        print("heap." + name, heap() - before)
        print("import." + name, took)
    return total


def count_handler():
    from wearable.ear import hear
    from wearable.protocols import gaen
    from wearable.radio import Radio
    from wearable.ring import Ring
    from wearable.sightings import Sightings

    before = heap()
    ring = Ring()
    radio = Radio(ring, gaen.wanted())
    sightings = Sightings(7)
    print("heap_ring_radio_sightings", heap() - before)
    ours = (0, None, 2, -60, memoryview(gaen.advertisement(os.urandom(16), b"\x40\x09\x00\x00")))
    foreign = (0, None, 2, -60, memoryview(FOREIGN))
    crowded = (0, None, 2, -60, memoryview(CROWDED))

    def note(identifier, rssi_dbm, at_ms, told):
        sightings.note(identifier, rssi_dbm, 1000, 1)

    gaps = settle()
    for _ in range(2):  # the first round meets what is done only once
        kept = rv32.count(hear, HANDLED, 5, ours) // HANDLED
        drained = rv32.count(ring.drain, 1, note) // HANDLED
    before = gc.mem_alloc()
    rejected = rv32.count(hear, HANDLED, 5, foreign) // HANDLED
    worst = rv32.count(hear, HANDLED, 5, crowded) // HANDLED
    allocated = gc.mem_alloc() - before
    assert radio.adverts == 4 * HANDLED and radio.faults == 0 and ring.dropped == 0 and sightings.count == 1
    print("kept", kept)
    print("rejected", rejected)
    print("rejected_worst", worst)
    print("taken_down", drained)
    print("handler_allocated", allocated)
    del gaps


def count_keys():
    from wearable.identity import Identity
    from wearable.protocols import gaen

    tek = bytes(range(16))
    identity = Identity(9)
    for name, function, arguments in (
        ("derive_keys", gaen.derive_keys, (tek,)),
        ("renew", identity.renew, (tek, 144)),
        ("id_change", identity.advertisement, (145,)),
    ):
        function(*arguments)
        gaps = settle()
        print(name, rv32.count(function, CALLS, *arguments) // CALLS)
        del gaps


def count_journal(flash):
    from wearable import records
    from wearable.journal import Journal
    from wearable.sightings import Sightings

    journal = Journal("/token/journal")
    journal.open(records.Header(2, 0, bytes(8), 1, 1, 0, 0, 0, 0, 2, 0, 30, 0xFFFF, bytes(4), bytes(32)))
    sightings = Sightings()
    packed = appended = worst = 0
    programmed = flash.programmed()

    def pack(at_s):
        return records.body_prefix(20) + sightings.pack(at_s)

    for batch in range(BATCHES):
        at_s = batch * 600
        for n in range(ENCOUNTERS):
            sightings.note(memoryview(os.urandom(18)), -60, at_s + n, batch)
        gaps = settle()
        packed += rv32.count(pack, 1, at_s)
        took = rv32.count(journal.append, 1, 600, pack(at_s))
        appended += took
        worst = max(worst, took)
        sightings.clear()
        del gaps
    print("pack", packed // BATCHES)
    print("append", appended // BATCHES)
    print("append_worst", worst)
    print("append_programmed", (flash.programmed() - programmed) // BATCHES)
    journal.close()
    print("collect", rv32.count(gc.collect, 1))


def count_beginning():
    """A segment's encapsulation as the token does it, modules and all; and what it leaves behind."""
    from wearable import sealing

    def encapsulate():
        sealing.encapsulate(AUTHORITY, bytes(8), 1, bytearray(range(32)))

    encapsulate()  # names become known to the interpreter once, and stay
    before = heap()
    print("begin", rv32.count(encapsulate, 1))
    print("begin_kept", max(heap() - before, 0))


def count_sealing():
    before = heap()
    print("import_late", import_each(LATE))
    print("heap_late", heap() - before)
    from wearable import sealing
    from wearable.crypto import hpke, x25519

    chain, header, head = sealing.Chain(bytes(32)), bytes(83), bytes(6)

    def seal():
        chain.seal(header, head, BATCH)
        chain.advance()

    private, info, key = bytes(range(32)), b"segment", bytes(32)
    public = x25519.public_key(bytes(range(32, 64)))
    for name, function, arguments in (
        ("product", x25519.x25519, (private, public)),
        ("public_key", x25519.public_key, (private,)),
        ("encapsulate", hpke.setup_sender, (public, info, private)),
        ("export", hpke.export, (key, info, 32)),
        ("seal", seal, ()),
    ):
        function(*arguments)
        gc.collect()
        print(name, rv32.count(function, 1, *arguments))


def main(flash):
    print("heap_total", gc.mem_alloc() + gc.mem_free())
    count_imports()
    count_handler()
    count_keys()
    count_journal(flash)
    count_beginning()
    count_sealing()
    print("heap_free_at_the_end", gc.mem_free())
