"""The byte layouts, one golden vector each, and what becomes of bytes that are damaged."""

from binascii import hexlify, unhexlify
from io import BytesIO

from raising import raised
from wearable import reading, records

TOKEN_ID = bytes(range(1, 9))
ENC = bytes(range(0x80, 0xA0))
HEADER = records.Header(
    2, 0, TOKEN_ID, 7, 3, 0x0B0A0908, 0x12345, 0x0B000001, 18, records.CLOCK_SET, -4, 30, 96, b"\xc0\xc1\xc2\xc3", ENC
)
START_S = 0x04050607
RETAINED = (records.CLOCK_SET, 4, -300, 0x0102, 0x01020304, 0x0A0B0C0D, 0x05060708)
IDENTIFIER = bytes(range(0x10, 0x22))


def spaced(fields):
    return unhexlify(fields.replace(" ", ""))


# Field by field: magic, version, seal, length, token, segment, boot, opened, up, set, uncertainty, clock
# state, RSSI offset, period, batches before, authority's key, encapsulation, checksum.
GOLDEN_HEADER = spaced(
    "42547367 02 00 5300 0102030405060708 07000000 03000000 08090a0b 45230100 0100000b 1200 02 fc 1e 6000 c0c1c2c3"
    "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f 6cff93c0"
)
# Kind, RPI, power, start and span in twelve bits each, periods, strongest, mean.
GOLDEN_ENCOUNTER = spaced("01 101112131415161718191a1b1c1d1e1f 21 2c8125 0a c4 b5")
GOLDEN_KEY = spaced("02 101112131415161718191a1b1c1d1e1f 78563412 7f")
# Kind, identifier, start and span in twelve bits each, periods, strongest, mean.
GOLDEN_BLUEZONE_ENCOUNTER = spaced("04 101112131415161718191a1b 2c8125 0a c4 b5")
GOLDEN_BLUEZONE_KEY = spaced("05 808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f df00 5f")
GOLDEN_EVENT = spaced("03 05 0201 efbeadde")
GOLDEN_RECORDS = (GOLDEN_ENCOUNTER, GOLDEN_KEY, GOLDEN_EVENT, GOLDEN_BLUEZONE_ENCOUNTER, GOLDEN_BLUEZONE_KEY)
GOLDEN_BODY_PREFIX = spaced("ff00")
# Number, span, length, payload, checksum.
GOLDEN_BATCH = spaced("0200 8403 0300 616263 1336f92b")
GOLDEN_RETAINED = spaced("4254726d 02 04 d4fe 0201 04030201 0d0c0b0a 08070605 034e0a04")


def encounter(start_s=300, span_s=600, dwell_s=40, strongest=-60, mean=-75):
    buffer = bytearray(records.ENCOUNTER_BYTES)
    records.pack_encounter(buffer, 0, IDENTIFIER, start_s, span_s, dwell_s, strongest, mean)
    return bytes(buffer)


def bluezone_encounter(start_s=300, span_s=600, dwell_s=40, strongest=-60, mean=-75):
    buffer = bytearray(records.BLUEZONE_ENCOUNTER_BYTES)
    records.pack_bluezone_encounter(buffer, 0, IDENTIFIER, start_s, span_s, dwell_s, strongest, mean)
    return bytes(buffer)


def body(*packed):
    return records.body_prefix(255) + b"".join(packed)


def batch(segment, number, payload, span_s=600):
    return records.pack_batch(segment, records.batch_head(number, span_s, len(payload)), payload)


def segment(*bodies):
    """Return the bytes of a segment and where each of its batches ends."""
    data = records.pack_header(HEADER)
    ends = [len(data)]
    for number, each in enumerate(bodies):
        data += batch(HEADER.segment, number, each)
        ends.append(len(data))
    return data, ends


def three_batches():
    return segment(body(encounter()), body(), body(GOLDEN_KEY, GOLDEN_EVENT))


def test_header_layout():
    assert records.pack_header(HEADER) == GOLDEN_HEADER, hexlify(records.pack_header(HEADER))
    assert records.unpack_header(GOLDEN_HEADER) == HEADER
    assert records.HEADER_BYTES == len(GOLDEN_HEADER) == 83


def test_encounter_layout():
    assert encounter() == GOLDEN_ENCOUNTER, hexlify(encounter())
    read = reading.unpack_body(body(GOLDEN_ENCOUNTER), START_S).records
    assert read == [
        reading.Encounter(IDENTIFIER[:16], IDENTIFIER[17], START_S + 300, 600, 10, -60, -75),
    ]


def test_key_layout():
    packed = records.pack_key(bytearray(IDENTIFIER[:16]), 0x12345678, 127)
    assert packed == GOLDEN_KEY, hexlify(packed)
    assert reading.unpack_body(body(GOLDEN_KEY), START_S).records == [reading.Key(IDENTIFIER[:16], 0x12345678, 127)]


def test_bluezone_encounter_layout():
    assert bluezone_encounter() == GOLDEN_BLUEZONE_ENCOUNTER, hexlify(bluezone_encounter())
    read = reading.unpack_body(body(GOLDEN_BLUEZONE_ENCOUNTER), START_S).records
    assert read == [reading.BluezoneEncounter(IDENTIFIER[:12], START_S + 300, 600, 10, -60, -75)]


def test_bluezone_key_layout():
    packed = records.pack_bluezone_key(bytearray(ENC), 223, 95)
    assert packed == GOLDEN_BLUEZONE_KEY, hexlify(packed)
    assert reading.unpack_body(body(GOLDEN_BLUEZONE_KEY), START_S).records == [reading.BluezoneKey(ENC, 223, 95)]


def test_event_layout():
    packed = records.pack_event(records.EVENT_RADIO, 0x102, 0xDEADBEEF)
    assert packed == GOLDEN_EVENT, hexlify(packed)
    assert reading.unpack_body(body(GOLDEN_EVENT), START_S).records == [
        reading.Event(records.EVENT_RADIO, START_S + 0x102, 0xDEADBEEF),
    ]


def test_body_layout():
    assert body() == GOLDEN_BODY_PREFIX, hexlify(body())
    assert reading.unpack_body(GOLDEN_BODY_PREFIX, START_S) == reading.Body(START_S, 255, [])


def test_batch_layout():
    assert batch(7, 2, b"abc", 900) == GOLDEN_BATCH, hexlify(batch(7, 2, b"abc", 900))
    number, read = records.read_batch(7, BytesIO(GOLDEN_BATCH).read)
    assert (number, read) == (2, records.Batch(GOLDEN_BATCH[:6], 900, b"abc"))


def test_retained_memory_layout():
    packed = records.pack_retained(*RETAINED)
    assert packed == GOLDEN_RETAINED, hexlify(packed)
    assert records.unpack_retained(GOLDEN_RETAINED) == RETAINED


def test_a_record_takes_what_the_budget_says():
    assert records.ENCOUNTER_BYTES == 24
    assert records.KEY_BYTES == 22
    assert records.EVENT_BYTES == 8
    assert records.BLUEZONE_ENCOUNTER_BYTES == 19
    assert records.BLUEZONE_KEY_BYTES == 36
    assert records.BATCH_OVERHEAD_BYTES + records.BODY_PREFIX_BYTES == 12


def test_values_beyond_their_field_are_held_at_its_end():
    for packed in (encounter, bluezone_encounter):
        held = reading.unpack_body(body(packed(70000, 70000, 1200)), START_S).records[0]
        assert (held.start_s - START_S, held.span_s, held.periods) == (0xFFF, 0xFFF, 255)
        held = reading.unpack_body(body(packed(-5, -5)), START_S).records[0]
        assert (held.start_s - START_S, held.span_s) == (0, 0)
    event = reading.unpack_body(body(records.pack_event(1, 70000, -1)), START_S).records[0]
    assert (event.at_s - START_S, event.value) == (0xFFFF, 0xFFFFFFFF)
    assert reading.unpack_body(records.body_prefix(70000), 0).periods == 0xFFFF
    assert list(records.batch_head(0, 70000, 0)[2:4]) == [0xFF, 0xFF]
    kept = records.unpack_retained(records.pack_retained(0, 300, 0, 0, 0, 0, 1 << 33))
    assert kept == (0, 255, 0, 0, 0, 0, 0xFFFFFFFF)


def test_opened_at_changes_the_time_of_opening_only():
    moved = records.opened_at(HEADER, 99)
    assert moved.opened_s == 99
    assert records.opened_at(moved, HEADER.opened_s) == HEADER


def test_a_segment_is_read_as_it_was_written():
    data, _ = three_batches()
    header, bodies, left = reading.read_segment(data)
    assert header == HEADER and left == 0
    assert [len(each.records) for each in bodies] == [1, 0, 2]
    assert [each.start_s - HEADER.opened_s for each in bodies] == [0, 600, 1200]


def test_a_segment_cut_anywhere_loses_the_torn_batch_only():
    data, ends = three_batches()
    for length in range(len(data)):
        if length < records.HEADER_BYTES:
            raised(records.Damaged, reading.read_segment, data[:length])
            continue
        whole = len([end for end in ends[1:] if end <= length])
        _, bodies, left = reading.read_segment(data[:length])
        assert len(bodies) == whole, length
        assert left == length - ends[whole], length


def test_every_flipped_bit_is_found():
    data, ends = three_batches()
    _, unharmed, _ = reading.read_segment(data)
    for place in range(len(data)):
        for bit in range(8):
            harmed = bytearray(data)
            harmed[place] ^= 1 << bit
            if place < records.HEADER_BYTES:
                raised(records.Damaged, reading.read_segment, bytes(harmed))
                continue
            before = len([end for end in ends[1:] if end <= place])
            assert reading.read_segment(bytes(harmed))[1] == unharmed[:before], (place, bit)


def test_a_batch_out_of_place_is_not_read():
    data, ends = segment(body(GOLDEN_KEY), body(GOLDEN_EVENT))
    first, second = data[ends[0] : ends[1]], data[ends[1] :]
    assert reading.read_segment(data[: ends[0]] + second + first)[1] == []
    assert len(reading.read_segment(data[: ends[0]] + first + first)[1]) == 1


def test_a_batch_of_another_segment_is_not_read():
    other = batch(HEADER.segment + 1, 0, body())
    assert reading.read_segment(records.pack_header(HEADER) + other)[1] == []


def test_a_batch_longer_than_any_is_not_read_into_memory():
    asked = []

    def read(count):
        asked.append(count)
        return b"\x00\x00\x00\x00\xff\xff"[:count]

    assert list(records.batches(1, read)) == []
    assert max(asked) <= records.PAYLOAD_LIMIT_BYTES + 4


def test_a_body_with_an_unknown_or_torn_record_is_damaged():
    raised(records.Damaged, reading.unpack_body, b"", 0)
    raised(records.Damaged, reading.unpack_body, body(b"\x09"), 0)
    for packed in GOLDEN_RECORDS:
        for length in range(1, len(packed)):
            raised(records.Damaged, reading.unpack_body, body(packed[:length]), 0)


def test_a_header_of_another_format_says_which():
    for place, word in ((4, "version"), (6, "version"), (0, "not a segment")):
        foreign = bytearray(GOLDEN_HEADER)
        foreign[place] += 1
        assert word in str(raised(records.Damaged, records.unpack_header, bytes(foreign)))


def test_retained_memory_is_believed_whole_or_not_at_all():
    packed = records.pack_retained(*RETAINED)
    for length in range(len(packed)):
        assert records.unpack_retained(packed[:length]) is None, length
    for place in range(len(packed)):
        harmed = bytearray(packed)
        harmed[place] ^= 1
        assert records.unpack_retained(bytes(harmed)) is None, place
    assert records.unpack_retained(bytes(2048)) is None
