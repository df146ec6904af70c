"""Bluezone's own protocol, after its apps of August and September 2020.

react-native-bluetooth-scan 4a5ce99 (`BluezoneIdGenerator.java`, `ServiceTraceCovid.java`) for Android, and bluezone-app
75c5c5b for iOS. Pure: keys, times and bytes in, bytes out.

A daily key gives the day's 96 identifiers, one each quarter of an hour, through a chain of hashes that only goes
forward: nobody has to keep more of it than the link in use. The apps hash the next day's key from the last one, too. A
token draws a key each day, so that a published one tells of its own day only.
"""

from hashlib import sha256

from .bluezone_said import (
    COMPANY_ID,
    ID_BYTES,
    SERVICE_UUID,
    SLOT_S,
    SLOTS_A_DAY,
    first_sub_key,
    identifier_of,
    next_sub_key,
)
from .bluezone_said import KEY_BYTES as KEY_BYTES
from .bluezone_said import ROOM_TO_TELL as ROOM_TO_TELL
from .bluezone_said import advertisement as advertisement

_DAY_S = 86400
_MANUFACTURER = 0xFF
_MANUFACTURER_BYTES = 3 + ID_BYTES  # what the length byte of the AD structure counts
_UUIDS = (2, 3)  # incomplete and complete list of 16-bit service UUIDs


def next_daily_key(key):
    """Return the key that the apps use on the day after; a token never does."""
    return sha256(key).digest()


def sub_keys(daily_key):
    """Yield the day's 96 sub-keys; one is in memory at a time."""
    sub_key = first_sub_key(daily_key)
    for _ in range(SLOTS_A_DAY - 1):
        yield sub_key
        sub_key = next_sub_key(sub_key)
    yield sub_key


def bluezone_id(daily_key, slot):
    """Return the identifier of the day's quarter of an hour `slot`, 0 to 95."""
    sub_key = first_sub_key(daily_key)
    for _ in range(slot):
        sub_key = next_sub_key(sub_key)
    return identifier_of(sub_key)


def slot_at(unix_s):
    """Return the UTC day's quarter of an hour, 0 to 95; token seconds give the same, for they begin at a midnight."""
    return unix_s % _DAY_S // SLOT_S


def parse(adv_data):
    """Return the identifier in an advertisement, or None for anything else.

    Android's app reads the manufacturer's data of whoever lists the service, in any order; an iPhone lists another
    service and says its identifier only to who connects.
    """
    end = len(adv_data)
    found = -1
    listed = False
    offset = 0
    while offset + 1 < end:
        length = adv_data[offset]
        following = offset + 1 + length
        if length == 0 or following > end:  # early termination (Core Specification Vol 3 Part C 11), or cut off
            break
        kind = adv_data[offset + 1]
        if kind in _UUIDS:
            listed = listed or _lists(adv_data, offset + 2, following)
        elif (
            kind == _MANUFACTURER
            and length == _MANUFACTURER_BYTES
            and adv_data[offset + 2] == COMPANY_ID & 0xFF
            and adv_data[offset + 3] == COMPANY_ID >> 8
        ):
            found = offset + 4
        offset = following
    return bytes(adv_data[found : found + ID_BYTES]) if listed and found >= 0 else None


def _lists(adv_data, offset, end):
    """Whether a list of 16-bit UUIDs has ours."""
    while offset + 2 <= end:
        if adv_data[offset] == SERVICE_UUID & 0xFF and adv_data[offset + 1] == SERVICE_UUID >> 8:
            return True
        offset += 2
    return False
