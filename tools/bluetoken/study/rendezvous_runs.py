"""The runs of the rendezvous study, over all processors."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from functools import lru_cache

from bluetoken.study.days import SYNTHETIC
from bluetoken.study.rendezvous import Run, World
from bluetoken.study.rendezvous_plan import Case, Source
from bluetoken.study.rendezvous_scores import Scores, scores
from bluetoken.study.schedules import factory, liar
from bluetoken.study.traces import DAY_S, Trace, read_trace

Progress = Callable[[float], None]


@dataclass(frozen=True)
class Outcome:
    """A run and what came of it."""

    case: Case
    people: int
    days: int
    mean_ma: float
    present_ma: float
    scores: Scores


@lru_cache(maxsize=1)
def load(source: Source, seed: int) -> Trace:
    """Return the trace of a source; the seed makes the synthetic days."""
    trace = SYNTHETIC[source.name](seed) if source.path is None else read_trace(source.path, source.step_s)
    return trace.until(trace.days[source.days - 1] + 1) if 0 < source.days < len(trace.days) else trace


def lived(case: Case, progress: Progress = lambda share: None) -> Outcome:
    """Run a case from 00:00 of the first day to 24:00 of the last.

    Days that are made up have people together at night, and nobody puts on a token at midnight: there a day comes
    before the one that counts.
    """
    trace = load(case.source, case.seed)
    liars = [most_met(trace)] if case.liar != "none" else []
    days = trace.days
    if case.source.path is None:
        trace, days = trace.twice(), [days[0] + 1]
    hours = (trace.days[0] * DAY_S / 3600, (days[-1] + 1) * DAY_S / 3600)
    world = World(hear=case.hear, drift_ppm=case.drift_ppm, draws=case.draws)
    special = {person: liar(case) for person in liars}
    caught = Run(trace, world, factory(case), case.seed, hours, special).run(progress)
    found = scores(trace, caught, days, liars)
    return Outcome(case, len(trace.people), len(days), caught.mean_ma, caught.present_ma, found)


def most_met(trace: Trace) -> str:
    """Return who faces others for longest: the worst place for a liar."""
    met_s = dict.fromkeys(trace.people, 0)
    for pair, stretches in trace.contacts.items():
        for person in pair:
            met_s[person] += sum(end_s - start_s for start_s, end_s in stretches)
    return max(trace.people, key=lambda person: met_s[person])


def all_lived(cases: Sequence[Case], progress: Progress = lambda share: None) -> list[Outcome]:
    """Run the cases, each in a process, and return what came of them in their order."""
    if len(cases) == 1:
        return [lived(cases[0], progress)]
    # Spawned, not forked: so it is the same on every system.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(len(cases), os.cpu_count() or 1), mp_context=context) as pool:
        futures = [pool.submit(lived, case) for case in cases]
        for done, _ in enumerate(as_completed(futures), 1):
            progress(done / len(cases))
        return [future.result() for future in futures]
