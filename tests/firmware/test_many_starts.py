"""A loose contact: start after start takes no room and costs nothing that tells something (tests/e2e has 1,000)."""

from skipping import MICROPYTHON, SMALL, not_on_32_bits, only_on_micropython

if MICROPYTHON and not SMALL:
    import many_starts
    import ram_flash
    from day_of_cuts import Token

STARTS = 64
BLOCK_BYTES = 4096


def here():
    only_on_micropython("CPython has no littlefs")
    not_on_32_bits("the flash lies in the heap")


def test_starts_that_come_to_nothing_take_no_room():
    here()
    more, took_bytes = many_starts.check(STARTS, 64, 2, writing=0)
    assert more <= 2 and took_bytes <= BLOCK_BYTES


def test_starts_of_which_some_write_take_a_block_for_each_of_those():
    here()
    more, took_bytes = many_starts.check(STARTS, 80, 2)
    wrote = STARTS // many_starts.WRITING
    assert more <= 2 * wrote + 2
    assert took_bytes <= (wrote + 3) * BLOCK_BYTES


def test_where_all_write_the_oldest_go_and_it_goes_on():
    here()
    flash, path = many_starts.with_a_past(40, 1)
    token = many_starts.start_often(flash, path, STARTS, writing=1)
    numbers = token.journal.numbers()
    assert token.logbook.full and numbers[-1] == STARTS + 1 and numbers[0] > 1
    assert numbers == list(range(numbers[0], STARTS + 2))
    assert ram_flash.free_bytes() >= 40 * BLOCK_BYTES // 4
    again = Token(path, flash)
    again.logbook.begin()
    assert again.journal.numbers()[-1] == STARTS + 2
