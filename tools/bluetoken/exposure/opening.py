"""Opening the segments that tokens sealed, with the authority's private keys, and naming what is wrong with them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from io import BytesIO

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from wearable import reading, records, sealing
from wearable.crypto import hpke
from wearable.reading import Body
from wearable.records import Batch, Header

Keys = Mapping[str, bytes]  # private keys of 32 bytes, by the id of their pair


class CannotOpen(Exception):
    """A segment stays closed; the text says why."""


class KeyMissing(CannotOpen):
    """It is sealed to a key of the authority that is not here; the text is its id."""


@dataclass
class Opened:
    """The bodies up to the first fault, and what is wrong, in words that go after "segment N: "."""

    bodies: list[Body] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


def open_segment(header: Header, raw: bytes, keys: Keys) -> Opened:
    """Read a segment, sealed or not, as far as it is what its token wrote; CannotOpen where the key is not here."""
    chain = _chain(header, keys)
    opened = Opened()
    numbered, whole = _whole_batches(header, raw)
    at_s = header.opened_s
    for expected, (number, batch) in enumerate(numbered):
        if number != expected:
            opened.faults.append(_misplaced([each for each, _ in numbered], expected))
            return opened
        try:
            body = chain.unseal(raw[: records.HEADER_BYTES], batch.head, batch.payload) if chain else batch.payload
            opened.bodies.append(reading.unpack_body(body, at_s))
        except ValueError:
            opened.faults.append(f"batch {number} was altered")
            return opened
        if chain:
            chain.advance()
        at_s += batch.span_s
    if whole < len(raw):
        opened.faults.append(f"batch {len(numbered)} was cut or altered ({len(raw) - whole} bytes)")
    return opened


def shortened(header: Header, count: int, following: Header | None) -> str | None:
    """Say so where a segment has fewer batches than the token knew when it began the `following` one."""
    if following is None or following.segment != header.segment + 1:
        return None
    if following.before == records.BEFORE_UNKNOWN or count >= following.before:
        return None
    return f"{following.before - count} of its {following.before} batches are missing at its end"


def _chain(header: Header, keys: Keys) -> sealing.Chain | None:
    if header.seal == records.SEAL_NONE:
        return None
    if header.seal != records.SEAL_AUTHORITY:
        raise CannotOpen(f"it is sealed in a way ({header.seal}) that this program does not know")
    key_id = header.key_id.hex()
    if key_id not in keys:
        raise KeyMissing(key_id)
    private = X25519PrivateKey.from_private_bytes(keys[key_id])
    try:
        agreed = private.exchange(X25519PublicKey.from_public_bytes(header.enc))
    except ValueError:  # of low order
        raise CannotOpen("its header was altered") from None
    public = private.public_key().public_bytes_raw()
    info = sealing.info(header.token_id, header.segment)
    return sealing.decapsulated(hpke.setup_receiver_agreed(header.enc, agreed, public, info))


def _whole_batches(header: Header, raw: bytes) -> tuple[list[tuple[int, Batch]], int]:
    """Return the batches that arrived whole, in the order in which they lie there, and where they end."""
    found = list(_numbered(header, raw))
    return found, records.HEADER_BYTES + sum(
        records.BATCH_OVERHEAD_BYTES + len(batch.payload) for _, batch in found
    )


def _numbered(header: Header, raw: bytes) -> Iterator[tuple[int, Batch]]:
    read = BytesIO(raw[records.HEADER_BYTES :]).read
    while (found := records.read_batch(header.segment, read)) is not None:
        yield found


def _misplaced(numbers: list[int], expected: int) -> str:
    found = numbers[expected]
    if found < expected:
        return f"batch {found} is there again, behind batch {expected - 1}"
    if expected in numbers:
        return f"batches {expected} and {found} have changed places"
    return f"batch {expected} is missing" if found == expected + 1 else f"batches {expected} to {found - 1} are missing"
