"""Keys of Bluezone's protocol: those that others published, and those that cases of ours released."""

from collections.abc import Iterable
from dataclasses import astuple

from sqlalchemy import select

from bluetoken import clock
from bluetoken.exposure.bluezone import PublishedDays
from bluetoken.registry import audit
from bluetoken.registry.database import Database
from bluetoken.registry.imported import Imported
from bluetoken.registry.tables import Case, ImportedBluezoneKey, ReleasedBluezoneKey


class BluezoneKeys:
    """Daily keys, each with the time for which it counts."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, published: Iterable[PublishedDays], source: str) -> Imported:
        """Store what somebody published, all or none."""
        done = Imported()
        with self._database.write() as session:
            there = {(key.daily_key, key.time_start): key for key in session.scalars(select(ImportedBluezoneKey))}
            for days in published:
                row = there.get((days.daily_key, days.time_start_s))
                if row is None:
                    row = there[days.daily_key, days.time_start_s] = ImportedBluezoneKey(
                        daily_key=days.daily_key,
                        time_start=days.time_start_s,
                        time_end=days.time_end_s,
                        slots_a_day=days.slots_a_day,
                        source=source,
                        imported_at=clock.now(),
                    )
                    session.add(row)
                    done.new += 1
                elif (row.time_end, row.slots_a_day) == (days.time_end_s, days.slots_a_day):
                    done.known += 1
                else:
                    done.differing += 1
            new, known, _ = astuple(done)
            audit.record(session, "Bluezone keys imported", source, f"{new} new, {known} known")
        return done

    def imported(self) -> list[ImportedBluezoneKey]:
        """Return everything that others published, by its time."""
        query = select(ImportedBluezoneKey).order_by(ImportedBluezoneKey.time_start, ImportedBluezoneKey.id)
        with self._database.read() as session:
            return list(session.scalars(query))

    def release(self, case: Case, released: Iterable[PublishedDays]) -> tuple[int, int]:
        """Store a case's own days; return how many are new and how many there are.

        A key that is there already takes the new figures: another sync may have shown how wrong its clock was.
        """
        with self._database.write() as session:
            rows = session.scalars(select(ReleasedBluezoneKey).where(ReleasedBluezoneKey.case_id == case.id))
            there = {key.daily_key: key for key in rows}
            new = 0
            for days in released:
                row = there.get(days.daily_key)
                if row is None:
                    row = there[days.daily_key] = ReleasedBluezoneKey(case_id=case.id, daily_key=days.daily_key)
                    session.add(row)
                    new += 1
                row.time_start, row.time_end = days.time_start_s, days.time_end_s
                row.clock_error_s, row.clock_uncertainty_s = days.clock_error_s, days.clock_uncertainty_s
            audit.record(session, "Bluezone keys released", case.ref, f"{new} new, {len(there)} in all")
            return new, len(there)
