"""What desks have found out about this token's oscillator: /clock.json.

It belongs to the board and not to who wears it, so it stays where the token is given to somebody else.
"""

import json

from . import settings

_PATH = "/clock.json"
LIMIT_E7 = 15000  # 1500 ppm: no oscillator of a token that works is as wrong
DRIFT_LIMIT_PPM = 1500


def is_plausible(trim_e7, drift_ppm):
    """Whether a clock may be trimmed like this."""
    return (
        isinstance(trim_e7, int)
        and isinstance(drift_ppm, int)
        and -LIMIT_E7 <= trim_e7 <= LIMIT_E7
        and 0 < drift_ppm <= DRIFT_LIMIT_PPM
    )


def load():
    """Return (trim_e7, drift_ppm), zeros where nobody has measured it.

    trim_e7 : what to add to the chip's time, in parts of ten million; it fits 16 bits of RTC memory.
    drift_ppm : what the clock may be off by after that.
    """
    try:
        with open(_PATH) as file:
            told = json.load(file)
        found = told["trim_e7"], told["drift_ppm"]
    except (OSError, ValueError, KeyError, TypeError):
        return 0, 0
    return found if is_plausible(*found) else (0, 0)


def save(trim_e7, drift_ppm):
    """Replace it; a cut of power leaves the old or the new."""
    settings.replace_json(_PATH, {"trim_e7": trim_e7, "drift_ppm": drift_ppm})


def erase():
    settings.remove(_PATH)
