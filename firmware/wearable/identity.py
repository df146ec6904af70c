"""Today's Temporary Exposure Key and this interval's identifier (pure).

Keys live in bytearrays, so that they can be overwritten; they never leave but as records.
"""

from .protocols import gaen
from .records import EPOCH_UNIX_S, pack_key


class Identity:
    """What the token is called now.

    `tx_power_dbm` goes into the metadata, for attenuation to be computed by whoever hears it.
    """

    KEY_BYTES = gaen.TEK_BYTES
    PERIOD_S = gaen.INTERVAL_S
    connectable = False

    def __init__(self, tx_power_dbm, service_uuid=gaen.SERVICE_UUID):
        self._metadata = gaen.metadata(tx_power_dbm)
        self._service_uuid = service_uuid
        self._rpik = bytearray(16)
        self._aemk = bytearray(16)
        self._valid_from = 0
        self._rolling_end = 0

    def at(self, now_s):
        """Return the interval of a time in token seconds, as the methods below count them."""
        return now_s // gaen.INTERVAL_S + EPOCH_UNIX_S // gaen.INTERVAL_S

    def due(self, enin):
        """Whether interval `enin` needs a new key: that of an interval that was left is not said again."""
        return not self._valid_from <= enin < self._rolling_end

    def renew(self, tek, enin):
        """Take a new 16-byte key, valid from `enin` to the end of the UTC day; returns its record.

        The record must be on flash before the first identifier is on the air.
        """
        self._valid_from = enin
        self._rolling_end = enin - enin % gaen.ROLLING_PERIOD + gaen.ROLLING_PERIOD
        self._rpik[:], self._aemk[:] = gaen.derive_keys(tek)
        return pack_key(tek, enin, self._rolling_end - enin)

    def advertisement(self, enin):
        """Return the 31 bytes that say this token's identifier in interval `enin`; those before it are over.

        They are to be changed by schedule.tell().
        """
        self._valid_from = enin
        rpi = gaen.rolling_proximity_identifier(self._rpik, enin)
        aem = gaen.associated_encrypted_metadata(self._aemk, rpi, self._metadata)
        return bytearray(gaen.advertisement(rpi, aem, self._service_uuid, gaen.TOKEN_FLAGS))

    def wipe(self):
        """Overwrite the keys; due() is true from now on."""
        for n in range(16):
            self._rpik[n] = self._aemk[n] = 0
        self._valid_from = self._rolling_end = 0
