"""What the desk told the token at issue."""

import json

from storage import exists, fresh_folder, read, write
from wearable import settings

FIELDS = ("token_id", "issuer", "label", "retention_days", "service_uuid", "entropy", "authority")


def fresh():
    """Return the path of the settings, in a folder of their own."""
    settings._PATH = fresh_folder() + "/token.json"
    return settings._PATH


def told(label="Bà Năm", token_id=b"12345678"):
    return settings.Settings(token_id, b"\x00\xff issue", label, 21, 0xFD6F, bytes(range(32)), bytes(32))


def fields_of(one):
    return [getattr(one, name) for name in FIELDS]


def test_what_was_saved_is_loaded():
    fresh()
    settings.save(told())
    assert fields_of(settings.load()) == fields_of(told())


def test_a_later_issue_replaces_an_earlier():
    fresh()
    settings.save(told("one"))
    settings.save(told("two"))
    assert settings.load().label == "two"


def test_a_token_never_issued_has_none():
    fresh()
    assert settings.load() is None


def test_erased_they_are_gone():
    path = fresh()
    settings.save(told())
    settings.erase()
    settings.erase()
    assert settings.load() is None and not exists(path)


def test_torn_settings_are_none_or_lack_only_what_may_be_missing():
    path = fresh()
    settings.save(told())
    whole = read(path)
    # Between two values MicroPython's json minds no cut, only the rename does: see below.
    torn = 0
    for length in range(len(whole) - 1):
        write(path, whole[:length])
        found = settings.load()
        torn += found is None
        assert found is None or fields_of(found) == fields_of(told()), length
    assert torn > len(whole) // 2


def test_settings_from_before_there_was_a_choice_are_those_of_a_token_of_gaen():
    path = fresh()
    settings.save(told())
    kept = json.loads(read(path))
    for name in ("utc_offset_min", "protocol", "connectable", "read_iphones"):
        del kept[name]
    write(path, json.dumps(kept).encode())
    found = settings.load()
    assert (found.utc_offset_min, found.protocol) == (420, settings.GAEN)
    assert not (found.connectable or found.read_iphones)


def test_what_is_spoken_is_kept():
    fresh()
    for protocol in settings.PROTOCOLS:
        one = told()
        one.protocol, one.connectable = protocol, True
        settings.save(one)
        assert (settings.load().protocol, settings.load().connectable) == (protocol, True)


def test_strange_settings_are_none():
    path = fresh()
    for strange in (b"{}", b"[]", b"null", b"7", b'"text"', b'{"token": 5}', b'{"token": "xy"}', b"\xff\xfe"):
        write(path, strange)
        assert settings.load() is None, strange


class PowerCut(Exception):
    pass


def test_a_cut_before_the_rename_keeps_the_old():
    fresh()
    settings.save(told("old"))
    real = settings.os

    class Os:
        @staticmethod
        def rename(old, new):
            raise PowerCut

    settings.os = Os
    try:
        settings.save(told("new"))
    except PowerCut:
        pass
    finally:
        settings.os = real
    assert settings.load().label == "old"
    settings.save(told("newer"))
    assert settings.load().label == "newer"


def test_a_cut_while_writing_keeps_the_old():
    path = fresh()
    settings.save(told("old"))
    write(path + ".new", b'{"token": "31')
    assert settings.load().label == "old"
    settings.save(told("new"))
    assert settings.load().label == "new"
