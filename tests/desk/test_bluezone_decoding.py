"""Bluezone's records in a token's segments, as the desk reads them."""

from desk_building import (
    MONDAY_S,
    PERIOD_S,
    HeardByBluezone,
    bluezone_key_record,
    bluezone_records,
    body,
    segment,
)

from bluetoken.exposure.decoding import RawSegment, decode
from bluetoken.exposure.sightings import BluezoneEncounter, Correction, OwnBluezoneKey
from conftest import RFC9180_PUBLIC
from wearable import records
from wearable.protocols import bluezone

TOKEN = "0011223344556677"
KEY = bytes(range(32))
NINE_S = MONDAY_S + 9 * 3600
SLOT = 36  # of nine o'clock UTC
# The pair of RFC 9180's export-only vectors.
RFC9180_PRIVATE = bytes.fromhex("33d196c830a12f9ac65d6e565a590d80f04ee9b19c83c87f2c170d972a812848")


def written(**settings: object) -> bytes:
    heard = bluezone_records([HeardByBluezone(KEY, NINE_S + 40, 120, -70)], NINE_S)
    more = bluezone_key_record(KEY, MONDAY_S, SLOT) + heard
    return segment(TOKEN, 1, [body([], NINE_S, more=more)], **settings)  # type: ignore[arg-type]


def test_encounters_and_keys_are_read_with_the_board_s_calibration() -> None:
    log = decode(TOKEN, [RawSegment(written(rssi_offset_db=-3))])
    identifier = bluezone.bluezone_id(KEY, SLOT)
    assert log.bluezone == [BluezoneEncounter(identifier, NINE_S + 40, 120, 3, -73, -73, PERIOD_S, 2)]
    assert log.bluezone_keys == [OwnBluezoneKey(KEY, MONDAY_S, NINE_S, 0, 2)]
    assert log.encounters == log.keys == log.unreadable == []


def test_a_lost_clock_is_corrected_for_both() -> None:
    raw = written(clock_state=records.CLOCK_RESTORED)
    unknown = decode(TOKEN, [RawSegment(raw)])
    assert unknown.bluezone[0].clock_uncertainty_s is unknown.bluezone_keys[0].clock_uncertainty_s is None
    corrected = decode(TOKEN, [RawSegment(raw, Correction(NINE_S + 86400, 3600))])
    assert corrected.bluezone[0].start_s == NINE_S + 40 + 3600
    # The key's times stay those of the token's clock, by which the identifiers were made.
    (key,) = corrected.bluezone_keys
    assert (key.start_s, key.clock_error_s) == (NINE_S, 3600)
    assert key.clock_uncertainty_s == corrected.bluezone[0].clock_uncertainty_s is not None


def test_sealed_they_are_for_the_authority_alone() -> None:
    raw = written(authority=RFC9180_PUBLIC)
    assert KEY not in raw and bluezone.bluezone_id(KEY, SLOT) not in raw
    assert decode(TOKEN, [RawSegment(raw)]).bluezone == []
    keys = {records.key_id(RFC9180_PUBLIC).hex(): RFC9180_PRIVATE}
    log = decode(TOKEN, [RawSegment(raw)], keys)
    assert len(log.bluezone) == len(log.bluezone_keys) == 1
