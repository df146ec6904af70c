"""Opening sealed segments: what was done to one is found and named, and everything before it is still read."""

import functools
from dataclasses import dataclass

import pytest
from desk_building import MONDAY_S, Heard, body, key_record, segment, tek
from hypothesis import given
from hypothesis import strategies as st

from bluetoken.exposure.decoding import Log, RawSegment, decode
from bluetoken.exposure.opening import CannotOpen, KeyMissing, open_segment
from conftest import RFC9180_PUBLIC
from wearable import records

TOKEN = "ab" * 8
# The recipient of RFC 9180's export-only vectors, appendix A.7.1.
PRIVATE = bytes.fromhex("33d196c830a12f9ac65d6e565a590d80f04ee9b19c83c87f2c170d972a812848")
KEYS = {"129b34ab": PRIVATE}
BATCHES = 6


@functools.cache
def written(number: int = 4, before: int = records.BEFORE_UNKNOWN, count: int = BATCHES) -> bytes:
    """A sealed segment whose batches each hold an encounter of its own."""
    bodies = [body([Heard(tek(n), MONDAY_S + 600 * n)], MONDAY_S + 600 * n) for n in range(count)]
    return segment(TOKEN, number, bodies, before=before, authority=RFC9180_PUBLIC)


@dataclass
class Pieces:
    """A segment taken apart."""

    header: bytes
    batches: list[bytes]

    @classmethod
    def of(cls, raw: bytes) -> "Pieces":
        pieces, at = cls(raw[: records.HEADER_BYTES], []), records.HEADER_BYTES
        while at < len(raw):
            length = records.BATCH_OVERHEAD_BYTES + int.from_bytes(raw[at + 4 : at + 6], "little")
            pieces.batches.append(raw[at : at + length])
            at += length
        return pieces

    def put_together(self, *order: int) -> bytes:
        return self.header + b"".join(self.batches[n] for n in order)


def opened(raw: bytes) -> tuple[int, list[str]]:
    found = open_segment(records.unpack_header(raw), raw, KEYS)
    untouched = open_segment(records.unpack_header(written()), written(), KEYS).bodies
    assert found.bodies == untouched[: len(found.bodies)]
    return len(found.bodies), found.faults


def test_untouched_it_is_read_to_its_end() -> None:
    assert opened(written()) == (BATCHES, [])


@pytest.mark.parametrize(
    ("order", "read", "said"),
    [
        ((0, 1, 3, 2, 4, 5), 2, "batches 2 and 3 have changed places"),
        ((0, 1, 2, 5, 4, 3), 3, "batches 3 and 5 have changed places"),
        ((0, 1, 1, 2, 3, 4, 5), 2, "batch 1 is there again, behind batch 1"),
        ((0, 1, 2, 0, 3, 4, 5), 3, "batch 0 is there again, behind batch 2"),
        ((0, 1, 2, 3, 4, 5, 5), 6, "batch 5 is there again, behind batch 5"),
        ((1, 2, 3, 4, 5), 0, "batch 0 is missing"),
        ((0, 1, 4, 5), 2, "batches 2 to 3 are missing"),
        ((0, 1, 2, 3, 5), 4, "batch 4 is missing"),
    ],
)
def test_batches_out_of_their_places_are_named(order: tuple[int, ...], read: int, said: str) -> None:
    assert opened(Pieces.of(written()).put_together(*order)) == (read, [said])


def test_a_cut_anywhere_is_named() -> None:
    whole, pieces = written(), Pieces.of(written())
    ends = [records.HEADER_BYTES]
    for batch in pieces.batches:
        ends.append(ends[-1] + len(batch))
    for length in range(records.HEADER_BYTES, len(whole)):
        read, faults = opened(whole[:length])
        assert read == sum(end <= length for end in ends) - 1
        over = length - ends[read]
        assert faults == ([f"batch {read} was cut or altered ({over} bytes)"] if over else [])


def test_batches_that_are_missing_at_the_end_show_in_the_next_segment() -> None:
    short = Pieces.of(written()).put_together(0, 1, 2)
    log = read_log(short, written(5, before=BATCHES))
    assert log.unreadable == ["segment 4: 3 of its 6 batches are missing at its end"]
    assert len(log.encounters) == 3 + BATCHES
    for number, before in ((5, 3), (5, records.BEFORE_UNKNOWN), (6, BATCHES)):
        assert read_log(short, written(number, before=before)).unreadable == []


def test_every_altered_bit_is_found_and_what_is_before_it_read() -> None:
    whole, pieces = written(), Pieces.of(written())
    ends = [records.HEADER_BYTES]
    for batch in pieces.batches:
        ends.append(ends[-1] + len(batch))
    for at in range(records.HEADER_BYTES, len(whole)):
        harmed = bytearray(whole)
        harmed[at] ^= 1 << at % 8
        read, faults = opened(bytes(harmed))
        assert read == sum(end <= at for end in ends) - 1 and len(faults) == 1


@given(at=st.integers(0, 10_000), bit=st.integers(0, 7), number=st.integers(0, BATCHES - 1))
def test_an_alteration_with_a_checksum_made_to_fit_is_found(at: int, bit: int, number: int) -> None:
    pieces = Pieces.of(written())
    batch = bytearray(pieces.batches[number])
    place = at % (len(batch) - 4)
    if place in (0, 1, 4, 5):  # number and length: a batch out of its place, and a cut
        place = 2
    batch[place] ^= 1 << bit
    head, payload = bytes(batch[: records.BATCH_HEAD_BYTES]), bytes(batch[records.BATCH_HEAD_BYTES : -4])
    pieces.batches[number] = bytes(records.pack_batch(4, head, payload))
    assert opened(pieces.put_together(*range(BATCHES))) == (number, [f"batch {number} was altered"])


@pytest.mark.parametrize("field", ["opened_s", "boot", "set_s", "rssi_offset_db", "before"])
def test_a_header_with_a_checksum_made_to_fit_opens_nothing(field: str) -> None:
    raw = written(before=7)
    header = records.unpack_header(raw)
    forged = records.pack_header(header._replace(**{field: getattr(header, field) + 1}))
    assert opened(forged + raw[records.HEADER_BYTES :]) == (0, ["batch 0 was altered"])


def test_a_segment_does_not_open_under_another_number_or_token() -> None:
    raw = written()
    header = records.unpack_header(raw)
    # The checksums of the batches hold the number: they are made to fit, too.
    batches = [
        bytes(records.pack_batch(9, each[: records.BATCH_HEAD_BYTES], each[records.BATCH_HEAD_BYTES : -4]))
        for each in Pieces.of(raw).batches
    ]
    assert opened(records.pack_header(header._replace(segment=9)) + b"".join(batches))[1] == ["batch 0 was altered"]
    other = records.pack_header(header._replace(token_id=bytes(8)))
    assert opened(other + raw[records.HEADER_BYTES :])[1] == ["batch 0 was altered"]


def test_an_encapsulation_that_everybody_could_have_made_is_refused() -> None:
    raw = written()
    header = records.unpack_header(raw)._replace(enc=bytes(32))
    with pytest.raises(CannotOpen, match="altered"):
        open_segment(header, raw, KEYS)


def test_an_unknown_seal_and_a_missing_key_are_two_things() -> None:
    raw = written()
    header = records.unpack_header(raw)
    with pytest.raises(KeyMissing, match="129b34ab"):
        open_segment(header, raw, {"00000000": PRIVATE})
    with pytest.raises(CannotOpen, match="does not know") as refused:
        open_segment(header._replace(seal=2), raw, KEYS)
    assert not isinstance(refused.value, KeyMissing)


def test_the_wrong_private_key_under_the_right_id_opens_nothing() -> None:
    raw = written()
    found = open_segment(records.unpack_header(raw), raw, {"129b34ab": bytes(range(32))})
    assert found.bodies == [] and found.faults == ["batch 0 was altered"]


def test_one_bad_segment_hides_no_other() -> None:
    bad = Pieces.of(written(4)).put_together(0, 2, 3)
    clear = segment(TOKEN, 6, [body([], MONDAY_S, more=key_record(tek(9), MONDAY_S))])
    log = read_log(bad, written(5), clear)
    assert len(log.encounters) == 1 + BATCHES and [key.tek for key in log.keys] == [tek(9)]
    assert log.unreadable == ["segment 4: batch 1 is missing"] and log.sealed_to == []


def read_log(*raws: bytes) -> Log:
    return decode(TOKEN, [RawSegment(raw) for raw in raws], KEYS)
