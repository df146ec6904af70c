"""Segments as a token writes them, made here; and what is in those that a token made."""

from __future__ import annotations

import json

from wearable import records

from . import flash_image


def segment(token_id: bytes, number: int, opened_s: int, bodies: list[bytes], boot: int = 1) -> bytes:
    """A whole segment."""
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
    )
    batches = b"".join(records.pack_batch(number, n, body) for n, body in enumerate(bodies))
    return records.pack_header(header) + batches


def crowd(at_s: int, count: int) -> bytes:
    """A body with `count` encounters of different people."""
    buffer = bytearray(count * records.ENCOUNTER_BYTES)
    for n in range(count):
        identifier = at_s.to_bytes(4, "little") + n.to_bytes(14, "little")
        records.pack_encounter(buffer, n * records.ENCOUNTER_BYTES, identifier, n, 300, 11, -60, -65)
    return records.body_prefix(at_s, 0, 20) + bytes(buffer)


def token_id_in(image: bytes) -> bytes:
    return bytes.fromhex(json.loads(flash_image.files(image)["/token.json"])["token"])


def whole_bytes(raw: bytes) -> bytes:
    """A segment without what a cut of power left at its end."""
    try:
        return raw[: len(raw) - records.read_segment(raw)[2]]
    except records.Damaged:
        return b""


def found(segments: dict[int, bytes], kind: type) -> list:
    """All records of a kind, such as records.Encounter."""
    bodies = [body for raw in segments.values() for body in records.read_segment(raw)[1]]
    return [each for body in bodies for each in body.records if isinstance(each, kind)]
