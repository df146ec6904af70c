"""Segments on a file system: littlefs on flash in RAM under MicroPython, the computer's under CPython."""

from binascii import crc32

from raising import raised
from storage import exists, fresh_folder, read, write
from wearable import reading, records
from wearable.journal import Journal
from writing import TOKEN_ID, body, header

DAY_S = 86400


def fresh():
    """Return (Journal, its folder)."""
    folder = fresh_folder() + "/journal"
    return Journal(folder), folder


def with_segments(*opened):
    """Return a journal, closed, with a segment and a batch for each time of opening."""
    journal, folder = fresh()
    for number, opened_s in enumerate(opened):
        journal.open(header(number + 1, number + 1, opened_s))
        journal.append(60, body(1))
    journal.close()
    return Journal(folder)


def bodies_of(journal, number):
    return reading.read_segment(read(journal.path(number)))[1]


# Writing and reading.


def test_an_empty_journal_has_no_past():
    journal, _ = fresh()
    assert journal.numbers() == [] and journal.last() is None


def test_what_is_appended_is_there_when_append_returns():
    journal, folder = fresh()
    journal.open(header())
    for number in range(5):
        journal.append(60, body(number))
        assert len(bodies_of(Journal(folder), 1)) == number + 1


def test_a_segment_holds_header_and_batches_in_order():
    journal, _ = fresh()
    journal.open(header())
    journal.append(60, body(1, 2))
    journal.append(90, body(2, 0))
    journal.close()
    found, bodies, left = reading.read_segment(read(journal.path(1)))
    assert found == header() and left == 0
    assert bodies == [reading.unpack_body(body(1, 2), 1000), reading.unpack_body(body(2, 0), 1060)]


def test_each_segment_counts_its_own_batches():
    journal = with_segments(1000, 2000, 3000)
    for number in journal.numbers():
        assert len(bodies_of(journal, number)) == 1


def test_opening_closes_what_was_open():
    journal, _ = fresh()
    journal.open(header(1))
    journal.append(60, body(1))
    journal.open(header(2))
    journal.append(60, body(1))
    assert len(bodies_of(journal, 1)) == len(bodies_of(journal, 2)) == 1


def test_nothing_is_appended_where_nothing_is_open():
    journal, _ = fresh()
    raised(OSError, journal.append, 60, body(1000))
    journal.open(header())
    journal.close()
    journal.close()
    raised(OSError, journal.append, 60, body(1000))


def test_an_abandoned_segment_keeps_what_was_flushed():
    journal, _ = fresh()
    journal.close()
    journal.open(header(1))
    journal.append(60, body(1))
    journal.close()
    raised(OSError, journal.append, 60, body(1002))
    journal.open(header(2))
    journal.append(60, body(1))
    assert [len(bodies_of(journal, number)) for number in journal.numbers()] == [1, 1]


def test_numbers_are_in_order_and_strange_files_are_none():
    journal, folder = fresh()
    for number in (10, 9, 100000000, 2):
        write(journal.path(number), b"")
    for name in ("note.seg", "00000003.tmp", "mark", ".seg"):
        write(folder + "/" + name, b"")
    assert journal.numbers() == [2, 9, 10, 100000000]


def test_measure_is_length_and_checksum():
    journal = with_segments(1000)
    data = read(journal.path(1))
    assert journal.measure(1) == (len(data), crc32(data) & 0xFFFFFFFF)
    write(journal.path(1), bytes(1537))
    assert journal.measure(1) == (1537, crc32(bytes(1537)) & 0xFFFFFFFF)
    raised(OSError, journal.measure, 2)


# Where the last start left off.


def test_last_is_the_newest_segment_and_its_latest_batch():
    journal = with_segments(1000, 2000)
    assert journal.last() == (header(2, 2, 2000), 2060, 1)


def test_last_of_a_segment_without_a_batch_is_its_opening():
    journal, folder = fresh()
    journal.open(header(opened_s=4000))
    assert Journal(folder).last() == (header(opened_s=4000), 4000, 0)


def test_last_passes_over_what_cannot_be_read():
    journal = with_segments(1000, 2000)
    for damage in (b"", b"x" * 100, read(journal.path(2))[:20]):
        write(journal.path(2), damage)
        assert journal.last() == (header(1, 1, 1000), 1060, 1)


def test_a_file_cut_anywhere_loses_the_torn_batch_only():
    journal, folder = fresh()
    journal.open(header())
    ends = [records.HEADER_BYTES]
    for number in range(3):
        journal.append(1, body(number, number))
        ends.append(journal.measure(1)[0])
    journal.close()
    whole = read(journal.path(1))
    for length in range(len(whole) + 1):
        write(journal.path(1), whole[:length])
        if length < ends[0]:
            assert Journal(folder).last() is None, length
            continue
        batches = len([end for end in ends if end <= length]) - 1
        written_s = 1000 + batches
        assert Journal(folder).last() == (header(), written_s, batches), length
        assert len(bodies_of(journal, 1)) == batches, length


def test_a_batch_that_cannot_be_read_costs_the_last_look_no_number_and_no_start():
    journal = with_segments(1000, 2000)
    whole = records.batches
    for error in (MemoryError, OSError):

        def failing(segment, read, error=error):
            yield next(whole(segment, read))
            raise error

        records.batches = failing
        try:
            found, written_s, batches = journal.last()
        finally:
            records.batches = whole
        assert (found.segment, found.boot, written_s) == (2, 2, 2060)
        assert batches == records.BEFORE_UNKNOWN


# Segments without a batch.


def starts(journal, numbers, with_batch=()):
    """Begin these segments one after the other, as starts do."""
    for number in numbers:
        journal.open(header(number, number, 1000 + number))
        journal.drop_empty()
        if number in with_batch:
            journal.append(60, body(number))


def test_start_after_start_leaves_the_first_empty_segment_and_the_newest():
    journal, folder = fresh()
    starts(journal, range(1, 30), (1, 2))
    assert journal.numbers() == [1, 2, 3, 29]
    journal.close()
    assert Journal(folder).last() == (header(29, 29, 1029), 1029, 0)


def test_what_has_a_batch_stays_between_empty_ones():
    journal, _ = fresh()
    starts(journal, range(1, 12), (4, 7, 8))
    assert journal.numbers() == [1, 4, 5, 7, 8, 9, 11]


def test_a_segment_that_never_got_its_header_is_empty_too():
    journal, _ = fresh()
    write(journal.path(1), b"")
    write(journal.path(2), b"")
    starts(journal, (3,))
    assert journal.numbers() == [1, 3]


# Giving up what is committed elsewhere.


def test_a_segment_given_up_is_gone():
    journal = with_segments(1000, 2000)
    journal.give_up(1)
    assert journal.numbers() == [2] and not exists(journal.path(1))


def test_after_all_is_given_up_numbers_boots_and_time_go_on():
    journal = with_segments(1000, 2000)
    journal.give_up(1)
    journal.give_up(2)
    found, written_s, batches = journal.last()
    assert journal.numbers() == []
    assert (found.segment, found.boot, written_s) == (2, 2, 2060)
    assert found.token_id == TOKEN_ID and batches == records.BEFORE_UNKNOWN


def test_the_newest_counts_whatever_is_given_up_first():
    journal = with_segments(1000, 2000)
    journal.give_up(2)
    found, written_s, _ = journal.last()
    assert (found.segment, found.boot, written_s) == (2, 2, 2060)


def test_a_later_segment_counts_more_than_the_mark():
    journal = with_segments(1000)
    journal.give_up(1)
    journal.open(header(2, 2, 3000))
    journal.append(60, body(1))
    assert journal.last() == (header(2, 2, 3000), 3060, 1)


def test_a_later_mark_replaces_the_earlier():
    journal = with_segments(1000)
    journal.give_up(1)
    journal.open(header(2, 2, 3000))
    journal.close()
    journal.give_up(2)
    assert journal.last()[0].segment == 2 and journal.last()[1] == 3000


def test_an_unreadable_segment_can_be_given_up():
    journal = with_segments(1000, 2000)
    write(journal.path(2), b"")
    journal.give_up(2)
    assert journal.last()[0].segment == 1


def test_erase_leaves_nothing():
    journal = with_segments(1000, 2000, 3000)
    journal.give_up(3)
    assert journal.erase() == 2
    assert journal.numbers() == [] and journal.last() is None
    assert journal.erase() == 0


# Retention.


def test_segments_opened_before_the_time_go():
    journal = with_segments(1 * DAY_S, 2 * DAY_S, 3 * DAY_S)
    assert journal.expire(2 * DAY_S) == 1
    assert journal.numbers() == [2, 3]
    assert journal.expire(2 * DAY_S) == 0


def test_the_open_segment_stays_however_old():
    journal = with_segments(1000, 2000)
    journal.open(header(3, 3, 3000))
    assert journal.expire(9 * DAY_S) == 2
    journal.append(60, body(1))
    assert journal.numbers() == [3] and len(bodies_of(journal, 3)) == 1


def test_a_segment_that_shows_a_wrong_time_holds_up_no_other():
    journal = with_segments(100 * DAY_S, 1 * DAY_S, 2 * DAY_S, 6 * DAY_S)
    assert journal.expire(5 * DAY_S) == 2
    assert journal.numbers() == [1, 4]


def test_what_lies_before_a_jump_of_the_clock_is_left_to_the_desk():
    year_s = 365 * DAY_S
    ahead = with_segments(400 * DAY_S, 401 * DAY_S, 401 * DAY_S + year_s)
    assert ahead.expire(380 * DAY_S + year_s) == 0
    back_and_right = with_segments(400 * DAY_S, 401 * DAY_S, 401 * DAY_S - year_s, 402 * DAY_S)
    assert back_and_right.expire(381 * DAY_S) == 0
    assert back_and_right.numbers() == [1, 2, 3, 4]


def test_what_comes_after_a_jump_grows_old_as_ever():
    journal = with_segments(400 * DAY_S, 30 * DAY_S, 32 * DAY_S, 35 * DAY_S)
    assert journal.expire(33 * DAY_S) == 2
    assert journal.numbers() == [1, 4]


def test_an_unreadable_segment_is_left_to_the_desk():
    journal = with_segments(1 * DAY_S, 2 * DAY_S, 3 * DAY_S)
    write(journal.path(1), b"torn")
    assert journal.expire(3 * DAY_S) == 1
    assert journal.numbers() == [1, 3]
