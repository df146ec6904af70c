"""Lets every test file of this folder run here and as items `[micropython]` and `[rv32]` on the real thing."""

import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from .micropython_items import MicroPythonFile

HERE = Path(__file__).parent
LIMIT_S = 60

# Appended, not put first: nothing in these folders may stand in front of another test's modules.
sys.path += [str(HERE / "helpers"), str(HERE / "fakes")]


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "rv32: on the 32-bit MicroPython that `make rv32` builds")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is for RV32, unless -m asks for it by name."""
    if "rv32" not in config.option.markexpr:
        left_out = [item for item in items if item.get_closest_marker("rv32")]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    if file_path.parent == HERE and file_path.name.startswith("test_") and file_path.suffix == ".py":
        return MicroPythonFile.from_parent(parent, path=file_path)
    return None


@pytest.fixture(autouse=True)
def a_walk_that_does_not_end_fails() -> Iterator[None]:
    """The firmware is full of loops; one that goes round for ever must not take the whole run with it."""

    def give_up(*_: object) -> None:
        raise TimeoutError(f"not done within {LIMIT_S} s")

    before = signal.signal(signal.SIGALRM, give_up)
    signal.alarm(LIMIT_S)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)
