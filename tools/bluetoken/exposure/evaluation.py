"""Everybody's encounters against diagnosis keys, and a rule's outcome for each wearer. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from bluetoken.exposure import bluezone
from bluetoken.exposure.bands import Thresholds
from bluetoken.exposure.bluezone import Matches, OffSlot, PublishedDays
from bluetoken.exposure.contacts import Contact, contacts
from bluetoken.exposure.decoding import Log
from bluetoken.exposure.diagnosis import INTERVAL_S, DiagnosisKey, not_before
from bluetoken.exposure.matching import match
from bluetoken.exposure.rules import Judgement, Outcome, Rule, judge


@dataclass(frozen=True)
class CaseKeys:
    """A case to compare with: its keys, and when it became infectious (Unix seconds)."""

    ref: str
    keys: tuple[DiagnosisKey, ...]
    infectious_from_s: int
    token_id: str = ""  # the case's own token, empty where it carries none of ours
    bluezone: tuple[PublishedDays, ...] = ()  # the same in Bluezone's protocol


@dataclass(frozen=True)
class Result:
    """What is known of one wearer and one case."""

    token_id: str
    label: str
    case: str
    judgement: Judgement
    contacts: tuple[Contact, ...]
    band: str  # of the longest-lasting strength, empty without contact
    listened_s: int
    off_slot: tuple[OffSlot, ...] = ()  # Bluezone IDs that only the clocks' uncertainty admits: not counted
    paused_s: int = 0  # so long the wearer had paused the token within the time that was looked at

    @property
    def outcome(self) -> Outcome:
        """The rule's outcome."""
        return self.judgement.outcome

    @property
    def needs_interview(self) -> bool:
        """Whether somebody must talk to the wearer before anything is decided."""
        return self.outcome == Outcome.CANDIDATE

    def as_dict(self) -> dict[str, Any]:
        """Return it for `--json`; times in Unix seconds."""
        return {
            "token": self.token_id,
            "label": self.label,
            "case": self.case,
            "outcome": str(self.outcome),
            "needs_interview": self.needs_interview,
            "minutes": self.judgement.minutes,
            "minutes_any_band": sum(contact.seconds for contact in self.contacts) // 6 / 10,
            "band": self.band,
            "reason": self.judgement.reason,
            "listened_minutes": self.listened_s // 60,
            "paused_minutes": self.paused_s // 60,
            "windows": [
                {
                    "start": contact.start_s,
                    "end": contact.end_s,
                    "minutes": contact.seconds // 6 / 10,
                    "typical_attenuation_db": round(contact.typical_attenuation_db, 1),
                    "min_attenuation_db": contact.min_attenuation_db,
                    "parts": [
                        {"start": part.start_s, "end": part.end_s, "band": str(part.band)}
                        for part in contact.parts
                    ],
                }
                for contact in self.contacts
            ],
            "off_slot": [
                {
                    "start": each.encounter.start_s,
                    "seconds": each.encounter.span_s,
                    "off_s": each.off_s,
                    "clock_uncertainty_s": each.clock_uncertainty_s,
                }
                for each in self.off_slot
            ],
        }


def evaluate(
    wearers: Mapping[str, tuple[str, Log]],
    cases: Iterable[CaseKeys],
    rule: Rule,
    thresholds: Thresholds,
    now: datetime,
) -> list[Result]:
    """Return a result for every wearer and every case, the most pressing first.

    Parameters
    ----------
    wearers
        {token id: (label, what the token wrote)}.
    now
        an aware instant; the rule looks back from it.
    """
    since_s = int((now - timedelta(days=rule.lookback_days)).timestamp())
    encounters = {token: log.encounters for token, (_, log) in wearers.items()}
    by_bluezone = {token: log.bluezone for token, (_, log) in wearers.items()}
    results = []
    for case in cases:
        from_s = max(case.infectious_from_s, since_s)
        keys = [shortened for key in case.keys if (shortened := not_before(key, from_s))]
        days = [each for each in case.bluezone if each.end_s + each.clock_error_s > from_s]
        if not keys and not days:  # the rule does not look back so far
            continue
        ends_s = [key.intervals.stop * INTERVAL_S + key.clock_error_s for key in keys]
        until_s = max(*ends_s, *(each.end_s + each.clock_error_s for each in days), 0)
        matches = match(encounters, keys)
        zone_matches = bluezone.match(by_bluezone, days, from_s)
        for token, (label, log) in wearers.items():
            if token == case.token_id:
                continue
            zone = zone_matches.get(token, Matches())
            found = contacts([*matches.get(token, ()), *zone.exact], thresholds)
            listened_s = _listened_s(log, from_s, until_s)
            result = _result(token, label, case.ref, rule, found, listened_s, zone.off_slot)
            paused_s = sum(pause.seconds_within(from_s, until_s) for pause in log.pauses)
            results.append(replace(result, paused_s=paused_s))
    return sorted(results, key=_urgency)


def _result(
    token: str,
    label: str,
    case: str,
    rule: Rule,
    found: Sequence[Contact],
    listened_s: int,
    off_slot: Sequence[OffSlot],
) -> Result:
    return Result(
        token_id=token,
        label=label,
        case=case,
        judgement=judge(rule, found, listened_s),
        contacts=tuple(found),
        band=_prevailing_band(found),
        listened_s=listened_s,
        off_slot=tuple(off_slot),
    )


def _prevailing_band(found: Iterable[Contact]) -> str:
    seconds: dict[str, int] = {}
    for contact in found:
        for part in contact.parts:
            seconds[str(part.band)] = seconds.get(str(part.band), 0) + part.seconds
    return max(sorted(seconds), key=lambda band: seconds[band], default="")


def _listened_s(log: Log, from_s: int, until_s: int) -> int:
    return sum(each.seconds for each in log.listening if from_s <= each.start_s < until_s)


def _urgency(result: Result) -> tuple[int, float, str, str, str]:
    order = (Outcome.CANDIDATE, Outcome.BELOW, Outcome.NO_DATA, Outcome.NO_CONTACT)
    place = order.index(result.outcome)
    return place, -result.judgement.minutes, result.label, result.case, result.token_id
