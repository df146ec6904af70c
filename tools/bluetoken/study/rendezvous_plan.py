"""What the rendezvous study takes for granted, and one of its runs."""

from dataclasses import dataclass
from pathlib import Path

from bluetoken.study.sleepers import Draws
from bluetoken.study.traces import STEP_S

SEED = 1
DRIFT_PPM = 50.0
LONG_S = 900  # a contact that counts: so long in a day
MET_S = 120  # of contacts as long the first meeting is timed
LIARS = ("none", "ahead", "far", "jumps")
AHEAD_MS = 200  # within schedule.SAME_MS: a liar that stays in its herd and pulls
FAR_MS = 120_000  # outside schedule.REACH_MS
HEARS = ("room", "contact")


@dataclass(frozen=True)
class Source:
    """Where a trace comes from: a file, or the name of a synthetic day; and how many of its days to take, 0 for all."""

    name: str
    path: Path | None = None
    step_s: int = STEP_S
    days: int = 0


@dataclass(frozen=True)
class Case:
    """One run: a schedule at a mean current, on a trace."""

    source: Source
    schedule: str
    mean_ma: float
    hear: str
    drift_ppm: float
    seed: int
    liar: str
    draws: Draws
