"""A cable that is torn, or falls silent, after so many bytes."""

from __future__ import annotations

from collections.abc import Callable

from bluetoken.virtual.token import VirtualToken

from .day import Day

NEVER = 1 << 40


class Scissors:
    """Counts what a token says from now on; `cut` is done when it has said `at` bytes."""

    def __init__(
        self, day: Day, token: VirtualToken, at: int = NEVER, cut: Callable[[], None] = print
    ) -> None:
        self._cable, self._at, self._cut = token.cable, at, cut
        self.said = 0
        self._write = self._cable.write
        day.look(lambda: self._replace(self._watch))

    def _replace(self, write: Callable[[bytes], None]) -> None:
        self._cable.write = write  # type: ignore[method-assign]

    def _watch(self, data: bytes) -> None:
        left = self._at - self.said
        self.said += len(data)
        self._write(data[:left])
        if left <= len(data):
            self._replace(self._write)
            self._cable.pump()
            self._cut()
