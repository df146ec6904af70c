"""A segment's chain of keys: what one side seals the other opens, in its order only, and the token never."""

import sys

from raising import raised
from wearable import records, sealing
from wearable.crypto import hpke

# The recipient of RFC 9180's export-only vectors, appendix A.7.1.
PRIVATE = b"\x33\xd1\x96\xc8\x30\xa1\x2f\x9a\xc6\x5d\x6e\x56\x5a\x59\x0d\x80" + (
    b"\xf0\x4e\xe9\xb1\x9c\x83\xc8\x7f\x2c\x17\x0d\x97\x2a\x81\x28\x48"
)
PUBLIC = b"\x19\x41\x41\xca\x6c\x3c\x3b\xeb\x47\x92\xcd\x97\xba\x0e\xa1\xfa" + (
    b"\xff\x09\xd9\x84\x35\x01\x23\x45\x76\x6e\xe3\x3a\xae\x2d\x76\x64"
)
TOKEN_ID = b"token-id"
HEADER, HEAD = bytes(records.HEADER_BYTES), bytes(records.BATCH_HEAD_BYTES)
BODIES = (b"", b"a", b"sixteen bytes ok", bytes(1100))


def begun(segment=7):
    """Return (enc, the token's chain) of a segment."""
    return sealing.encapsulate(PUBLIC, TOKEN_ID, segment, bytearray(range(32)))


def opening(enc, token_id=TOKEN_ID, segment=7):
    """Return the receiver's chain."""
    return sealing.decapsulated(hpke.setup_receiver(enc, PRIVATE, sealing.info(token_id, segment)))


def sealed(chain):
    payloads = []
    for body in BODIES:
        payloads.append(bytes(chain.seal(HEADER, HEAD, body)))
        chain.advance()
    return payloads


def test_what_is_sealed_is_opened_by_the_private_key():
    enc, token = begun()
    authority = opening(enc)
    for body, payload in zip(BODIES, sealed(token)):
        assert len(payload) == token.sealed_bytes(len(body))
        assert authority.unseal(HEADER, HEAD, payload) == body
        authority.advance()


def test_token_segment_and_format_are_bound():
    enc, token = begun()
    payload = token.seal(HEADER, HEAD, b"body")
    for chain in (opening(enc, b"token-ie"), opening(enc, TOKEN_ID, 8)):
        raised(ValueError, chain.unseal, HEADER, HEAD, payload)
    version, records.VERSION = records.VERSION, 3
    try:
        raised(ValueError, opening(enc).unseal, HEADER, HEAD, payload)
    finally:
        records.VERSION = version
    assert opening(enc).unseal(HEADER, HEAD, payload) == b"body"


def test_any_other_bit_is_refused():
    enc, token = begun()
    payload = token.seal(HEADER, HEAD, b"body")
    for at in range(len(HEADER)):
        other = bytearray(HEADER)
        other[at] ^= 1
        raised(ValueError, opening_once(enc).unseal, bytes(other), HEAD, payload)
    for at in range(len(HEAD)):
        other = bytearray(HEAD)
        other[at] ^= 1
        raised(ValueError, opening_once(enc).unseal, HEADER, bytes(other), payload)
    for at in range(len(payload)):
        other = bytearray(payload)
        other[at] ^= 0x80
        raised(ValueError, opening_once(enc).unseal, HEADER, HEAD, other)


def opening_once(enc, kept={}):  # noqa: B006 - the same chain again: unsealing changes nothing in it
    if enc not in kept:
        kept[enc] = opening(enc)
    return kept[enc]


def test_each_batch_opens_in_its_place_only():
    enc, token = begun()
    payloads = sealed(token)
    for first in range(len(payloads)):
        chain = opening(enc)
        for place in range(first):
            chain.unseal(HEADER, HEAD, payloads[place])
            chain.advance()
        for other in range(len(payloads)):
            if other != first:
                raised(ValueError, chain.unseal, HEADER, HEAD, payloads[other])


def test_the_same_body_is_never_the_same_payload():
    _, token = begun()
    found = set()
    for _ in range(4):
        found.add(bytes(token.seal(HEADER, HEAD, b"the same")))
        token.advance()
    for segment in (8, 9):
        found.add(bytes(begun(segment)[1].seal(HEADER, HEAD, b"the same")))
    assert len(found) == 6


def test_the_token_cannot_open_what_it_has_committed():
    _, token = begun()
    payload = token.seal(HEADER, HEAD, b"body")
    key = bytes(token._step)
    assert token.unseal(HEADER, HEAD, payload) == b"body"  # until it is committed
    token.advance()
    raised(ValueError, token.unseal, HEADER, HEAD, payload)
    assert bytes(token._secret) == key[48:] and key[:32] not in bytes(token._step)


def test_advancing_twice_is_advancing_once():
    enc, token = begun()
    token.seal(HEADER, HEAD, b"one")
    token.advance()
    token.advance()
    second = token.seal(HEADER, HEAD, b"two")
    authority = opening(enc)
    authority._take()
    authority.advance()
    assert authority.unseal(HEADER, HEAD, second) == b"two"


def test_wiped_nothing_is_left():
    _, token = begun()
    token.seal(HEADER, HEAD, b"body")
    token.wipe()
    assert bytes(token._secret) == bytes(32) and bytes(token._step) == bytes(80)


def test_the_ephemeral_key_is_overwritten_whatever_happens():
    for public in (PUBLIC, bytes(32)):
        ephemeral = bytearray(range(32))
        try:
            sealing.encapsulate(public, TOKEN_ID, 1, ephemeral)
        except ValueError:
            assert public == bytes(32), "a point of low order keeps no secret"
        assert ephemeral == bytes(32)


def test_what_a_segment_begins_with_is_not_kept_in_memory():
    begun()
    for name in ("hpke", "x25519", "fixed_base"):
        assert "wearable.crypto." + name not in sys.modules
        assert not hasattr(sys.modules["wearable.crypto"], name)
