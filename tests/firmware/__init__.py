"""The firmware's logic, held to its promises on CPython and on MicroPython.

test_*.py here are plain functions that both interpreters run; properties/ and host_only/ need CPython.
"""
