"""find() and parse() on whatever is on the air: never an exception, and always of one opinion."""

from hypothesis import given
from hypothesis import strategies as st

from hearing import WANTED, Both
from wearable.protocols import gaen, gaen_reading
from wearable.ring import Ring

ids = st.binary(min_size=16, max_size=16)
metadata = st.binary(min_size=4, max_size=4)
uuids = st.integers(0, 0xFFFF)


def structure(kind, data):
    return bytes([len(data) + 1, kind]) + data


def service_data(uuid, rpi, aem):
    return structure(0x16, uuid.to_bytes(2, "little") + rpi + aem)


# Structures that are no service data; with more than 7 bytes of them ours would not fit.
others = st.builds(structure, st.integers(0, 255).filter(lambda kind: kind != 0x16), st.binary(max_size=5))


@st.composite
def noisy(draw):
    """Random bytes, often with the beginning of a service data structure somewhere in them."""
    data = draw(st.binary(max_size=40))
    if draw(st.booleans()):
        place = draw(st.integers(0, len(data)))
        data = data[:place] + b"\x17\x16\x6f\xfd" + data[place:]
    return data


def walked(data, uuid):
    """Where the RPI lies, found the slow and obvious way; -1 where there is none."""
    place = 0
    while place < len(data) and data[place]:
        end = place + 1 + data[place]
        if data[place : place + 4] == b"\x17\x16" + uuid.to_bytes(2, "little") and end <= len(data):
            return place + 4
        place = end
    return -1


@given(noisy())
def test_any_bytes_are_read_without_an_exception_and_alike(data):
    offset = gaen_reading.find(data)
    assert offset == walked(data, gaen.SERVICE_UUID)
    assert gaen_reading.find(memoryview(data)) == offset
    expected = None if offset < 0 else (data[offset : offset + 16], data[offset + 16 : offset + 20])
    assert gaen_reading.parse(data) == expected
    assert gaen_reading.parse(memoryview(data)) == expected


@given(noisy())
def test_what_is_found_in_an_advert_fits_the_ring(data):
    offset = gaen_reading.find(data[:31])
    assert offset == -1 or 4 <= offset <= 31 - 20


@given(st.lists(st.tuples(noisy(), st.integers(0, 4), st.integers(-128, 127)), max_size=10))
def test_the_handler_is_of_the_same_opinion(air):
    pair = Both(Ring(6), 6, WANTED, gaen_reading.find)
    for advert, kind, rssi_dbm in air:
        pair.hear(memoryview(advert), kind, rssi_dbm, len(advert))
    pair.check()


@given(st.lists(others, max_size=4), st.lists(others, max_size=4), uuids, ids, metadata)
def test_order_and_flags_make_no_difference(before, after, uuid, rpi, aem):
    data = b"".join(before) + service_data(uuid, rpi, aem) + b"".join(after)
    assert gaen_reading.parse(data, uuid) == (rpi, aem)


@given(uuids, uuids, ids, metadata)
def test_only_the_service_asked_for_is_read(uuid, other, rpi, aem):
    expected = (rpi, aem) if uuid == other else None
    assert gaen_reading.parse(gaen.advertisement(rpi, aem, uuid), other) == expected


@given(st.binary(min_size=16, max_size=16), st.integers(0, 0xFFFFFFFF), st.integers(-128, 127))
def test_what_a_token_says_another_reads(tek, enin, power_dbm):
    rpik, aemk = gaen.derive_keys(tek)
    rpi = gaen.rolling_proximity_identifier(rpik, enin)
    aem = gaen.associated_encrypted_metadata(aemk, rpi, gaen.metadata(power_dbm))
    said = gaen.advertisement(rpi, aem)
    assert len(said) == 31
    found, encrypted = gaen_reading.parse(said)
    assert found == rpi
    assert gaen.associated_encrypted_metadata(aemk, found, encrypted) == gaen.metadata(power_dbm)
