"""Free memory is overwritten: nothing of what was dropped is left."""

import gc

from raising import raised
from skipping import only_on_micropython
from wearable import scrub

MARK = b"\xc3\x5a never to be seen again \x5a\xc3"


def leave_behind():
    """Drop a few objects of many sizes that hold the mark; return one more than where they lay.

    The collector takes a big integer of a block's address for a pointer to it.
    """
    import uctypes

    return [uctypes.addressof(MARK + bytes(n)) + 1 for n in range(1, 600, 37)]


def still_there(places):
    import uctypes

    return [place for place in places if uctypes.bytes_at(place - 1, len(MARK)) == MARK]


def test_what_was_dropped_is_overwritten():
    only_on_micropython("CPython's heap has no end to fill it to")
    places = leave_behind()
    assert still_there(places), "the test shows nothing where nothing is left behind"
    scrub.free_memory()
    assert still_there(places) == []


def test_a_second_ctrl_c_does_not_stop_it():
    calls = []

    def fill():
        calls.append(None)
        if len(calls) < 3:
            raise KeyboardInterrupt

    real, scrub._fill = scrub._fill, fill
    try:
        scrub.free_memory()
    finally:
        scrub._fill = real
    assert len(calls) == 3


def test_what_else_goes_wrong_is_said():
    def fill():
        raise OSError

    real, scrub._fill = scrub._fill, fill
    try:
        raised(OSError, scrub.free_memory)
    finally:
        scrub._fill = real


def test_the_heap_is_as_free_as_before():
    only_on_micropython("CPython's heap has no end to fill it to")
    scrub.free_memory()  # names become known, and the like
    before = gc.mem_free()
    scrub.free_memory()
    assert gc.mem_free() >= before - 64
