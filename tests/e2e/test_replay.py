"""Somebody records what a wearer's token says and repeats it an hour later, where that wearer never was."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from bluetoken.exposure.bands import thresholds
from bluetoken.exposure.decoding import Log
from bluetoken.exposure.evaluation import CaseKeys, evaluate
from bluetoken.exposure.release import releasable
from bluetoken.exposure.rules import Outcome, load_rule
from bluetoken.registry import evidence
from bluetoken.virtual.air import Train

from .conftest import Restore
from .day import NOTICE_S, STEADY, Day
from .journal_bytes import KEYS
from .neighbour import Neighbour
from .snapshots import Snapshot

MINUTE_US = 60_000_000
RECORDED_US = 40 * MINUTE_US
LATER_US = 60 * MINUTE_US
SAID_FOR_US = MINUTE_US // 2  # who is alone does not listen more often
ELSEWHERE_M = 1000.0


class Replayer(Neighbour):
    """Has an accomplice beside the first token, and says what that one said, an hour later."""

    def __init__(self, day: Day, place: int) -> None:
        super().__init__(day, day.tokens[place])
        self._victim = day.token.node
        self._start = day.stage.air.start
        self._until_us = day.look(lambda: day.world.now_us) + RECORDED_US
        self.recorded: set[bytes] = set()
        self._last_us = 0
        day.stage.air.start = self._eavesdrop  # type: ignore[method-assign]

    def _eavesdrop(self, sender: int, at_us: int, *what: Any) -> Train:
        train = self._start(sender, at_us, *what)
        if sender == self._victim and self._last_us + 1_000_000 < at_us < self._until_us:
            self._last_us = at_us
            self.recorded.add(train.data[11:27])
            self.say(train.data, at_us + LATER_US, at_us + LATER_US + SAID_FOR_US)
        return train


def test_what_is_repeated_an_hour_later_is_heard_stored_and_no_contact(
    restore: Restore, issued: Snapshot
) -> None:
    images = issued.images | {"R": issued.images["B"]}
    where = {"B": ELSEWHERE_M, "R": ELSEWHERE_M + 1}
    day, clinic = restore(replace(issued, images=images), "A", "B", "R", path_loss=STEADY, at_m=where)
    for token in day.tokens[:2]:
        day.set_clock(token)
    replayer = Replayer(day, 2)
    day.pass_s((LATER_US + RECORDED_US) / 1_000_000 + NOTICE_S)
    for token in day.tokens[:2]:
        day.at(clinic).sync(token.cable.path)
    with clinic.open() as registry:
        wearers, _ = evidence.wearers(registry, "test", KEYS)
    logs = {label: (token_id, log) for token_id, (label, log) in wearers.items()}
    (case_id, case), (met_id, met) = logs["A"], logs["B"]
    assert not case.encounters, "nobody was with the case"
    heard = [each for each in met.encounters if each.rpi in replayer.recorded]
    assert len({each.rpi for each in heard}) >= 3 and sum(each.span_s for each in heard) > 15 * 60

    def outcome(log: Log) -> Outcome:
        keys = tuple(releasable(case.keys, "case", 0))
        at = datetime.fromtimestamp(day.unix_ms / 1000, UTC)
        cases = [CaseKeys("case", keys, 0, case_id)]
        (found,) = evaluate({met_id: ("B", log)}, cases, load_rule(), thresholds(), at)
        return found.outcome

    assert outcome(met) == Outcome.NO_CONTACT
    # It is the clock that says so: did nobody know it, the standard's two hours would let it pass.
    met.encounters = [replace(each, clock_uncertainty_s=None) for each in met.encounters]
    assert outcome(met) == Outcome.CANDIDATE
