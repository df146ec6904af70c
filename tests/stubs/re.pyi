# ruff: noqa
"""Corrections to micropython-stdlib-stubs 1.27.0.post2; facts from MicroPython v1.27.0, extmod/modre.c."""

del error, escape, findall, finditer, fullmatch, purge, split, subn, template
