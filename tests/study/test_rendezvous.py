"""A run of the study: known answers, charges by hand, and that it is the firmware that runs."""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import pytest

from bluetoken.study.days import SYNTHETIC, Day
from bluetoken.study.rendezvous import Caught, Run, SleeperFactory, World
from bluetoken.study.rendezvous_plan import Case, Source
from bluetoken.study.rendezvous_scores import scores
from bluetoken.study.schedules import affordable_ms, factory
from bluetoken.study.sleepers import Burst, Draws, Herder, Liar, Plain, Sleeper
from bluetoken.study.traces import Trace
from wearable import schedule
from wearable.sightings import Sightings

ROOT = Path(__file__).parents[2]
C3 = Draws(0.35, 10.0, 21.0, 64.0, 0.35)
EXACT = World(drift_ppm=0, set_within_ms=0, draws=C3)
WHOLE = Burst(600, ((0, 600),))
TWO = Trace({("a", "b"): [(36000, 37200)]}, {"a": [(36000, 37200)], "b": [(36000, 37200)]}, {})


def on_grid(now_ms: int, utc_ms: int, chance: Any) -> Sleeper:
    return Plain(chance, 30_000, WHOLE, 30.0, grid_from_ms=now_ms - utc_ms)


def half_a_period_late(now_ms: int, utc_ms: int, chance: Any) -> Sleeper:
    return Plain(chance, 30_000, WHOLE, 30.0, grid_from_ms=now_ms - utc_ms + 15_000)


def scanning(now_ms: int, utc_ms: int, chance: Any) -> Sleeper:
    return Plain(chance, 300_000, Burst(4000, ((0, 4000),)), 255.0, always=True, grid_from_ms=now_ms - utc_ms)


def test_two_whose_clocks_are_exact_see_each_other_in_every_burst() -> None:
    caught = Run(TWO, EXACT, on_grid, 1, (9.5, 10.5)).run()
    seconds = sorted(int(at_s) for at_s in caught.sighted_s["a", "b"])
    assert seconds == sorted(2 * list(range(36000, 37200, 30)))
    assert caught.noted_s == {("a", "b", 0): 1200, ("b", "a", 0): 1200}


def test_two_who_wake_at_other_times_never_do() -> None:
    caught = Run(TWO, EXACT, on_grid, 1, (9.5, 10.5), {"b": half_a_period_late}).run()
    assert caught.sighted_s == {}


def test_a_clock_that_drifts_leaves_the_grid() -> None:
    drifting = replace(EXACT, drift_ppm=3000.0)
    assert Run(TWO, drifting, on_grid, 1, (0, 10.5)).run().sighted_s == {}


def test_a_burst_costs_what_the_hand_says() -> None:
    caught = Run(TWO, EXACT, on_grid, 1, (9.5, 10.5)).run()
    # 10 mC the start, 0.6 s at 21 and 64 mA, 20 adverts; 119 bursts in the hour, 40 in the 20 minutes together.
    burst_mc = 10 + 0.6 * 85 + 20 * 0.35
    assert caught.mean_ma == pytest.approx(0.35 + 119 * burst_mc / 3600)
    assert caught.present_ma == pytest.approx(0.35 + 40 * burst_mc / 1200)


def test_a_radio_that_is_always_on_costs_what_the_hand_says() -> None:
    caught = Run(TWO, EXACT, scanning, 1, (9.5, 10.5)).run()
    resting_ma = 21 + 0.35 / 0.255
    assert caught.mean_ma == pytest.approx(resting_ma + 11 * 4 * 64 / 3600)
    assert len(caught.sighted_s["a", "b"]) == 8  # four scans of each


def test_who_is_special_does_not_count_in_the_mean() -> None:
    alone = Run(TWO, EXACT, on_grid, 1, (9.5, 10.5)).run()
    with_other = Run(TWO, EXACT, on_grid, 1, (9.5, 10.5), {"b": scanning}).run()
    assert with_other.mean_ma == pytest.approx(alone.mean_ma)


def test_the_budget_is_what_comes_out() -> None:
    burst = Burst(650, ((0, 64), (586, 650)))
    period_ms = affordable_ms(burst, 2.5, C3)

    def at_random(now_ms: int, utc_ms: int, chance: Any) -> Sleeper:
        return Plain(chance, period_ms, burst, Herder.advert_ms)

    assert Run(TWO, EXACT, at_random, 1, (0, 24)).run().mean_ma == pytest.approx(2.5, rel=0.03)


def test_sightings_at_random_stand_for_the_time_between_them() -> None:
    ten_hours = (9 * 3600, 19 * 3600)
    long = Trace({("a", "b"): [ten_hours]}, {"a": [ten_hours], "b": [ten_hours]}, {})
    noted_s = Run(long, EXACT, factory(case("random", 2.5)), 1, (9, 19)).run().noted_s
    assert noted_s["a", "b", 0] == pytest.approx(36000, rel=0.25)


def twelve() -> Trace:
    day = Day(5)
    for n in range(12):
        day.walk(f"p{n:02}", (9 * 3600, "room"), (10 * 3600, ""))
    return day.trace(lambda one, other, room: 4.0)


def case(name: str, mean_ma: float) -> Case:
    return Case(Source("twelve"), name, mean_ma, "room", 50.0, 1, "none", C3)


def an_hour(make: SleeperFactory) -> Caught:
    return Run(twelve(), World(draws=C3), make, 1, (9, 10)).run()


def share_seen(caught: Caught) -> float:
    found = scores(twelve(), caught, [0])
    met = sum(round((share or 0) * count) for share, count in zip(found.seen, found.contacts, strict=True))
    return met / sum(found.contacts)


def test_ours_catches_more_than_random_bursts_of_the_same_charge() -> None:
    ours = an_hour(factory(case("ours", 2.5)))
    at_random = an_hour(factory(case("random", ours.mean_ma)))
    assert at_random.mean_ma == pytest.approx(ours.mean_ma, rel=0.05)
    assert share_seen(ours) > share_seen(at_random) + 0.2


def test_it_is_the_firmware_that_meets(monkeypatch: pytest.MonkeyPatch) -> None:
    run = Run(twelve(), World(draws=C3), factory(case("ours", 2.5)), 1, (9, 10))
    assert all(type(token.sleeper.herd) is schedule.Herd for token in run.tokens)  # type: ignore[attr-defined]
    assert all(type(token.sightings) is Sightings for token in run.tokens)
    assert Path(schedule.__file__).parent == ROOT / "firmware" / "wearable"
    whole = share_seen(run.run())
    monkeypatch.setattr(schedule.Herd, "heard", lambda herd, told, at_ms: None)
    deaf = share_seen(an_hour(factory(case("ours", 2.5))))
    assert deaf < whole / 2


def test_a_liar_tells_another_time_than_its_herd() -> None:
    arguments = (0, 0, 2500, C3)
    honest, ahead = Herder(*arguments, Random(1)), Liar(*arguments, Random(1), ahead_ms=200)
    told_ms = (ahead.told(0) - honest.told(0)) % (schedule.CYCLE_MS // schedule.UNIT_MS) * schedule.UNIT_MS
    assert told_ms == pytest.approx(200, abs=schedule.UNIT_MS)


@pytest.mark.parametrize("name", SYNTHETIC)
def test_a_day_that_was_made_up(name: str) -> None:
    trace = SYNTHETIC[name](1)
    assert trace == SYNTHETIC[name](1) != SYNTHETIC[name](2)
    assert trace.days == [0]
    lengths_s = [end_s - start_s for each in trace.contacts.values() for start_s, end_s in each]
    assert all(length_s > 0 and length_s % 20 == 0 for length_s in lengths_s)
    assert 0.5 < sum(length_s < 60 for length_s in lengths_s) / len(lengths_s) < 0.9
    assert any(start_s == 0 for _, start_s, _, _ in trace.in_rooms())  # somebody's night


@pytest.mark.parametrize("name", SYNTHETIC)
def test_nobody_is_in_two_rooms_or_faced_from_another(name: str) -> None:
    trace = SYNTHETIC[name](1)
    for walk in trace.rooms.values():
        assert all(one[1] <= other[0] for one, other in pairwise(walk))
    for pair, stretches in trace.contacts.items():
        for start_s, end_s in stretches:
            # Two contacts may follow each other without a gap, and in between the two may have changed rooms.
            for at_s in range(start_s, end_s, 20):
                assert len({room_of(trace, person, at_s) for person in pair}) == 1


def room_of(trace: Trace, person: str, at_s: int) -> str:
    (room,) = [room for start_s, end_s, room in trace.rooms[person] if start_s <= at_s < end_s]
    return room
