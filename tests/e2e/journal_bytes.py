"""Segments as a token writes them, made here; and what is in those that a token made."""

from __future__ import annotations

import json
from io import BytesIO

from bluetoken.exposure.opening import open_segment
from wearable import reading, records

from . import flash_image

# The recipient of RFC 9180's export-only vectors (appendix A.7.1) is the health authority here.
AUTHORITY_PUBLIC = bytes.fromhex("194141ca6c3c3beb4792cd97ba0ea1faff09d98435012345766ee33aae2d7664")
AUTHORITY_PRIVATE = bytes.fromhex("33d196c830a12f9ac65d6e565a590d80f04ee9b19c83c87f2c170d972a812848")
KEYS = {"129b34ab": AUTHORITY_PRIVATE}


def segment(token_id: bytes, number: int, opened_s: int, bodies: list[bytes], boot: int = 1) -> bytes:
    """A whole segment in the clear, whose bodies each tell of ten minutes."""
    header = records.Header(
        records.VERSION,
        records.SEAL_NONE,
        token_id,
        number,
        boot,
        opened_s,
        0,
        opened_s,
        1,
        records.CLOCK_SET,
        0,
        30,
        records.BEFORE_UNKNOWN,
        bytes(records.KEY_ID_BYTES),
        bytes(records.ENC_BYTES),
    )
    heads = (records.batch_head(n, 600, len(body)) for n, body in enumerate(bodies))
    batches = b"".join(
        records.pack_batch(number, head, body) for head, body in zip(heads, bodies, strict=True)
    )
    return records.pack_header(header) + batches


def crowd(at_s: int, count: int) -> bytes:
    """A body with `count` encounters of different people, whom only `at_s` tells from those of other bodies."""
    buffer = bytearray(count * records.ENCOUNTER_BYTES)
    for n in range(count):
        identifier = at_s.to_bytes(4, "little") + n.to_bytes(14, "little")
        records.pack_encounter(buffer, n * records.ENCOUNTER_BYTES, identifier, n, 300, 11, -60, -65)
    return records.body_prefix(20) + bytes(buffer)


def token_id_in(image: bytes) -> bytes:
    return bytes.fromhex(json.loads(flash_image.files(image)["/token.json"])["token"])


def whole_bytes(raw: bytes) -> bytes:
    """A segment without what a cut of power left at its end."""
    try:
        header = records.unpack_header(raw)
    except records.Damaged:
        return b""
    batches = records.batches(header.segment, BytesIO(raw[records.HEADER_BYTES :]).read)
    lengths = (records.BATCH_OVERHEAD_BYTES + len(batch.payload) for batch in batches)
    return raw[: records.HEADER_BYTES + sum(lengths)]


def bodies(raw: bytes) -> list[reading.Body]:
    """What a segment tells, as far as it is whole; Damaged where it has no header."""
    return open_segment(records.unpack_header(raw), whole_bytes(raw), KEYS).bodies


def found(segments: dict[int, bytes], kind: type) -> list:
    """All records of a kind, such as reading.Encounter."""
    return [
        each for raw in segments.values() for body in bodies(raw) for each in body.records if isinstance(each, kind)
    ]
