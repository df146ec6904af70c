"""From segments to encounters in Unix seconds, with clocks put right."""

from desk_building import MONDAY_S, PERIOD_S, Heard, body, identifier, key_record, segment, tek

from bluetoken.exposure.decoding import RawSegment, decode
from bluetoken.exposure.sightings import CORRECTED_UNCERTAINTY_S, Correction, listening, own_keys, sightings
from wearable import reading, records

TOKEN = "ab" * 8
NINE_S = MONDAY_S + 9 * 3600


def read(raw: bytes) -> tuple[records.Header, list[reading.Body]]:
    header, bodies, rest = reading.read_segment(raw)
    assert rest == 0
    return header, bodies


def test_an_encounter_in_unix_seconds_and_calibrated() -> None:
    heard = Heard(tek(1), NINE_S + 7, span_s=120, rssi_dbm=-70)
    raw = segment(TOKEN, 1, [body([heard], NINE_S)], rssi_offset_db=-4, uncertainty_s=9)
    (found,) = sightings(*read(raw))
    assert found.rpi == identifier(heard)[:16] and found.power == identifier(heard)[17]
    assert (found.start_s, found.span_s, found.periods) == (NINE_S + 7, 120, 3)
    assert (found.rssi_max_dbm, found.rssi_mean_dbm) == (-74, -74)
    assert (found.period_s, found.clock_uncertainty_s) == (PERIOD_S, 9)


def test_silence_is_told_apart_from_absence() -> None:
    raw = segment(TOKEN, 1, [body([], NINE_S, periods=15), body([], NINE_S + 900, periods=0)])
    assert [(each.start_s, each.seconds) for each in listening(*read(raw))] == [(NINE_S, 15 * PERIOD_S)]


def test_a_clock_nobody_knows_has_no_uncertainty() -> None:
    raw = segment(TOKEN, 1, [body([Heard(tek(1), NINE_S)], NINE_S)], clock_state=records.CLOCK_RESTORED)
    assert sightings(*read(raw))[0].clock_uncertainty_s is None


def test_a_restored_clock_is_wrong_by_the_same_all_along() -> None:
    heard = (Heard(tek(1), NINE_S), Heard(tek(1), NINE_S + 6000))
    bodies = [body([each], each.at_s, error_s=7200) for each in heard]
    raw = segment(TOKEN, 1, bodies, clock_state=records.CLOCK_RESTORED)
    found = sightings(*read(raw), Correction(at_s=NINE_S + 9000, offset_s=7200.4))
    assert [each.start_s for each in found] == [NINE_S, NINE_S + 6000]
    assert found[0].clock_uncertainty_s == CORRECTED_UNCERTAINTY_S


def test_a_set_clock_drifts_from_nothing_to_what_was_found() -> None:
    # Set at midnight, and found 50 s slow when it showed ten o'clock.
    ten_s = MONDAY_S + 36000
    heard = (Heard(tek(1), MONDAY_S), Heard(tek(1), MONDAY_S + 18000), Heard(tek(1), ten_s))
    raw = segment(TOKEN, 1, [body([each], each.at_s) for each in heard])
    found = sightings(*read(raw), Correction(at_s=ten_s + 50, offset_s=50))
    assert [each.start_s for each in found] == [MONDAY_S, MONDAY_S + 18025, ten_s + 50]
    assert found[2].clock_uncertainty_s == 2


def test_a_clock_set_wrong_is_wrong_by_the_same_all_along() -> None:
    """By more than an oscillator drifts: by a year, either way, or by an hour."""
    for error_s in (365 * 86400, -365 * 86400, 3600, 60):
        heard = (Heard(tek(1), NINE_S), Heard(tek(1), NINE_S + 6000))
        bodies = [body([each], each.at_s, error_s=error_s) for each in heard]
        raw = segment(TOKEN, 1, bodies, set_s=NINE_S - error_s)
        found = sightings(*read(raw), Correction(at_s=NINE_S + 9000, offset_s=error_s + 0.4))
        assert [each.start_s for each in found] == [NINE_S, NINE_S + 6000], error_s
        assert found[0].clock_uncertainty_s == CORRECTED_UNCERTAINTY_S


def test_what_lies_between_bounds_is_as_uncertain_as_they_are_apart() -> None:
    raw = segment(TOKEN, 1, [body([Heard(tek(1), NINE_S)], NINE_S)], clock_state=records.CLOCK_RESTORED)
    correction = Correction(NINE_S + 9000, 7200, within_s=7800)
    (found,) = sightings(*read(raw), correction)
    assert (found.start_s, found.clock_uncertainty_s) == (NINE_S + 7200, 7800)
    assert decode(TOKEN, [RawSegment(raw, correction)]).rough == ["segment 1, to within 2.2 h"]
    assert decode(TOKEN, [RawSegment(raw, Correction(NINE_S + 9000, 7200))]).rough == []


def test_a_comparison_older_than_the_clocks_setting_says_nothing() -> None:
    raw = segment(TOKEN, 1, [body([Heard(tek(1), NINE_S)], NINE_S)])
    assert sightings(*read(raw), Correction(MONDAY_S - 5, 1000))[0].start_s == NINE_S


def test_own_keys_with_the_error_of_their_clock() -> None:
    raw = segment(TOKEN, 1, [body([], NINE_S, more=key_record(tek(7), NINE_S, 90))], clock_state=1)
    (key,) = own_keys(*read(raw))
    assert (key.tek, key.rolling_start, key.rolling_period) == (tek(7), NINE_S // 600, 90)
    assert (key.clock_error_s, key.clock_uncertainty_s) == (0, None)
    (key,) = own_keys(*read(raw), Correction(NINE_S, 3600))
    assert (key.clock_error_s, key.clock_uncertainty_s) == (3600, CORRECTED_UNCERTAINTY_S)


def test_what_found_no_room_is_told_with_its_time() -> None:
    codes = (records.EVENT_DROPPED, records.EVENT_EVICTED, records.EVENT_QUOTA, records.EVENT_BOOT)
    events = b"".join(records.pack_event(code, 10 * code, 100 + code) for code in codes)
    log = decode(TOKEN, [RawSegment(segment(TOKEN, 1, [body([], NINE_S, more=events)]))])
    assert [(each.at_s - NINE_S, each.times) for each in log.no_room] == [(30, 103), (40, 104), (80, 108)]


def test_what_cannot_be_read_does_not_hide_what_can() -> None:
    good = body([Heard(tek(1), NINE_S)], NINE_S)
    unknown = body([], NINE_S + 900, more=b"\x77 a record of the future")
    log = decode(
        TOKEN,
        [
            RawSegment(b"rubbish"),
            RawSegment(segment("cd" * 8, 4, [good])),
            RawSegment(segment(TOKEN, 5, [good], authority=bytes(31) + b"\x09")),
            RawSegment(segment(TOKEN, 6, [good, unknown])),
            RawSegment(segment(TOKEN, 7, [good]) + b"torn"),
        ],
    )
    assert len(log.encounters) == 2
    assert log.unreadable == [
        "the segment ends inside its header",
        "segment 4 was written under another token's id",
        "segment 6: batch 1 was altered",
        "segment 7: batch 1 was cut or altered (4 bytes)",
        f"1 segment is sealed to the authority's key {log.sealed_to[0]}, which is not here",
    ]
