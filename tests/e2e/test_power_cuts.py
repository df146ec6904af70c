"""Power fails at a flash operation and is back five seconds later: nothing committed is lost."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bluetoken.link.desk import Desk
from bluetoken.registry.syncing import synchronise
from bluetoken.virtual.flash import Flash
from bluetoken.virtual.token import PWRON, VirtualToken
from wearable import reading

from . import flash_image, journal_bytes
from .clinic import Clinic
from .day import Day
from .neighbour import Neighbour
from .snapshots import Snapshot

DAY_S = 86400
OFF_S = 5
HOUR_S = 3600
SAMPLES = 12
LAST_EVENING_S = (194572800 // DAY_S) * DAY_S - 1200  # twenty minutes before midnight


class Supply:
    """A token's supply, which fails at the `cut_at`-th flash operation from now.

    `before` is the flash as it was when that operation began: what was committed by then.
    """

    def __init__(self, day: Day, token: VirtualToken, cut_at: int, seed: int) -> None:
        self._day, self._token, self._cut_at = day, token, cut_at
        self._flash: Flash = token.flash
        self.before = b""
        self._flash.program = self._watched(self._flash.program)  # type: ignore[method-assign]
        self._flash.erase = self._watched(self._flash.erase)  # type: ignore[method-assign]
        self._flash.cut_after(cut_at, seed)
        token.on_power_cut = self._fail  # type: ignore[method-assign]

    def _watched(self, operation: Callable[..., int]) -> Callable[..., int]:
        def watched(*arguments: Any) -> int:
            if self._flash.operations + 1 == self._cut_at:
                self.before = self._flash.image()
            return operation(*arguments)

        return watched

    def _fail(self) -> None:
        self._token.power_down(self._token.local_us)
        self._day.world.at(self._token.local_us + OFF_S * 1_000_000, self._token.power_up)


@pytest.fixture(scope="session")
def evening(issued: Snapshot) -> bytes:
    """A token twenty minutes before midnight: a segment to expire, one to go on from, a new day to come."""
    image = issued.images["A"]
    token_id = journal_bytes.token_id_in(image)
    journal = {number: LAST_EVENING_S - days * DAY_S for number, days in ((1, 40), (2, 30), (3, 1), (4, 0))}
    return flash_image.with_files(
        image,
        {
            flash_image.path_of(number): journal_bytes.segment(
                token_id, number, opened_s, [journal_bytes.crowd(opened_s, 40)], boot=number
            )
            for number, opened_s in journal.items()
        },
    )


def work_beside_somebody(day: Day) -> None:
    """Give the first token power, a neighbour who talks all the time, and send it out."""
    day.begin()
    Neighbour(day, day.tokens[1]).talk(0, (HOUR_S + 60) * 1_000_000)
    day.stage.unplug(day.token)


def assert_survived(day: Day, supply: Supply, clinic: Clinic) -> None:
    day.pass_s(HOUR_S)
    assert day.causes(day.token).count(PWRON) == 2, "the power failed once"
    day.stage.plug(day.token)
    day.pass_s(35)
    day.stop(day.token)
    on_token = day.segments(day.token)
    committed = flash_image.segments(supply.before)
    kept = {number: raw for number, raw in committed.items() if number > 2}
    for number, raw in kept.items():
        assert on_token[number].startswith(journal_bytes.whole_bytes(raw)), "what was flushed is still there"
    assert max(on_token) > max(kept), "it goes on in a new segment"
    with day.at(clinic).open() as registry, Desk(day.token.cable.path) as desk:
        report = synchronise(desk, registry)
    assert not report.refused
    assert clinic.stored() == on_token
    whole = {number: raw for number, raw in on_token.items() if journal_bytes.whole_bytes(raw)}
    assert len(journal_bytes.found(whole, reading.Encounter)) >= 5, "it met its neighbour"


def cut(folder: Path, evening: bytes, issued: Snapshot, cut_at: int, seed: int) -> None:
    day = Day(folder, {"A": evening, "N": None}, after=issued.after)
    try:
        supply = Supply(day, day.token, cut_at, seed)
        work_beside_somebody(day)
        assert_survived(day, supply, Clinic(folder, issued.registry))
    finally:
        day.close()


@pytest.fixture(scope="session")
def operations(evening: bytes, tmp_path_factory: pytest.TempPathFactory) -> int:
    """How many flash operations an hour with its start takes."""
    day = Day(tmp_path_factory.mktemp("an hour without a cut"), {"A": evening, "N": None})
    try:
        work_beside_somebody(day)
        day.pass_s(HOUR_S)
        return day.look(lambda: day.token.flash.operations)
    finally:
        day.close()


@pytest.mark.parametrize("sample", range(SAMPLES))
def test_a_cut_of_power_loses_nothing_that_was_flushed(
    sample: int, operations: int, tmp_path: Path, evening: bytes, issued: Snapshot
) -> None:
    assert operations > 2 * SAMPLES
    cut(tmp_path, evening, issued, 1 + sample * (operations - 1) // (SAMPLES - 1), seed=sample)


@pytest.mark.long
def test_a_cut_at_every_operation_of_an_hour_loses_nothing_that_was_flushed(
    operations: int, tmp_path: Path, evening: bytes, issued: Snapshot
) -> None:
    for cut_at in range(1, operations + 1):
        for seed in (100, 200):
            folder = tmp_path / f"cut {cut_at} {seed}"
            folder.mkdir()
            cut(folder, evening, issued, cut_at, seed)
