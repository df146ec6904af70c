# ruff: noqa
"""Corrections to micropython-esp32-stubs 1.27.0.post1; facts from MicroPython v1.27.0, extmod/modrandom.c."""

from typing import Any

# The stub returns int and None.
def random() -> float: ...
def choice(sequence: Any, /) -> Any: ...
