"""Who listens all day does not learn which new identifier follows which old one."""

import itertools
import random
from collections.abc import Iterable

import pytest
from linking import (
    APART,
    BOTH,
    FEATURES,
    GAEN,
    PEOPLE,
    Change,
    Recording,
    Steady,
    Worn,
    alone,
    assigned,
    chained,
    changes,
    crowd,
    interval,
    learnt,
    linked,
)

from bluetoken.study.traces import Trace
from wearable import schedule

CHANCE = 1 / PEOPLE
FIRST_S = 45000  # the first change that the listener sees: the herd has formed by then
CHANGES = 3
HOURS = 1.2
LONG_HOURS = 1.4
# Who never loses sight of a token needs no trait of it.
WATCHED = ("change", "begin")
UNWATCHED = [name for name in FEATURES if name not in WATCHED]


def recorded(
    trace: Trace,
    rounds: int,
    worn: type[Worn] = Steady,
    seed: int = 0,
    periods_s: tuple[int, ...] = GAEN,
) -> list[list[Change]]:
    found = []
    for n in range(rounds):
        recording = Recording(trace, HOURS if periods_s == GAEN else LONG_HOURS, seed + n, worn, periods_s)
        recording.run()
        found.append(changes(recording.together, random.Random(n), FIRST_S // periods_s[-1] - 1, CHANGES))
    return found


def success(rounds: list[list[Change]], traits: Iterable[str]) -> tuple[int, int]:
    """Return how many of how many are right, of a listener who learnt from the first third of the rounds."""
    third = len(rounds) // 3
    weights = learnt(itertools.chain(*rounds[:third]))
    chance = random.Random(1)
    results = [linked(change, weights, traits, chance) for each in rounds[third:] for change in each]
    return sum(right for right, _ in results), sum(tries for _, tries in results)


def report(title: str, rounds: list[list[Change]]) -> dict[str, tuple[float, float, float]]:
    """Print and return the share that is right, and its 99 % interval, by each trait and by all."""
    found = {}
    print(f"\n{title}; chance is {CHANCE:.3f}")
    for name, traits in [*((name, [name]) for name in FEATURES), ("unwatched", UNWATCHED), ("all", list(FEATURES))]:
        right, tries = success(rounds, traits)
        low, high = interval(right, tries)
        found[name] = right / tries, low, high
        print(f"{name:>14} {right:4}/{tries} {right / tries:.3f} [{low:.3f}, {high:.3f}]")
    return found


def test_the_matching_is_the_best_there_is() -> None:
    chance = random.Random(3)
    for size in range(1, 6):
        costs = [[chance.gauss(0, 1) for _ in range(size)] for _ in range(size)]
        partner = assigned(costs)
        best = min(sum(costs[n][m] for n, m in enumerate(each)) for each in itertools.permutations(range(size)))
        assert sum(costs[n][m] for n, m in enumerate(partner) if m is not None) == pytest.approx(best)
    assert assigned([[5.0], [1.0], [3.0]]) == [None, 0, None]
    assert assigned([[5.0, 1.0, 3.0]]) == [1]


def test_of_lone_tokens_nobody_links_identifiers() -> None:
    found = report("Twenty alone", recorded(alone(), 60))
    _, low, high = found["unwatched"]
    assert low < CHANCE and high < 0.07
    for name in UNWATCHED:
        assert found[name][1] < CHANCE, name


def test_in_a_crowd_nobody_links_identifiers() -> None:
    found = report("Twenty in a room", recorded(crowd(), 12))
    for name in (*FEATURES, "unwatched", "all"):
        assert found[name][1] < CHANCE and found[name][2] < 0.11, name


# With both protocols in turns, for a listener who knows already which RPI and which Bluezone ID of a quarter of an hour
# are one token's.


def test_of_lone_tokens_with_both_protocols_nobody_links_identifiers() -> None:
    found = report("Twenty alone, both protocols", recorded(alone(), 24, periods_s=BOTH))
    _, low, high = found["unwatched"]
    assert low < CHANCE and high < 0.09


def test_in_a_crowd_with_both_protocols_nobody_links_identifiers() -> None:
    found = report("Twenty in a room, both protocols", recorded(crowd(), 8, periods_s=BOTH))
    for name in ("unwatched", "all"):
        assert found[name][1] < CHANCE and found[name][2] < 0.14, name


def chain(periods_s: tuple[int, ...], at_s: int) -> tuple[int, int]:
    """Return how many of how many RPIs are linked through the other protocol at a change of theirs."""
    right = tries = 0
    for seed in range(4):
        recording = Recording(alone(), LONG_HOURS, seed, Steady, periods_s)
        recording.run()
        one, of = chained(recording, at_s, before_s=600, after_s=300)
        right, tries = right + one, tries + of
    print(f"\nlinked through the other protocol: {right}/{tries}")
    return right, tries


def test_no_identifier_goes_on_by_which_another_could_be_linked() -> None:
    right, tries = chain(BOTH, FIRST_S)
    assert right == 0 and tries > 2 * PEOPLE


def test_with_periods_of_their_own_one_protocol_links_the_other() -> None:
    assert interval(*chain(APART, FIRST_S + 600))[0] > 0.5


def test_turns_begin_anew_with_each_identifier() -> None:
    assert 0.35 < kept_turns(Recording) < 0.65


def test_turns_that_go_on_would_halve_the_crowd() -> None:
    class Kept(Recording):
        keeps_turns = True

    assert kept_turns(Kept) > 0.9


def kept_turns(kind: type[Recording]) -> float:
    """Return how often a token says first with its new identifiers what was not its last turn with the old."""
    recording = kind(crowd(), LONG_HOURS, 1, Steady, BOTH)
    recording.run()
    turns = recording.turns
    period = FIRST_S // BOTH[0]
    found = [turns[n, period - 1][-1] != turns[n, period][0] for n in range(PEOPLE)]
    found += [turns[n, period][-1] != turns[n, period + 1][0] for n in range(PEOPLE)]
    return sum(found) / len(found)


@pytest.mark.long
def test_in_a_crowd_nobody_links_identifiers_through_many_days() -> None:
    found = report("Twenty in a room", recorded(crowd(), 30, seed=1000))
    for name in ("unwatched", "all"):
        assert found[name][1] < CHANCE and found[name][2] < 0.09, name


# What each guard is for: without it the same listener wins.


def test_without_a_pace_the_crystal_links(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schedule, "PACE", 0)
    right, tries = success(recorded(alone(), 6), ["drift_ppm"])
    assert interval(right, tries)[0] > 0.3


def test_with_the_same_time_all_day_the_phase_links(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schedule, "ALONE_MS", schedule.TICKS + 1)
    right, tries = success(recorded(alone(), 6), ["phase"])
    assert interval(right, tries)[0] > 0.75


def test_alone_at_meetings_the_old_ones_link(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schedule.Herd, "changes", lambda herd, now_ms: not herd._stray)
    right, tries = success(recorded(alone(), 6), ["kept_meeting"])
    assert interval(right, tries)[0] > 0.5


def test_if_each_changes_when_it_likes_the_time_links(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schedule.Herd, "changes", lambda herd, now_ms: herd._stray)
    right, tries = success(recorded(crowd(), 3), ["change"])
    assert interval(right, tries)[0] > 0.2


def test_with_one_lean_all_day_the_lean_links(monkeypatch: pytest.MonkeyPatch) -> None:
    begin = schedule.Herd.begin

    def keeps_its_first(herd: schedule.Herd) -> None:
        herd._next_lean_ms = herd._lean_ms = herd._lean_ms or herd._next_lean_ms
        begin(herd)

    monkeypatch.setattr(schedule.Herd, "begin", keeps_its_first)
    right, tries = success(recorded(crowd(), 3), ["lean_ms"])
    assert interval(right, tries)[0] > 0.15


# Limits that docs/DESIGN.md states.


def test_who_was_just_left_alone_is_linked_until_its_time_ends() -> None:
    """Print and hold how it fares by the changes after it was left: with that time goes what links."""
    until_s = 46800
    people = {f"{n:02}": [(0, until_s if n % 2 else 86400)] for n in range(2 * PEOPLE)}
    rooms = {each: [(0, until_s, f"{int(each) // 2}")] for each in people}
    rounds = []
    for seed in range(6):
        recording = Recording(Trace({}, people, {}, rooms), 1.8, seed, Steady)
        recording.run()
        kept = {key: bursts for key, bursts in recording.together.items() if key[0] % 2 == 0}
        rounds.append(changes(kept, random.Random(seed), until_s // 600, 4))
    shares = []
    for n in range(4):
        right, tries = success([[each[n]] for each in rounds], UNWATCHED)
        low, high = interval(right, tries)
        shares.append((low, high))
        print(f"\nchange {n + 1} after it was left: {right}/{tries} [{low:.3f}, {high:.3f}]", end="")
    assert shares[0][0] > 0.9, "it keeps its herd's time"
    assert all(low < CHANCE and high < 0.2 for low, high in shares[2:])


def test_a_purse_shows_in_how_often_a_token_comes() -> None:
    """Who has spent more comes more rarely: three sorts of token, no more, are told apart."""
    right, tries = success(recorded(alone(), 30, Worn), UNWATCHED)
    low, high = interval(right, tries)
    print(f"\npurses from empty to full: {right}/{tries} [{low:.3f}, {high:.3f}]")
    assert high < 4 * CHANCE
