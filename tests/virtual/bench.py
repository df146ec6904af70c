"""What the tests of virtual tokens share: a stage to stand them on, mpremote, and a bare line."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import tty
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from bluetoken.link.repl import Repl
from bluetoken.virtual.scenario import load_scenario
from bluetoken.virtual.stage import Stage
from bluetoken.virtual.token import VirtualToken

T = TypeVar("T")
BOOT_S = 2.0
HERE = "position = [0, 0]"


def scenario_text(tokens: tuple[str, ...], seed: int, duration: str) -> str:
    """A scenario whose tokens are A, B, C ...; each of `tokens` holds TOML lines, its position at least."""
    head = f'name = "test"\nseed = {seed}\nstart = 2026-03-02T00:00:00Z\nduration = "{duration}"\n'
    tables = [f'\n[[token]]\nname = "{chr(65 + n)}"\n{lines}\n' for n, lines in enumerate(tokens)]
    return head + "".join(tables)


def mpremote(path: str, *arguments: str | Path, timeout_s: float = 20) -> subprocess.CompletedProcess[str]:
    """Run the unmodified command `mpremote connect PATH ARGUMENTS`."""
    command = [sys.executable, "-m", "mpremote", "connect", path, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=timeout_s)


class Bench:
    """A running stage, and hands for its tokens; where no token is named, the first is meant."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.world = stage.world
        self.tokens = stage.world.tokens
        self.token = self.tokens[0]

    def mpremote(self, *arguments: str | Path, timeout_s: float = 20) -> str:
        """What mpremote prints; a failure of it is a failure of the test."""
        done = mpremote(self.token.cable.path, *arguments, timeout_s=timeout_s)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def run(self, program: str, token: VirtualToken | None = None) -> str:
        """What a program prints, run in a raw REPL of its own."""
        repl = Repl((token or self.token).cable.path)
        try:
            return repl.run(program)
        finally:
            repl.close()

    def install(self, main: str, token: VirtualToken | None = None) -> None:
        """Make a program the token's main.py, and start it by a reset."""
        repl = Repl((token or self.token).cable.path)
        try:
            repl.write_file("/main.py", main.encode())
            repl.leave("import machine\nmachine.reset()")
        finally:
            repl.close()

    def settle(self) -> None:
        """Let every token come as far as it gets while time stands still."""
        self.wait_until(lambda: not any(token.running for token in self.tokens))

    def look(self, function: Callable[[], T]) -> T:
        """Read something of the world between two of its steps."""
        return self.world.call(function)

    def wait_until(self, true: Callable[[], bool], timeout_s: float = 10) -> None:
        """Wait in real time."""
        end_s = time.monotonic() + timeout_s
        while not self.look(true):
            assert time.monotonic() < end_s, "it did not happen in time"
            time.sleep(0.005)

    def causes(self, token: VirtualToken | None = None) -> list[int]:
        """The causes of all starts so far."""
        return self.look(lambda: [cause for _, cause in (token or self.token).resets])


class MakeBench:
    """make_bench("position = [0, 0]", "position = [1, 0]", seed=3): bare tokens that have started.

    `image` puts the same bytes on every flash beforehand, `phones` is TOML that follows the tokens'; arguments of no
    name here are Stage's.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._stages: list[Stage] = []
        self._made = 0

    def __call__(
        self,
        *tokens: str,
        seed: int = 1,
        duration: str = "1h",
        image: bytes | None = None,
        boot_s: float = BOOT_S,
        phones: str = "",
        **more: Any,
    ) -> Bench:
        self._made += 1
        folder = self._folder / f"a stage {self._made}"
        folder.mkdir()
        told = folder / "scenario.toml"
        told.write_text(scenario_text(tokens or (HERE,), seed, duration) + phones)
        scenario = load_scenario(told)
        for plan in scenario.tokens if image else ():
            (folder / f"{plan.name}.flash").write_bytes(image or b"")
        stage = Stage(scenario, folder, **more)
        self._stages.append(stage)
        stage.start()
        stage.world.run_for(boot_s, 60)
        return Bench(stage)

    def clear_away(self) -> None:
        for stage in self._stages:
            stage.close()
        self._stages.clear()


class Line:
    """The far end of a cable, byte by byte, carriage returns left out.

    The chip's print ends lines with CR LF, the virtual token's with LF alone.
    """

    def __init__(self, path: str) -> None:
        self._fd = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        tty.setraw(self._fd)

    def __enter__(self) -> Line:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._fd)

    def say(self, data: bytes) -> None:
        while data:
            try:
                data = data[os.write(self._fd, data) :]
            except BlockingIOError:
                time.sleep(0.002)

    def hear(self, ending: bytes, timeout_s: float = 5) -> bytes:
        """Everything up to and with `ending`."""
        heard = bytearray()
        end_s = time.monotonic() + timeout_s
        while not heard.endswith(ending):
            assert time.monotonic() < end_s, f"{ending!r} did not come, only {bytes(heard)!r}"
            try:
                heard += os.read(self._fd, 1).replace(b"\r", b"")
            except BlockingIOError:
                time.sleep(0.002)
        return bytes(heard)

    def ask(self, data: bytes, ending: bytes) -> bytes:
        self.say(data)
        return self.hear(ending)
