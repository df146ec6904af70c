"""Exposure Notification's advertisements, read as a phone reads them (pure).

No token at work loads this: there ear.py reads, which is held to it.
"""

from .. import const
from . import gaen

_SERVICE_DATA = const(0x16)
_STRUCTURE_BYTES = 3 + gaen.RPI_BYTES + gaen.AEM_BYTES  # what the length byte of the AD structure counts


def find(adv_data, service_uuid=gaen.SERVICE_UUID):
    """Return the offset of the RPI in an advertisement's AD structures, or -1; ear.py is held to it."""
    end = len(adv_data)
    offset = 0
    while offset + 1 + _STRUCTURE_BYTES <= end:
        length = adv_data[offset]
        if (
            length == _STRUCTURE_BYTES
            and adv_data[offset + 1] == _SERVICE_DATA
            and adv_data[offset + 2] == service_uuid & 0xFF
            and adv_data[offset + 3] == service_uuid >> 8
        ):
            return offset + 4
        if length == 0:  # early termination (Core Specification Vol 3 Part C 11)
            return -1
        offset += 1 + length
    return -1


def parse(adv_data, service_uuid=gaen.SERVICE_UUID):
    """Return (rpi, aem) of an advertisement, or None for anything else."""
    offset = find(adv_data, service_uuid)
    if offset < 0:
        return None
    middle = offset + gaen.RPI_BYTES
    return bytes(adv_data[offset:middle]), bytes(adv_data[middle : middle + gaen.AEM_BYTES])
