"""What the journal's tests write down."""

from wearable import records

TOKEN_ID = b"token-id"


def header(segment=1, boot=1, opened_s=1000):
    return records.Header(1, 0, TOKEN_ID, segment, boot, opened_s, 5, 900, 20, records.CLOCK_SET, 0, 30)


def body(at_s, events=1):
    packed = [records.pack_event(records.EVENT_BOOT, 0, number) for number in range(events)]
    return records.body_prefix(at_s, at_s - 1000, 0) + b"".join(packed)
