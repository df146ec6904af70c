"""What the journal's tests write down."""

from wearable import records

TOKEN_ID = b"token-id"


def header(segment=1, boot=1, opened_s=1000):
    clear = records.BEFORE_UNKNOWN, bytes(records.KEY_ID_BYTES), bytes(records.ENC_BYTES)
    seen = 20, records.CLOCK_SET, 0, 30
    return records.Header(records.VERSION, records.SEAL_NONE, TOKEN_ID, segment, boot, opened_s, 5, 900, *seen, *clear)


def body(mark, events=1):
    """Return a body that `mark` tells from others."""
    packed = [records.pack_event(records.EVENT_BOOT, 0, number) for number in range(events)]
    return records.body_prefix(mark) + b"".join(packed)
