"""Marks all tests of this folder `rv32`; they need what `make rv32` builds."""

import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
sys.path.append(str(HERE.parents[1] / "tools"))


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "rv32: on the 32-bit MicroPython that `make rv32` builds")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker("rv32")
