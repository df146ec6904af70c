"""Builds what tokens write, with the firmware's own packers."""

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from wearable import records, sealing
from wearable.crypto import aead
from wearable.protocols import bluezone, gaen

TX_POWER_DBM = -12
PERIOD_S = 60
MONDAY_S = 1795478400  # 2026-11-24T00:00:00Z, a UTC midnight (and thus a multiple of 600)


def tek(number: int) -> bytes:
    """Return a Temporary Exposure Key, always the same for a number."""
    return bytes([number]) * 16


@dataclass(frozen=True)
class Heard:
    """An encounter to be written: with `key`, from `at_s` (Unix) on, heard at `rssi_dbm`."""

    key: bytes
    at_s: int
    span_s: int = 0
    rssi_dbm: int = -60
    periods: int | None = None
    tx_power_dbm: int = TX_POWER_DBM
    interval: int | None = None  # of the identifier, where it is not that of `at_s`


def identifier(heard: Heard) -> bytes:
    """Return the 18 bytes of an encounter: RPI, and the first two of the metadata."""
    rpik, aemk = gaen.derive_keys(heard.key)
    interval = heard.at_s // 600 if heard.interval is None else heard.interval
    rpi = bytes(gaen.rolling_proximity_identifier(rpik, interval))
    metadata = struct.pack("<Bb2x", 0x40, heard.tx_power_dbm)
    return rpi + bytes(gaen.associated_encrypted_metadata(aemk, rpi, metadata))[:2]


@dataclass(frozen=True)
class Written:
    """A batch's body, and when it begins by the token's clock."""

    start_s: int
    data: bytes


def body(
    heard: Sequence[Heard], start_s: int, periods: int = 15, more: bytes = b"", error_s: int = 0
) -> Written:
    """Return a batch that begins at `start_s` (Unix); the token's clock is `error_s` behind."""
    data = bytearray(records.body_prefix(periods)) + more
    for each in heard:
        buffer = bytearray(records.ENCOUNTER_BYTES)
        seen = each.periods if each.periods is not None else each.span_s // PERIOD_S + 1
        assert 0 <= each.at_s - start_s <= records.TIME_LIMIT_S >= each.span_s
        records.pack_encounter(
            buffer,
            0,
            identifier(each),
            each.at_s - start_s,
            each.span_s,
            seen * records.DWELL_UNIT_S,  # this token's header says that a period is PERIOD_S
            each.rssi_dbm,
            each.rssi_dbm,
        )
        data += buffer
    return Written(start_s - error_s - records.EPOCH_UNIX_S, bytes(data))


@dataclass(frozen=True)
class HeardByBluezone:
    """The same by Bluezone's protocol: `key` is the day's, which `at_s` says the place in."""

    key: bytes
    at_s: int
    span_s: int = 0
    rssi_dbm: int = -60


def bluezone_records(heard: Sequence[HeardByBluezone], start_s: int) -> bytes:
    """Return the records of encounters in a body that begins at `start_s` (Unix)."""
    data = b""
    for each in heard:
        buffer = bytearray(records.BLUEZONE_ENCOUNTER_BYTES)
        identifier = bluezone.bluezone_id(each.key, bluezone.slot_at(each.at_s))
        records.pack_bluezone_encounter(
            buffer,
            0,
            identifier,
            each.at_s - start_s,
            each.span_s,
            (each.span_s // PERIOD_S + 1) * records.DWELL_UNIT_S,
            each.rssi_dbm,
            each.rssi_dbm,
        )
        data += buffer
    return data


def bluezone_key_record(key: bytes, day_s: int, slot: int = 0) -> bytes:
    """Return the record of an own Bluezone key of the day that begins at `day_s` (Unix)."""
    return records.pack_bluezone_key(key, (day_s - records.EPOCH_UNIX_S) // 86400, slot)


def key_record(key: bytes, start_s: int, period: int = 144) -> bytes:
    """Return the record of an own key in use from `start_s` (Unix) on."""
    return records.pack_key(key, start_s // 600, period)


def segment(
    token_id: str,
    number: int,
    bodies: Iterable[Written],
    *,
    set_s: int = MONDAY_S,
    boot: int = 1,
    clock_state: int = records.CLOCK_SET,
    uncertainty_s: int = 2,
    rssi_offset_db: int = 0,
    before: int = records.BEFORE_UNKNOWN,
    authority: bytes = b"",
) -> bytes:
    """Return a whole segment, sealed to `authority` where there is one; it was opened when the first body begins."""
    bodies = sorted(bodies, key=lambda each: each.start_s)
    starts = [each.start_s for each in bodies] or [set_s - records.EPOCH_UNIX_S]
    token, enc, chain = bytes.fromhex(token_id), bytes(records.ENC_BYTES), None
    if authority:
        enc, chain = sealing.encapsulate(authority, token, number, bytearray(bytes([number]) * 32))
    header = records.pack_header(
        records.Header(
            records.VERSION,
            records.SEAL_AUTHORITY if authority else records.SEAL_NONE,
            token,
            number,
            boot,
            starts[0],
            0,
            set_s - records.EPOCH_UNIX_S,
            uncertainty_s,
            clock_state,
            rssi_offset_db,
            PERIOD_S,
            before,
            records.key_id(authority) if authority else bytes(records.KEY_ID_BYTES),
            enc,
        )
    )
    raw = header
    for index, each in enumerate(bodies):
        span_s = (starts[index + 1 :] or [each.start_s])[0] - each.start_s
        assert span_s <= 0xFFFF
        sealed_bytes = aead.sealed_bytes(len(each.data)) if chain else len(each.data)
        head = records.batch_head(index, span_s, sealed_bytes)
        payload = each.data
        if chain:
            payload = chain.seal(header, head, each.data)
            chain.advance()
        raw += records.pack_batch(number, head, payload)
    return raw
