"""Diagnosis keys: the Temporary Exposure Keys of people who tested positive."""

from dataclasses import dataclass, replace

INTERVAL_S = 600
KEY_BYTES = 16
MAX_ROLLING_PERIOD = 144


@dataclass(frozen=True)
class DiagnosisKey:
    """A key, the 10-minute intervals in which it was used, and whose it is.

    `clock_error_s` is what must be added to the times at which the case's token believed to use it;
    `clock_uncertainty_s` is how well that is known, None for not at all.
    """

    tek: bytes
    rolling_start: int  # ENIntervalNumber
    rolling_period: int  # intervals
    case: str = ""
    clock_error_s: int = 0
    clock_uncertainty_s: int | None = 0

    @property
    def intervals(self) -> range:
        """The ENIntervalNumbers in which the key was used."""
        return range(self.rolling_start, self.rolling_start + self.rolling_period)


def not_before(key: DiagnosisKey, unix_s: int) -> DiagnosisKey | None:
    """Return the key without the intervals that ended before `unix_s`, None where none is left.

    An identifier depends on its interval's number and not on where the key began, so that a key can be
    shortened at either end.
    """
    first = (unix_s - key.clock_error_s) // INTERVAL_S
    start = max(key.rolling_start, first)
    period = key.rolling_start + key.rolling_period - start
    return replace(key, rolling_start=start, rolling_period=period) if period > 0 else None
