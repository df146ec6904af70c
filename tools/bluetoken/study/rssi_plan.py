"""What the RSSI study takes for granted."""

from dataclasses import dataclass

#: What counts as close, here and nowhere else: the product's bands, reports and commands know no distance.
CLOSE_M = 2.0
VERY_CLOSE_M = 1.0
#: Of ten people whom a token hears in a room, two are close: assumed, the recordings had six.
PREVALENCE = 0.2
RESAMPLES = 1000
SEED = 34


@dataclass(frozen=True)
class Plan:
    """How the study is done."""

    prevalence: float = PREVALENCE
    resamples: int = RESAMPLES
    seed: int = SEED
