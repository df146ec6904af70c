"""What desks have found out about the oscillator."""

from storage import exists, fresh_folder, read, write
from wearable import trim


def fresh():
    """Return the path of the trim, in a folder of its own."""
    trim._PATH = fresh_folder() + "/clock.json"
    return trim._PATH


def test_what_was_saved_is_loaded():
    fresh()
    for told in ((123, 40), (-15000, 1500), (0, 1), (15000, 200)):
        trim.save(*told)
        assert trim.load() == told


def test_unmeasured_it_is_zeros():
    path = fresh()
    assert trim.load() == (0, 0)
    trim.save(5, 5)
    trim.erase()
    trim.erase()
    assert trim.load() == (0, 0) and not exists(path)


def test_what_no_desk_says_is_not_believed():
    path = fresh()
    trim.save(1234, 40)
    whole = read(path)
    for strange in (
        b"",
        b"[]",
        b"7",
        b"\xff\xfe",
        b'{"trim_e7": 5}',
        whole.replace(b"1234", b"15001"),
        whole.replace(b"1234", b"-15001"),
        whole.replace(b"1234", b'"5"'),
        whole.replace(b"1234", b"1.5"),
        whole.replace(b"40", b"0"),
        whole.replace(b"40", b"1501"),
    ):
        write(path, strange)
        assert trim.load() == (0, 0), strange
    write(path, whole)
    assert trim.load() == (1234, 40)


def test_a_cut_while_writing_keeps_the_old():
    path = fresh()
    trim.save(1, 40)
    write(path + ".new", b'{"trim_e7"')
    assert trim.load() == (1, 40)
    trim.save(2, 40)
    assert trim.load() == (2, 40)
