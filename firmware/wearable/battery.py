"""When a battery is said to be low (pure): not by one reading, and not on and off."""

LOOKS = 5
HYSTERESIS_MV = 40


class Gauge:
    """Keeps the last LOOKS voltages, one for each burst, taken with the radio off.

    The median drops what one reading caught, be it noise or a cell that has not recovered from the radio yet.
    """

    def __init__(self, low_mv):
        self._low_mv = low_mv
        self._looks_mv = [0] * LOOKS
        self._count = 0
        self._low = False

    def look(self, battery_mv):
        """Take a voltage, None where the board cannot tell; returns whether the battery is low.

        Nothing is said before LOOKS of them; what was said holds until the median is HYSTERESIS_MV above the limit.
        """
        if battery_mv is None:
            return self._low
        self._looks_mv[self._count % LOOKS] = battery_mv
        # Bounded, and the place in the list goes on as it would.
        self._count = self._count + 1 if self._count < 2 * LOOKS - 1 else LOOKS
        if self._count >= LOOKS:
            median_mv = sorted(self._looks_mv)[LOOKS // 2]
            self._low = median_mv < self._low_mv + (HYSTERESIS_MV if self._low else 0)
        return self._low
