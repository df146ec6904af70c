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
    rough: tuple[str, ...] = ()  # what was written under a clock that was lost and that no desk looked at
    no_room: tuple[str, ...] = ()  # whose token could not keep everything, how often and when
    paused: tuple[str, ...] = ()  # who had paused the token, and when
    without_consent: tuple[str, ...] = ()
    off_slot: tuple[str, ...] = ()  # who was heard by Bluezone's protocol when only a wrong clock explains it
    assumed_power: str = ""  # in words, where a band rests on a power that nobody told
