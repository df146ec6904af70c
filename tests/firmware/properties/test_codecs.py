"""Every record, header and batch comes back as it went in, and nothing else is taken for one."""

from hypothesis import given
from hypothesis import strategies as st

from wearable import reading, records

U8 = st.integers(0, 0xFF)
U16 = st.integers(0, 0xFFFF)
U32 = st.integers(0, 0xFFFFFFFF)
I8 = st.integers(-128, 127)
I16 = st.integers(-0x8000, 0x7FFF)

headers = st.builds(
    records.Header,
    st.just(records.VERSION),
    U8,
    st.binary(min_size=8, max_size=8),
    U32,
    U32,
    U32,
    U32,
    U32,
    U16,
    U8,
    I8,
    U8,
    U16,
    st.binary(min_size=4, max_size=4),
    st.binary(min_size=32, max_size=32),
)
keys = st.builds(reading.Key, st.binary(min_size=16, max_size=16), U32, U8)
zone_keys = st.builds(reading.BluezoneKey, st.binary(min_size=32, max_size=32), U16, U8)
events = st.tuples(U8, U16, U32)
U12 = st.integers(0, 0xFFF)
encounters = st.tuples(st.binary(min_size=18, max_size=18), U12, U12, U8, I8, I8)
times = st.integers(0, 0xFFFFFFFF - 0xFFFF)


@st.composite
def bodies(draw, starts=times):
    """(the bytes of a body, the Body they must be read as)"""
    start_s, listened = draw(starts), draw(U16)
    packed = bytearray(records.body_prefix(listened))
    expected = []
    for kind in draw(st.lists(st.sampled_from("ekizd"), max_size=12)):
        if kind == "k":
            key = draw(keys)
            packed += records.pack_key(*key)
            expected.append(key)
        elif kind == "d":
            key = draw(zone_keys)
            packed += records.pack_bluezone_key(*key)
            expected.append(key)
        elif kind == "z":
            identifier, after_s, span_s, periods, *rssi = draw(encounters)
            offset = len(packed)
            packed += bytes(records.BLUEZONE_ENCOUNTER_BYTES)
            dwell_s = periods * records.DWELL_UNIT_S
            records.pack_bluezone_encounter(packed, offset, identifier, after_s, span_s, dwell_s, *rssi)
            expected.append(reading.BluezoneEncounter(identifier[:12], start_s + after_s, span_s, periods, *rssi))
        elif kind == "i":
            code, after_s, value = draw(events)
            packed += records.pack_event(code, after_s, value)
            expected.append(reading.Event(code, start_s + after_s, value))
        else:
            identifier, after_s, span_s, count, strongest, mean = draw(encounters)
            offset = len(packed)
            packed += bytes(records.ENCOUNTER_BYTES)
            dwell_s = count * records.DWELL_UNIT_S
            records.pack_encounter(packed, offset, identifier, after_s, span_s, dwell_s, strongest, mean)
            rpi, power = identifier[:16], identifier[17]
            expected.append(reading.Encounter(rpi, power, start_s + after_s, span_s, count, strongest, mean))
    return bytes(packed), reading.Body(start_s, listened, expected)


@st.composite
def segments(draw):
    """(header, the bytes of a segment, what its batches must be read as, where each of them ends)"""
    header = draw(headers)
    data = records.pack_header(header)
    ends, read = [len(data)], []
    at_s = header.opened_s
    for number, span_s in enumerate(draw(st.lists(U16, max_size=4))):
        packed, expected = draw(bodies(st.just(at_s)))
        data += records.pack_batch(header.segment, records.batch_head(number, span_s, len(packed)), packed)
        ends.append(len(data))
        read.append(expected)
        at_s += span_s
    return header, data, read, ends


@given(headers)
def test_headers_come_back(header):
    packed = records.pack_header(header)
    assert len(packed) == records.HEADER_BYTES
    assert records.unpack_header(packed) == header


@given(bodies())
def test_bodies_come_back(drawn):
    packed, expected = drawn
    assert reading.unpack_body(packed, expected.start_s) == expected


@given(segments())
def test_segments_come_back(drawn):
    header, data, expected, _ = drawn
    assert reading.read_segment(data) == (header, expected, 0)


@given(segments(), st.data())
def test_a_segment_cut_anywhere_keeps_its_whole_batches(drawn, data):
    header, whole, expected, ends = drawn
    length = data.draw(st.integers(records.HEADER_BYTES, len(whole)))
    count = sum(end <= length for end in ends) - 1
    assert reading.read_segment(whole[:length]) == (header, expected[:count], length - ends[count])


@given(segments(), st.data())
def test_flipped_bits_are_found(drawn, data):
    _, whole, expected, ends = drawn
    places = data.draw(st.sets(st.integers(0, 8 * len(whole) - 1), min_size=1, max_size=3))
    harmed = bytearray(whole)
    for place in places:
        harmed[place // 8] ^= 1 << place % 8
    try:
        _, found, _ = reading.read_segment(bytes(harmed))
    except records.Damaged:
        assert min(places) // 8 < records.HEADER_BYTES
        return
    unharmed = sum(end <= min(places) // 8 for end in ends) - 1
    assert min(places) // 8 >= records.HEADER_BYTES
    assert found == expected[:unharmed]


@given(st.binary(max_size=200))
def test_a_header_of_any_bytes_is_damaged_or_a_header(data):
    try:
        header = records.unpack_header(data)
    except records.Damaged:
        return
    assert records.pack_header(header) == data[: records.HEADER_BYTES]


@given(st.binary(max_size=200), st.sampled_from((b"", b"\x01", b"\x02", b"\x03", b"\x04", b"\x05")))
def test_a_body_of_any_bytes_is_damaged_or_a_body(data, kind):
    data = data[: records.BODY_PREFIX_BYTES] + kind + data[records.BODY_PREFIX_BYTES :]
    try:
        body = reading.unpack_body(data, 0)
    except records.Damaged:
        return
    sizes = {
        reading.Encounter: records.ENCOUNTER_BYTES,
        reading.Key: records.KEY_BYTES,
        reading.BluezoneEncounter: records.BLUEZONE_ENCOUNTER_BYTES,
        reading.BluezoneKey: records.BLUEZONE_KEY_BYTES,
        reading.Event: records.EVENT_BYTES,
    }
    assert len(data) == records.BODY_PREFIX_BYTES + sum(sizes[type(each)] for each in body.records)


@given(headers, st.binary(max_size=300))
def test_any_bytes_behind_a_header_are_no_batch(header, noise):
    found, batches, left = reading.read_segment(records.pack_header(header) + noise)
    assert found == header and batches == [] and left == len(noise)


@given(st.tuples(U8, U8, I16, U16, U32, U32, U32))
def test_retained_memory_comes_back(told):
    packed = records.pack_retained(*told)
    assert records.unpack_retained(packed) == told
    assert records.unpack_retained(packed + bytes(100)) == told


@given(st.binary(max_size=64), st.booleans())
def test_retained_memory_of_any_bytes_is_nothing(noise, marked):
    assert records.unpack_retained((b"BTrm" if marked else b"") + noise) is None
