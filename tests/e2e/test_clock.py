"""A token whose oscillator drifts, and one that loses its power between two syncs: what the clinic makes of it."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

import pytest

from bluetoken.errors import DeviceFault
from bluetoken.exposure.bands import thresholds
from bluetoken.exposure.decoding import Log
from bluetoken.exposure.evaluation import evaluate
from bluetoken.exposure.rules import load_rule
from bluetoken.exposure.sightings import CORRECTED_UNCERTAINTY_S
from bluetoken.link.desk import Desk
from bluetoken.registry import evidence
from bluetoken.virtual.token import Oscillator
from wearable.records import CLOCK_RESTORED, CLOCK_SET, EPOCH_UNIX_S

from .clinic import Clinic
from .conftest import MakeDay, Restore
from .day import NOTICE_S, STEADY, Day
from .journal_bytes import KEYS
from .snapshots import Snapshot, issue

MINUTE_S = 60
HOUR_S = 3600
DAY_S = 86400
PERIOD_S = 30
LATENCY_MS = 50  # of a cable whose bytes take no virtual time, and of rounding


def status(day: Day, clinic: Clinic) -> dict:
    return day.at(clinic).succeed("status", "--json", "--port", day.token.cable.path).json


def sync(day: Day, clinic: Clinic) -> dict:
    return day.at(clinic).succeed("sync", "--json", "--port", day.token.cable.path).json


@pytest.mark.parametrize("fast_ppm", [300.0, pytest.param(-300.0, marks=pytest.mark.long)])
def test_a_drift_is_measured_given_back_and_gone(
    fast_ppm: float, make_day: MakeDay, clinic: Clinic, flashed: bytes
) -> None:
    day = make_day({"A": flashed}, begin=False)
    day.token.oscillator = Oscillator(fast_ppm)
    day.begin()
    issue(day, clinic)
    day.send_out(1.25 * DAY_S)
    first = sync(day, clinic)
    assert first["clock_offset_ms"] == pytest.approx(-1.25 * 86.4 * fast_ppm, rel=0.01)
    assert first["trim"]["trim_ppm"] == pytest.approx(-fast_ppm, abs=1)
    assert first["trim"]["drift_ppm"] < 50

    # The token has it, over a loss of power too, in which its clock goes on from what was written.
    told = status(day, clinic)
    trim_e7 = told["status"]["trim_e7"]
    assert trim_e7 == round(10 * first["trim"]["trim_ppm"])
    assert told["registry"]["trim"] == first["trim"]
    assert told["status"]["drift_ppm"] == first["trim"]["drift_ppm"]
    day.cut_power(day.token)
    lost = status(day, clinic)["status"]
    assert (lost["clock_state"], lost["trim_e7"]) == (CLOCK_RESTORED, trim_e7)
    day.send_out(6 * HOUR_S)
    restored = sync(day, clinic)
    assert restored["clock_offset_ms"] < MINUTE_S * 1000, "as late as power was away, and drifts no more"
    assert restored["trim"] == first["trim"], "a run that began in the dark teaches nothing"

    day.send_out(6 * HOUR_S)
    said = day.at(clinic).succeed("status", "--port", day.token.cable.path).out
    how = "fast" if fast_ppm > 0 else "slow"
    assert re.search(rf"Its oscillator is (299\.9|300\.[01]) ppm {how}, which is made up for", said)
    before = status(day, clinic)["status"]
    assert before["uncertainty_s"] == 1, "untrimmed it would be 5"
    last = sync(day, clinic)
    assert abs(last["clock_offset_ms"]) <= LATENCY_MS, "untrimmed it would be 6.5 s"


def test_a_trim_that_no_oscillator_needs_is_refused_and_nothing_is_set(restore: Restore, issued: Snapshot) -> None:
    day, clinic = restore(issued, "A")
    for told in ((15001, 40), (-15001, 40), (100, 0), (100, 1501)):
        with Desk(day.token.cable.path) as desk, pytest.raises(DeviceFault, match="at most 1500 ppm"):
            desk.set_clock(day.unix_ms, *told)
    found = status(day, clinic)["status"]
    assert (found["clock_state"], found["trim_e7"], found["drift_ppm"]) == (CLOCK_RESTORED, 0, 200)


def logs(clinic: Clinic) -> dict[str, tuple[str, Log]]:
    """What the tokens told, by label, with their ids."""
    with clinic.open() as registry:
        wearers, _ = evidence.wearers(registry, "test", KEYS)
    return {label: (token_id, log) for token_id, (label, log) in wearers.items()}


def be_dark(day: Day, for_s: float) -> None:
    day.look(lambda: day.token.power_down(day.world.now_us))
    day.pass_s(for_s)
    day.look(lambda: day.token.power_up(day.world.now_us))


def test_power_lost_twice_between_two_syncs_and_whom_the_wearer_met_is_found(
    restore: Restore, issued: Snapshot
) -> None:
    """A lies flat for three hours, meets B for an hour, lies flat for two more, meets B and comes to the desk."""
    day, clinic = restore(issued, "A", "B", path_loss=STEADY)
    for token in day.tokens:
        day.at(clinic).sync(token.cable.path)
        day.stage.unplug(token)
    windows = []
    for dark_s in (0, 3 * HOUR_S, 2 * HOUR_S):
        if dark_s:
            be_dark(day, dark_s)
        begin_s = day.unix_ms // 1000
        day.pass_s(HOUR_S)
        windows.append((begin_s, day.unix_ms // 1000))
    for token in day.tokens:
        day.stage.plug(token)
    day.pass_s(NOTICE_S)
    for token in day.tokens:
        day.at(clinic).sync(token.cable.path)

    found = logs(clinic)
    (case_id, case), (met_id, met) = found["A"], found["B"]
    assert_placed(case, windows)
    with clinic.open() as registry:
        since = datetime.fromtimestamp(windows[0][0] - DAY_S, UTC)
        opened = registry.cases.open(case_id, date(2026, 3, 2), None, since, "yes")
        registry.cases.release(opened.ref, evidence.keys_to_release(registry, opened, KEYS))
        own = evidence.own_case(registry.cases.get(opened.ref, "test"))
    at = datetime.fromtimestamp(day.unix_ms / 1000, UTC)
    (result,) = evaluate({met_id: ("B", met)}, [own], load_rule(), thresholds(), at)
    # B heard identifiers of wrong intervals. In its own right time each meeting is there, and no other.
    within = [[each for each in result.contacts if is_within(each.start_s, window)] for window in windows]
    assert all(within) and sum(map(len, within)) == len(result.contacts)


def is_within(at_s: int, window: tuple[int, int]) -> bool:
    return window[0] - PERIOD_S <= at_s <= window[1] + PERIOD_S


def assert_placed(case: Log, windows: list[tuple[int, int]]) -> None:
    """The first run and the last are where they were; the one between lies between bounds, and says so."""
    _, met, again = windows
    lost = [each for each in case.encounters if each.clock_uncertainty_s is not None]
    exact = [each for each in lost if each.clock_uncertainty_s == CORRECTED_UNCERTAINTY_S]
    assert any(is_within(each.start_s, again) for each in exact)
    bounded = [each for each in lost if (each.clock_uncertainty_s or 0) > HOUR_S]
    assert bounded and case.rough
    for each in bounded:
        slack_s = each.clock_uncertainty_s or 0
        assert met[0] - slack_s <= each.start_s <= met[1] + slack_s
        assert slack_s < 3 * HOUR_S + CORRECTED_UNCERTAINTY_S, "the two times in the dark, halved, and what is left"
    assert any((key.clock_uncertainty_s or 0) > HOUR_S for key in case.keys)


def test_a_clock_set_wrong_by_a_year_is_put_right_at_the_next_desk(restore: Restore, issued: Snapshot) -> None:
    """And what was written under it lies where it was, keys and encounters alike."""
    day, clinic = restore(issued, "A", "B", path_loss=STEADY)
    year_s = 365 * DAY_S
    for token in day.tokens:
        day.at(clinic).sync(token.cable.path)
    with Desk(day.token.cable.path) as desk:
        desk.set_clock(day.unix_ms - year_s * 1000)
        desk.resume()
    began_s = day.unix_ms // 1000
    day.send_out(31 * MINUTE_S)
    report = sync(day, clinic)
    assert report["clock_offset_ms"] == pytest.approx(year_s * 1000, abs=LATENCY_MS + 100)
    assert report["trim"] is None, "no oscillator is so wrong"
    told = status(day, clinic)["status"]
    assert told["clock_state"] == CLOCK_SET
    assert told["set_s"] + EPOCH_UNIX_S == pytest.approx(day.unix_ms / 1000, abs=PERIOD_S)
    _, log = logs(clinic)["A"]
    assert log.encounters and not log.rough
    # They meet when chance has it, and then stay together.
    assert began_s - PERIOD_S <= min(each.start_s for each in log.encounters)
    last_s = max(each.start_s + each.span_s for each in log.encounters)
    assert last_s == pytest.approx(began_s + 31 * MINUTE_S, abs=4 * PERIOD_S)
    key = log.keys[-1]
    assert key.rolling_start * 600 + key.clock_error_s == pytest.approx(began_s, abs=700)
    assert key.rolling_start * 600 == pytest.approx(began_s - year_s, abs=700)
