"""Exposure Notification, after Google and Apple's specifications of April 2020.

Cryptography Specification v1.2 and Bluetooth Specification v1.2, as held to Google's
`TestVectors.java`. Pure: keys, interval numbers and bytes in, bytes out.
"""

import struct

from cryptolib import aes

from .. import const
from ..crypto.ctr import aes_ctr
from ..crypto.hkdf import hkdf_sha256

INTERVAL_S = 600  # an ENIntervalNumber counts ten minutes since the Unix epoch
ROLLING_PERIOD = 144  # intervals for which a Temporary Exposure Key is made: a UTC day
TEK_BYTES = 16
RPI_BYTES = 16
AEM_BYTES = 4
SERVICE_UUID = 0xFD6F

_ECB = const(1)
FLAGS = 0x1A  # LE general discoverable, as the specification has it
# Of a token, which tells something in the last two bytes: no BR/EDR, not discoverable. They are those of the metadata
# that version 1.0 reserves; who decrypts them gets noise where zeros were.
TOKEN_FLAGS = 0x04
_SERVICE_DATA = const(0x16)
_SERVICE_DATA_BYTES = 3 + RPI_BYTES + AEM_BYTES  # what the length byte of the AD structure counts
_VERSION_1_0 = const(0x40)


def derive_keys(tek):
    """Return (RPIK, AEMK), 16 bytes each, of a 16-byte Temporary Exposure Key."""
    return hkdf_sha256(tek, b"", b"EN-RPIK", 16), hkdf_sha256(tek, b"", b"EN-AEMK", 16)


def padded_data(enin):
    """Return the 16 bytes that are encrypted to the RPI of interval `enin`."""
    return struct.pack("<6s6xI", b"EN-RPI", enin)


def rolling_proximity_identifier(rpik, enin):
    """Return the 16-byte RPI of interval `enin`."""
    return aes(rpik, _ECB).encrypt(padded_data(enin))


def associated_encrypted_metadata(aemk, rpi, metadata):
    """Encrypt metadata under its RPI; the same call decrypts. Any prefix of the 4 bytes may be given."""
    return aes_ctr(aemk, rpi, metadata)


def metadata(tx_power_dbm):
    """Return the 4 bytes of metadata: version 1.0, transmit power, two reserved zeros."""
    return struct.pack("<Bb2x", _VERSION_1_0, tx_power_dbm)


def advertisement(rpi, aem, service_uuid=SERVICE_UUID, flags=FLAGS):
    """Return the 31 bytes of an advertisement."""
    uuid = struct.pack("<H", service_uuid)
    return b"\x02\x01" + bytes([flags]) + b"\x03\x03" + uuid + b"\x17\x16" + uuid + rpi + aem


def wanted(service_uuid=SERVICE_UUID):
    """Return the four bytes that begin the AD structure of such an advertisement."""
    return struct.pack("<BBH", _SERVICE_DATA_BYTES, _SERVICE_DATA, service_uuid)
