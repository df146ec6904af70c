"""The visits of tokens to the desk."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bluetoken import clock
from bluetoken.registry import audit
from bluetoken.registry.database import Database
from bluetoken.registry.drift import Run, Trim, combine, measure
from bluetoken.registry.tables import ClockRun, Sync


@dataclass
class Counts:
    """What a sync moved."""

    new: int = 0
    known: int = 0
    bytes_new: int = 0


class Syncs:
    """Syncs; one without an end was interrupted."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, token_id: str) -> int:
        """Note that a sync begins and return its number."""
        with self._database.write() as session:
            sync = Sync(token_id=token_id, started_at=clock.now())
            session.add(sync)
            audit.record(session, "sync begun", token_id)
            session.flush()
            return sync.id

    def note_clock(self, sync_id: int, offset_ms: int, status: Mapping[str, Any]) -> None:
        """Note how far this computer's clock is ahead of the token's, and in which run and boot of it."""
        with self._database.write() as session:
            sync = _find(session, sync_id)
            sync.clock_offset_ms, sync.clock_boot = offset_ms, status.get("boot")
            if not status.get("set_s"):
                return
            run = ClockRun(
                sync_id=sync_id,
                token_id=sync.token_id,
                state=status["clock_state"],
                set_s=status["set_s"],
            )
            if measured := measure(status, offset_ms):
                run.over_s, run.trim_e7 = measured.over_s, measured.trim_e7
            session.add(run)

    def trim(self, token_id: str) -> Trim | None:
        """Return what the token's syncs say of its oscillator, None where that is too little."""
        query = select(ClockRun).where(ClockRun.token_id == token_id, ClockRun.trim_e7.is_not(None))
        with self._database.read() as session:
            rows = session.scalars(query.order_by(ClockRun.sync_id))
            return combine(Run(row.set_s, row.over_s or 0, row.trim_e7 or 0) for row in rows)

    def finish(self, sync_id: int, counts: Counts, status: dict[str, Any]) -> None:
        """Note that everything was done."""
        with self._database.write() as session:
            sync = _find(session, sync_id)
            sync.finished_at = clock.now()
            sync.segments_new, sync.segments_known = counts.new, counts.known
            sync.bytes_new = counts.bytes_new
            sync.status, sync.battery_mv = status, status.get("battery_mv")
            audit.record(session, "sync finished", sync.token_id, f"{counts.new} new, {counts.known} known")

    def last(self, token_id: str) -> Sync | None:
        """Return the last sync that was finished."""
        query = select(Sync).where(Sync.token_id == token_id, Sync.finished_at.is_not(None))
        with self._database.read() as session:
            return session.scalar(query.order_by(Sync.id.desc()).limit(1))


def _find(session: Session, sync_id: int) -> Sync:
    return session.get_one(Sync, sync_id)
