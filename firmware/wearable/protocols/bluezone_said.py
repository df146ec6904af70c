"""What a token says where Bluezone is spoken: bluezone.py without what a token at work has no use for (pure)."""

from hashlib import sha256

SLOT_S = 900  # an identifier lasts a quarter of an hour
SLOTS_A_DAY = 96
KEY_BYTES = 32
ID_BYTES = 12
SERVICE_UUID = 0x4E56
COMPANY_ID = 0x22B5

_SALT = b"bluzonesubkey"  # spelt so by the apps
_ID_PLACES = b"\x00\x04\x08\x0c\x10\x12\x14\x16\x18\x1a\x1c\x1e"  # of the sub-key's bytes that are the identifier
_BEFORE = b"\x02\x01\x06\x0f\xff\xb5\x22"  # flags, and the head of the manufacturer's data
_BEHIND = b"\x03\x03\x56\x4e"  # the list of service UUIDs
# What a token adds: the service's data, of which the last two bytes tell something. Both apps read past it.
ROOM_TO_TELL = b"\x05\x16\x56\x4e\x00\x00"


def first_sub_key(daily_key):
    """Return the day's first sub-key, of which the first identifier is made."""
    mixed = sha256(daily_key)
    mixed.update(_SALT)  # rather than one call: that would leave a copy of the key
    return mixed.digest()


def next_sub_key(sub_key):
    """Return the sub-key of the next quarter of an hour."""
    return sha256(sub_key).digest()


def identifier_of(sub_key):
    """Return the 12-byte identifier that a 32-byte sub-key gives."""
    return bytes([sub_key[place] for place in _ID_PLACES])


def advertisement(identifier):
    """Return the 23 bytes of an advertisement as Android phones send it."""
    return _BEFORE + identifier + _BEHIND
