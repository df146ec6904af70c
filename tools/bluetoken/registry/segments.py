"""What the tokens wrote, byte for byte."""

import enum
import hashlib
import zlib
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from bluetoken import clock
from bluetoken.checkpoint import checkpoint
from bluetoken.errors import DamagedSegment
from bluetoken.exposure.decoding import RawSegment
from bluetoken.exposure.placing import Comparison, Stored, corrections
from bluetoken.registry import audit
from bluetoken.registry.database import Database
from bluetoken.registry.inspection import inspect
from bluetoken.registry.tables import ClockRun, Segment, Sync
from wearable import records


class Outcome(enum.StrEnum):
    """What `store` did."""

    NEW = "new"
    GROWN = "grown"  # a longer version took the place of a shorter one
    KNOWN = "known"


@dataclass(frozen=True)
class Taken:
    """`note` says what is wrong with the bytes, empty where nothing is; `sealed_to` whose key opens them."""

    outcome: Outcome
    note: str
    sealed_to: str | None


class Segments:
    """Segments: stored verbatim, never changed but for a longer version of the same bytes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def held(self, token_id: str) -> dict[int, tuple[int, int]]:
        """Return {number: (length, crc32)} of what is stored."""
        query = select(Segment.number, Segment.length, Segment.crc32).where(Segment.token_id == token_id)
        with self._database.read() as session:
            return {number: (length, crc) for number, length, crc in session.execute(query)}

    def store(self, token_id: str, number: int, raw: bytes, crc32: int, sync_id: int | None = None) -> Taken:
        """Store a segment; when this returns it is on the disk, and the token may forget it.

        DamagedSegment, and nothing is stored, where the bytes do not have the checksum the token gave,
        or where other bytes are stored under this number.
        """
        if zlib.crc32(raw) != crc32:
            raise DamagedSegment(
                f"Segment {number} arrived with a wrong checksum: it stays on the token, run the sync again."
            )
        found = inspect(token_id, number, raw)
        query = select(Segment).where(Segment.token_id == token_id, Segment.number == number)
        with self._database.write() as session:
            row = session.scalar(query)
            if row is None:
                outcome = Outcome.NEW
                row = Segment(token_id=token_id, number=number)
                session.add(row)
            elif row.raw.startswith(raw):
                return Taken(Outcome.KNOWN, row.note, found.sealed_to)
            elif _grew(row, inspect(token_id, number, row.raw).whole_bytes, raw, found.whole_bytes):
                outcome = Outcome.GROWN
            else:
                raise DamagedSegment(
                    f"Segment {number} is not the one that was stored on {row.received_at:%Y-%m-%d}: "
                    "both are kept, it stays on the token; have the token examined."
                )
            row.boot, row.intact, row.note = found.boot, found.intact, found.note
            row.raw, row.length, row.crc32 = raw, len(raw), crc32
            row.sha256 = hashlib.sha256(raw).hexdigest()
            row.received_at, row.sync_id = clock.now(), sync_id
            audit.record(session, f"segment {outcome}", token_id, f"segment {number}, {len(raw)} bytes")
            session.flush()
            checkpoint("before-commit")
        checkpoint("after-commit")
        return Taken(outcome, found.note, found.sealed_to)

    def of(self, token_id: str, purpose: str) -> list[RawSegment]:
        """Return a token's segments in the order they were written."""
        segments = select(Segment).where(Segment.token_id == token_id).order_by(Segment.number)
        with self._database.write() as session:
            audit.record(session, "read encounters", token_id, purpose)
            rows = list(session.scalars(segments))
            found = corrections([Stored(row.raw, row.sync_id) for row in rows], _comparisons(session, token_id))
            return [RawSegment(row.raw, each) for row, each in zip(rows, found, strict=True)]


def _grew(row: Segment, whole_then: int, raw: bytes, whole_now: int) -> bool:
    """Whether `raw` goes on where the stored bytes end, a torn batch or a torn header at their end aside."""
    if len(row.raw) < records.HEADER_BYTES:
        return whole_now > 0  # nothing was in it: the cut of power came with the first write
    return 0 < whole_then < whole_now and raw.startswith(row.raw[:whole_then])


def _comparisons(session: Session, token_id: str) -> list[Comparison]:
    """Return when the token's clock was looked at, in order."""
    query = (
        select(Sync, ClockRun)
        .outerjoin(ClockRun, ClockRun.sync_id == Sync.id)
        .where(Sync.token_id == token_id, Sync.clock_offset_ms.is_not(None))
        .order_by(Sync.id)
    )
    return [
        Comparison(
            sync.id,
            int(sync.started_at.timestamp()),
            (sync.clock_offset_ms or 0) / 1000,
            sync.clock_boot,
            run.state if run else None,
            run.set_s if run else None,
        )
        for sync, run in session.execute(query)
        if run or sync.clock_boot is not None
    ]
