"""Frames: whatever happens to them on the line, what comes out is right, or nothing does."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bluetoken.link.frames import BadFrame, Decoder, encode

# The bytes that are escaped, and what their escapes are made of, more often than chance has them.
BYTES = st.one_of(st.sampled_from([0x04, 0x1B, 0x5B, 0x44, 0x00]), st.integers(0, 255))
DATA = st.lists(BYTES, max_size=300).map(bytes)
PIECES = st.lists(st.lists(BYTES, min_size=1, max_size=60).map(bytes), max_size=6)
OFFSETS = st.integers(0, 1 << 30)


def stream(pieces: list[bytes], offset: int = 0) -> bytes:
    """What a token sends: a frame for each piece and an empty one."""
    sent = b""
    for piece in [*pieces, b""]:
        sent += encode(offset, piece)
        offset += len(piece)
    return sent


def chunks(data: bytes, cuts: list[int]) -> list[bytes]:
    places = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    return [data[start:end] for start, end in pairwise(places)]


def heard(data: bytes, offset: int = 0) -> Decoder:
    """A decoder that was fed until it refused, if it did."""
    decoder = Decoder(offset)
    try:
        decoder.feed(data)
    except BadFrame:
        decoder.refused = True  # type: ignore[attr-defined]
    return decoder


@given(PIECES, OFFSETS, st.lists(st.integers(0, 10_000), max_size=12))
def test_any_data_arrives_in_any_chunks_from_any_offset(
    pieces: list[bytes], offset: int, cuts: list[int]
) -> None:
    decoder = Decoder(offset)
    for chunk in chunks(stream(pieces, offset), cuts):
        decoder.feed(chunk)
    assert (bytes(decoder.data), decoder.ended) == (b"".join(pieces), True)


@given(DATA)
def test_byte_by_byte_is_as_good_as_all_at_once(data: bytes) -> None:
    decoder = Decoder()
    for byte in stream([data] if data else []):
        decoder.feed(bytes([byte]))
    assert (bytes(decoder.data), decoder.ended) == (data, True)


@given(DATA, OFFSETS)
def test_no_frame_holds_the_byte_that_ends_the_output_of_a_raw_repl(data: bytes, offset: int) -> None:
    assert b"\x04" not in encode(offset, data)


def assert_right_or_nothing(spoilt: bytes, pieces: list[bytes]) -> None:
    """What a decoder took out of a spoilt stream is the beginning of the truth, and all of it if it says so."""
    decoder = heard(spoilt)
    truth = b"".join(pieces)
    assert truth.startswith(bytes(decoder.data))
    assert not decoder.ended or decoder.data == truth


@given(PIECES, st.integers(0, 10_000), st.integers(1, 255))
def test_a_flipped_byte_never_becomes_data(pieces: list[bytes], at: int, flip: int) -> None:
    sent = bytearray(stream(pieces))
    sent[at % len(sent)] ^= flip
    assert_right_or_nothing(bytes(sent), pieces)
    assert not heard(bytes(sent)).ended


@given(PIECES, st.integers(0, 10_000))
def test_a_dropped_byte_never_becomes_data(pieces: list[bytes], at: int) -> None:
    sent = bytearray(stream(pieces))
    del sent[at % len(sent)]
    assert_right_or_nothing(bytes(sent), pieces)
    assert not heard(bytes(sent)).ended


@given(PIECES, st.integers(0, 10_000), BYTES)
def test_an_inserted_byte_never_becomes_data(pieces: list[bytes], at: int, byte: int) -> None:
    sent = bytearray(stream(pieces))
    sent.insert(at % (len(sent) + 1), byte)
    assert_right_or_nothing(bytes(sent), pieces)


@given(st.binary(max_size=400))
def test_noise_never_becomes_data(noise: bytes) -> None:
    assert_right_or_nothing(noise, [])


@given(PIECES, st.integers(0, 10_000))
def test_after_a_cut_another_decoder_goes_on_where_the_first_one_stood(pieces: list[bytes], at: int) -> None:
    truth = b"".join(pieces)
    sent = stream(pieces)
    first = heard(sent[: at % len(sent)])
    second = heard(
        stream([truth[len(first.data) :]] if truth[len(first.data) :] else [], len(first.data)),
        len(first.data),
    )
    assert bytes(first.data + second.data) == truth
    assert second.ended


@pytest.mark.parametrize("offset", [0, 99, 101, 1 << 31])
def test_a_frame_from_elsewhere_is_refused(offset: int) -> None:
    with pytest.raises(BadFrame):
        Decoder(100).feed(encode(offset, b"abc"))


def test_nothing_is_taken_after_the_last_frame() -> None:
    decoder = heard(stream([b"abc"]))
    with pytest.raises(BadFrame):
        decoder.feed(encode(3, b"more"))
    assert decoder.data == b"abc"


def test_an_escape_after_an_escape_is_refused() -> None:
    with pytest.raises(BadFrame):
        Decoder().feed(b"\x1b\x1b")
