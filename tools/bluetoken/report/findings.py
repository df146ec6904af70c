"""What a report is made of."""

from dataclasses import dataclass
from datetime import datetime

from bluetoken.exposure.bands import Thresholds
from bluetoken.exposure.evaluation import Result
from bluetoken.exposure.rules import Rule


@dataclass(frozen=True)
class Findings:
    """The outcome of one comparison, with everything it depended on."""

    cases: tuple[str, ...]
    results: tuple[Result, ...]
    rule: Rule
    thresholds: Thresholds
    now: datetime
    unreadable: tuple[str, ...] = ()
    no_room: tuple[str, ...] = ()  # whose token could not keep everything, how often and when
    paused: tuple[str, ...] = ()  # who had paused the token, and when
    without_consent: tuple[str, ...] = ()
