"""What a battery lasts: the time a token spends in each state, times what its board draws there.

mean = (sum over states of time x current + sum over events of count x charge) / time
days = USABLE x capacity / (24 h x mean)

The currents are the board's, from its TOML, each with its source; the times are those of the firmware on the
virtual board, computing included where its processor counts it (RV32, at one cycle an instruction and 160 MHz).
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bluetoken.bench.speed import crowd, issue_all
from bluetoken.boards import CHARGES, CURRENTS, Board
from bluetoken.cell import USABLE
from bluetoken.errors import BadBoard
from bluetoken.virtual.demo import SCENARIO
from bluetoken.virtual.meter import Meter, State
from bluetoken.virtual.scenario import load_scenario
from bluetoken.virtual.stage import Stage

CAPACITIES_MAH = (400, 1000, 2000)
AWAKE_S = 150  # the token keeps awake for two minutes after a start; that is not its day
HOUR_S = 3600


@dataclass(frozen=True)
class Budget:
    """A mean current in uA, and what part of it goes where."""

    mean_ua: float
    shares: dict[str, float]

    @property
    def mah_a_day(self) -> float:
        return self.mean_ua / 1000 * 24

    def days(self, capacity_mah: float) -> float:
        """Return how long a battery lasts."""
        return USABLE * capacity_mah / self.mah_a_day

    def as_dict(self) -> dict[str, Any]:
        return {
            "mean_ma": self.mean_ua / 1000,
            "mah_a_day": self.mah_a_day,
            "days": {str(capacity): self.days(capacity) for capacity in CAPACITIES_MAH},
            "usable": USABLE,
            "shares": self.shares,
        }


def drawn_by(board: Board) -> Mapping[str, Mapping[str, Any]]:
    """Return `[energy]` of a board; BadBoard where it says nothing of it."""
    energy = board.config.get("energy")
    if energy is None:
        raise BadBoard(f"{board.name} says nothing of its currents: add a table [energy], as docs/BOARDS.md has it.")
    return energy


def budget(meter: Meter, energy: Mapping[str, Mapping[str, Any]]) -> Budget:
    """Return what a token drew while the meter ran; the time without power does not count."""
    # uA x us are 1e-12 C, and so are 1e6 uC.
    charges = {name: float(meter.us[State(name)] * energy[name]["ua"]) for name in CURRENTS}
    counts = {"advert": meter.adverts, "ble_start": meter.ble_starts, "boot": meter.boots}
    charges |= {name: counts[name] * energy[name]["uc"] * 1e6 for name in CHARGES}
    total = sum(charges.values())
    powered_us = sum(us for state, us in meter.us.items() if state != State.OFF)
    return Budget(total / powered_us, {name: charge / total for name, charge in charges.items()})


@dataclass(frozen=True)
class Day:
    """How the metered token spends its time: so many others in earshot, for so many hours."""

    neighbours: int
    hours: float
    processor: str


def metered(board_file: str, day: Day, progress: Callable[[float], None] = lambda share: None) -> Meter:
    """Let the firmware live through such a day on a virtual board, and return what the meter of one token shows."""
    scenario = crowd(replace_board(board_file), 1 + day.neighbours)
    first = replace(scenario.tokens[0], processor=day.processor)
    scenario = replace(scenario, tokens=(first, *scenario.tokens[1:]))
    with tempfile.TemporaryDirectory(prefix="bluetoken-") as folder:
        stage = Stage(scenario, Path(folder))
        try:
            stage.start()
            stage.world.run_for(2)
            issue_all(stage)
            stage.world.run_for(AWAKE_S)
            meter = stage.world.tokens[0].meter
            stage.world.call(lambda: meter.restart(stage.world.tokens[0].local_us))
            steps = max(1, round(day.hours * 12))
            for step in range(steps):
                stage.world.run_for(day.hours * HOUR_S / steps)
                progress((step + 1) / steps)
            return stage.world.call(lambda: replace(meter, us=dict(meter.us)))
        finally:
            stage.close()


def replace_board(board_file: str) -> Any:
    """The demonstration's scenario with every token on another board."""
    scenario = load_scenario(SCENARIO)
    return replace(scenario, tokens=tuple(replace(token, board=board_file) for token in scenario.tokens))
