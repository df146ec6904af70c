"""The byte layout of everything a token writes down (docs/SPEC.md, section 2).

Pure: bytes in, tuples out. The host reads segments with this very file and reading.py, so a layout stands here
and nowhere else. Integers are little-endian. Times are "token seconds", u32 since
2020-01-01T00:00:00Z: they stay small integers on a 32-bit MicroPython until 2054, where Unix
seconds would be allocated on the heap at every addition.
"""

import struct
from binascii import crc32
from collections import namedtuple
from hashlib import sha256

from . import const

EPOCH_UNIX_S = 1577836800

VERSION = 2
SEAL_NONE = 0
SEAL_AUTHORITY = 1  # to the health authority's key: sealing.py

# How far the clock could be trusted when the segment was opened.
CLOCK_UNSET = 0  # never set since the battery was first connected
CLOCK_RESTORED = 1  # power was lost; the clock goes on from the last time written down
CLOCK_SET = 2  # set by a desk and not lost since

ENCOUNTER = 1
KEY = 2
EVENT = 3
BLUEZONE_ENCOUNTER = 4
BLUEZONE_KEY = 5

EVENT_BOOT = 1  # value: reset cause
EVENT_CRASH = 2  # value: crashes in a row
EVENT_DROPPED = 3  # value: adverts that found the ring full
EVENT_EVICTED = 4  # value: encounters given up because the table was full
EVENT_RADIO = 5  # value: times the radio refused a step and was cycled
EVENT_PAUSED = 6
EVENT_RESUMED = 7
EVENT_QUOTA = 8  # value: encounters that were not written, see quota.py

PUBLIC_KEY_BYTES = 32
KEY_ID_BYTES = 4
ENC_BYTES = 32
BLUEZONE_ID_BYTES = 12
BEFORE_UNKNOWN = 0xFFFF

_MAGIC = const(b"BTsg")
_RETAINED_MAGIC = const(b"BTrm")
_HEADER = const("<4sBBH8sIIIIIHBbBH4s32s")
_CRC = const("<I")
_BATCH = const("<HHH")
_BODY = "<H"
_RETAINED = const("<4sBBhHIII")
_ENCOUNTER = "<B16sBHBBbb"
_KEY = "<B16sIB"
_EVENT = "<BBHI"
_BLUEZONE_ENCOUNTER = "<B12sHBBbb"
_BLUEZONE_KEY = "<B32sHB"

HEADER_BYTES = struct.calcsize(_HEADER) + 4
BATCH_HEAD_BYTES = struct.calcsize(_BATCH)
BATCH_OVERHEAD_BYTES = BATCH_HEAD_BYTES + 4
BODY_PREFIX_BYTES = struct.calcsize(_BODY)
ENCOUNTER_BYTES = struct.calcsize(_ENCOUNTER)
KEY_BYTES = struct.calcsize(_KEY)
EVENT_BYTES = struct.calcsize(_EVENT)
BLUEZONE_ENCOUNTER_BYTES = struct.calcsize(_BLUEZONE_ENCOUNTER)
BLUEZONE_KEY_BYTES = struct.calcsize(_BLUEZONE_KEY)
PAYLOAD_LIMIT_BYTES = 4096
DWELL_UNIT_S = 4  # what an encounter's time of presence is counted in; Header.period_s says so
TIME_LIMIT_S = 0xFFF  # of an encounter's beginning and of its length: twelve bits each

Header = namedtuple(
    "Header",
    (
        "version",
        "seal",
        "token_id",  # 8 bytes, drawn by the desk at issue
        "segment",  # counts up for the life of the token
        "boot",  # counts up at every start
        "opened_s",  # token seconds
        "up_s",  # seconds since the start, at the same moment
        "set_s",  # token seconds to which the clock was last put: by a desk, or by the token after a loss of power
        "uncertainty_s",
        "clock_state",
        "rssi_offset_db",  # to be added to every RSSI of the segment (board calibration)
        "period_s",  # what the units of presence and of listening stand for: DWELL_UNIT_S
        "before",  # batches in the segment before this one, BEFORE_UNKNOWN where nobody can tell
        "key_id",  # 4 bytes: which of the authority's keys it is sealed to
        "enc",  # 32 bytes: the encapsulation, for the holder of the private key; zeros where nothing is sealed
    ),
)
Batch = namedtuple("Batch", ("head", "span_s", "payload"))


class Damaged(ValueError):
    """The bytes are not what a token wrote."""


def key_id(public_key):
    """Return the bytes by which a key of the authority's is told from others: the first of its SHA-256."""
    return sha256(public_key).digest()[:KEY_ID_BYTES]


def pack_header(header):
    """Return the bytes that begin a segment."""
    data = struct.pack(
        _HEADER,
        _MAGIC,
        header.version,
        header.seal,
        HEADER_BYTES,
        header.token_id,
        header.segment,
        header.boot,
        header.opened_s,
        header.up_s,
        header.set_s,
        min(header.uncertainty_s, 0xFFFF),
        header.clock_state,
        header.rssi_offset_db,
        header.period_s,
        header.before,
        header.key_id,
        header.enc,
    )
    return data + struct.pack(_CRC, crc32(data) & 0xFFFFFFFF)


def opened_at(header, opened_s):
    """Return the header with another time of opening."""
    fields = list(header)
    fields[5] = opened_s
    return Header(*fields)


def unpack_header(data):
    """Read the header of a segment; Damaged where it is none of ours or did not survive."""
    if len(data) < HEADER_BYTES:
        raise Damaged("the segment ends inside its header")
    fields = struct.unpack_from(_HEADER, data)
    if fields[0] != _MAGIC:
        raise Damaged("this is not a segment")
    if fields[1] != VERSION or fields[3] != HEADER_BYTES:
        raise Damaged("the segment has format version %d, this program reads %d" % (fields[1], VERSION))
    if crc32(data[: HEADER_BYTES - 4]) & 0xFFFFFFFF != struct.unpack_from(_CRC, data, HEADER_BYTES - 4)[0]:
        raise Damaged("the header's checksum is wrong")
    return Header(fields[1], fields[2], *fields[4:])


def batch_head(number, span_s, length):
    """Return the bytes before the payload of batch `number`, which tells of the `span_s` seconds before it."""
    return struct.pack(_BATCH, number, min(max(span_s, 0), 0xFFFF), length)


def pack_batch(segment, head, payload):
    """Return a batch of `segment` as it is written; the checksum binds it to its segment and its place."""
    batch = bytearray(len(payload) + BATCH_OVERHEAD_BYTES)
    batch[:BATCH_HEAD_BYTES] = head
    batch[BATCH_HEAD_BYTES:-4] = payload
    struct.pack_into(_CRC, batch, len(batch) - 4, _batch_crc(segment, head, payload))
    return batch


def _batch_crc(segment, head, payload):
    return crc32(payload, crc32(head, crc32(struct.pack("<I", segment)))) & 0xFFFFFFFF


def read_batch(segment, read):
    """Return (number, Batch) of what comes next, or None where that is no whole batch; read(count) goes on."""
    head = read(BATCH_HEAD_BYTES)
    if len(head) < BATCH_HEAD_BYTES:
        return None
    number, span_s, length = struct.unpack(_BATCH, head)
    if length > PAYLOAD_LIMIT_BYTES:
        return None
    rest = read(length + 4)
    if len(rest) < length + 4:
        return None
    payload = rest[:length]
    if struct.unpack_from(_CRC, rest, length)[0] != _batch_crc(segment, head, payload):
        return None
    return number, Batch(head, span_s, payload)


def batches(segment, read):
    """Yield the whole batches of a segment; read(count) goes on behind the header.

    Stops at the first that is not whole or not in its place: what a cut of power left behind is always
    last. Holds one batch in memory at a time.
    """
    number = 0
    while True:
        found = read_batch(segment, read)
        if found is None or found[0] != number:
            return
        yield found[1]
        number += 1


def body_prefix(bursts):
    """Return the bytes that begin every body; records follow."""
    return struct.pack(_BODY, min(bursts, 0xFFFF))


def pack_retained(clock_state, crashes, trim_e7, drift_ppm, set_s, boot, no_room):
    """Return what is kept in RTC memory, which survives every reset but a loss of power.

    trim_e7, drift_ppm : what the clock adds to the chip's time since set_s, and what it drifts then: trim.py.
    boot : the boot count of the run whose time the RTC shows, 0 where it has opened no segment.
    no_room : how often something that was heard found no room, in the clear for a desk that has no key.
    """
    no_room = min(no_room, 0xFFFFFFFF)
    data = struct.pack(
        _RETAINED, _RETAINED_MAGIC, clock_state, min(crashes, 255), trim_e7, drift_ppm, set_s, boot, no_room
    )
    return data + struct.pack(_CRC, crc32(data) & 0xFFFFFFFF)


def unpack_retained(data):
    """Return what pack_retained() took, or None where the memory holds something else."""
    size = struct.calcsize(_RETAINED)
    if len(data) < size + 4 or bytes(data[:4]) != _RETAINED_MAGIC:
        return None
    if struct.unpack_from(_CRC, data, size)[0] != crc32(data[:size]) & 0xFFFFFFFF:
        return None
    return struct.unpack_from(_RETAINED, data)[1:]


def pack_encounter(buffer, offset, identifier, after_s, span_s, dwell_s, rssi_max_dbm, rssi_mean_dbm):
    """Write an encounter at `offset`, and return its end; `identifier` is an RPI and the metadata's first two bytes."""
    after_s = min(max(after_s, 0), TIME_LIMIT_S)
    span_s = min(max(span_s, 0), TIME_LIMIT_S)
    struct.pack_into(
        _ENCOUNTER,
        buffer,
        offset,
        ENCOUNTER,
        bytes(identifier[:16]),  # CPython takes no memoryview here
        identifier[17],
        after_s | (span_s & 0xF) << 12,
        span_s >> 4,
        min((dwell_s + DWELL_UNIT_S // 2) // DWELL_UNIT_S, 255),
        rssi_max_dbm,
        rssi_mean_dbm,
    )
    return offset + ENCOUNTER_BYTES


def pack_bluezone_encounter(buffer, offset, identifier, after_s, span_s, dwell_s, rssi_max_dbm, rssi_mean_dbm):
    """Do the same for one by Bluezone's protocol, whose ID `identifier` begins with."""
    after_s = min(max(after_s, 0), TIME_LIMIT_S)
    span_s = min(max(span_s, 0), TIME_LIMIT_S)
    struct.pack_into(
        _BLUEZONE_ENCOUNTER,
        buffer,
        offset,
        BLUEZONE_ENCOUNTER,
        bytes(identifier[:BLUEZONE_ID_BYTES]),
        after_s | (span_s & 0xF) << 12,
        span_s >> 4,
        min((dwell_s + DWELL_UNIT_S // 2) // DWELL_UNIT_S, 255),
        rssi_max_dbm,
        rssi_mean_dbm,
    )
    return offset + BLUEZONE_ENCOUNTER_BYTES


def pack_key(tek, rolling_start, rolling_period):
    """Return the record of an own Temporary Exposure Key."""
    return struct.pack(_KEY, KEY, bytes(tek), rolling_start, rolling_period)


def pack_bluezone_key(daily_key, day, slot):
    """Return the record of an own Bluezone key, of a UTC day since 2020-01-01 and used from its `slot` on."""
    return struct.pack(_BLUEZONE_KEY, BLUEZONE_KEY, bytes(daily_key), day, slot)


def pack_event(code, after_s, value):
    """Return the record of something that happened `after_s` seconds after the body's start."""
    return struct.pack(_EVENT, EVENT, code, min(max(after_s, 0), 0xFFFF), value & 0xFFFFFFFF)
