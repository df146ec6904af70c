"""For CPython; MicroPython has its own, which goes first."""


def const(value):
    return value
