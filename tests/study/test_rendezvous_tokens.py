"""The study against whole tokens: an hour of the school's first day, lived by real firmware on virtual boards.

Everybody in the room counts as faced, for a token cannot tell.
"""

from itertools import combinations
from pathlib import Path

import pytest

from bluetoken.bench.speed import AUTHORITY_ID, AUTHORITY_PRIVATE, issue_all
from bluetoken.boards import load_board
from bluetoken.exposure.decoding import Log, RawSegment, decode
from bluetoken.exposure.matching import match
from bluetoken.exposure.release import releasable
from bluetoken.link.desk import Desk
from bluetoken.study.energy import drawn_by
from bluetoken.study.rendezvous import Run, World
from bluetoken.study.rendezvous_plan import Case, Source
from bluetoken.study.schedules import factory
from bluetoken.study.sleepers import Draws
from bluetoken.study.traces import Pair, Stretch, Trace, read_trace
from bluetoken.virtual.demo import SCENARIO
from bluetoken.virtual.scenario import Place, Scenario, TokenPlan, load_scenario
from bluetoken.virtual.stage import Stage
from bluetoken.virtual.token import VirtualToken

TRACE = Path(__file__).parents[3] / "shared" / "data" / "contact_traces" / "primary_school.csv"
CLASS = "3B"
COUNT = 20
FROM_S, TO_S = 9 * 3600, 10 * 3600
BUDGET_MA = 2.5
DRIFT_PPM = 20.0
SEEDS = 4


def classmates() -> Trace:
    """Return some of a class in that hour, as if all who are there faced each other."""
    whole = read_trace(TRACE)
    members = [person for person in whole.people if whole.group.get(person) == CLASS]
    there = {person: _in_hour(whole.present[person]) for person in members}
    chosen = [person for person in members if there[person]][:COUNT]
    contacts = {pair: both for pair in combinations(chosen, 2) if (both := _both(there, pair))}
    return Trace(contacts, {person: there[person] for person in chosen}, dict.fromkeys(chosen, CLASS))


def _in_hour(stretches: list[Stretch]) -> list[Stretch]:
    inside = ((max(start_s, FROM_S), min(end_s, TO_S)) for start_s, end_s in stretches)
    return [each for each in inside if each[0] < each[1]]


def _both(there: dict[str, list[Stretch]], pair: Pair) -> list[Stretch]:
    (one_from_s, one_to_s), (from_s, to_s) = there[pair[0]][0], there[pair[1]][0]
    both = max(one_from_s, from_s), min(one_to_s, to_s)
    return [both] if both[0] < both[1] else []


def predicted(trace: Trace) -> dict[Pair, float]:
    """Return the seconds that the two of each pair note of each other, as the study expects: the mean of some runs."""
    draws = Draws.of(drawn_by(load_board("virtual")))
    noted_s = dict.fromkeys(trace.contacts, 0.0)
    for seed in range(SEEDS):
        case = Case(Source("class"), "ours", BUDGET_MA, "room", DRIFT_PPM, seed, "none", draws)
        world = World(drift_ppm=DRIFT_PPM, draws=draws)
        caught = Run(trace, world, factory(case), seed, (FROM_S / 3600, TO_S / 3600)).run()
        for pair in noted_s:
            noted_s[pair] += sum(caught.noted_s.get((*each, 0), 0) for each in (pair, pair[::-1])) / SEEDS
    return noted_s


def scenario(trace: Trace) -> Scenario:
    base = load_scenario(SCENARIO)
    plans = []
    for n, person in enumerate(trace.people):
        at_m = (2.0 * (n % 4), 2.0 * (n // 4))
        places = [Place(0, None)]
        for start_s, end_s in trace.present[person]:
            places += [
                Place((start_s - FROM_S) * 1_000_000, at_m),
                Place((end_s - FROM_S) * 1_000_000, None),
            ]
        plans.append(TokenPlan(person, "virtual", tuple(places), drift_ppm=(n % 5 - 2) * DRIFT_PPM / 2))
    start = base.start.replace(hour=FROM_S // 3600, minute=0, second=0)
    return Scenario("class", 1, start, 7_200_000_000, tuple(plans))


def lived(trace: Trace, folder: Path) -> dict[Pair, int]:
    """Return the seconds that the two of each pair noted of each other, as the tokens wrote them down."""
    stage = Stage(scenario(trace), folder)
    try:
        stage.start()
        stage.world.run_for(2)
        issue_all(stage)
        stage.world.run_until((TO_S - FROM_S) * 1_000_000)
        for token in stage.world.tokens:
            stage.plug(token)
        stage.world.run_for(90)
        logs = {token.name: read(token) for token in stage.world.tokens}
    finally:
        stage.close()
    keys = [key for name, log in logs.items() for key in releasable(log.keys, name, 0)]
    found = match({name: log.encounters for name, log in logs.items()}, keys)
    noted_s = dict.fromkeys(trace.contacts, 0)
    for name, matches in found.items():
        for each in matches:
            if each.case != name:
                noted_s[min(name, each.case), max(name, each.case)] += each.encounter.periods * each.encounter.period_s
    return noted_s


def read(token: VirtualToken) -> Log:
    with Desk(token.cable.path) as desk:
        segments = [RawSegment(desk.fetch(segment)) for segment in desk.segments()]
        token_id = bytes([token.node]) * 8
    return decode(token_id.hex(), segments, {AUTHORITY_ID: AUTHORITY_PRIVATE})


@pytest.mark.long
@pytest.mark.skipif(not TRACE.is_file(), reason="the contact trace lies outside the project")
def test_whole_tokens_note_as_much_of_each_other_as_the_study_says(tmp_path: Path) -> None:
    trace = classmates()
    assert len(trace.people) == COUNT
    expected, found = predicted(trace), lived(trace, tmp_path)
    print(*(f"{pair}: expected {expected[pair]:.0f} s, noted {found[pair]} s" for pair in expected), sep="\n")
    assert sum(found.values()) == pytest.approx(sum(expected.values()), rel=0.15)
    assert all(found[pair] > 0.8 * expected[pair] for pair in expected)
