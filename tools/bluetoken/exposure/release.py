"""Which of a case's own keys are released. Pure."""

from collections.abc import Iterable

from bluetoken.exposure.diagnosis import INTERVAL_S, DiagnosisKey
from bluetoken.exposure.sightings import OwnKey


def releasable(keys: Iterable[OwnKey], case: str, infectious_from_s: int) -> list[DiagnosisKey]:
    """Return the keys that were in use after `infectious_from_s` (Unix seconds), each up to its end.

    A key ends early where a later one began within its intervals: the token had been restarted. The
    interval in which that happened belongs to both.
    """
    by_start = sorted({key.tek: key for key in keys}.values(), key=lambda key: (key.rolling_start, key.tek))
    starts = sorted({key.rolling_start for key in by_start})
    found = []
    for key in by_start:
        later = next((start for start in starts if start > key.rolling_start), None)
        period = key.rolling_period
        if later is not None:
            period = min(period, later - key.rolling_start + 1)
        end_s = (key.rolling_start + period) * INTERVAL_S + key.clock_error_s
        if period > 0 and end_s > infectious_from_s:
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
