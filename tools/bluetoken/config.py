"""Settings from the environment: where the registry lies and in which zone a day is told."""

import os
import re
from datetime import datetime, timedelta, timezone, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo

from bluetoken.errors import BadSetting

VIETNAM = "+07:00"


def database_url() -> str:
    """Return the SQLAlchemy URL of the registry: BLUETOKEN_DATABASE, else a SQLite file of this user."""
    return os.environ.get("BLUETOKEN_DATABASE") or f"sqlite:///{default_registry_path()}"


def default_registry_path() -> Path:
    """Return where the registry lies unless told otherwise."""
    data = os.environ.get("XDG_DATA_HOME")
    return (Path(data) if data else Path.home() / ".local" / "share") / "bluetoken" / "registry.sqlite"


def zone() -> tzinfo:
    """Return the zone in which days and hours are told: BLUETOKEN_ZONE, else that of Vietnam.

    An offset such as +07:00 needs no time zone database, which Windows lacks; names such as Asia/Tokyo do.
    """
    name = os.environ.get("BLUETOKEN_ZONE") or VIETNAM
    offset = re.fullmatch(r"([+-])(\d\d):([0-5]\d)", name)
    if offset and int(offset[2]) < 24:
        minutes = int(offset[2]) * 60 + int(offset[3])
        return timezone(timedelta(minutes=-minutes if offset[1] == "-" else minutes))
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        raise BadSetting(
            f"BLUETOKEN_ZONE is '{name}': write an offset such as +07:00 or a name such as Asia/Ho_Chi_Minh."
        ) from None


def utc_offset_min(unix_s: int) -> int:
    """Return by how many minutes clocks in the zone are ahead of UTC at a time."""
    offset = datetime.fromtimestamp(unix_s, zone()).utcoffset() or timedelta()
    return round(offset / timedelta(minutes=1))
