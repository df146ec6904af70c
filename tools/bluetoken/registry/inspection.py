"""What can be said of a segment's bytes without reading the records in it, which may be sealed."""

from dataclasses import dataclass
from io import BytesIO

from wearable import records


@dataclass(frozen=True)
class Inspection:
    """`whole_bytes` is the length of the header and the whole batches after it, 0 without a header.

    `sealed_to` is the id of the authority's key that opens it, None where it is in the clear.
    """

    boot: int | None
    whole_bytes: int
    note: str
    sealed_to: str | None = None

    @property
    def intact(self) -> bool:
        """Whether there is nothing to remark."""
        return not self.note


def inspect(token_id: str, number: int, raw: bytes) -> Inspection:
    """Look at the bytes that a token gave as its segment `number`."""
    try:
        header = records.unpack_header(raw)
    except records.Damaged as error:
        return Inspection(None, 0, str(error))
    batches = records.batches(header.segment, BytesIO(raw[records.HEADER_BYTES :]).read)
    whole = records.HEADER_BYTES + sum(records.BATCH_OVERHEAD_BYTES + len(each.payload) for each in batches)
    if header.token_id.hex() != token_id or header.segment != number:
        note = f"it says it is segment {header.segment} of token {header.token_id.hex()}"
    elif whole < len(raw):
        note = f"the last {len(raw) - whole} bytes belong to no whole batch, as after a cut of power"
    else:
        note = ""
    sealed_to = header.key_id.hex() if header.seal == records.SEAL_AUTHORITY else None
    return Inspection(header.boot, whole, note, sealed_to)
