"""What presses of the one button mean (pure): how long it was down decides."""

# Nothing that a contact bounces is a press.
BOUNCE_MS = 30
# A pause must not come from a bag that leans on the button for a moment.
LONG_MS = 3000

NOTHING = 0
SHORT = 1
LONG = 2


class Presses:
    """Is told the button's level and returns what was meant, once for each press.

    A button that is down from the beginning says nothing until it was up: it may be one that hangs.
    """

    def __init__(self):
        self._down = True
        self._done = True
        self._held_ms = 0

    def look(self, down, passed_ms):
        """Return NOTHING, SHORT or LONG; `passed_ms` is how long ago the last look was.

        LONG comes while the button is still down, so that the wearer knows when to let go; SHORT when it is up again.
        """
        was_down, self._down = self._down, down
        if not down:
            meant = SHORT if was_down and not self._done else NOTHING
            self._done = False
            held_ms, self._held_ms = self._held_ms, 0
            return meant if held_ms >= BOUNCE_MS else NOTHING
        if was_down:
            # Bounded: a button that hangs for years is no big integer.
            self._held_ms = min(self._held_ms + passed_ms, LONG_MS)
        if self._done or self._held_ms < LONG_MS:
            return NOTHING
        self._done = True
        return LONG

    def is_undecided(self):
        """Whether a press has begun of which nobody knows yet what it means: look again soon."""
        return self._down and not self._done
