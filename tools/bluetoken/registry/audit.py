"""The audit trail: who did what with whose data."""

import getpass
import os

from sqlalchemy import select
from sqlalchemy.orm import Session

from bluetoken import clock
from bluetoken.registry.database import Database
from bluetoken.registry.tables import Audit


def record(session: Session, action: str, subject: str, detail: str = "") -> None:
    """Write a line in the transaction of what it tells about: both happen, or neither."""
    session.add(Audit(at=clock.now(), actor=actor(), action=action, subject=subject, detail=detail))


def actor() -> str:
    """Return who runs this program, as the operating system knows it."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return f"uid {os.getuid()}" if hasattr(os, "getuid") else "unknown"


class AuditTrail:
    """What `record` wrote, oldest first."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def entries(self, subject: str | None = None) -> list[Audit]:
        """Return all lines, or those about one subject (a token's id, a case's reference)."""
        query = select(Audit).order_by(Audit.id)
        if subject is not None:
            query = query.where(Audit.subject == subject)
        with self._database.read() as session:
            return list(session.scalars(query))
