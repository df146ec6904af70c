"""Bluezone's codec on whatever is on the air, and its chain of identifiers for any key."""

from hashlib import sha256

from hypothesis import given
from hypothesis import strategies as st

from wearable.protocols import bluezone

ids = st.binary(min_size=12, max_size=12)
keys = st.binary(min_size=32, max_size=32)
OURS = (b"\x03\x03\x56\x4e", b"\x03\x02\x56\x4e")


def structure(kind, data):
    return bytes([len(data) + 1, kind]) + data


others = st.builds(structure, st.integers(0, 255).filter(lambda kind: kind not in (2, 3, 0xFF)), st.binary(max_size=6))


@st.composite
def noisy(draw):
    """Random bytes, often with pieces of an advertisement in them."""
    data = draw(st.binary(max_size=20))
    for piece in (*OURS, b"\x0f\xff\xb5\x22" + bytes(12)):
        if draw(st.booleans()):
            place = draw(st.integers(0, len(data)))
            data = data[:place] + piece + data[place:]
    return data


def read(data):
    """The identifier, found the slow and obvious way."""
    structures, place = [], 0
    while place < len(data) and data[place] and place + 1 + data[place] <= len(data):
        structures.append(data[place + 1 : place + 1 + data[place]])
        place += 1 + data[place]
    uuids = [each[n : n + 2] for each in structures if each[0] in (2, 3) for n in range(1, len(each), 2)]
    said = [each[3:] for each in structures if each[:3] == b"\xff\xb5\x22" and len(each) == 15]
    return said[-1] if b"\x56\x4e" in uuids and said else None


@given(noisy())
def test_any_bytes_are_read_without_an_exception_and_alike(data):
    assert bluezone.parse(data) == bluezone.parse(memoryview(data)) == read(data)


@given(ids, st.lists(others, max_size=3), st.lists(others, max_size=3), st.sampled_from(OURS), st.booleans())
def test_order_flags_and_kind_of_list_make_no_difference(identifier, before, after, uuids, first):
    said = structure(0xFF, b"\xb5\x22" + identifier)
    ours = [uuids, *before, said] if first else [said, *before, uuids]
    assert bluezone.parse(b"".join([*before, *ours, *after])) == identifier


@given(ids)
def test_what_is_sent_is_read(identifier):
    assert bluezone.parse(bluezone.advertisement(identifier)) == identifier


@given(keys, st.integers(0, 95))
def test_an_identifier_is_its_link_of_the_chain(key, slot):
    link = sha256(key + b"bluzonesubkey").digest()
    for _ in range(slot):
        link = sha256(link).digest()
    expected = link[0:20:4][:5] + link[18:32:2]
    assert bluezone.bluezone_id(key, slot) == expected


@given(st.integers(0, 1 << 33))
def test_a_slot_is_the_quarter_of_an_hour_of_the_utc_day(unix_s):
    minutes = unix_s // 60 % 1440
    assert bluezone.slot_at(unix_s) == minutes // 15
