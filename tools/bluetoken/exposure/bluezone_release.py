"""What a case with a token gives to a Bluezone programme: its days' keys, and whom it heard. Pure."""

from collections.abc import Iterable, Iterator, Sequence

from bluetoken.exposure.bluezone import DAY_S, PublishedDays
from bluetoken.exposure.sightings import BluezoneEncounter, OwnBluezoneKey
from wearable.protocols import bluezone

#: What the app's timestamps count: milliseconds on Android, seconds on iOS.
PER_SECOND = {"ms": 1000, "s": 1}


def releasable(keys: Iterable[OwnBluezoneKey], case: str, infectious_from_s: int) -> list[PublishedDays]:
    """Return the days on which the case was infectious (from `infectious_from_s`, Unix seconds), one entry a key.

    An entry ends with its day, so that the next day's key, which the apps would make of this one, is not asked for.
    It ends earlier where a later key of the day began: the token had been restarted, and the quarter of an hour
    in which that happened belongs to both. It begins at midnight even where the key did not, because the apps count
    from there; nobody was called by the IDs before.
    """
    by_start = sorted({key.daily_key: key for key in keys}.values(), key=lambda key: (key.start_s, key.daily_key))
    starts = sorted({key.start_s for key in by_start})
    found = []
    for key in by_start:
        later_s = next((start_s for start_s in starts if start_s > key.start_s), None)
        end_s = key.day_start_s + DAY_S
        if later_s is not None:
            end_s = min(end_s, later_s + bluezone.SLOT_S)
        if end_s + key.clock_error_s > infectious_from_s:
            found.append(
                PublishedDays(
                    daily_key=key.daily_key,
                    time_start_s=key.day_start_s,
                    time_end_s=end_s - 1,
                    case=case,
                    clock_error_s=key.clock_error_s,
                    clock_uncertainty_s=key.clock_uncertainty_s,
                )
            )
    return found


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
    """Return what the token was called at a true time (Unix seconds), None where it had no key."""
    inside = [key for key in keys if key.start_s <= at_s - key.clock_error_s < key.day_start_s + DAY_S]
    if not inside:
        return None
    key = max(inside, key=lambda each: each.start_s)
    return bluezone.bluezone_id(key.daily_key, bluezone.slot_at(at_s - key.clock_error_s))
