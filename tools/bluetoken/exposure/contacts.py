"""From single encounters to contacts: uninterrupted stretches of time near one case. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from bluetoken.exposure.bands import Band, Thresholds
from bluetoken.exposure.matching import IDENTIFIER_LIFE_S, Match

#: Two encounters this close in time are one contact: a listening burst or two were missed between them.
MERGE_GAP_S = 150


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a contact heard at one strength."""

    start_s: int  # Unix seconds
    end_s: int
    typical_attenuation_db: int
    min_attenuation_db: int
    band: Band

    @property
    def seconds(self) -> int:
        """How long it lasted."""
        return self.end_s - self.start_s


@dataclass(frozen=True, slots=True)
class Contact:
    """An uninterrupted stretch of time near one case, as its parts one after the other without gaps."""

    case: str
    parts: tuple[Part, ...]

    @property
    def start_s(self) -> int:
        """When it began, in Unix seconds."""
        return self.parts[0].start_s

    @property
    def end_s(self) -> int:
        """When it ended, in Unix seconds."""
        return self.parts[-1].end_s

    @property
    def seconds(self) -> int:
        """How long it lasted."""
        return self.end_s - self.start_s

    @property
    def typical_attenuation_db(self) -> float:
        """The mean over time, in dB."""
        return sum(part.typical_attenuation_db * part.seconds for part in self.parts) / self.seconds

    @property
    def min_attenuation_db(self) -> int:
        """The strongest that was heard, in dB."""
        return min(part.min_attenuation_db for part in self.parts)

    def band(self, thresholds: Thresholds) -> Band:
        """Return the band of the whole contact."""
        return thresholds.band(self.typical_attenuation_db)


def contacts(matches: Iterable[Match], thresholds: Thresholds) -> list[Contact]:
    """Return one wearer's contacts by time; encounters of one case within MERGE_GAP_S are one contact.

    A contact lasts from the first time the case was heard for as long as its encounters say.
    """
    by_case: dict[str, list[Match]] = {}
    for each in matches:
        by_case.setdefault(each.case, []).append(each)
    found = [
        _contact(case, stretch, thresholds)
        for case, of_case in by_case.items()
        for stretch in _stretches(sorted(of_case, key=lambda each: each.encounter.start_s))
    ]
    return sorted(found, key=lambda contact: (contact.start_s, contact.case))


def heard_until_s(each: Match) -> int:
    """Return when an encounter ended, in Unix seconds: after as long as its token reckons that somebody was there.

    An identifier lives for so long only.
    """
    encounter = each.encounter
    return encounter.start_s + min(encounter.periods * max(encounter.period_s, 1), IDENTIFIER_LIFE_S)


def _stretches(by_time: Sequence[Match]) -> list[list[Match]]:
    stretches: list[list[Match]] = []
    end_s = 0
    for each in by_time:
        if not stretches or each.encounter.start_s - end_s > MERGE_GAP_S:
            stretches.append([])
            end_s = 0
        stretches[-1].append(each)
        end_s = max(end_s, heard_until_s(each))
    return stretches


def _contact(case: str, stretch: Sequence[Match], thresholds: Thresholds) -> Contact:
    """Strength changes where an encounter begins or ends; a short one may lie within one of the other protocol."""
    borders_s = sorted({at_s for each in stretch for at_s in (each.encounter.start_s, heard_until_s(each))})
    spans_s = list(pairwise(borders_s)) or [(borders_s[0], borders_s[0])]
    return Contact(case, tuple(_part(_latest(stretch, span_s[0]), *span_s, thresholds) for span_s in spans_s))


def _latest(by_time: Sequence[Match], at_s: int) -> Match:
    """Return whose strength holds at a time: who began last of those that last; in a gap, who began last."""
    begun = [each for each in by_time if each.encounter.start_s <= at_s]
    return next((each for each in reversed(begun) if heard_until_s(each) > at_s), begun[-1])


def _part(match: Match, start_s: int, end_s: int, thresholds: Thresholds) -> Part:
    return Part(
        start_s=start_s,
        end_s=end_s,
        typical_attenuation_db=match.typical_attenuation_db,
        min_attenuation_db=match.min_attenuation_db,
        band=thresholds.band(match.typical_attenuation_db),
    )
