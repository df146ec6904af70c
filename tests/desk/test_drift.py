"""How fast an oscillator is, as a registry learns it."""

import pytest
from desk_building import MONDAY_S

from bluetoken.registry.drift import MIN_RUN_S, Run, combine, measure
from wearable.records import CLOCK_RESTORED, CLOCK_SET, CLOCK_UNSET, EPOCH_UNIX_S
from wearable.trim import DRIFT_LIMIT_PPM

DAY_S = 86400
SET_S = MONDAY_S - EPOCH_UNIX_S


def status(shown_s: float, state: int = CLOCK_SET, set_s: int = SET_S, trim_e7: int = 0) -> dict:
    """What a token tells `shown_s` after it was set, by its own clock."""
    unix_ms = round((SET_S + EPOCH_UNIX_S + shown_s) * 1000)
    return {"unix_ms": unix_ms, "clock_state": state, "set_s": set_s, "trim_e7": trim_e7}


@pytest.mark.parametrize("slow_ppm", [0, 35, -35, 1400, -1400])
@pytest.mark.parametrize("trim_e7", [0, 200, -15000])
def test_what_the_token_adds_itself_is_taken_off_again(slow_ppm: float, trim_e7: int) -> None:
    true_s = 7 * DAY_S
    chip_s = true_s / (1 + slow_ppm / 1e6)
    shown_s = chip_s * (1 + trim_e7 / 1e7)
    run = measure(status(shown_s, trim_e7=trim_e7), round((true_s - shown_s) * 1000))
    assert run and abs(run.trim_e7 - slow_ppm * 10) <= 1
    assert run.over_s == int(shown_s)


@pytest.mark.parametrize(
    "told",
    [
        status(7 * DAY_S, CLOCK_RESTORED),
        status(7 * DAY_S, CLOCK_UNSET),
        status(7 * DAY_S, set_s=0),
        status(MIN_RUN_S - 1),
        status(-DAY_S),
        {"unix_ms": MONDAY_S * 1000},  # of an older firmware
        {},
    ],
)
def test_a_broken_run_or_a_short_one_says_nothing(told: dict) -> None:
    assert measure(told, 1000) is None


@pytest.mark.parametrize("offset_s", [365 * DAY_S, -365 * DAY_S, 3600, -3600])
def test_a_clock_set_wrong_says_nothing_of_its_oscillator(offset_s: int) -> None:
    assert measure(status(7 * DAY_S), offset_s * 1000) is None


def test_the_bound_is_that_of_the_firmware() -> None:
    assert measure(status(7 * DAY_S), 7 * 86400 * 3 // 2) == Run(SET_S, 7 * DAY_S, 15000)
    assert measure(status(7 * DAY_S), 7 * 86400 * 3 // 2 + 70) is None


def test_too_little_is_not_given_back() -> None:
    assert combine([]) is None
    assert combine([Run(1, DAY_S - 1, 100)]) is None
    assert combine([Run(1, DAY_S // 2 - 1, 100), Run(2, DAY_S // 2, 100)]) is None
    assert combine([Run(1, DAY_S // 2, 100), Run(2, DAY_S // 2, 100)]) is not None


def test_long_runs_count_for_more() -> None:
    trim = combine([Run(1, 3 * DAY_S, 100), Run(2, DAY_S, 500)])
    assert trim and (trim.trim_e7, trim.over_s, trim.runs) == (200, 4 * DAY_S, 2)


def test_a_run_that_was_looked_at_twice_counts_once() -> None:
    trim = combine([Run(1, DAY_S, 900), Run(1, 2 * DAY_S, 100)])
    assert trim and (trim.trim_e7, trim.over_s, trim.runs) == (100, 2 * DAY_S, 1)


def test_old_runs_are_forgotten() -> None:
    runs = [Run(n, 90 * DAY_S, 9000) for n in range(5)] + [Run(10 + n, DAY_S, 100) for n in range(8)]
    trim = combine(runs)
    assert trim and (trim.trim_e7, trim.runs) == (100, 8)


def test_the_drift_that_remains_is_what_is_not_known() -> None:
    def drift_ppm(*runs: Run) -> int:
        trim = combine(runs)
        assert trim
        return trim.drift_ppm

    week, month = drift_ppm(Run(1, 7 * DAY_S, 0)), drift_ppm(Run(1, 30 * DAY_S, 0))
    assert 20 < month < week < drift_ppm(Run(1, DAY_S, 0)) == 43
    # Runs that do not agree, and a look at the end of many short ones.
    assert drift_ppm(Run(1, DAY_S, -1000), Run(2, DAY_S, 1000)) > 120
    assert drift_ppm(*(Run(n, MIN_RUN_S, 0) for n in range(4))) == 113
    assert drift_ppm(Run(1, DAY_S, 15000), Run(2, DAY_S, -15000)) == DRIFT_LIMIT_PPM


def test_a_trim_in_words() -> None:
    trim = combine([Run(1, 7 * DAY_S, -200)])
    assert trim
    assert trim.in_words() == (
        "20.0 ppm fast (1.7 s a day), measured over 7.0 days, and is trimmed by that to within 23 ppm"
    )
