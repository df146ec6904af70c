"""Virtual time to real time, with few tokens and with many, all within earshot."""

from __future__ import annotations

import contextlib
import os
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from bluetoken.boards import load_board
from bluetoken.deployment import Deployment
from bluetoken.errors import NotAToken
from bluetoken.link.desk import Desk
from bluetoken.link.flash import flash
from bluetoken.virtual.scenario import Place, Scenario
from bluetoken.virtual.stage import Stage
from bluetoken.virtual.token import VirtualToken

# The recipient of RFC 9180's export-only vectors.
AUTHORITY = bytes.fromhex("194141ca6c3c3beb4792cd97ba0ea1faff09d98435012345766ee33aae2d7664")
AUTHORITY_PRIVATE = bytes.fromhex("33d196c830a12f9ac65d6e565a590d80f04ee9b19c83c87f2c170d972a812848")
AUTHORITY_ID = "129b34ab"
TRIES = 3
T = TypeVar("T")


def crowd(scenario: Scenario, count: int) -> Scenario:
    """`count` tokens on a grid, two metres apart."""
    first = scenario.tokens[0]
    tokens = tuple(
        replace(
            first,
            name=f"t{n}",
            places=(Place(0, (2.0 * (n % 7), 2.0 * (n // 7))),),
            drift_ppm=n % 9 * 5 - 20,
        )
        for n in range(count)
    )
    return replace(scenario, tokens=tokens)


def issue_all(stage: Stage, authority: bytes = AUTHORITY, deployment: Deployment = Deployment()) -> None:
    """Put the application on every token and send it to work; it seals to `authority`, or nothing without one."""

    def one(token: VirtualToken) -> None:
        _patiently(lambda: flash(token.cable.path, load_board("virtual")))
        with _patiently(lambda: Desk(token.cable.path)) as desk:
            desk.set_clock(stage.scenario.unix_ms(0))
            token_id, entropy = bytes([token.node]) * 8, bytes([token.node]) * 32
            desk.provision(token_id, bytes(8), token.name, 21, entropy, authority, deployment)
            desk.resume()

    # More at once than there are processors, and an answer would come too late for the desk.
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(one, stage.world.tokens))
    # How far a token has come when its cable is pulled must not depend on the machine.
    stage.world.run_for(2)
    for token in stage.world.tokens:
        stage.unplug(token)


def _patiently(step: Callable[[], T]) -> T:
    """Do a step again where a busy machine made a token too slow for it."""
    for _ in range(TRIES):
        with contextlib.suppress(NotAToken):
            return step()
    return step()


def measure(scenario: Scenario, count: int, virtual_s: float) -> float:
    """Virtual seconds in a real one, while `count` tokens meet every half minute."""
    with tempfile.TemporaryDirectory() as folder:
        stage = Stage(crowd(scenario, count), Path(folder))
        try:
            stage.start()
            stage.world.run_for(2)
            issue_all(stage)
            stage.world.run_for(60)
            began_s = time.monotonic()
            stage.world.run_for(virtual_s)
            return virtual_s / (time.monotonic() - began_s)
        finally:
            stage.close()


def report(scenario: Scenario) -> list[str]:
    lines = ["Virtual seconds in a real one, everybody within earshot of everybody:"]
    for count, virtual_s in ((2, 7200), (10, 1800), (50, 300)):
        lines.append(f"  {count:3d} tokens  {measure(scenario, count, virtual_s):8.0f}")
    return lines
