"""Wearers who tested positive, and the keys they released."""

from collections.abc import Iterable
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from bluetoken import clock
from bluetoken.errors import CaseTaken, UnknownCase
from bluetoken.exposure.diagnosis import DiagnosisKey
from bluetoken.registry import audit
from bluetoken.registry.database import Database
from bluetoken.registry.tables import Case, ReleasedKey

#: What each case that is read brings with it: the session is closed when somebody looks at its keys.
_WITH_KEYS = selectinload(Case.keys), selectinload(Case.bluezone_keys)


class Cases:
    """Cases and their released keys. Reading them leaves a line in the audit trail: say what for."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def open(
        self,
        token_id: str,
        tested_on: date,
        onset_on: date | None,
        infectious_from: datetime,
        consent: str,
        ref: str | None = None,
    ) -> Case:
        """Open a case and return it; CaseTaken where the reference is in use.

        Without a reference of the clinic's own it gets the next of the year, such as 2026-007.
        """
        now = clock.now()
        with self._database.write() as session:
            ref = ref or _next_ref(session, now.year)
            if session.scalar(select(Case.id).where(Case.ref == ref)) is not None:
                raise CaseTaken(f"There is a case {ref} already: choose another reference.")
            case = Case(
                ref=ref,
                token_id=token_id,
                tested_on=tested_on,
                onset_on=onset_on,
                infectious_from=infectious_from,
                consent=consent,
                opened_at=now,
                keys=[],
            )
            session.add(case)
            audit.record(session, "case opened", ref, f"token {token_id}")
            session.flush()
        return self.get(ref, "open a case")

    def get(self, ref: str, purpose: str) -> Case:
        """Return the case with this reference; UnknownCase where there is none."""
        with self._database.write() as session:
            case = _find(session, ref)
            audit.record(session, "read case", ref, purpose)
            return case

    def all(self, purpose: str) -> list[Case]:
        """Return every case, oldest first."""
        with self._database.write() as session:
            audit.record(session, "read cases", "all cases", purpose)
            return list(session.scalars(select(Case).options(*_WITH_KEYS).order_by(Case.id)))

    def release(self, ref: str, keys: Iterable[DiagnosisKey]) -> tuple[int, int]:
        """Store a case's own keys; return how many are new and how many there are.

        A key that is there already takes the new figures: its end is known only once the next one began.
        """
        with self._database.write() as session:
            case = _find(session, ref)
            there = {key.tek: key for key in case.keys}
            new = 0
            for key in keys:
                row = there.get(key.tek)
                if row is None:
                    row = there[key.tek] = ReleasedKey(case_id=case.id, tek=key.tek)
                    session.add(row)
                    new += 1
                row.rolling_start, row.rolling_period = key.rolling_start, key.rolling_period
                row.clock_error_s, row.clock_uncertainty_s = key.clock_error_s, key.clock_uncertainty_s
            audit.record(session, "keys released", ref, f"{new} new, {len(there)} in all")
            return new, len(there)


def _find(session: Session, ref: str) -> Case:
    case = session.scalar(select(Case).where(Case.ref == ref).options(*_WITH_KEYS))
    if case is None:
        raise UnknownCase(f"There is no case {ref}: `bluetoken case list` shows those there are.")
    return case


def _next_ref(session: Session, year: int) -> str:
    number = (session.scalar(select(func.count()).select_from(Case)) or 0) + 1
    while session.scalar(select(Case.id).where(Case.ref == f"{year}-{number:03}")) is not None:
        number += 1
    return f"{year}-{number:03}"
