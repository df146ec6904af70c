"""The whole path once: bare boards, the desk, six hours of a day, the desk again, who met whom.

The desk is the real command line in processes of its own, which reach the tokens through their ptys
and nothing else. It lives in the virtual day: BLUETOKEN_CLOCK tells it the time, as a wall clock
would. Nothing else of the simulation is told to it.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

from bluetoken.errors import BluetokenError, CannotWrite
from bluetoken.virtual.scenario import Scenario
from bluetoken.virtual.stage import Stage
from bluetoken.virtual.strip_page import page
from bluetoken.virtual.token import VirtualToken

SCENARIO = Path(__file__).parent / "scenarios" / "demo.toml"
BOOT_S = 2
NOTICE_S = 35  # a sleeping token looks for the cable at its next burst
CASE = "DEMO-1"
PASSPHRASE = "this demonstration has no secrets"


class DemoFailed(BluetokenError):
    """A step of the demonstration went wrong."""


class Demo:
    """One run of it; `say` gets a line for people at every step."""

    speaks: tuple[str, ...] = ()  # what `bluetoken issue` is told beyond the usual

    def __init__(self, scenario: Scenario, folder: Path, say: Callable[[str], None]) -> None:
        self.scenario = scenario
        self.registry = folder / "registry.sqlite"
        self.report = folder / "report.html"
        self.lights = folder / "lights.html"
        self.authority = folder / "authority.key"
        self._passphrase = folder / "passphrase"
        self._say = say
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise CannotWrite(f"The folder {folder} cannot be made: {error.strerror}.") from None
        for old in (*folder.glob("registry.sqlite*"), *folder.glob("authority.key*")):
            old.unlink()
        self._passphrase.write_text(PASSPHRASE + "\n")

    def run(self) -> None:
        began_s = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="bluetoken-") as flashes:
            stage = Stage(self.scenario, Path(flashes))
            try:
                stage.start()
                self._day(stage)
            finally:
                stage.close()
        self._conclude()
        self._say(f"\nDone in {time.monotonic() - began_s:.0f} s.")
        self._say(f"Registry: {self.registry}\nReport:   {self.report}\nLights:   {self.lights}")

    def _day(self, stage: Stage) -> None:
        tokens = stage.world.tokens
        stage.world.run_for(BOOT_S)
        self._say(f"{len(tokens)} boards with bare MicroPython are on the cable. The desk gets them ready:")
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(self._flash, tokens))
        self._say("\nThe health authority makes its key, the desk gives the tokens out:")
        self._desk(stage, ["keys", "authority", "new", *self._private("--file")])
        for token in tokens:
            self._issue(stage, token)
        stage.world.run_for(BOOT_S)
        for token in tokens:
            stage.unplug(token)
        hours = self.scenario.duration_us / 3_600_000_000
        self._say(f"\nThe wearers go about their day: {hours:g} hours of virtual time ...")
        began_s = time.monotonic()
        stage.world.run_until(self.scenario.duration_us)
        self._say(f"... took {time.monotonic() - began_s:.1f} s.\n\nEverybody comes to the desk:")
        for token in tokens:
            stage.plug(token)
        stage.world.run_for(NOTICE_S)
        for token in tokens:
            self._desk(stage, ["sync", "--port", token.cable.path])
        self._now = self.scenario.unix_ms(stage.world.now_us)
        signs = {token.name: stage.signs(token) for token in tokens}
        self.lights.write_text(page("What the wearers saw and felt", signs, stage.world.now_us / 1e6), encoding="utf-8")

    def _flash(self, token: VirtualToken) -> None:
        printed = self._bluetoken(["flash", "--board", "virtual", "--port", token.cable.path], 0)
        self._say(f"  {token.name}: {printed.splitlines()[0]}")

    def _private(self, option: str) -> list[str]:
        return [option, str(self.authority), "--passphrase-file", str(self._passphrase)]

    def _issue(self, stage: Stage, token: VirtualToken) -> None:
        who = ["--label", token.name, "--holder", f"{token.name}, demonstration"]
        self._desk(stage, ["issue", *who, "--legal-basis", "consent", *self.speaks, "--port", token.cable.path])

    def _conclude(self) -> None:
        positive = self.scenario.tokens[0].name
        self._say(f"\n{positive} tests positive. The desk opens a case, and compares:")
        tested_on = datetime.fromtimestamp(self._now / 1000, UTC).date().isoformat()
        consent = "agreed to the release of the keys (demonstration)"
        opening = ["case", "open", "--ref", CASE, "--token", positive]
        opening += ["--tested-on", tested_on, "--consent", consent]
        for command in (opening, ["case", "release", CASE, *self._private("--authority")]):
            self._print(self._bluetoken(command, self._now))
        self._say("")
        comparing = ["exposures", CASE, *self._private("--authority"), "--report", str(self.report)]
        self._print(self._bluetoken(comparing, self._now))

    def _desk(self, stage: Stage, command: Sequence[str]) -> None:
        self._print(self._bluetoken(command, self.scenario.unix_ms(stage.world.now_us)))

    def _print(self, printed: str) -> None:
        for line in printed.rstrip().splitlines():
            self._say(f"  {line}".rstrip())

    def _bluetoken(self, command: Sequence[str], unix_ms: int) -> str:
        """Run the command line as a clinic would, at the virtual day's time."""
        now = datetime.fromtimestamp(unix_ms / 1000, UTC)
        environment = os.environ | {
            "BLUETOKEN_DATABASE": f"sqlite:///{self.registry.resolve()}",
            "BLUETOKEN_CLOCK": now.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        }
        program = "from bluetoken.cli import main; main()"
        done = subprocess.run(
            [sys.executable, "-c", program, *command], env=environment, capture_output=True, text=True
        )
        if done.returncode:
            raise DemoFailed(f"bluetoken {' '.join(command)}: {(done.stderr or done.stdout).strip()}")
        return done.stdout
