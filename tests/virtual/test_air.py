"""Who hears what on the simulated air."""

from __future__ import annotations

from itertools import pairwise
from random import Random
from statistics import mean

import pytest

from bluetoken.virtual.air import (
    ADV_DELAY_US,
    CAPTURE_DB,
    CHANNEL_STEP_US,
    PDU_US,
    Air,
    Ear,
    PathLoss,
    Report,
    Train,
)

QUIET = PathLoss(posture_sd_db=0, movement_sd_db=0, fading_sd_db=0)
NEVER_ENDING = Ear(0, 60_000, 60_000)
SECOND_US = 1_000_000
Places = dict[int, tuple[float, float] | None]


def air(places: Places, path_loss: PathLoss = QUIET, seed: int = 1) -> Air:
    return Air(seed, lambda node, _: places[node], lambda _: 0, path_loss)


def start(on: Air, sender: int, at_us: int = 0, interval_us: int = 100_000) -> Train:
    return on.start(sender, at_us, interval_us, 2, 1, bytes([sender] * 6), b"hello")


def heard_at_once(
    on: Air, listener: int = 0, to_us: int = 10 * SECOND_US, ear: Ear = NEVER_ENDING
) -> list[Report]:
    return on.heard(listener, ear, ear.start_us, to_us, Random(5))


def in_step(one: Train, other: Train, by_us: int = 0) -> None:
    """Have both send at the same moments, the second `by_us` later."""
    one.between(0, 20 * SECOND_US)
    other.events_us[:] = [at_us + by_us for at_us in one.events_us]


class TestTrains:
    def test_the_mean_interval_is_five_milliseconds_longer_than_asked_for(self) -> None:
        events = start(air({1: (0, 0)}), 1).between(0, 1000 * SECOND_US)
        intervals_us = [b - a for a, b in pairwise(events)]
        assert mean(intervals_us) == pytest.approx(100_000 + ADV_DELAY_US / 2, rel=0.002)
        assert min(intervals_us) >= 100_000 and max(intervals_us) < 100_000 + ADV_DELAY_US

    def test_two_trains_of_the_same_moment_drift_apart(self) -> None:
        on = air({1: (0, 0), 2: (0, 0)})
        one, other = (start(on, n).between(0, 10 * SECOND_US) for n in (1, 2))
        assert len(set(one) & set(other)) < 3

    def test_a_stopped_train_is_silent(self) -> None:
        train = start(air({1: (0, 0)}), 1)
        train.stop_us = SECOND_US
        assert train.between(0, 10 * SECOND_US)[-1] < SECOND_US

    def test_old_trains_are_forgotten(self) -> None:
        on = air({1: (0, 0)})
        for n in range(1000):
            start(on, 1, n * SECOND_US).stop_us = n * SECOND_US + 1
        assert len(on._trains) < 300


class TestCollisions:
    def collide(self, metres_of_other: float, by_us: int = 0) -> set[int]:
        """Who is heard of two that send at once, at one metre and at another distance."""
        on = air({0: (0, 0), 1: (1, 0), 2: (metres_of_other, 0)})
        in_step(start(on, 1), start(on, 2), by_us)
        return {report.train.sender for report in heard_at_once(on)}

    def test_of_two_alike_neither_is_heard(self) -> None:
        assert self.collide(1.0) == set()
        assert self.collide(1.0, PDU_US - 1) == set()

    def test_one_after_the_other_both_are_heard(self) -> None:
        assert self.collide(1.0, PDU_US) == {1, 2}

    def test_the_much_stronger_one_is_heard(self) -> None:
        far_m = 10 ** ((CAPTURE_DB + 0.1) / (10 * QUIET.exponent))
        assert self.collide(far_m) == {1}
        assert self.collide(far_m * 0.9) == set()

    def test_what_collides_across_two_questions_collides(self) -> None:
        on = air({0: (0, 0), 1: (1, 0), 2: (1, 0)})
        in_step(start(on, 1), start(on, 2), 200)
        cut_us = on._trains[0].events_us[0] + 100 + PDU_US
        pieces = [(0, cut_us), (cut_us, SECOND_US)]
        assert [on.heard(0, NEVER_ENDING, a, b, Random(5)) for a, b in pieces] == [[], []]

    def test_a_token_does_not_hear_itself_nor_others_while_it_speaks(self) -> None:
        on = air({0: (0, 0), 1: (1, 0)})
        in_step(start(on, 0), start(on, 1))
        assert heard_at_once(on) == []

    @pytest.mark.parametrize("by_us", [-300, 0, 300, 500, 1000, 1400])
    def test_it_is_deaf_through_its_whole_event(self, by_us: int) -> None:
        on = air({0: (0, 0), 1: (1, 0)})
        own = start(on, 0)
        in_step(own, start(on, 1), by_us)
        for report in heard_at_once(on):
            since_us = min(abs(report.at_us - PDU_US - CHANNEL_STEP_US - at_us) for at_us in own.events_us)
            assert since_us >= CHANNEL_STEP_US + PDU_US


class TestScanner:
    def test_it_hears_inside_its_window_only(self) -> None:
        on = air({0: (0, 0), 1: (1, 0)})
        start(on, 1, interval_us=20_000)
        ear = Ear(0, 100_000, 30_000)
        phases_us = {(report.at_us - PDU_US) % 100_000 for report in heard_at_once(on, ear=ear)}
        assert phases_us and max(phases_us) <= 30_000 - PDU_US
        assert max(phases_us) > 25_000

    def test_it_changes_its_channel_with_every_interval(self) -> None:
        on = air({0: (0, 0), 1: (1, 0)})
        train = start(on, 1, interval_us=20_000)
        for report in heard_at_once(on):
            at_us = report.at_us - PDU_US
            event_us = max(event_us for event_us in train.events_us if event_us <= at_us)
            assert (at_us - event_us) // CHANNEL_STEP_US == at_us // 60_000 % 3

    def test_each_event_is_heard_once(self) -> None:
        on = air({0: (0, 0), 1: (1, 0)})
        train = start(on, 1)
        inside = [
            event_us for event_us in train.between(0, 10 * SECOND_US - 2000) if 0 < event_us % 60_000 < 58_000
        ]
        assert len(heard_at_once(on)) >= len(inside) == pytest.approx(93, abs=5)

    def test_it_hears_nothing_that_began_before_it_listened(self) -> None:
        ear = Ear(SECOND_US, 60_000, 60_000)
        assert not any(
            ear.hears(SECOND_US - before_us, channel) for before_us in (1, PDU_US) for channel in range(3)
        )


class TestRange:
    @pytest.mark.parametrize("metres", [0.5, 1, 2, 5, 10, 20])
    def test_the_rssi_is_what_the_path_leaves(self, metres: float) -> None:
        on = air({0: (0, 0), 1: (metres, 0)})
        start(on, 1)
        assert {report.rssi_dbm for report in heard_at_once(on)} == {round(-QUIET.mean_db(metres))}

    def test_beyond_the_range_nothing_is_heard(self) -> None:
        metres = next(m for m in range(1, 1000) if -QUIET.mean_db(m) < QUIET.sensitivity_dbm - 1)
        on = air({0: (0, 0), 1: (metres, 0)})
        start(on, 1)
        assert heard_at_once(on) == []

    def test_who_is_out_of_the_world_neither_hears_nor_is_heard(self) -> None:
        on = air({0: (0, 0), 1: None})
        start(on, 0), start(on, 1)
        assert heard_at_once(on, 0) == heard_at_once(on, 1) == []

    def test_bodies_shade_both_directions_alike(self) -> None:
        on = air({0: (0, 0), 1: (2, 0)}, PathLoss())
        there = [on.level_dbm(0, 1, at_s * SECOND_US) for at_s in range(0, 7200, 10)]
        back = [on.level_dbm(1, 0, at_s * SECOND_US) for at_s in range(0, 7200, 10)]
        assert there == back and len(set(there)) > 200


class TestDeterminism:
    """A seed is a day, however it is looked at."""

    TOKENS = 8
    TO_US = 20 * SECOND_US

    def crowd(self, seed: int = 1) -> Air:
        """Tokens that walk past each other, each in two trains."""
        on = Air(
            seed, lambda node, at_us: (node + at_us / 9e6, node % 3), lambda _: 0, PathLoss(loss_1m_db=70)
        )
        for node in range(self.TOKENS):
            start(on, node, node * 137_000, 30_000).stop_us = 9 * SECOND_US
            start(on, node, 11 * SECOND_US + node * 11, 30_000)
        return on

    def reports(
        self, on: Air, slices_us: list[int], listeners: list[int]
    ) -> dict[int, list[tuple[int, int, int]]]:
        """What each listener hears, asked in pieces of these lengths in turn."""
        randoms = {node: Random(node) for node in listeners}
        found: dict[int, list[tuple[int, int, int]]] = {node: [] for node in listeners}
        from_us, n = 0, 0
        while from_us < self.TO_US:
            to_us = min(from_us + slices_us[n % len(slices_us)], self.TO_US)
            for node in listeners:
                for report in on.heard(node, Ear(0, 60_000, 50_000), from_us, to_us, randoms[node]):
                    found[node].append((report.at_us, report.train.sender, report.rssi_dbm))
            from_us, n = to_us, n + 1
        return dict(sorted(found.items()))

    @pytest.mark.parametrize(
        "slices_us", [[20_000], [20_000, 3, 411, 377], [1_234_567]], ids=["20 ms", "crumbs", "long"]
    )
    def test_pieces_add_up_to_the_whole(self, slices_us: list[int]) -> None:
        nodes = list(range(self.TOKENS))
        whole = self.reports(self.crowd(), [self.TO_US], nodes)
        assert self.reports(self.crowd(), slices_us, nodes) == whole
        assert sum(map(len, whole.values())) > 1000

    def test_the_order_of_the_listeners_does_not_matter(self) -> None:
        nodes = list(range(self.TOKENS))
        assert self.reports(self.crowd(), [20_000], nodes) == self.reports(
            self.crowd(), [20_000], nodes[::-1]
        )

    def test_another_seed_is_another_day(self) -> None:
        assert self.reports(self.crowd(1), [20_000], [0]) != self.reports(self.crowd(2), [20_000], [0])
