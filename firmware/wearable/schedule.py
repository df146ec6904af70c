"""When the radio is on (pure).

First form: one burst on every multiple of PERIOD_S seconds UTC, widened at both ends by what the
clock may be off. Through a burst the token advertises; it listens at its two ends and, in a long
burst, at least every BURST_MS in between: of two bursts that overlap at all, each then has an ear
inside the other, for a fraction of the reception that a whole burst of listening would take.
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
    lost : whether the clock is a guess; then the burst falls anywhere in the next period.
    """
    until_ms = (PERIOD_S - now_s % PERIOD_S) * 1000 - now_ms
    if lost:
        return until_ms + random % (PERIOD_S * 1000 - burst_ms(guard_ms))
    wait = until_ms - guard_ms + random % JITTER_MS
    # The burst of this boundary has been, if it began before now.
    return wait if wait > 0 else wait + PERIOD_S * 1000


def guard(uncertainty_ms):
    """Return by how much a burst begins before and ends after its nominal time."""
    return min(uncertainty_ms, GUARD_LIMIT_MS)


def burst_ms(guard_ms):
    """Return how long a burst lasts."""
    return BURST_MS + JITTER_MS + 2 * guard_ms


def pauses(whole_ms):
    """Return (how many, how long each in ms): the pauses between the ears of a burst of `whole_ms`."""
    count = -(-(whole_ms - EAR_MS) // BURST_MS)
    return count, (whole_ms - EAR_MS) // count - EAR_MS
