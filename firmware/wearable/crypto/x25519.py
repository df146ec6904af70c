"""X25519 (RFC 7748 section 5), in Python's integers.

Time and allocations depend on the secret a little: integers lose leading zeros, differences have signs, Euclid's
division takes as many rounds as it takes, and a collection comes when the heap is full. No branch and no
number of rounds of the ladder does. That is enough for a key that is used once, as a token's are; a key that is
used again and again, such as an authority's, belongs to a library that is written for constant time.

Integers cannot be overwritten: what was computed stays in the heap until something else is written there.
"""

KEY_BYTES = 32

_P = (1 << 255) - 19
_LOW = (1 << 256) - 1  # 256 bits are whole digits of MicroPython's integers: shifting by them moves no bit
_FOLD = 38  # 2**256 modulo p
_A24 = 121665  # (A - 2) / 4 (section 5)
_BASE = b"\x09" + bytes(31)  # section 4.1


def public_key(private):
    """Return the 32-byte public key of 32 random bytes."""
    return x25519(private, _BASE)


def x25519(scalar, u):
    """Multiply: return the 32-byte u-coordinate of `scalar` times the point at `u`, both of 32 bytes.

    It is all zeros for a point of low order, which is for the caller to refuse (section 6.1).
    """
    if len(scalar) != KEY_BYTES or len(u) != KEY_BYTES:
        raise ValueError("X25519 takes a scalar of 32 bytes and a coordinate of 32 bytes")
    clamped = bytearray(scalar)
    clamped[0] &= 248
    clamped[31] = clamped[31] & 127 | 64
    x, z = _ladder(clamped, int.from_bytes(u, "little") & (1 << 255) - 1)
    for n in range(KEY_BYTES):
        clamped[n] = 0
    return (x * _inverse(z) % _P).to_bytes(KEY_BYTES, "little")


def _ladder(scalar, x1):
    """Return (X, Z) of the product, after section 5's ladder.

    What costs is the number of operations, of which each allocates, and `%` by p of a whole product, which costs
    more than twice a multiplication. So a product is folded once, 2**256 being 38, to some 20 bits more than p,
    which the next multiplication takes as it is; only the four coordinates that go round are taken modulo p,
    when it is short work.
    """
    p = _P
    low = _LOW
    x2 = 1
    z2 = 0
    x3 = x1
    z3 = 1
    before = 0
    for t in range(254, -1, -1):
        bit = scalar[t >> 3] >> (t & 7) & 1
        # The sum of the two points is the same whichever is doubled, so only what is doubled has to be chosen:
        # by a place in a tuple, not by a branch.
        a = x2 + z2
        b = x2 - z2
        c = x3 + z3
        d = x3 - z3
        x3 = a * d
        z3 = b * c
        a = (a, c)[before ^ bit]
        b = (b, d)[before ^ bit]
        before = bit

        x3 = (x3 & low) + (x3 >> 256) * _FOLD
        z3 = (z3 & low) + (z3 >> 256) * _FOLD
        d = x3 - z3
        x3 += z3
        x3 *= x3
        x3 = ((x3 & low) + (x3 >> 256) * _FOLD) % p
        d *= d
        d = ((d & low) + (d >> 256) * _FOLD) * x1
        z3 = ((d & low) + (d >> 256) * _FOLD) % p

        a *= a
        a = (a & low) + (a >> 256) * _FOLD
        b *= b
        b = (b & low) + (b >> 256) * _FOLD
        z2 = a - b
        b *= a
        x2 = ((b & low) + (b >> 256) * _FOLD) % p
        z2 *= z2 * _A24 + a
        z2 = ((z2 & low) + (z2 >> 256) * _FOLD) % p
    return x2, z2


def _inverse(z):
    """Return 1 / z modulo p, and 0 of 0, by Euclid: a fifth of what raising to p - 2 costs."""
    a = _P
    b = z
    x = 0
    y = 1
    while b:
        quotient, remainder = divmod(a, b)
        a = b
        b = remainder
        remainder = x - quotient * y
        x = y
        y = remainder
    return x % _P
