"""`raise Skip("why")` skips a test, under pytest and under run_on_micropython.py."""

import sys

MICROPYTHON = sys.implementation.name == "micropython"
SMALL = sys.maxsize < 1 << 32

try:
    from unittest import SkipTest as Skip  # pytest knows it
except ImportError:

    class Skip(Exception):
        """This test has nothing to say here."""


def only_on_micropython(why):
    if not MICROPYTHON:
        raise Skip(why)


def not_on_32_bits(why):
    if SMALL:
        raise Skip(why)
