"""Keys of cases that somebody else confirmed."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select

from bluetoken import clock
from bluetoken.exposure.diagnosis import DiagnosisKey
from bluetoken.registry import audit
from bluetoken.registry.database import Database
from bluetoken.registry.tables import ImportedKey


@dataclass
class Imported:
    """What became of the keys of a file; `differing` ones are stored with other dates, and stay so."""

    new: int = 0
    known: int = 0
    differing: int = 0


class ImportedKeys:
    """Diagnosis keys from elsewhere."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, keys: Iterable[DiagnosisKey], source: str) -> Imported:
        """Store keys, all or none."""
        done = Imported()
        with self._database.write() as session:
            there = {key.tek: key for key in session.scalars(select(ImportedKey))}
            for key in keys:
                row = there.get(key.tek)
                if row is None:
                    row = there[key.tek] = ImportedKey(
                        tek=key.tek,
                        rolling_start=key.rolling_start,
                        rolling_period=key.rolling_period,
                        case_ref=key.case or None,
                        source=source,
                        imported_at=clock.now(),
                    )
                    session.add(row)
                    done.new += 1
                elif (row.rolling_start, row.rolling_period) == (key.rolling_start, key.rolling_period):
                    done.known += 1
                else:
                    done.differing += 1
            audit.record(session, "keys imported", source, f"{done.new} new, {done.known} known")
        return done

    def all(self) -> list[ImportedKey]:
        """Return every imported key, by the time it was used."""
        query = select(ImportedKey).order_by(ImportedKey.rolling_start, ImportedKey.id)
        with self._database.read() as session:
            return list(session.scalars(query))
