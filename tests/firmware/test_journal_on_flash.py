"""The journal on littlefs with power that fails at every operation of the flash, and flash that is full."""

from skipping import MICROPYTHON, only_on_micropython
from wearable import reading
from wearable.journal import RESERVE_BYTES, Journal
from writing import body, header

if MICROPYTHON:
    import ram_flash

BATCHES = 12
BASE_S = 1000


def on_new_flash(blocks=16):
    """Return (flash, journal) on littlefs just made."""
    only_on_micropython("CPython has no littlefs")
    flash = ram_flash.RamFlash(blocks)
    ram_flash.format_flash(flash)
    return flash, Journal(ram_flash.mount(flash) + "/journal")


def states(start, log):
    """Yield (operations begun, image) for a cut before, and in the middle of, every operation of a log."""
    image = bytearray(start)
    for done, change in enumerate(log):
        yield done, bytearray(image)
        torn = bytearray(image)
        ram_flash.tear(torn, change, ram_flash.Dice(done))
        yield done, torn
        ram_flash.apply(image, change)
    yield len(log), image


def remounted(image):
    return Journal(ram_flash.mount(ram_flash.RamFlash(image=image), "/cut") + "/journal")


def bodies_of(journal, number):
    with open(journal.path(number), "rb") as file:
        return reading.read_segment(file.read())[1]


def logged(flash, steps):
    """Do the steps; return (image before, log, [operations done when each step had returned])."""
    start, flash.log = bytearray(flash.image), []
    returned = []
    for step in steps:
        step()
        returned.append(len(flash.log))
    log, flash.log = flash.log, None
    return start, log, returned


def test_a_cut_at_any_operation_loses_no_flushed_batch():
    flash, journal = on_new_flash()
    journal.open(header())
    written = [body(number, 25) for number in range(BATCHES)]
    steps = [lambda each=each: journal.append(60, each) for each in written]
    start, log, returned = logged(flash, steps)
    expected = [reading.unpack_body(each, BASE_S + 60 * n) for n, each in enumerate(written)]
    assert len(log) > 2 * BATCHES
    for begun, image in states(start, log):
        flushed = len([end for end in returned if end <= begun])
        found = bodies_of(remounted(image), 1)
        assert len(found) >= flushed, (begun, len(found), flushed)
        assert found == expected[: len(found)], begun


def test_a_cut_at_any_operation_leaves_a_journal_to_go_on_with():
    flash, journal = on_new_flash()
    journal.open(header())
    journal.append(60, body(1))
    steps = (lambda: journal.open(header(2, 2, 2000)), lambda: journal.append(60, body(2)))
    start, log, _ = logged(flash, steps)
    for begun, image in states(start, log):
        after = remounted(image)
        found = after.last().header
        after.open(header(found.segment + 1, found.boot + 1, 3000))
        after.append(60, body(3))
        assert after.last()[1] == 3060, begun
        assert len(bodies_of(after, 1)) == 1, begun


def test_a_cut_while_giving_up_keeps_the_segment_or_the_mark():
    flash, journal = on_new_flash()
    journal.open(header())
    journal.append(60, body(1))
    journal.close()
    start, log, _ = logged(flash, (lambda: journal.give_up(1),))
    for begun, image in states(start, log):
        found, written_s, _ = remounted(image).last()
        assert (found.segment, found.boot, written_s) == (1, 1, BASE_S + 60), begun


def test_what_was_flushed_outlives_a_close_that_never_came():
    flash, journal = on_new_flash()
    journal.open(header())
    journal.append(60, body(1))
    assert len(bodies_of(remounted(bytearray(flash.image)), 1)) == 1


def test_a_full_flash_makes_room_from_the_oldest():
    _, journal = on_new_flash(64)
    for number in range(1, 60):
        journal.make_room()
        journal.open(header(number, number, BASE_S + number))
        for at_s in range(4):
            journal.append(60, body(at_s, 500))
    journal.close()
    kept = journal.numbers()
    assert kept[-1] == 59 and kept == list(range(kept[0], 60)) and len(kept) > 5
    assert ram_flash.free_bytes() >= RESERVE_BYTES // 2
    assert [len(bodies_of(journal, number)) for number in kept] == [4] * len(kept)


def test_a_flash_that_takes_no_more_says_so_and_loses_nothing():
    _, journal = on_new_flash(8)
    journal.open(header())
    flushed = 0
    try:
        while flushed < 100:
            journal.append(60, body(1, 500))
            flushed += 1
    except OSError:
        pass
    journal.close()
    assert 0 < flushed < 100
    assert len(bodies_of(journal, 1)) == flushed
