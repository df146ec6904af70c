"""X25519 (RFC 7748 section 5), in Python's integers.

Time and allocations depend on the secret a little: integers lose leading zeros, differences have signs, Euclid's
division takes as many rounds as it takes, and a collection comes when the heap is full. What the ladder does, and
how often, does not depend on it. That is enough for a key that is used once, as a token's are; a key that is used
again and again, such as an authority's, belongs to a library that was written for constant time.

Integers cannot be overwritten, nor can bytes that were made of them: what was computed stays in the heap until
something else is written there.
"""

from . import fixed_base

KEY_BYTES = 32

_P = (1 << 255) - 19
_LOW = (1 << 256) - 1  # 256 bits are whole digits of MicroPython's integers: shifting by them moves no bit
_FOLD = 38  # 2**256 modulo p
_A24 = 121665  # (A - 2) / 4 (section 5)


def public_key(private):
    """Return the 32-byte public key of 32 random bytes: their product with the base point (section 6.1)."""
    return _product(fixed_base.multiply, private)


def x25519(scalar, u):
    """Multiply: return the 32-byte u-coordinate of `scalar` times the point at `u`, both of 32 bytes.

    It is all zeros for a point of low order, which is for the caller to refuse (section 6.1).
    """
    if len(u) != KEY_BYTES:
        raise ValueError("an X25519 coordinate has 32 bytes, not %d" % len(u))
    return _product(_ladder, scalar, int.from_bytes(u, "little") & (1 << 255) - 1)


def _product(multiply, scalar, *point):
    if len(scalar) != KEY_BYTES:
        raise ValueError("an X25519 scalar has 32 bytes, not %d" % len(scalar))
    clamped = bytearray(scalar)
    clamped[0] &= 248
    clamped[31] = clamped[31] & 127 | 64
    try:
        x, z = multiply(clamped, *point)
    finally:
        for n in range(KEY_BYTES):
            clamped[n] = 0
    return (x * _inverse(z) % _P).to_bytes(KEY_BYTES, "little")


def _ladder(scalar, x1):
    """Return (X, Z) of the product, after section 5's ladder.

    Every operation allocates, and taking a whole product modulo p takes twice as long as multiplying. So what is
    multiplied again at once is only folded, 2**256 being 38, to some 20 bits more than p has; what goes round
    is taken modulo p, or it would grow. Folding that first is faster with an empty heap and slower with
    the firmware in it, for it allocates more.
    """
    p = _P
    low = _LOW
    fold = _FOLD
    a24 = _A24
    x2 = 1
    z2 = 0
    x3 = x1
    z3 = 1
    before = 0
    for t in range(254, -1, -1):
        bit = scalar[t >> 3] >> (t & 7) & 1
        a = x2 + z2
        b = x2 - z2
        c = x3 + z3
        d = x3 - z3
        x3 = a * d
        z3 = b * c
        # The sum of the two points is the same whichever is doubled, so no points are swapped: only what is
        # doubled is chosen, by a place in a tuple and not by a branch.
        a = (a, c)[before ^ bit]
        b = (b, d)[before ^ bit]
        before = bit

        x3 = (x3 & low) + (x3 >> 256) * fold
        z3 = (z3 & low) + (z3 >> 256) * fold
        d = x3 - z3
        x3 += z3
        x3 = x3 * x3 % p
        d *= d
        z3 = ((d & low) + (d >> 256) * fold) * x1 % p

        a *= a
        a = (a & low) + (a >> 256) * fold
        b *= b
        b = (b & low) + (b >> 256) * fold
        c = a - b
        x2 = a * b % p
        z2 = (c * a24 + a) * c % p
    return x2, z2


def _inverse(z):
    """Return 1 / z modulo p, and 0 of 0, by Euclid: a fifth of what raising to p - 2 costs."""
    a = _P
    b = z % _P
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
