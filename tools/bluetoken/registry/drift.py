"""How fast a token's oscillator is, out of what its clock was off by at its syncs. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from wearable.records import CLOCK_SET, EPOCH_UNIX_S
from wearable.trim import DRIFT_LIMIT_PPM, LIMIT_E7

#: A desk's two looks at a token's clock, one at either end of a run, are together this exact.
LOOKS_WITHIN_S = 2
#: A shorter run says nothing: so exact is 93 ppm of six hours.
MIN_RUN_S = 6 * 3600
#: Runs that are shorter together are not given back to the token.
MIN_TOGETHER_S = 86400
#: Older runs tell of another season.
RUNS = 8
#: An oscillator's speed changes with its temperature by so much, estimated.
WANDER_PPM = 20


@dataclass(frozen=True)
class Run:
    """What one run of a token's clock, from a desk's setting on, says of its oscillator.

    `trim_e7` is what would have made it right, in parts of ten million of the chip's time.
    """

    set_s: int  # token seconds, when a desk set it
    over_s: int
    trim_e7: int


@dataclass(frozen=True)
class Trim:
    """What a token's clock is told to add, and by how much it is taken to drift all the same."""

    trim_e7: int
    drift_ppm: int
    over_s: int
    runs: int

    def as_dict(self) -> dict[str, Any]:
        """Return it for `--json`; a positive trim is that of a slow clock."""
        return {
            "trim_ppm": self.trim_e7 / 10,
            "drift_ppm": self.drift_ppm,
            "over_s": self.over_s,
            "runs": self.runs,
        }

    def in_words(self) -> str:
        """Say what the oscillator does without it."""
        how = "slow" if self.trim_e7 >= 0 else "fast"
        ppm = abs(self.trim_e7) / 10
        return (
            f"{ppm:.1f} ppm {how} ({ppm * 0.0864:.1f} s a day), measured over {self.over_s / 86400:.1f} days, "
            f"and is trimmed by that to within {self.drift_ppm} ppm"
        )


def measure(status: Mapping[str, Any], offset_ms: int) -> Run | None:
    """Return what a clock that is `offset_ms` behind says, None where it says nothing.

    Only of a run that a desk began and nothing has broken: the RTC ran through. What the token added itself
    is taken off again. What no oscillator does was a clock that had been set wrong.
    """
    set_s, unix_ms = status.get("set_s"), status.get("unix_ms")
    if status.get("clock_state") != CLOCK_SET or not set_s or unix_ms is None:
        return None
    shown_ms = unix_ms - (set_s + EPOCH_UNIX_S) * 1000
    if shown_ms < MIN_RUN_S * 1000:
        return None
    in_force = 1 + (status.get("trim_e7") or 0) / 1e7
    trim_e7 = round(((shown_ms + offset_ms) / shown_ms * in_force - 1) * 1e7)
    return Run(set_s, shown_ms // 1000, trim_e7) if abs(trim_e7) <= LIMIT_E7 else None


def combine(runs: Iterable[Run]) -> Trim | None:
    """Return what the last runs say together, the longer the louder; None where that is too little.

    A run that was looked at more than once counts as it was at the last look. The drift that remains is
    what the oscillator wanders, what the looks may have been off, and as much as the runs disagree.
    """
    last = list({run.set_s: run for run in runs}.values())[-RUNS:]
    over_s = sum(run.over_s for run in last)
    if over_s < MIN_TOGETHER_S:
        return None
    trim_e7 = round(sum(run.trim_e7 * run.over_s for run in last) / over_s)
    apart_e7 = sum(abs(run.trim_e7 - trim_e7) * run.over_s for run in last) / over_s
    off_ppm = LOOKS_WITHIN_S * 1e6 * len(last) / over_s
    drift_ppm = min(round(WANDER_PPM + off_ppm + apart_e7 / 10), DRIFT_LIMIT_PPM)
    return Trim(trim_e7, drift_ppm, over_s, len(last))
