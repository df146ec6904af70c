"""Lets every test file of this folder run twice: here, and as items `[micropython]` on the real thing."""

import sys
from pathlib import Path

import pytest

from .micropython_items import MicroPythonFile

HERE = Path(__file__).parent

# Appended, not put first: nothing in these folders may stand in front of another test's modules.
sys.path += [str(HERE / "helpers"), str(HERE / "fakes")]


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    if file_path.parent == HERE and file_path.name.startswith("test_") and file_path.suffix == ".py":
        return MicroPythonFile.from_parent(parent, path=file_path)
    return None
