"""When the radio is on (pure).

First form: one burst on every multiple of PERIOD_S seconds UTC, widened at both ends by what the
clock may be off. Through a burst the token advertises; it listens in its first and last moments
only: of two bursts that overlap at all, one begins or ends inside the other, so ears at both ends
hear what a whole burst of listening would, for a fraction of the reception.
"""

PERIOD_S = 30
EAR_MS = 60  # longer than an advertising interval and its random delay
ADVERTISE_US = 25000
BURST_MS = 500
GUARD_LIMIT_MS = 1500
JITTER_MS = 100


def wait_ms(now_s, now_ms, guard_ms, random, lost):
    """Return how long to sleep until the next burst begins.

    now_s, now_ms : the time, seconds and milliseconds within the second.
    guard_ms : how early to begin, see guard().
    random : an integer of at least 16 random bits.
    lost : whether the clock is a guess; then the burst falls anywhere in the period.
    """
    until_ms = (PERIOD_S - now_s % PERIOD_S) * 1000 - now_ms
    if lost:
        return random % (PERIOD_S * 1000)
    wait = until_ms - guard_ms + random % JITTER_MS
    # The burst of this boundary has been, if it began before now.
    return wait if wait > 0 else wait + PERIOD_S * 1000


def guard(uncertainty_ms):
    """Return by how much a burst begins before and ends after its nominal time."""
    return min(uncertainty_ms, GUARD_LIMIT_MS)


def burst_ms(guard_ms):
    """Return how long a burst lasts."""
    return BURST_MS + JITTER_MS + 2 * guard_ms
