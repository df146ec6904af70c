"""Contacts told day by day. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo

from bluetoken.exposure.contacts import Contact


@dataclass(frozen=True)
class Day:
    """What lies on one day; a contact over midnight lies on the day it began."""

    midnight: datetime
    start_s: int  # Unix seconds
    end_s: int
    stretches: int
    seconds: int

    @property
    def minutes(self) -> float:
        """How long all stretches lasted, rounded down to a tenth."""
        return self.seconds // 6 / 10


def by_day(contacts: Iterable[Contact], zone: tzinfo) -> list[Day]:
    """Return a summary of each day with contacts, by time."""
    found: dict[datetime, list[Contact]] = {}
    for contact in contacts:
        found.setdefault(midnight(contact.start_s, zone), []).append(contact)
    return [
        Day(
            midnight=day,
            start_s=min(contact.start_s for contact in of_day),
            end_s=max(contact.end_s for contact in of_day),
            stretches=len(of_day),
            seconds=sum(contact.seconds for contact in of_day),
        )
        for day, of_day in sorted(found.items())
    ]


def midnights(start_s: int, end_s: int, zone: tzinfo) -> Iterator[datetime]:
    """Yield the midnights that begin the days from `start_s` to before `end_s` (Unix seconds)."""
    day = midnight(start_s, zone)
    while day.timestamp() < end_s:
        yield day
        day = datetime.combine(day.date() + timedelta(days=1), time(), zone)


def midnight(unix_s: int, zone: tzinfo) -> datetime:
    """Return the midnight that begins the day of `unix_s`."""
    return datetime.combine(datetime.fromtimestamp(unix_s, zone).date(), time(), zone)
