"""A day of virtual tokens, and hands for them."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

from bluetoken.link.desk import Desk
from bluetoken.link.repl import Repl
from bluetoken.virtual.air import PathLoss
from bluetoken.virtual.scenario import Place, Scenario, TokenPlan
from bluetoken.virtual.stage import Stage
from bluetoken.virtual.token import VirtualToken

from . import flash_image
from .clinic import Clinic

T = TypeVar("T")
MORNING = datetime(2026, 3, 2, tzinfo=UTC)
BOOT_S = 2
NOTICE_S = 35  # a sleeping token looks for the cable at its next burst
STEADY = PathLoss(posture_sd_db=0, movement_sd_db=0, fading_sd_db=0)


def scenario(names: Sequence[str], start: datetime, seed: int, at_m: Mapping[str, float]) -> Scenario:
    """Tokens that stay in a row, a metre apart where `at_m` does not say otherwise."""
    plans = tuple(
        TokenPlan(name, "virtual", (Place(0, (at_m.get(name, n), 0.0)),), drift_ppm=(20.0, -20.0, 0.0)[n % 3])
        for n, name in enumerate(names)
    )
    return Scenario("test", seed, start, 86_400_000_000, plans)


class Day:
    """A running stage whose tokens have the flash images given; on the cable until sent out."""

    def __init__(
        self,
        folder: Path,
        images: Mapping[str, bytes | None],
        after: timedelta = timedelta(0),
        path_loss: PathLoss | None = None,
        seed: int = 1,
        at_m: Mapping[str, float] | None = None,
    ) -> None:
        flashes = folder / "the flashes"
        flashes.mkdir()
        for name, image in images.items():
            if image is not None:
                (flashes / f"{name}.flash").write_bytes(image)
        self.scenario = scenario(list(images), MORNING + after, seed, at_m or {})
        self.stage = Stage(self.scenario, flashes, path_loss)
        self.world = self.stage.world
        self.tokens = self.world.tokens
        self.token = self.tokens[0]

    def begin(self) -> None:
        """Give every token power."""
        self.stage.start()
        self.pass_s(BOOT_S)

    def close(self) -> None:
        self.stage.close()

    # Time.

    @property
    def unix_ms(self) -> int:
        return self.scenario.unix_ms(self.look(lambda: self.world.now_us))

    def pass_s(self, seconds: float) -> None:
        self.world.run_for(seconds, 120)

    def look(self, function: Callable[[], T]) -> T:
        """Read or do something between two steps of the world."""
        return self.world.call(function)

    def wait_until(self, true: Callable[[], bool], timeout_s: float = 10) -> None:
        """Wait in real time."""
        end_s = time.monotonic() + timeout_s
        while not self.look(true):
            assert time.monotonic() < end_s, "it did not happen in time"
            time.sleep(0.005)

    def settle(self) -> None:
        """Let every token come as far as it gets while time stands still."""
        self.wait_until(lambda: not any(token.running for token in self.tokens))

    # The wearers and their tokens.

    def send_out(self, seconds: float) -> None:
        """Everybody leaves the cable, and comes back after so long."""
        for token in self.tokens:
            self.stage.unplug(token)
        self.pass_s(seconds)
        for token in self.tokens:
            self.stage.plug(token)
        self.pass_s(NOTICE_S)

    def cut_power(self, token: VirtualToken, for_s: float = 5) -> None:
        def cut() -> None:
            token.power_down(self.world.now_us)
            self.world.at(self.world.now_us + int(for_s * 1_000_000), token.power_up)

        self.look(cut)
        self.pass_s(for_s + 1)

    def stop(self, token: VirtualToken) -> None:
        """Interrupt the application and leave the token at its prompt, as a killed desk does."""
        with Desk(token.cable.path):
            pass

    def set_clock(self, token: VirtualToken) -> None:
        with Desk(token.cable.path) as desk:
            desk.set_clock(self.unix_ms)
            desk.resume()

    def ask(self, program: str, token: VirtualToken | None = None) -> str:
        """What a program prints in a raw REPL of its own."""
        repl = Repl((token or self.token).cable.path)
        try:
            return repl.run(program)
        finally:
            repl.close()

    def image(self, token: VirtualToken) -> bytes:
        return self.look(token.flash.image)

    def segments(self, token: VirtualToken) -> dict[int, bytes]:
        """What lies in a token's journal, read past the token itself."""
        return flash_image.segments(self.image(token))

    def causes(self, token: VirtualToken) -> list[int]:
        """The causes of all starts so far."""
        return self.look(lambda: [cause for _, cause in token.resets])

    # The desk, at the virtual day's time.

    def at(self, clinic: Clinic) -> Clinic:
        """The clinic, its clock showing the time of this day."""
        clinic.unix_ms = self.unix_ms
        return clinic
