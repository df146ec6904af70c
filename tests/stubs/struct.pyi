# ruff: noqa
"""Corrections to micropython-stdlib-stubs 1.27.0.post2; facts from MicroPython v1.27.0, py/modstruct.c."""

del iter_unpack, Struct, error
