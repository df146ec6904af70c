"""Contact rules are data: which document, since when, how long, how close. Pure but for reading them."""

import enum
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from functools import cache
from importlib.resources import files
from typing import Any

from bluetoken.errors import UnknownRule
from bluetoken.exposure.bands import Band
from bluetoken.exposure.contacts import Contact

DEFAULT_RULE = "fifteen-minutes"


class Outcome(enum.StrEnum):
    """What a rule says of a wearer. None of them is a diagnosis."""

    CANDIDATE = "candidate"
    BELOW = "below the rule"
    NO_CONTACT = "no contact"
    NO_DATA = "no data"


@dataclass(frozen=True)
class Rule:
    """A contact rule, as far as a token can tell; `ask` holds what only an interview can."""

    id: str
    title: str
    source: str
    valid_from: date | None
    valid_to: date | None
    minutes: float
    within_hours: int
    bands: tuple[Band, ...]
    lookback_days: int
    infectious_days_before: int
    confidence: str
    ask: tuple[str, ...]

    def in_force(self, day: date) -> bool:
        """Whether the document was in force on a day."""
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_to is None or day <= self.valid_to
        )

    def infectious_from(self, tested_on: date, onset_on: date | None, zone: tzinfo) -> datetime:
        """Return when a case became infectious: days before onset, or before the test if that was earlier."""
        first = min(tested_on, onset_on) if onset_on else tested_on
        return datetime.combine(first - timedelta(days=self.infectious_days_before), time(), zone)

    def as_dict(self) -> dict[str, Any]:
        """Return it for `--json`."""
        return {
            "id": self.id,
            "title": self.title,
            "source": self.source,
            "valid_from": self.valid_from.isoformat() if self.valid_from else None,
            "valid_to": self.valid_to.isoformat() if self.valid_to else None,
            "minutes": self.minutes,
            "within_hours": self.within_hours,
            "bands": [str(band) for band in self.bands],
            "lookback_days": self.lookback_days,
            "infectious_days_before": self.infectious_days_before,
            "confidence": self.confidence,
            "ask": list(self.ask),
        }


@dataclass(frozen=True)
class Judgement:
    """A rule's outcome for one wearer and one case; `minutes` are those that count, of the fullest day."""

    outcome: Outcome
    minutes: float
    reason: str


@cache
def rules() -> dict[str, Rule]:
    """Return every rule there is, by id (rules/*.toml)."""
    found = (
        _read(tomllib.loads(entry.read_text(encoding="utf-8")))
        for entry in (files(__package__) / "rules").iterdir()
        if entry.name.endswith(".toml")
    )
    return {rule.id: rule for rule in sorted(found, key=lambda rule: rule.id)}


def load_rule(rule_id: str = DEFAULT_RULE) -> Rule:
    """Return one rule; UnknownRule, with those there are, where there is none of that name."""
    try:
        return rules()[rule_id]
    except KeyError:
        known = ", ".join(rules())
        raise UnknownRule(f"There is no contact rule '{rule_id}': choose one of {known}.") from None


def judge(rule: Rule, of_case: Sequence[Contact], listened_s: int) -> Judgement:
    """Apply a rule to a wearer's contacts with one case.

    Parameters
    ----------
    of_case
        contacts in the time the rule looks at.
    listened_s
        how long the wearer's token listened in that time: silence says something only if it did.
    """
    if not of_case:
        if listened_s:
            return Judgement(Outcome.NO_CONTACT, 0.0, "the case was not heard")
        return Judgement(Outcome.NO_DATA, 0.0, "the token's log of that time is not in the registry")
    seconds = fullest_seconds(of_case, rule.bands, rule.within_hours * 3600)
    # Rounded down to a tenth, so that what is printed never reaches a limit that was not reached.
    minutes = seconds // 6 / 10
    outcome = Outcome.CANDIDATE if seconds >= rule.minutes * 60 else Outcome.BELOW
    heard_minutes = sum(contact.seconds for contact in of_case) // 6 / 10
    counted = f"{minutes:.1f} of {heard_minutes:.1f} min were {' or '.join(rule.bands)}"
    reason = f"{counted} within {rule.within_hours} h, the rule asks for {rule.minutes:g}"
    return Judgement(outcome, minutes, reason)


def fullest_seconds(found: Iterable[Contact], bands: Sequence[Band], within_s: int) -> int:
    """Return the most seconds in these bands that lie within `within_s` of one another."""
    parts = sorted(
        (part.start_s, part.end_s) for contact in found for part in contact.parts if part.band in bands
    )
    # The fullest window can be moved until it begins where a part begins, or ends where one ends.
    begins = {start for start, _ in parts} | {end - within_s for _, end in parts}
    return max((_covered(parts, begin, begin + within_s) for begin in begins), default=0)


def _covered(parts: Iterable[tuple[int, int]], begin_s: int, end_s: int) -> int:
    return sum(max(min(end, end_s) - max(start, begin_s), 0) for start, end in parts)


def _read(data: dict[str, Any]) -> Rule:
    return Rule(
        id=data["id"],
        title=data["title"],
        source=data["source"],
        valid_from=data.get("valid_from"),
        valid_to=data.get("valid_to"),
        minutes=data["minutes"],
        within_hours=data["within_hours"],
        bands=tuple(Band(band) for band in data["bands"]),
        lookback_days=data["lookback_days"],
        infectious_days_before=data["infectious_days_before"],
        confidence=data["confidence"],
        ask=tuple(data["ask"]),
    )
