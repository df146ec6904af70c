"""When a wearer had paused the token: a gap that was a pause is no absence, and no silence of a broken token. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from wearable import records
from wearable.reading import Event

#: What ends a pause: its own end, and any start of the application.
_ENDS = (records.EVENT_RESUMED, records.EVENT_BOOT)


@dataclass(frozen=True, slots=True)
class Pause:
    """A pause in Unix seconds; `is_certain` is false where no end was written down and the longest is assumed."""

    start_s: int
    end_s: int
    is_certain: bool = True

    def seconds_within(self, from_s: int, until_s: int) -> int:
        """Return how much of it lies between two moments."""
        return max(min(self.end_s, until_s) - max(self.start_s, from_s), 0)


def pauses(happened: Iterable[Event]) -> list[Pause]:
    """Return the pauses among a token's events, at Unix seconds and in the order they were written.

    A pause never lasts longer than its first event says, whatever the clock did meanwhile.
    """
    found = []
    begun: Event | None = None
    for event in happened:
        if begun and event.code in (*_ENDS, records.EVENT_PAUSED):
            found.append(_pause(begun, event))
            begun = None
        if event.code == records.EVENT_PAUSED:
            begun = event
    return [*found, Pause(begun.at_s, begun.at_s + begun.value, False)] if begun else found


def _pause(begun: Event, ended: Event) -> Pause:
    # What a resumed token counted is monotonic time; after a start there is only what the clocks say.
    is_certain = ended.code == records.EVENT_RESUMED
    lasted_s = ended.value if is_certain else max(ended.at_s - begun.at_s, 0)
    return Pause(begun.at_s, begun.at_s + min(lasted_s, begun.value), is_certain)
