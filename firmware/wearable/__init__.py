"""The application of a contact token: what lies on the board beside MicroPython."""

__version__ = "0.1.0"
