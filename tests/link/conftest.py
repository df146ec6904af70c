"""Boards with the application on them, for the tests of the cable; the fixtures are those of tests/e2e."""

from e2e.conftest import flashed, make_day

__all__ = ["flashed", "make_day"]
