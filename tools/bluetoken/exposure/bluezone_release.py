"""What a case with a token gives to a Bluezone programme: its days' keys, and whom it heard. Pure."""

from collections.abc import Iterable, Iterator, Sequence

from bluetoken.exposure.bluezone import DAY_S, PublishedDays
from bluetoken.exposure.sightings import BluezoneEncounter, OwnBluezoneKey
from wearable.protocols import bluezone

#: What the app's timestamps count: milliseconds on Android, seconds on iOS.
PER_SECOND = {"ms": 1000, "s": 1}


def releasable(keys: Iterable[OwnBluezoneKey], case: str, infectious_from_s: int) -> list[PublishedDays]:
    """Return the days on which the case was infectious (from `infectious_from_s`, Unix seconds), one entry a key.

    An entry is the key's whole day. It begins at midnight because the apps count from there, and ends with the day's
    last second, so that the next day's key, which the apps would make of this one, is not asked for. Where the token
    was restarted, a day has several keys; nobody was called by the IDs before one's beginning and after the next's.
    """
    released = {key.daily_key: key for key in keys}.values()
    return [
        PublishedDays(
            daily_key=key.daily_key,
            time_start_s=key.day_start_s,
            time_end_s=key.day_start_s + DAY_S - 1,
            case=case,
            clock_error_s=key.clock_error_s,
            clock_uncertainty_s=key.clock_uncertainty_s,
        )
        for key in sorted(released, key=lambda key: (key.start_s, key.daily_key))
        if key.day_start_s + DAY_S + key.clock_error_s > infectious_from_s
    ]


def trace(
    encounters: Iterable[BluezoneEncounter], keys: Sequence[OwnBluezoneKey], from_s: int, unit: str
) -> tuple[str, int]:
    """Return `data_trace.txt`, and of how many encounters it lacks a line for want of an own ID at the time.

    The app has a line for each time it heard somebody; a token knows the first and the last time, and the mean RSSI.
    """
    lines, without = [], 0
    for each in sorted(encounters, key=lambda each: (each.start_s, each.bluezone_id)):
        if each.start_s + each.span_s < from_s:
            continue
        # A set: who was heard once has one time.
        times_s = sorted({each.start_s, each.start_s + each.span_s})
        rows = [(at_s, own_id(keys, at_s)) for at_s in times_s if at_s >= from_s]
        if not all(own for _, own in rows):
            without += 1
        lines += [(at_s, own, each) for at_s, own in rows if own]
    lines.sort(key=lambda line: line[0])
    return "".join(_lines(lines, PER_SECOND[unit])), without


def _lines(rows: Iterable[tuple[int, bytes, BluezoneEncounter]], per_second: int) -> Iterator[str]:
    for at_s, own, each in rows:
        columns = (own.hex().upper(), each.bluezone_id.hex().upper(), str(each.rssi_mean_dbm), str(at_s * per_second))
        yield "\t".join(columns) + "\n"


def own_id(keys: Iterable[OwnBluezoneKey], at_s: int) -> bytes | None:
    """Return what the token was called at a true time (Unix seconds), None where it had no key.

    `keys` in the order they were drawn: the last one counts, and in the quarter of an hour of a restart the later.
    """
    inside = [key for key in keys if key.start_s <= at_s - key.clock_error_s < key.day_start_s + DAY_S]
    if not inside:
        return None
    key = inside[-1]
    return bluezone.bluezone_id(key.daily_key, bluezone.slot_at(at_s - key.clock_error_s))
