"""Runs of a token's clock, put in their places: by a look at the clock, or between their neighbours."""

from itertools import pairwise

import pytest
from desk_building import MONDAY_S, Heard, body, segment, tek

from bluetoken.exposure.placing import Comparison, Stored, corrections
from bluetoken.exposure.sightings import CORRECTED_UNCERTAINTY_S, Correction
from wearable import records
from wearable.records import CLOCK_RESTORED, CLOCK_SET

TOKEN = "ab" * 8
HOUR_S = 3600
DAY_S = 86400
NOON_S = MONDAY_S + 12 * HOUR_S


def token_s(unix_s: int) -> int:
    return unix_s - records.EPOCH_UNIX_S


def written(
    number: int, from_s: int, to_s: int, put_s: int, *, state: int = CLOCK_SET, boot: int = 1, late_s: int = 0
) -> bytes:
    """A segment of the true time from `from_s` to `to_s`, by a clock that is `late_s` late and was put to `put_s`."""
    bodies = [body([Heard(tek(1), at_s)], at_s, error_s=late_s) for at_s in (from_s, to_s)]
    return segment(TOKEN, number, bodies, set_s=put_s, boot=boot, clock_state=state)


def looked(sync_id: int, at_s: int, offset_s: float, put_s: int, state: int = CLOCK_SET, boot: int = 1) -> Comparison:
    return Comparison(sync_id, at_s, offset_s, boot, state, token_s(put_s))


# Power lost twice between two syncs: at one o'clock for two hours, at four for three.
A = written(1, NOON_S, NOON_S + HOUR_S, NOON_S)
B_PUT_S, B_LATE_S = NOON_S + HOUR_S + 1, 2 * HOUR_S
B = written(
    2, NOON_S + 3 * HOUR_S, NOON_S + 4 * HOUR_S, B_PUT_S, state=CLOCK_RESTORED, boot=2, late_s=B_LATE_S
)
C_PUT_S, C_LATE_S = NOON_S + 2 * HOUR_S + 1, 5 * HOUR_S
C = written(
    3, NOON_S + 7 * HOUR_S, NOON_S + 8 * HOUR_S, C_PUT_S, state=CLOCK_RESTORED, boot=3, late_s=C_LATE_S
)
SYNC = looked(1, NOON_S + 9 * HOUR_S, C_LATE_S, C_PUT_S, CLOCK_RESTORED, 3)
TWICE_LOST = [Stored(A, 1), Stored(B, 1), Stored(C, 1)]


def test_of_two_runs_since_a_loss_of_power_the_last_is_exact_and_the_first_lies_between_bounds() -> None:
    of_a, of_b, of_c = corrections(TWICE_LOST, [SYNC])
    assert of_a is None, "set by a desk, and nobody says otherwise"
    assert of_c == Correction(SYNC.at_s, C_LATE_S)
    # Not before what was written at one, not later than what C is late.
    assert of_b and of_b.within_s is not None
    assert of_b.offset_s == pytest.approx(C_LATE_S / 2, abs=2)
    assert of_b.within_s == pytest.approx(C_LATE_S / 2 + CORRECTED_UNCERTAINTY_S, abs=2)
    assert abs(of_b.offset_s - B_LATE_S) <= of_b.within_s, "the truth lies between them"


@pytest.mark.parametrize("dark_s", [(60, 60), (0, 9 * HOUR_S), (9 * HOUR_S, 0), (5 * DAY_S, 60)])
def test_the_truth_lies_between_the_bounds(dark_s: tuple[int, int]) -> None:
    first_s = NOON_S + HOUR_S + dark_s[0]
    second_s = first_s + HOUR_S + dark_s[1]
    b = written(2, first_s, first_s + HOUR_S, B_PUT_S, state=CLOCK_RESTORED, boot=2, late_s=dark_s[0])
    c = written(
        3, second_s, second_s + HOUR_S, C_PUT_S, state=CLOCK_RESTORED, boot=3, late_s=sum(dark_s)
    )
    sync = looked(1, second_s + 2 * HOUR_S, sum(dark_s), C_PUT_S, CLOCK_RESTORED, 3)
    _, of_b, of_c = corrections([Stored(A, 1), Stored(b, 1), Stored(c, 1)], [sync])
    assert of_c == Correction(sync.at_s, sum(dark_s))
    assert of_b and of_b.within_s is not None
    assert abs(of_b.offset_s - dark_s[0]) <= of_b.within_s <= sum(dark_s) / 2 + CORRECTED_UNCERTAINTY_S + 2


def test_three_runs_keep_their_order() -> None:
    begun_s, put_s, d_late_s = NOON_S + 20 * HOUR_S, C_PUT_S + HOUR_S, 17 * HOUR_S
    d = written(4, begun_s, begun_s + HOUR_S, put_s, state=CLOCK_RESTORED, boot=4, late_s=d_late_s)
    sync = looked(1, begun_s + 2 * HOUR_S, d_late_s, put_s, CLOCK_RESTORED, 4)
    found = corrections([*TWICE_LOST, Stored(d, 1)], [sync])
    for late_s, correction in zip((B_LATE_S, C_LATE_S), found[1:3], strict=True):
        assert correction and correction.within_s is not None
        assert abs(correction.offset_s - late_s) <= correction.within_s
    assert found[3] == Correction(sync.at_s, d_late_s)


def test_power_lost_on_the_way_to_the_desk_bounds_the_run_before() -> None:
    """The run that the desk finds has written nothing yet."""
    sync = looked(1, NOON_S + 7 * HOUR_S, C_LATE_S, C_PUT_S, CLOCK_RESTORED, 0)
    _, of_b = corrections(TWICE_LOST[:2], [sync])
    assert of_b and of_b.within_s == pytest.approx(C_LATE_S / 2 + CORRECTED_UNCERTAINTY_S, abs=2)


def test_resets_within_a_run_change_nothing_of_it() -> None:
    """A crash is another boot, and the same clock: drift is corrected from one setting to the next."""
    two = written(2, NOON_S + 2 * HOUR_S, NOON_S + 3 * HOUR_S, NOON_S, boot=2)
    sync = looked(1, NOON_S + 4 * HOUR_S, 7.0, NOON_S, boot=2)
    assert corrections([Stored(A, 1), Stored(two, 1)], [sync]) == [Correction(sync.at_s, 7.0)] * 2


def test_a_comparison_corrects_no_run_but_its_own() -> None:
    sync = looked(1, NOON_S + 9 * HOUR_S, 7.0, NOON_S + 5 * HOUR_S, boot=1)
    assert corrections([Stored(A, 1)], [sync]) == [None]


def test_a_segment_that_came_late_is_corrected_by_the_sync_that_saw_its_run() -> None:
    first = looked(1, NOON_S + 2 * HOUR_S, 7.0, NOON_S)
    second = looked(2, NOON_S + 4 * HOUR_S, 0.5, NOON_S + 2 * HOUR_S + 60)
    assert corrections([Stored(A, 2)], [first, second]) == [Correction(first.at_s, 7.0)]


def test_of_two_looks_at_a_run_the_first_since_a_segment_was_read_counts() -> None:
    looks = [looked(n, NOON_S + n * HOUR_S, float(n), NOON_S) for n in (1, 2, 3)]
    assert corrections([Stored(A, 2)], looks) == [Correction(looks[1].at_s, 2.0)]


def test_without_anything_before_it_a_lost_run_is_unknown() -> None:
    sync = looked(1, NOON_S + 9 * HOUR_S, C_LATE_S, C_PUT_S, CLOCK_RESTORED, 3)
    assert corrections([Stored(B, 1)], [sync]) == [None]
    assert corrections([Stored(A), Stored(B)], []) == [None, None]


def test_what_an_older_firmware_told_is_told_apart_by_its_boot() -> None:
    old = segment(TOKEN, 4, [body([], NOON_S)], set_s=records.EPOCH_UNIX_S, boot=4, clock_state=CLOCK_RESTORED)
    syncs = [Comparison(1, NOON_S, 50.0, 3), Comparison(2, NOON_S, 60.0, 4)]
    assert corrections([Stored(old, 1)], syncs) == [Correction(NOON_S, 60.0)]


YEAR_S = 365 * DAY_S


@pytest.mark.parametrize("ahead_s", [YEAR_S, DAY_S])
def test_a_clock_set_ahead_whose_power_was_lost_is_bounded_too(ahead_s: int) -> None:
    """The desk after it proves it wrong: it cannot have written later than it was read."""
    late_s = 600
    wrong = written(2, NOON_S + 2 * HOUR_S, NOON_S + 3 * HOUR_S, NOON_S + 2 * HOUR_S + ahead_s, boot=2, late_s=-ahead_s)
    put_s = NOON_S + 3 * HOUR_S + ahead_s + 1
    restored = written(
        3, NOON_S + 4 * HOUR_S, NOON_S + 5 * HOUR_S, put_s, state=CLOCK_RESTORED, boot=3, late_s=late_s - ahead_s
    )
    sync = looked(2, NOON_S + 6 * HOUR_S, late_s - ahead_s, put_s, CLOCK_RESTORED, 3)
    of_a, of_wrong, of_restored = corrections([Stored(A, 1), Stored(wrong, 2), Stored(restored, 2)], [sync])
    assert of_a is None and of_restored == Correction(sync.at_s, late_s - ahead_s)
    assert of_wrong and of_wrong.within_s is not None
    assert abs(of_wrong.offset_s + ahead_s) <= of_wrong.within_s <= 2 * HOUR_S


def test_what_is_placed_stays_in_order() -> None:
    """Whatever the bounds, a later run does not seem to have been before an earlier one."""
    placed = [
        each.offset_s if each else 0.0 for each in corrections(TWICE_LOST, [SYNC])
    ]
    assert all(one <= other for one, other in pairwise(placed))


def test_a_header_that_did_not_survive_hides_no_other() -> None:
    assert corrections([Stored(b"rubbish", 1), *TWICE_LOST], [SYNC]) == [None, *corrections(TWICE_LOST, [SYNC])]
