"""What the wearer sees and feels: few signs, the same on one light, on three colours and on a motor (pure).

Signs are told apart by counting and by length, never by colour: one man in twelve sees red and green
alike, and most boards have one plain light. A sign is how many pulses it has, LONG more if they are long.
"""

LONG = 10
WELL = 1
BATTERY_LOW = 2
CLOCK_LOST = 3
FULL = 4
WAITING = LONG + 1  # every two seconds: not issued yet, or stopped after repeated crashes
PAUSED = LONG + 2
RESUMED = LONG + 3  # once, as a pause ends

# (on, off) of a short pulse and of a long one. A flash is short, for the light costs more than the
# processor; a motor has to get going first.
LIGHT_MS = (15, 200, 200, 300)
MOTOR_MS = (120, 250, 500, 300)


def felt_every_s(sign):
    """Return how seldom a motor gives a sign that lasts, 0 for never.

    A token has no zone and perhaps no clock, so it does not know what night is: day and night have one rule.
    """
    if sign in (WELL, WAITING):
        return 0
    if sign == RESUMED:
        return 1
    return 1800 if sign == PAUSED else 14400
