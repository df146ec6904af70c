"""Tokens and a registry at well-known moments, made once in a test run and copied from then on."""

from __future__ import annotations

import functools
import tempfile
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from bluetoken.boards import load_board
from bluetoken.link.desk import Desk
from bluetoken.link.flash import flash
from bluetoken.registry import issuing
from wearable import records

from . import flash_image, journal_bytes
from .clinic import Clinic
from .day import MORNING, Day


@dataclass(frozen=True)
class Snapshot:
    """The flash of every token, the registry, and how much of the day has passed."""

    images: dict[str, bytes]
    registry: bytes
    after: timedelta


@functools.cache
def flashed() -> bytes:
    """The flash of a board that holds the application and was given to nobody."""
    with tempfile.TemporaryDirectory(prefix="a flashed board ") as folder:
        day = Day(Path(folder), {"A": None})
        try:
            day.begin()
            flash(day.token.cable.path, load_board("virtual"))
            day.settle()
            return day.image(day.token)
        finally:
            day.close()


def issued() -> Snapshot:
    """A and B, given out a moment ago."""
    return _morning()[0]


def worked() -> Snapshot:
    """A and B after an hour together, in which A lost its power twice: A has several segments."""
    return _morning()[1]


@functools.cache
def laden() -> Snapshot:
    """A as in worked(), and a segment that takes most of a sync and several pages of a database."""
    image = worked().images["A"]
    opened_s = int(MORNING.timestamp()) - records.EPOCH_UNIX_S
    bodies = [journal_bytes.crowd(opened_s + 600 * n, 120) for n in range(8)]
    raw = journal_bytes.segment(journal_bytes.token_id_in(image), 50, opened_s, bodies)
    image = flash_image.with_files(image, {flash_image.path_of(50): raw})
    return Snapshot({"A": image}, worked().registry, worked().after)


@functools.cache
def _morning() -> tuple[Snapshot, Snapshot]:
    with tempfile.TemporaryDirectory(prefix="a morning ") as folder:
        day = Day(Path(folder), {"A": flashed(), "B": flashed()})
        try:
            day.begin()
            clinic = Clinic(Path(folder))
            _issue_quickly(day, clinic)
            early = _snapshot(day, clinic)
            day.send_out(40 * 60)
            for _ in range(2):
                day.cut_power(day.token)
                day.pass_s(10 * 60)
            return early, _snapshot(day, clinic)
        finally:
            day.close()


def issue(day: Day, clinic: Clinic, *more: str) -> None:
    """Give every token of the day out by the command line, to a holder of its own."""
    for token in day.tokens:
        who = ["--label", token.name, "--holder", f"holder of {token.name}", "--legal-basis", "form 3"]
        day.at(clinic).succeed("issue", *who, *more, "--port", token.cable.path)


def _issue_quickly(day: Day, clinic: Clinic) -> None:
    with day.at(clinic).open() as registry:
        for token in day.tokens:
            who = issuing.Recipient(f"holder of {token.name}", "form 3")
            with Desk(token.cable.path) as desk:
                issuing.issue(desk, registry, token.name, who, 21, again=False)
                desk.resume()


def _snapshot(day: Day, clinic: Clinic) -> Snapshot:
    day.settle()
    images = {token.name: day.image(token) for token in day.tokens}
    passed = timedelta(milliseconds=day.unix_ms - day.scenario.unix_ms(0))
    return Snapshot(images, clinic.registry_bytes(), passed)
