"""Builds what tokens write, with the firmware's own packers."""

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from wearable import records
from wearable.protocols import gaen

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
    bursts: int | None = None
    tx_power_dbm: int = TX_POWER_DBM
    interval: int | None = None  # of the identifier, where it is not that of `at_s`


def identifier(heard: Heard) -> bytes:
    """Return the 18 bytes of an encounter: RPI, and the first two of the metadata."""
    rpik, aemk = gaen.derive_keys(heard.key)
    interval = heard.at_s // 600 if heard.interval is None else heard.interval
    rpi = bytes(gaen.rolling_proximity_identifier(rpik, interval))
    metadata = struct.pack("<Bb2x", 0x40, heard.tx_power_dbm)
    return rpi + bytes(gaen.associated_encrypted_metadata(aemk, rpi, metadata))[:2]


def body(
    heard: Sequence[Heard], start_s: int, bursts: int = 15, more: bytes = b"", error_s: int = 0
) -> bytes:
    """Return a batch's body that begins at `start_s` (Unix); the token's clock is `error_s` behind."""
    begin_s = start_s - error_s - records.EPOCH_UNIX_S
    data = bytearray(records.body_prefix(begin_s, 0, bursts)) + more
    for each in heard:
        buffer = bytearray(records.ENCOUNTER_BYTES)
        seen = each.bursts if each.bursts is not None else each.span_s // PERIOD_S + 1
        records.pack_encounter(
            buffer, 0, identifier(each), each.at_s - start_s, each.span_s, seen, each.rssi_dbm, each.rssi_dbm
        )
        data += buffer
    return bytes(data)


def key_record(key: bytes, start_s: int, period: int = 144) -> bytes:
    """Return the record of an own key in use from `start_s` (Unix) on."""
    return records.pack_key(key, start_s // 600, period)


def segment(
    token_id: str,
    number: int,
    bodies: Iterable[bytes],
    *,
    opened_s: int = MONDAY_S,
    boot: int = 1,
    clock_state: int = records.CLOCK_SET,
    uncertainty_s: int = 2,
    rssi_offset_db: int = 0,
    seal: int = records.SEAL_NONE,
) -> bytes:
    """Return a whole segment."""
    header = records.Header(
        records.VERSION,
        seal,
        bytes.fromhex(token_id),
        number,
        boot,
        opened_s - records.EPOCH_UNIX_S,
        0,
        opened_s - records.EPOCH_UNIX_S,
        uncertainty_s,
        clock_state,
        rssi_offset_db,
        PERIOD_S,
    )
    batches = (records.pack_batch(number, index, data) for index, data in enumerate(bodies))
    return records.pack_header(header) + b"".join(batches)
