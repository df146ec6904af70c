"""Which of a case's own keys are released. Pure."""

from collections.abc import Iterable
from itertools import zip_longest

from bluetoken.exposure.diagnosis import INTERVAL_S, DiagnosisKey
from bluetoken.exposure.sightings import OwnKey


def releasable(keys: Iterable[OwnKey], case: str, infectious_from_s: int) -> list[DiagnosisKey]:
    """Return the keys that were in use after `infectious_from_s` (Unix seconds), each up to its end.

    A key that was made under a wrong clock keeps the intervals of that clock: its identifiers were computed
    with them, and what must be added to come to true time goes with it. A key ends early where the next one
    was drawn within its intervals: the token had been restarted. The interval in which that happened belongs
    to both.

    Parameters
    ----------
    keys
        in the order they were drawn.
    """
    drawn = list({key.tek: key for key in keys}.values())
    found = []
    for key, later in zip_longest(drawn, drawn[1:]):
        period = min(key.rolling_period, _last_interval(key, later) - key.rolling_start + 1)
        end_s = (key.rolling_start + period) * INTERVAL_S + key.clock_error_s
        if end_s > infectious_from_s:
            found.append(
                DiagnosisKey(
                    tek=key.tek,
                    rolling_start=key.rolling_start,
                    rolling_period=period,
                    case=case,
                    clock_error_s=key.clock_error_s,
                    clock_uncertainty_s=key.clock_uncertainty_s,
                )
            )
    return found


def _last_interval(key: OwnKey, later: OwnKey | None) -> int:
    """Return the last interval, by the key's own clock, in which it can have been used before `later` was drawn."""
    end = key.rolling_start + key.rolling_period - 1
    if later is None:
        return end
    if later.run == key.run:
        last = later.rolling_start
    elif key.clock_uncertainty_s is None or later.clock_uncertainty_s is None:
        return end
    else:
        # The clock was put in between: backward, perhaps, and then the later key seems to be the earlier.
        drawn_s = (later.rolling_start + 1) * INTERVAL_S - 1 + later.clock_error_s + later.clock_uncertainty_s
        last = (drawn_s - key.clock_error_s + key.clock_uncertainty_s) // INTERVAL_S
    return last if last >= key.rolling_start else end
