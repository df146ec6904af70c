"""Advertisements as they are met on the air, and what Exposure Notification has to make of them.

Source: layout from google/exposure-notifications-internals commit aaada6c, BleAdvertiser.java, Apache-2.0,
and its scan filter and parser, which look at the service data alone; the identifier is Google's first one.
"""

from binascii import unhexlify

RPI = unhexlify("8be6cd371c5c891604bfbe49df845096")
AEM = unhexlify("72033874")

ACCEPTED = (
    ("flags, UUID list, service data", "02011a 03036ffd 17166ffd8be6cd371c5c891604bfbe49df84509672033874"),
    ("no flags, as Android says it", "03036ffd 17166ffd8be6cd371c5c891604bfbe49df84509672033874"),
    ("service data before the UUID list", "02011a 17166ffd8be6cd371c5c891604bfbe49df84509672033874 03036ffd"),
    ("service data alone", "17166ffd8be6cd371c5c891604bfbe49df84509672033874"),
)
REFUSED = (
    ("no metadata, which cannot be matched", "02011a 03036ffd 13166ffd8be6cd371c5c891604bfbe49df845096"),
    ("15 bytes of service data", "02011a 03036ffd 12166ffd8be6cd371c5c891604bfbe49df8450"),
    ("another UUID", "02011a 03036efd 17166efd8be6cd371c5c891604bfbe49df84509672033874"),
    ("a length that runs past the end", "02011a 03036ffd 17166ffd8be6cd371c5c891604"),
    ("a length of zero, which ends it all", "02011a 00000000"),
    ("a length of zero before it", "02011a 00 17166ffd8be6cd371c5c891604bfbe49df84509672033874"),
    ("nothing", ""),
)


def as_bytes(spaced_hex):
    return unhexlify(spaced_hex.replace(" ", ""))
