"""pytest items that are run by MicroPython: one process a file, one result a function.

The file is read, not imported, to find its functions. When the first of them is due, all that pytest
selected are run by run_on_micropython.py; what it prints is what the others find when their turn comes.
There are two of them: the 64-bit interpreter of this machine, and with `pytest -m rv32` a 32-bit one with
a token's heap, on the ESP32-C3's instruction set.
"""

import ast
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

HERE = Path(__file__).parent
INTERPRETER = HERE.parents[1] / ".micropython" / "micropython"
RUNNER = HERE / "run_on_micropython.py"
VECTORS = HERE.parents[2] / "shared" / "vectors"
LIMIT_S = 120
sys.path.append(str(HERE.parents[1] / "tools"))

# Tests that hold in RAM what a token never does get more than its 96 KiB on RV32.
MORE_HEAP_ON_RV32 = {
    "test_allocation.py": "three times as many adverts as the table of sightings holds",
    "test_entropy.py": "200 results kept amid the garbage of their making leave no gap for the set they are in",
    "test_imports.py": "every module at once, compiled from its source there",
    "test_bluezone_shared.py": "the vectors' JSON",
    "test_gaen_shared.py": "the vectors' JSON",
    "test_journal_on_flash.py": "images of the flash",
}
MORE_HEAP_BYTES = 4 << 20
# What does not hold there: a failure is expected, and a pass would be noticed.
KNOWN_ON_RV32 = {
    "test_it_can_be_set_to_any_day": "time.gmtime takes 31 bits of seconds from 2000: a day after 2068 is refused",
}
SOURCES_ON_RV32 = ("test_imports.py",)  # it looks for .py files; all else is bytecode
VECTORS_ON_RV32 = {
    "test_bluezone_shared.py": "bluezone_vectors.json",
    "test_gaen_shared.py": "gaen_vectors.json",
    "test_hpke_shared.py": "hpke_rfc9180.json",
}


class Outcome(NamedTuple):
    word: str  # PASS, FAIL or SKIP
    text: str


class MicroPythonFailure(Exception):
    """What MicroPython printed is the whole story."""


class MicroPythonFile(pytest.File):
    def __init__(self, **more: object) -> None:
        super().__init__(**more)
        self.outcomes: dict[str, dict[str, Outcome]] = {}

    def collect(self) -> Iterator["MicroPythonItem"]:
        tree = ast.parse(self.path.read_text(encoding="utf-8"), str(self.path))
        for node in tree.body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                for machine in RUNNERS:
                    yield MicroPythonItem.from_parent(
                        self,
                        name=f"{node.name}[{machine}]",
                        test=node.name,
                        machine=machine,
                        line=node.lineno - 1,
                    )

    def outcome(self, machine: str, function: str) -> Outcome:
        if machine not in self.outcomes:
            items = [each for each in self.session.items if each.parent is self and each.machine == machine]
            self.outcomes[machine] = RUNNERS[machine](self.path, [each.test for each in items])
        return self.outcomes[machine][function]


class MicroPythonItem(pytest.Item):
    def __init__(self, *, test: str, machine: str, line: int, **more: object) -> None:
        super().__init__(**more)
        self.test = test
        self.machine = machine
        if machine == "rv32":
            self.add_marker("rv32")
            if test in KNOWN_ON_RV32:
                self.add_marker(pytest.mark.xfail(reason=KNOWN_ON_RV32[test], strict=True))
        self._line = line

    def runtest(self) -> None:
        word, text = self.parent.outcome(self.machine, self.test)
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
    return outcomes(functions, printed.decode(errors="replace"), end)


def run_on_rv32(path: Path, functions: list[str]) -> dict[str, Outcome]:
    """Do the same on a machine of its own, which has no host's files: all that is needed is put there."""
    from bluetoken.errors import NoRv32
    from rv32.run import Failure, Rv32, firmware, modules

    sources = path.name in SOURCES_ON_RV32
    files = firmware(sources)
    files |= modules(HERE, "main/tests/firmware", sources, [RUNNER, path, *HERE.glob("[hf]*/*.py")])
    vectors = VECTORS / VECTORS_ON_RV32.get(path.name, "none")
    if vectors.is_file():
        files["shared/vectors/" + vectors.name] = vectors.read_bytes()
    there = "/rom/main/tests/firmware"
    try:
        with Rv32(files) as machine:
            if path.name in MORE_HEAP_ON_RV32:
                machine.exec(f"rv32.add_heap({MORE_HEAP_BYTES})")
            machine.exec(ON_RV32.format(there))
            try:
                printed = machine.exec(
                    f"run_on_micropython.main('{there}/{path.name}', {functions})", LIMIT_S
                )
                return outcomes(functions, printed, "MicroPython ended")
            except Failure as failure:
                return outcomes(functions, str(failure), "MicroPython on RV32 failed")
    except (NoRv32, Failure) as problem:
        return dict.fromkeys(functions, Outcome("FAIL", str(problem)))


# A test's flash, which is larger than a token's heap, lies where it takes none of it. The fake of the chip's time
# wants to be told dates as a host tells them, from 1970; here they are told as on ESP32, from 2000.
ON_RV32 = """
sys.path += ["{0}/helpers", "{0}/fakes", "{0}"]
import chip_time, ram_flash, run_on_micropython, time
class RamFlash(ram_flash.RamFlash):
    def __init__(self, blocks=16, image=None):
        super().__init__(blocks, image or rv32.memory(blocks * ram_flash.BLOCK_BYTES))
ram_flash.RamFlash = RamFlash
class HostTime:
    gmtime = staticmethod(lambda unix_s: time.gmtime(unix_s - 946684800))
chip_time._real = HostTime
gc.collect()
"""

RUNNERS = {"micropython": run, "rv32": run_on_rv32}


def outcomes(functions: list[str], printed: str, end: str) -> dict[str, Outcome]:
    found, rest = read(printed)
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
