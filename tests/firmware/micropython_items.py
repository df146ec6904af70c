"""pytest items that are run by MicroPython: one process a file, one result a function.

The file is read, not imported, to find its functions. When the first of them is due, all that pytest
selected are run by run_on_micropython.py; what it prints is what the others find when their turn comes.
"""

import ast
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

HERE = Path(__file__).parent
INTERPRETER = HERE.parents[1] / ".micropython" / "micropython"
RUNNER = HERE / "run_on_micropython.py"
LIMIT_S = 120


class Outcome(NamedTuple):
    word: str  # PASS, FAIL or SKIP
    text: str


class MicroPythonFailure(Exception):
    """What MicroPython printed is the whole story."""


class MicroPythonFile(pytest.File):
    outcomes: dict[str, Outcome] | None = None

    def collect(self) -> Iterator["MicroPythonItem"]:
        tree = ast.parse(self.path.read_text(encoding="utf-8"), str(self.path))
        for node in tree.body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                yield MicroPythonItem.from_parent(
                    self, name=f"{node.name}[micropython]", test=node.name, line=node.lineno - 1
                )

    def outcome(self, function: str) -> Outcome:
        if self.outcomes is None:
            items = [each for each in self.session.items if each.parent is self]
            self.outcomes = run(self.path, [each.test for each in items])
        return self.outcomes[function]


class MicroPythonItem(pytest.Item):
    def __init__(self, *, test: str, line: int, **more: object) -> None:
        super().__init__(**more)
        self.test = test
        self._line = line

    def runtest(self) -> None:
        word, text = self.parent.outcome(self.test)
        if word == "SKIP":
            pytest.skip(text)
        if word == "FAIL":
            raise MicroPythonFailure(text)
        print(text, end="")

    def repr_failure(self, excinfo: pytest.ExceptionInfo, style: object = None) -> object:
        if isinstance(excinfo.value, MicroPythonFailure):
            return str(excinfo.value)
        return super().repr_failure(excinfo)

    def reportinfo(self) -> tuple[Path, int, str]:
        return self.path, self._line, self.name


def run(path: Path, functions: list[str], interpreter: Path = INTERPRETER) -> dict[str, Outcome]:
    """Run some functions of a test file; every one of them has an outcome, whatever happens."""
    if not interpreter.exists():
        missing = Outcome("FAIL", f"There is no MicroPython at {interpreter}: run `make setup`.")
        return dict.fromkeys(functions, missing)
    command = [str(interpreter), "-X", "heapsize=32M", str(RUNNER), str(path), *functions]
    with tempfile.TemporaryDirectory() as folder:
        try:
            process = subprocess.run(
                command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=LIMIT_S
            )
            printed, end = process.stdout, f"MicroPython ended with exit code {process.returncode}"
        except subprocess.TimeoutExpired as expired:
            printed, end = expired.stdout or b"", f"MicroPython did not end within {LIMIT_S} s"
    found, rest = read(printed.decode(errors="replace"))
    lost = Outcome("FAIL", f"{end}, before this test had a result.\n{rest}")
    return {function: found.get(function, lost) for function in functions}


def read(printed: str) -> tuple[dict[str, Outcome], str]:
    """Sort what the runner printed by function; also what follows the last result."""
    found: dict[str, Outcome] = {}
    text = ""
    for line in printed.splitlines(keepends=True):
        mark, _, verdict = line.partition("=== ")
        word, _, function = verdict.strip().partition(" ")
        if not mark and word in ("PASS", "FAIL", "SKIP"):
            found[function] = Outcome(word, text)
            text = ""
        else:
            text += line
    return found, text
