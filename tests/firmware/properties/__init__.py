"""Codecs and state machines against everything hypothesis can think of; CPython only."""
