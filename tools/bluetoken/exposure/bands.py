"""Attenuation bands. They say how strong a signal arrived, never how far away somebody was."""

import enum
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any


class Band(enum.StrEnum):
    """How strong the signal was, strongest first."""

    IMMEDIATE = "immediate"
    NEAR = "near"
    FAR = "far"


@dataclass(frozen=True)
class Confidence:
    """How probable it is that somebody in a band was close: heard once, and over fifteen minutes (95 % interval)."""

    word: str
    packet: float
    lasting: float
    low: float
    high: float


@dataclass(frozen=True)
class Thresholds:
    """The greatest attenuation, in dB, that still counts to a band; `source` says who found them, and how.

    The confidence in a band holds where `prevalence` of all those heard are close.
    """

    immediate_db: int
    near_db: int
    source: str
    prevalence: float = 0.0
    confidence: Mapping[Band, Confidence] = field(default_factory=dict)

    def band(self, attenuation_db: float) -> Band:
        """Return the band of an attenuation."""
        if attenuation_db <= self.immediate_db:
            return Band.IMMEDIATE
        return Band.NEAR if attenuation_db <= self.near_db else Band.FAR

    def confidence_as_dict(self) -> dict[str, Any]:
        """Return for `--json` what the bands are worth."""
        bands = {str(band): asdict(each) for band, each in self.confidence.items()}
        return {"prevalence": self.prevalence, **bands}


@cache
def thresholds() -> Thresholds:
    """Return the thresholds in force (bands.toml)."""
    data = tomllib.loads((files(__package__) / "bands.toml").read_text(encoding="utf-8"))
    confidence = data["confidence"]
    return Thresholds(
        immediate_db=data["attenuation_db"]["immediate"],
        near_db=data["attenuation_db"]["near"],
        source=data["source"],
        prevalence=confidence["prevalence"],
        confidence={band: Confidence(**confidence[band]) for band in Band},
    )
