"""Reads what records.py lays out, for the desk and for tests (pure); a token never does, and loads none of it."""

import struct
from collections import namedtuple
from io import BytesIO

from .records import (
    _BLUEZONE_ENCOUNTER,
    _BLUEZONE_KEY,
    _BODY,
    _ENCOUNTER,
    _EVENT,
    _KEY,
    BATCH_OVERHEAD_BYTES,
    BLUEZONE_ENCOUNTER,
    BLUEZONE_ENCOUNTER_BYTES,
    BLUEZONE_KEY,
    BLUEZONE_KEY_BYTES,
    BODY_PREFIX_BYTES,
    ENCOUNTER,
    ENCOUNTER_BYTES,
    EVENT,
    EVENT_BYTES,
    HEADER_BYTES,
    KEY,
    KEY_BYTES,
    TIME_LIMIT_S,
    Damaged,
    batches,
    unpack_header,
)

Body = namedtuple("Body", ("start_s", "periods", "records"))
Encounter = namedtuple(
    "Encounter",
    (
        "rpi",
        "power",  # the metadata's second byte, TX power under the cipher; the others can be told without it
        "start_s",  # token seconds
        "span_s",  # from the first to the last time it was heard
        "periods",  # for how many of Header.period_s it was there, at most 255
        "rssi_max_dbm",
        "rssi_mean_dbm",
    ),
)
Key = namedtuple("Key", ("tek", "rolling_start", "rolling_period"))
Event = namedtuple("Event", ("code", "at_s", "value"))
BluezoneEncounter = namedtuple(
    "BluezoneEncounter", ("bluezone_id", "start_s", "span_s", "periods", "rssi_max_dbm", "rssi_mean_dbm")
)
# A UTC day, counted from 2020-01-01, and the quarter of an hour from which on the key was used.
BluezoneKey = namedtuple("BluezoneKey", ("daily_key", "day", "slot"))


def unpack_body(body, start_s):
    """Read a batch's body, which begins at `start_s`, into a Body whose records are of the types above."""
    if len(body) < BODY_PREFIX_BYTES:
        raise Damaged("a batch is shorter than its prefix")
    periods = struct.unpack_from(_BODY, body)[0]
    found: list = []
    offset = BODY_PREFIX_BYTES
    while offset < len(body):
        kind = body[offset]
        size = _SIZES.get(kind)
        if size is None or offset + size > len(body):
            raise Damaged("a batch holds a record of an unknown kind (%d)" % kind)
        if kind == ENCOUNTER:
            f = struct.unpack_from(_ENCOUNTER, body, offset)
            found.append(Encounter(f[1], f[2], *_stay(f[3:], start_s)))
        elif kind == KEY:
            found.append(Key(*struct.unpack_from(_KEY, body, offset)[1:]))
        elif kind == BLUEZONE_ENCOUNTER:
            f = struct.unpack_from(_BLUEZONE_ENCOUNTER, body, offset)
            found.append(BluezoneEncounter(f[1], *_stay(f[2:], start_s)))
        elif kind == BLUEZONE_KEY:
            found.append(BluezoneKey(*struct.unpack_from(_BLUEZONE_KEY, body, offset)[1:]))
        else:
            f = struct.unpack_from(_EVENT, body, offset)
            found.append(Event(f[1], start_s + f[2], f[3]))
        offset += size
    return Body(start_s, periods, found)


def _stay(fields, start_s):
    """Return (start_s, span_s, periods, rssi_max_dbm, rssi_mean_dbm) of how an encounter ends."""
    when, span, periods, rssi_max_dbm, rssi_mean_dbm = fields
    return start_s + (when & TIME_LIMIT_S), when >> 12 | span << 4, periods, rssi_max_dbm, rssi_mean_dbm


_SIZES = {
    ENCOUNTER: ENCOUNTER_BYTES,
    KEY: KEY_BYTES,
    EVENT: EVENT_BYTES,
    BLUEZONE_ENCOUNTER: BLUEZONE_ENCOUNTER_BYTES,
    BLUEZONE_KEY: BLUEZONE_KEY_BYTES,
}


def read_segment(data):
    """Read a whole segment that is in the clear: (Header, [Body, ...], bytes that belong to no whole batch)."""
    header = unpack_header(data)
    found: list = []
    left = len(data) - HEADER_BYTES
    at_s = header.opened_s
    for batch in batches(header.segment, BytesIO(data[HEADER_BYTES:]).read):
        found.append(unpack_body(batch.payload, at_s))
        at_s += batch.span_s
        left -= BATCH_OVERHEAD_BYTES + len(batch.payload)
    return header, found, left
