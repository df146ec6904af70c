"""Tokens that go about in the clear, and what they wrote down, for tests of what is spoken."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bluetoken.bench.speed import issue_all
from bluetoken.deployment import Deployment
from bluetoken.link.desk import Desk
from bluetoken.virtual.scenario import load_scenario
from bluetoken.virtual.stage import Stage

from . import journal_bytes


@contextmanager
def street(folder: Path, scenario: str, deployment: Deployment) -> Iterator[Stage]:
    """The scenario's tokens, given out and on their way; nothing is sealed."""
    told = folder / "a scenario.toml"
    told.write_text(scenario)
    stage = Stage(load_scenario(told), folder)
    try:
        stage.start()
        stage.world.run_for(2)
        issue_all(stage, b"", deployment)
        yield stage
    finally:
        stage.close()


def written(stage: Stage, node: int = 0) -> list[object]:
    """The records of a token that did not crash."""
    token = stage.world.tokens[node]
    stage.plug(token)
    stage.world.run_for(40)
    with Desk(token.cable.path) as desk:
        assert desk.status()["crash_log"] == ""
        raws = [desk.fetch(segment) for segment in desk.segments()]
    return [record for raw in raws for body in journal_bytes.bodies(raw) for record in body.records]
