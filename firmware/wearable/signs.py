"""What the wearer sees and feels: few signs, the same on one light, on three colours and on a motor (pure).

Signs are told apart by counting and by length, never by colour: one man in twelve sees red and green
alike, and most boards have one plain light.
"""

SHORT = 0
LONG = 1
NEVER_S = 0

# A token has no zone and perhaps no clock, so it does not know what night is: by day as by night, a
# motor does not speak of the same thing more often than this.
FELT_EVERY_S = 4 * 3600
PAUSE_FELT_EVERY_S = 1800

# (how many, SHORT or LONG, seconds until it may be felt again or NEVER_S)
WELL = (1, SHORT, NEVER_S)
BATTERY_LOW = (2, SHORT, FELT_EVERY_S)
CLOCK_LOST = (3, SHORT, FELT_EVERY_S)
FULL = (4, SHORT, FELT_EVERY_S)
PAUSED = (2, LONG, PAUSE_FELT_EVERY_S)
RESUMED = (3, LONG, 1)  # once, as a pause ends
WAITING = (1, LONG, NEVER_S)  # every two seconds: not issued yet, or stopped after repeated crashes

# (on_ms, off_ms) of SHORT and of LONG. A flash is short, for the light costs more than the processor;
# a motor has to get going first.
LIGHT = ((15, 200), (200, 300))
MOTOR = ((120, 250), (500, 300))

# What lasts is said again so often; WELL at every burst.
PAUSED_EVERY_S = 30
WAITING_EVERY_MS = 2000
