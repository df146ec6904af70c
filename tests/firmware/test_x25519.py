"""X25519 gives what RFC 7748 prints."""

from binascii import unhexlify as h

import skipping
from raising import raised
from wearable.crypto import fixed_base
from wearable.crypto.x25519 import public_key, x25519

# RFC 7748 section 5.2: (scalar, u-coordinate, output).
_SECTION_5_2 = (
    (
        "a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4",
        "e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c",
        "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552",
    ),
    (
        "4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d",
        "e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493",
        "95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957",
    ),
)
# The same section: the output becomes the scalar, the scalar the coordinate, and both begin as 9.
_AFTER_1 = "422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079"
_AFTER_1000 = "684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51"

# RFC 7748 section 6.1: (private key, public key) of Alice and Bob, and what they share.
_ALICE = (
    "77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a",
    "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a",
)
_BOB = (
    "5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb",
    "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f",
)
_SHARED = "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742"

_P = (1 << 255) - 19
# The points whose order divides 8, on the curve and its twist: u is 0 (order 2), 1 and -1 (order 4), or one of the
# two of order 8. A coordinate may also be written with p added, where that still fits.
_EIGHTH = h("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800")
_OTHER_EIGHTH = h("5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157")
_LOW_ORDER = [u.to_bytes(32, "little") for u in (0, 1, _P - 1, _P, _P + 1)] + [_EIGHTH, _OTHER_EIGHTH]


def iterated(times):
    scalar = u = b"\x09" + bytes(31)
    for _ in range(times):
        scalar, u = x25519(scalar, u), scalar
    return scalar


def test_the_products_of_section_5_2():
    for scalar, u, product in _SECTION_5_2:
        assert x25519(h(scalar), h(u)) == h(product)


def test_one_iteration():
    assert iterated(1) == h(_AFTER_1)


def test_a_thousand_iterations():
    skipping.not_on_32_bits("1,000 products are some 30 thousand million instructions there")
    assert iterated(1000) == h(_AFTER_1000)


def test_alice_and_bob_share_what_section_6_1_says():
    for private, public in (_ALICE, _BOB):
        assert public_key(h(private)) == h(public)
    assert x25519(h(_ALICE[0]), h(_BOB[1])) == h(_SHARED)
    assert x25519(h(_BOB[0]), h(_ALICE[1])) == h(_SHARED)


def test_the_ladder_and_the_table_agree():
    nine = b"\x09" + bytes(31)
    for n in range(8):
        private = bytes((n * 37 + at * (n + 3)) & 0xFF for at in range(32))
        assert public_key(private) == x25519(private, nine)
    for private in (bytes(32), b"\xff" * 32):
        assert public_key(private) == x25519(private, nine)


def test_the_bits_that_do_not_count():
    scalar, u, product = (h(each) for each in _SECTION_5_2[0])
    other = bytearray(scalar)
    other[0] ^= 7
    other[31] ^= 0xC0
    assert x25519(other, u) == product
    other_u = bytearray(u)
    other_u[31] ^= 0x80
    assert x25519(scalar, other_u) == product


def test_a_coordinate_beyond_p_counts_modulo_p():
    scalar = h(_ALICE[0])
    nine = (_P + 9).to_bytes(32, "little")
    assert x25519(scalar, nine) == h(_ALICE[1])


def test_a_point_of_low_order_gives_zeros():
    for u in _LOW_ORDER:
        assert x25519(h(_ALICE[0]), u) == bytes(32)


def test_nothing_it_was_given_is_changed():
    private = bytearray(h(_BOB[0]))
    public_key(private)
    assert private == h(_BOB[0])


def test_the_clamped_copy_of_a_private_key_is_overwritten():
    def watched(scalar):
        copies.append(scalar)
        return real(scalar)

    def failing(scalar):
        copies.append(scalar)
        raise MemoryError

    copies = []
    real = fixed_base.multiply
    try:
        fixed_base.multiply = watched
        assert public_key(h(_ALICE[0])) == h(_ALICE[1])
        fixed_base.multiply = failing
        raised(MemoryError, public_key, h(_ALICE[0]))
    finally:
        fixed_base.multiply = real
    assert copies == [bytearray(32), bytearray(32)]


def test_any_buffer_will_do():
    assert public_key(memoryview(bytearray(h(_ALICE[0])))) == h(_ALICE[1])


def test_other_lengths_are_refused():
    for scalar, u in ((31, 32), (33, 32), (32, 31), (32, 33), (0, 32), (32, 0)):
        said = str(raised(ValueError, x25519, bytes(scalar), bytes(u)))
        assert said.endswith("has 32 bytes, not %d" % (u if scalar == 32 else scalar))
    raised(ValueError, public_key, bytes(31))
