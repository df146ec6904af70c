"""Stages for virtual tokens; every folder has a space in its path."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bluetoken.boards import load_board
from bluetoken.link.desk import Desk
from bluetoken.link.flash import flash

from .bench import Bench, MakeBench


@pytest.fixture
def make_bench(tmp_path: Path) -> Iterator[MakeBench]:
    made = MakeBench(tmp_path)
    yield made
    made.clear_away()


@pytest.fixture(scope="module")
def make_module_bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MakeBench]:
    made = MakeBench(tmp_path_factory.mktemp("for a module"))
    yield made
    made.clear_away()


@pytest.fixture
def bench(make_bench: MakeBench) -> Bench:
    """One bare token at its prompt, on the cable; time stands still."""
    return make_bench()


@pytest.fixture(scope="session")
def issued_image(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The flash of a token that was flashed and issued, made once."""
    made = MakeBench(tmp_path_factory.mktemp("an issued token"))
    try:
        bench = made()
        path = bench.token.cable.path
        flash(path, load_board("virtual"))
        with Desk(path) as desk:
            desk.provision(bytes(8), b"issuer!!", "A", 21, bytes(32), b"")
        return bench.look(bench.token.flash.image)
    finally:
        made.clear_away()
