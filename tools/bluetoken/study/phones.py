"""How much of 15 minutes with a Bluezone phone a token notes, and whether the phone notices the token.

The phone keeps the times of the app in the background: it sends 15 s of 30 and listens 40 s of 300. It is no company to
a token, which goes on saving; so what counts is whether other tokens are near. **No token hears Bluezone yet**: this is
what the schedule would catch.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from itertools import combinations
from statistics import fmean, quantiles

from bluetoken.study.rendezvous import Caught, Run, World
from bluetoken.study.rendezvous_plan import LONG_S
from bluetoken.study.schedules import token_held_to
from bluetoken.study.sleepers import Draws, Phone
from bluetoken.study.traces import STEP_S, Pair, Stretch, Trace

MEETINGS = 60
COMPANIONS = 3
COMPANY_FROM_S, COMPANY_TO_S = 8 * 3600, 17 * 3600  # tokens of one office or class


@dataclass(frozen=True)
class WithPhones:
    """What came of the meetings, each of 15 minutes.

    noted_min: minutes that a token noted of its phone: the mean, and the lowest and highest tenth.
    unseen: the share of meetings of which the token noted nothing; unseen_by_phone: of which the phone did.
    """

    mean_ma: float
    company: bool
    noted_min: float
    low_min: float
    high_min: float
    unseen: float
    unseen_by_phone: float


def with_phones(mean_ma: float, draws: Draws, drift_ppm: float, seed: int) -> list[WithPhones]:
    """Return it for tokens without and with other tokens about them."""
    return [_met(mean_ma, draws, drift_ppm, seed, company) for company in (False, True)]


def _met(mean_ma: float, draws: Draws, drift_ppm: float, seed: int, company: bool) -> WithPhones:
    trace, meetings = _day(random.Random(seed), company)
    token = token_held_to(mean_ma, draws)
    phones = {phone: lambda now_ms, utc_ms, chance: Phone(chance) for _, phone in meetings}
    caught = Run(trace, World("contact", drift_ppm, draws=draws), token, seed, (0, 24), phones).run()
    noted_min = [caught.noted_s.get((*pair, 0), 0) / 60 for pair in meetings]
    tenths = quantiles(noted_min, n=10)
    return WithPhones(
        mean_ma,
        company,
        fmean(noted_min),
        tenths[0],
        tenths[-1],
        fmean(minutes == 0 for minutes in noted_min),
        fmean(not _noted_by_phone(caught, pair) for pair in meetings),
    )


def _noted_by_phone(caught: Caught, pair: Pair) -> bool:
    token, phone = pair
    return caught.noted_s.get((phone, token, 0), 0) > 0


def _day(chance: random.Random, company: bool) -> tuple[Trace, list[Pair]]:
    """Return a day of tokens that each meet a phone once, and who meets whom: (token, phone)."""
    contacts: dict[Pair, list[Stretch]] = {}
    present: dict[str, list[Stretch]] = {}
    meetings = []
    for n in range(MEETINGS):
        token, phone = f"t{n:02}", f"z{n:02}"
        from_s = chance.randrange(COMPANY_FROM_S + 3600, COMPANY_TO_S - LONG_S, STEP_S)
        contacts[token, phone] = [(from_s, from_s + LONG_S)]
        present[phone] = [(from_s, from_s + LONG_S)]
        group = [token, *(f"{token}_{other}" for other in range(COMPANIONS * company))]
        present |= {member: [(COMPANY_FROM_S, COMPANY_TO_S)] for member in group}
        contacts |= {pair: [(COMPANY_FROM_S, COMPANY_TO_S)] for pair in combinations(group, 2)}
        meetings.append((token, phone))
    return Trace(contacts, present, {}), meetings
