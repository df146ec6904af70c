"""A scenario set up: tokens on a world, with everything that will befall them on its calendar."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path

from bluetoken.boards import Board, load_board
from bluetoken.errors import NoMicroPython
from bluetoken.virtual.air import Air, PathLoss
from bluetoken.virtual.cable import Cable
from bluetoken.virtual.controller import Controller, SimulatedController
from bluetoken.virtual.flash import Flash
from bluetoken.virtual.handset import Handset
from bluetoken.virtual.interpreter import Interpreter, Processor, share_a_processor
from bluetoken.virtual.iphone import Iphone
from bluetoken.virtual.phone import Phone
from bluetoken.virtual.rv32 import NOT_COUNTED, Rv32Interpreter, find_qemu
from bluetoken.virtual.scenario import Scenario, Span, TokenPlan
from bluetoken.virtual.strip import Sign, signs
from bluetoken.virtual.token import VirtualToken
from bluetoken.virtual.world import World

# Twice what the firmware may have on 32 bits, for a 64-bit interpreter, and what the stand-ins take.
HEAP_BYTES = 2 * 96 * 1024 + 80 * 1024


def find_micropython() -> Path:
    """The interpreter that `make setup` put in place, or one named by BLUETOKEN_MICROPYTHON."""
    named = os.environ.get("BLUETOKEN_MICROPYTHON")
    ours = Path(__file__).parents[3] / ".micropython" / "micropython"
    for path in (named and Path(named), ours):
        if path and os.access(path, os.X_OK):
            return path
    found = shutil.which("micropython")
    if found is None:
        raise NoMicroPython
    return Path(found)


class Stage:
    """A world with the tokens and phones of a scenario on it, the tokens' flash images in `folder`."""

    def __init__(
        self,
        scenario: Scenario,
        folder: Path,
        path_loss: PathLoss | None = None,
        controllers: Callable[[int], Controller] | None = None,
        heap_threshold: int = NOT_COUNTED,
    ) -> None:
        self.scenario = scenario
        self.world = World()
        self.boards: list[Board] = [load_board(plan.board) for plan in scenario.tokens]
        self.air = Air(
            scenario.seed,
            self._position_m,
            self._tx_power_dbm,
            path_loss,
        )
        self.world.air = self.air
        self._controllers = controllers or self._simulated_controller
        self._heap_threshold = heap_threshold
        folder.mkdir(parents=True, exist_ok=True)
        for node, plan in enumerate(scenario.tokens):
            self.world.tokens.append(self._token(node, plan, folder))
        self.phones: list[Handset] = [
            (Iphone if phone.system == "iphone" else Phone)(phone, scenario, self.world, self.air, node)
            for node, phone in enumerate(scenario.phones, len(scenario.tokens))
        ]

    def _position_m(self, node: int, at_us: int) -> tuple[float, float] | None:
        tokens, phones = self.scenario.tokens, self.scenario.phones
        plan = tokens[node] if node < len(tokens) else phones[node - len(tokens)]
        return plan.position(at_us)

    def _tx_power_dbm(self, node: int) -> int:
        if node < len(self.boards):
            return self.boards[node].config["radio"]["tx_power_dbm"]
        return self.scenario.phones[node - len(self.boards)].tx_power_dbm

    def _token(self, node: int, plan: TokenPlan, folder: Path) -> VirtualToken:
        board = self.boards[node]
        flash = board.config["flash"]
        cable = Cable(plan.baud or board.config["cable"].get("baud"))
        image = folder / f"{plan.name}.flash"
        token = VirtualToken(
            node,
            plan.name,
            Flash(image, board.file_system_blocks, flash["erase_us"], flash["program_us"]),
            self._controllers(node),
            cable,
            seed=self.scenario.seed,
            processor=self._processor(plan),
            drift_ppm=plan.drift_ppm,
            ble_start_us=board.config["radio"]["start_us"],
        )
        self._wire(token, board, plan)
        return token

    def _processor(self, plan: TokenPlan) -> Callable[[int], Processor]:
        if plan.processor == "rv32":
            find_qemu()
            return partial(Rv32Interpreter, heap_threshold=self._heap_threshold)
        return partial(Interpreter, find_micropython(), HEAP_BYTES)

    def _simulated_controller(self, node: int) -> Controller:
        return SimulatedController(self.air, node, bytes([node & 0xFF, node >> 8, 0, 0x0E, 0xB1, 0x02]))

    def _wire(self, token: VirtualToken, board: Board, plan: TokenPlan) -> None:
        """Connect what the board has: button, USB sense, battery."""
        pins, battery = board.config["pins"], board.config["battery"]
        if "adc_gpio" in battery:
            token.analog_uv[battery["adc_gpio"]] = plan.battery_mv * 1_000_000 // battery["divider_permille"]
        if "button" in pins:
            self._press(token, False)
        self._plug(token, any(span.from_us <= 0 for span in plan.plugged) or not plan.plugged)

    def _level(self, token: VirtualToken, role: str, on: bool) -> None:
        pin = self.boards[token.node].config["pins"].get(role)
        if pin:
            token.drive(pin["gpio"], int(on != pin.get("active_low", False)), self.world.now_us)

    def _press(self, token: VirtualToken, down: bool) -> None:
        self._level(token, "button", down)

    def press(self, token: VirtualToken, for_ms: int) -> None:
        """Hold the button down from now on for so long."""

        def order() -> None:
            self._press(token, True)
            self.world.at(self.world.now_us + for_ms * 1000, lambda _: self._press(token, False))

        self.world.call(order)

    def _plug(self, token: VirtualToken, in_: bool) -> None:
        if in_:
            token.cable.plug()
        else:
            token.cable.unplug()
        self._level(token, "vbus", in_)

    def plug(self, token: VirtualToken) -> None:
        self.world.call(lambda: self._plug(token, True))

    def unplug(self, token: VirtualToken) -> None:
        self.world.call(lambda: self._plug(token, False))

    def token(self, name: str) -> VirtualToken:
        return next(t for t in self.world.tokens if t.name == name)

    def signs(self, token: VirtualToken) -> list[Sign]:
        """What the wearer of a token has seen and felt so far."""
        strip = self.world.call(lambda: list(token.strip))
        return signs(strip, self.boards[token.node].config["pins"])

    def start(self) -> None:
        """Give every token power at time zero, and put the scenario on the calendar."""
        for token, plan in zip(self.world.tokens, self.scenario.tokens, strict=True):
            self._schedule(token, plan)
        for phone in self.phones:
            phone.start()
        self.world.start()
        self.world.call(self._power_up)

    def _power_up(self) -> None:
        if all(plan.processor != "rv32" for plan in self.scenario.tokens):
            share_a_processor()
        for token in self.world.tokens:
            token.power_up(0)

    def _schedule(self, token: VirtualToken, plan: TokenPlan) -> None:
        at = self.world.at

        def span(spans: tuple[Span, ...], begin, end) -> None:  # type: ignore[no-untyped-def]
            for s in spans:
                at(s.from_us, begin)
                at(s.to_us, end)

        span(plan.plugged, lambda _: self._plug(token, True), lambda _: self._plug(token, False))
        span(plan.button, lambda _: self._press(token, True), lambda _: self._press(token, False))
        span(plan.power_cuts, token.power_down, token.power_up)
        for at_us, by_s in plan.clock_jumps:
            at(at_us, lambda now_us, by_s=by_s: token.jump_clock(now_us, by_s))  # type: ignore[misc]

    def close(self) -> None:
        self.world.close()

