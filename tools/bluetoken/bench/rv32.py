"""A whole token on RV32: what a start and a sync compute, and how the heap fares through a day.

Needs what `make rv32` builds. Counted under QEMU, not measured on silicon.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from bluetoken.bench.speed import crowd, issue_all
from bluetoken.deployment import Deployment
from bluetoken.link.desk import Desk
from bluetoken.link.repl import Repl
from bluetoken.virtual.demo import SCENARIO
from bluetoken.virtual.scenario import PhonePlan, load_scenario
from bluetoken.virtual.stage import Stage
from bluetoken.virtual.token import HeapUse

INSTRUCTIONS_PER_US = 160  # as in tools/rv32/module/bluetoken/token.c
HEAP_BYTES = 98304
RECORDS = 1000
THRESHOLD_BYTES = 2048  # a collection after so much: what is held between two of them is not seen
ADVERTISE = b"\x01\x0a\x20\x01\x01"  # the HCI command that begins to advertise

# A thousand encounters in 25 batches, as an afternoon in a school leaves them.
FILL = """
import os
from wearable import records
from wearable.journal import Journal
journal = Journal()
journal.open(records.Header(2, 0, bytes(8), 90, 1, 0, 0, 0, 0, 2, 0, 30, 0xFFFF, bytes(4), bytes(32)))
for batch in range(25):
    body = bytearray(40 * records.ENCOUNTER_BYTES)
    for n in range(40):
        records.pack_encounter(body, n * records.ENCOUNTER_BYTES, os.urandom(18), n, 300, 10, -60, -70)
    journal.append(600, records.body_prefix(20) + body)
journal.close()
"""


@contextmanager
def issued(
    neighbours: int = 0,
    heap_threshold: int = -1,
    deployment: Deployment = Deployment(),
    phones: tuple[PhonePlan, ...] = (),
) -> Iterator[Stage]:
    """A stage whose first token is on RV32, with so many others and these phones in earshot, all sent out."""
    scenario = crowd(load_scenario(SCENARIO), 1 + neighbours)
    first = replace(scenario.tokens[0], processor="rv32")
    scenario = replace(scenario, tokens=(first, *scenario.tokens[1:]), phones=phones)
    with tempfile.TemporaryDirectory() as folder:
        stage = Stage(scenario, Path(folder), heap_threshold=heap_threshold)
        try:
            stage.start()
            stage.world.run_for(2)
            issue_all(stage, deployment=deployment)
            yield stage
        finally:
            stage.close()


def restart(stage: Stage) -> None:
    """Take the first token's power away and give it back, with its counters at zero."""
    token = stage.world.tokens[0]

    def off_and_on() -> None:
        token.power_down(stage.world.now_us)
        token.computed_us = 0
        token.heap = HeapUse()
        token.power_up(stage.world.now_us)

    stage.world.call(off_and_on)


def boot_to_first_advert() -> int:
    """Instructions from power to the command that begins to advertise; the interpreter's own start is part of it."""
    with issued() as stage:
        token = stage.world.tokens[0]
        counted: list[int] = []
        send = token.controller.send

        def watch(packet: bytes, at_us: int) -> bytes:
            if packet == ADVERTISE:
                counted.append(token.computed_us)
            return send(packet, at_us)

        token.controller.send = watch  # type: ignore[method-assign]
        restart(stage)
        stage.world.run_for(90, 60)
        return counted[0] * INSTRUCTIONS_PER_US


def sync_of_a_thousand_records() -> int:
    """Instructions of the token while a desk lists, reads, acknowledges and sets the clock."""
    with issued() as stage:
        token = stage.world.tokens[0]
        stage.plug(token)
        stage.world.run_for(40)
        repl = Repl(token.cable.path)
        try:
            repl.run(FILL)
        finally:
            repl.close()
        stage.world.call(lambda: setattr(token, "computed_us", 0))
        with Desk(token.cable.path) as desk:
            desk.hello()
            desk.status()
            for segment in desk.segments():
                desk.fetch(segment)
                desk.acknowledge(segment)
            desk.set_clock(stage.scenario.unix_ms(0))
        return stage.world.call(lambda: token.computed_us) * INSTRUCTIONS_PER_US


@dataclass(frozen=True)
class HeapFigures:
    """Bytes: in use after the start, the most at any collection, the longest free stretch at the end."""

    after_boot: int
    highest: int
    longest_free: int


def heap_through(
    hours: float,
    neighbours: int,
    deployment: Deployment = Deployment(),
    phones: tuple[PhonePlan, ...] = (),
) -> HeapFigures:
    """The first token's heap while everybody is in earshot of everybody."""
    with issued(neighbours, THRESHOLD_BYTES, deployment, phones) as stage:
        token = stage.world.tokens[0]
        restart(stage)
        stage.world.run_for(60, 60)
        after_boot = stage.world.call(lambda: token.heap.used)
        stage.world.run_for(hours * 3600)
        heap = stage.world.call(lambda: replace(token.heap))
        return HeapFigures(after_boot, heap.highest, heap.longest_free)


def report(hours: int, neighbours: int) -> list[str]:
    heap = heap_through(hours, neighbours)
    return [
        f"Heap of a token on RV32, of {HEAP_BYTES:,} bytes (counted under QEMU), {neighbours} tokens around it:",
        f"  after its start {heap.after_boot:,}; at most {heap.highest:,} in {hours} hours, seen every"
        f" {THRESHOLD_BYTES:,} bytes; longest free stretch at the end {heap.longest_free:,}",
        "  (what each module takes of it: make bench-rv32)",
    ]
