"""What the desk told this token at issue: /token.json."""

import json
import os
from binascii import hexlify, unhexlify

_PATH = "/token.json"
UTC_OFFSET_MIN = 420  # Vietnam's
TOKEN_ID_BYTES = 8
# What a token speaks: one protocol, or both in turns.
GAEN = "gaen"
BLUEZONE = "bluezone"
BOTH = "both"
PROTOCOLS = (GAEN, BLUEZONE, BOTH)


class Settings:
    """token_id and issuer are 8 bytes each; retention_days counts whole days.

    authority: the 32 bytes of the public key that is sealed to, none where nothing is sealed.
    utc_offset_min: what local time is ahead of UTC by; only nights are told from days by it.
    protocol: one of PROTOCOLS. connectable: whether Bluezone's advertisements are, as a phone's. read_iphones: whether
    to ask Bluezone's iPhones, which say their identifier only to who connects.
    """

    def __init__(
        self,
        token_id,
        issuer,
        label,
        retention_days,
        service_uuid,
        entropy,
        authority,
        utc_offset_min=UTC_OFFSET_MIN,
        protocol=GAEN,
        connectable=False,
        read_iphones=False,
    ):
        self.token_id = token_id
        self.issuer = issuer
        self.label = label
        self.retention_days = retention_days
        self.service_uuid = service_uuid
        self.entropy = entropy
        self.authority = authority
        self.utc_offset_min = utc_offset_min
        self.protocol = protocol
        self.connectable = connectable
        self.read_iphones = read_iphones


def load():
    """Return the Settings, or None for a token that was never issued."""
    try:
        with open(_PATH) as file:
            told = json.load(file)
        return Settings(
            unhexlify(told["token"]),
            unhexlify(told["issuer"]),
            told["label"],
            told["retention_days"],
            told["service_uuid"],
            unhexlify(told["entropy"]),
            unhexlify(told["authority"]),
            told.get("utc_offset_min", UTC_OFFSET_MIN),
            told.get("protocol", GAEN),
            told.get("connectable", False),
            told.get("read_iphones", False),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def save(settings):
    """Replace the settings; a cut of power leaves the old or the new ones."""
    told = {
        "token": hexlify(settings.token_id).decode(),
        "issuer": hexlify(settings.issuer).decode(),
        "label": settings.label,
        "retention_days": settings.retention_days,
        "service_uuid": settings.service_uuid,
        "entropy": hexlify(settings.entropy).decode(),
        "authority": hexlify(settings.authority).decode(),
        "utc_offset_min": settings.utc_offset_min,
        "protocol": settings.protocol,
        "connectable": settings.connectable,
        "read_iphones": settings.read_iphones,
    }
    replace_json(_PATH, told)


def erase():
    remove(_PATH)


def replace_json(path, told):
    """Write a file anew; a cut of power leaves the old or the new one."""
    with open(path + ".new", "w") as file:
        json.dump(told, file)
    os.rename(path + ".new", path)


def remove(path):
    """Delete a file, if there is one."""
    try:
        os.remove(path)
    except OSError:
        pass
