"""Today's Bluezone key and this quarter of an hour's identifier (pure): identity.py for the other protocol.

Of the day's chain the link in use is kept and no other: who looks into the token learns what it will be called until
midnight, not what it was called.
"""

from .protocols import bluezone_said as bluezone
from .records import pack_bluezone_key


class ZoneIdentity:
    """What the token is called now where Bluezone is spoken.

    Slots count from 2020-01-01: token seconds // bluezone.SLOT_S. `connectable` is how the advertisement goes out.
    """

    KEY_BYTES = bluezone.KEY_BYTES
    PERIOD_S = bluezone.SLOT_S

    def __init__(self, connectable=False):
        self.connectable = connectable
        self._sub_key = bytearray(bluezone.KEY_BYTES)
        self._slot = 0  # whose sub-key that is
        self._end = 0

    def at(self, now_s):
        """Return the slot of a time in token seconds."""
        return now_s // bluezone.SLOT_S

    def due(self, slot):
        """Whether `slot` needs a new key: a new day, and a clock that was set back, for the chain goes forward only."""
        return not self._slot <= slot < self._end

    def renew(self, daily_key, slot):
        """Take a new 32-byte key, used from `slot` to the end of the UTC day; returns its record.

        The record must be on flash before the first identifier is on the air.
        """
        day = slot // bluezone.SLOTS_A_DAY
        self._slot = day * bluezone.SLOTS_A_DAY
        self._end = self._slot + bluezone.SLOTS_A_DAY
        self._sub_key[:] = bluezone.first_sub_key(daily_key)
        self._go_on(slot)
        return pack_bluezone_key(daily_key, day, slot - day * bluezone.SLOTS_A_DAY)

    def advertisement(self, slot):
        """Return the 29 bytes that say this token's identifier in `slot`, which must not be due.

        They are a phone's, and behind them what schedule.tell() fills.
        """
        self._go_on(slot)
        return bytearray(bluezone.advertisement(bluezone.identifier_of(self._sub_key)) + bluezone.ROOM_TO_TELL)

    def _go_on(self, slot):
        while self._slot < slot:
            self._sub_key[:] = bluezone.next_sub_key(self._sub_key)
            self._slot += 1

    def wipe(self):
        """Overwrite the key; due() is true from now on."""
        for n in range(len(self._sub_key)):
            self._sub_key[n] = 0
        self._slot = self._end = 0
