"""The world of virtual tokens: one clock, everybody on it, as fast or as slow as asked.

Virtual time advances only while every token waits for it, so a day is the same day however busy the
machine is. Three paces: *held* (time stands still while a desk works over the cables), *run* (as
fast as the processor allows, to a moment) and *live* (with the wall clock). One thread owns
everything; other threads reach it through `call`.
"""

from __future__ import annotations

import contextlib
import os
import selectors
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from heapq import heappop, heappush
from typing import Any, TypeVar

from bluetoken.virtual.air import NEVER_US, Air
from bluetoken.virtual.interpreter import Processor
from bluetoken.virtual.token import VirtualToken

T = TypeVar("T")
IN_A_ROW = 64  # so many questions of one token are answered before anybody else is looked after
NEXT_MS = 1  # so long its next question is waited for
HUNG_S = 5.0  # a program that computes for so long without a word no longer stops the world's clock


class World:
    """Tokens, the air between them, and events of the scenario, on one virtual clock."""

    def __init__(self) -> None:
        self.now_us = 0
        self.air: Air | None = None
        self.tokens: list[VirtualToken] = []
        self._events: list[tuple[int, int, Callable[[int], None]]] = []
        self._event_count = 0
        self._selector = selectors.DefaultSelector()
        self._watched: dict[int, tuple[VirtualToken, str, int]] = {}
        self._wake_read, self._wake_write = os.pipe()
        os.set_blocking(self._wake_read, False)
        self._selector.register(self._wake_read, selectors.EVENT_READ, None)
        self._calls: list[tuple[Future[Any], Callable[[], Any]]] = []
        self._lock = threading.Lock()
        self._run_to_us = 0
        self._reached: threading.Event = threading.Event()
        self._live: tuple[float, int, float] | None = None
        self._stopping = False
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._loop, name="world", daemon=True)
        self.steps = 0

    # What other threads call.

    def start(self) -> None:
        self._thread.start()

    def call(self, function: Callable[[], T]) -> T:
        """Do something in the world's thread, between two of its steps."""
        if threading.current_thread() is self._thread:
            return function()
        future: Future[T] = Future()
        with self._lock:
            self._calls.append((future, function))
        os.write(self._wake_write, b".")
        while True:
            try:
                return future.result(timeout=1)
            except TimeoutError:
                if not self._thread.is_alive():
                    raise RuntimeError("the world has ended") from self._error

    def run_until(self, at_us: int, timeout_s: float | None = None) -> None:
        """Run as fast as possible to `at_us`, then hold."""

        def order() -> None:
            # Cleared here, between two steps: a step may just have found that nothing was left to do until now.
            self._reached.clear()
            self._live = None
            self._run_to_us = max(at_us, self.now_us)

        self.call(order)
        end_s = None if timeout_s is None else time.monotonic() + timeout_s
        while not self._reached.wait(0.5):
            if not self._thread.is_alive():
                raise RuntimeError("the world has ended") from self._error
            if end_s is not None and time.monotonic() > end_s:
                raise TimeoutError(f"virtual time stands at {self.call(lambda: self.now_us)} us")

    def run_for(self, seconds: float, timeout_s: float | None = None) -> None:
        now_us = self.call(lambda: self.now_us)
        self.run_until(now_us + int(seconds * 1_000_000), timeout_s)

    def live(self, speed: float = 1.0) -> None:
        """Go with the wall clock from now on."""

        def order() -> None:
            self._live = (time.monotonic(), self.now_us, speed)

        self.call(order)

    def hold(self) -> None:
        """Let time stand still from now on."""

        def order() -> None:
            if self._live:
                self.now_us = max(self.now_us, min(self._limit_us(), self._next_due_us()))
            self._live = None
            self._run_to_us = self.now_us

        self.call(order)

    def at(self, at_us: int, action: Callable[[int], None]) -> None:
        """Have `action(now_us)` done at a moment."""

        def order() -> None:
            self._event_count += 1
            heappush(self._events, (at_us, self._event_count, action))

        self.call(order) if self._thread.is_alive() else order()

    def close(self) -> None:
        if self._thread.is_alive():
            with contextlib.suppress(RuntimeError):
                self.call(lambda: setattr(self, "_stopping", True))
            self._thread.join(10)
        for token in self.tokens:
            token.power_down(self.now_us)
            token.cable.close()
            token.flash.close()
        self._selector.close()
        os.close(self._wake_read)
        os.close(self._wake_write)

    # The loop.

    def _loop(self) -> None:
        try:
            while not self._stopping:
                self._step()
        except BaseException as error:
            self._error = error
            raise

    def _limit_us(self) -> int:
        if self._live:
            began_s, from_us, speed = self._live
            return max(from_us + int((time.monotonic() - began_s) * speed * 1_000_000), self.now_us)
        return max(self._run_to_us, self.now_us)

    def _step(self) -> None:
        self.steps += 1
        self._watch()
        timeout_s = 0.2
        if self._waiting_for_tokens():
            if any(t.cable.pending or t.interrupt_pending for t in self.tokens):
                timeout_s = 0.002
        else:
            limit_us = self._limit_us()
            due_us = self._next_due_us()
            if due_us <= limit_us:
                self._advance(due_us)
                timeout_s = 0.0
            else:
                timeout_s = self._idle_s(limit_us, due_us)
        for key, _ in self._selector.select(timeout_s):
            self._attend(key.fd)
        for token in self.tokens:
            if token.cable.pending:
                token.cable.pump()
            if token.interrupt_pending:
                token.attend()

    def _waiting_for_tokens(self) -> bool:
        wall_s = time.monotonic()
        return any(t.running and wall_s - t.spoke_s < HUNG_S for t in self.tokens)

    def _next_due_us(self) -> int:
        due_us = min((t.due_us() for t in self.tokens), default=NEVER_US)
        return min(due_us, self._events[0][0]) if self._events else due_us

    def _advance(self, to_us: int) -> None:
        self.now_us = max(self.now_us, to_us)
        while self._events and self._events[0][0] <= self.now_us:
            heappop(self._events)[2](self.now_us)
        for token in self.tokens:
            if token.due_us() <= self.now_us:
                token.due(self.now_us)

    def _idle_s(self, limit_us: int, due_us: int) -> float:
        """Nothing is due: note that the end is reached, and how long one may wait for a host."""
        self.now_us = limit_us
        if not self._live:
            self._reached.set()
        wait_s = 0.2
        if self._live and due_us < NEVER_US:
            wait_s = min(wait_s, (due_us - limit_us) / 1e6 / self._live[2])
        if any(t.cable.pending or t.interrupt_pending for t in self.tokens):
            wait_s = min(wait_s, 0.002)
        return max(wait_s, 0.0)

    def _watch(self) -> None:
        """Keep the selector to what should be read now."""
        wanted: dict[int, tuple[VirtualToken, str, int]] = {}
        for token in self.tokens:
            # A new process may get the file descriptors of the old one: its number tells them apart.
            boot = len(token.resets)
            if token.process is not None:
                wanted[token.process.bus_fd] = (token, "bus", boot)
                if not token.cable.congested:
                    wanted[token.process.print_fd] = (token, "print", boot)
            if not token.reachable or token.wants_bytes:
                wanted[token.cable.master] = (token, "cable", 0)
        if wanted == self._watched:
            return
        for fd in self._watched:
            if wanted.get(fd) != self._watched[fd]:
                with contextlib.suppress(KeyError, ValueError):
                    self._selector.unregister(fd)
        for fd, what in wanted.items():
            if self._watched.get(fd) != what:
                self._selector.register(fd, selectors.EVENT_READ, what)
        self._watched = wanted

    def _attend(self, fd: int) -> None:
        if fd == self._wake_read:
            self._take_calls()
            return
        entry = self._watched.get(fd)
        if entry is None:
            return
        token, kind, _ = entry
        if kind == "bus":
            if token.process is not None and token.process.bus_fd == fd:
                self._serve(token, token.process)
        elif kind == "print":
            token.drain()
        else:
            data = token.cable.read()
            if data:
                token.now_us = self.now_us
                token.receive(data)
            elif token.cable.baud is None:
                self._forget_if_closed(token, fd)
            else:
                time.sleep(0.001)

    def _serve(self, token: VirtualToken, process: Processor) -> None:
        """Answer its questions as long as it goes on asking: one comes soon after the other, at one moment mostly."""
        hold = not self._live and self._run_to_us <= self.now_us
        for _ in range(IN_A_ROW):
            # What was printed before a question is on the cable before its answer.
            token.drain()
            token.serve(self.now_us, hold)
            if token.process is not process or not token.running or not process.asks_within(NEXT_MS):
                break

    def _forget_if_closed(self, token: VirtualToken, fd: int) -> None:
        try:
            os.fstat(fd)
        except OSError:
            self._watched.pop(fd, None)

    def _take_calls(self) -> None:
        os.read(self._wake_read, 4096)
        with self._lock:
            calls, self._calls = self._calls, []
        for future, function in calls:
            try:
                future.set_result(function())
            except BaseException as error:
                future.set_exception(error)
