"""The time of day, in one place: BLUETOKEN_CLOCK fixes it for demonstrations and tests."""

import os
import time
from datetime import UTC, datetime

from bluetoken.errors import BadSetting


def now() -> datetime:
    """Return this moment, aware and in UTC; BadSetting where BLUETOKEN_CLOCK is no ISO 8601 instant."""
    fixed = os.environ.get("BLUETOKEN_CLOCK")
    if not fixed:
        return datetime.fromtimestamp(time.time(), UTC)
    try:
        moment = datetime.fromisoformat(fixed)
    except ValueError:
        moment = datetime.min
    if moment.tzinfo is None:
        raise BadSetting(
            f"BLUETOKEN_CLOCK is '{fixed}': write an instant with its zone, such as 2026-11-23T08:00:00Z."
        )
    return moment.astimezone(UTC)


def unix_ms() -> int:
    """Return this moment in Unix milliseconds."""
    return round(now().timestamp() * 1000)
