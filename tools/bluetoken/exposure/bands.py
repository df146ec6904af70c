"""Attenuation bands. They say how strong a signal arrived, never how far away somebody was."""

import enum
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


class Band(enum.StrEnum):
    """How strong the signal was, strongest first."""

    IMMEDIATE = "immediate"
    NEAR = "near"
    FAR = "far"


@dataclass(frozen=True)
class Thresholds:
    """The greatest attenuation, in dB, that still counts to a band; `source` says who found them, and how."""

    immediate_db: int
    near_db: int
    source: str

    def band(self, attenuation_db: float) -> Band:
        """Return the band of an attenuation."""
        if attenuation_db <= self.immediate_db:
            return Band.IMMEDIATE
        return Band.NEAR if attenuation_db <= self.near_db else Band.FAR


@cache
def thresholds() -> Thresholds:
    """Return the thresholds in force (bands.toml)."""
    data = tomllib.loads((files(__package__) / "bands.toml").read_text(encoding="utf-8"))
    return Thresholds(data["attenuation_db"]["immediate"], data["attenuation_db"]["near"], data["source"])
