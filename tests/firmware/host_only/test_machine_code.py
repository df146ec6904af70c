"""The scan handler as viper makes it, on this machine's own processor: the same tests as its bytecode."""

import os
import subprocess
from pathlib import Path

import pytest

from bluetoken.link.compiling import ARCHITECTURES, MACHINE_CODE, MPY_VERSION, architecture, compiled
from bluetoken.link.flash import FIRMWARE, application

from ..micropython_items import HERE, INTERPRETER, RUNNER

TESTS = ("test_ear.py", "test_zone_ear.py", "test_ring.py", "test_radio.py", "test_reader.py", "test_allocation.py")


@pytest.fixture(scope="module")
def lib(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The application as `bluetoken flash` would put it on a board with this machine's interpreter."""
    asked = "import sys; print(sys.implementation._mpy)"
    told = subprocess.run([str(INTERPRETER), "-c", asked], capture_output=True, text=True, check=True)
    here = architecture(int(told.stdout))
    if here is None:
        pytest.skip("this interpreter takes no machine code")
    lib = tmp_path_factory.mktemp("lib")
    for name, data in application(here).items():
        (lib / name).parent.mkdir(parents=True, exist_ok=True)
        (lib / name).write_bytes(data)
    return lib


@pytest.mark.parametrize("name", TESTS)
def test_machine_code_passes_what_bytecode_passes(name: str, lib: Path) -> None:
    done = subprocess.run(
        [str(INTERPRETER), str(RUNNER), str(HERE / name)],
        env=os.environ | {"MICROPYPATH": f"{lib}:.frozen"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0 and "=== PASS" in done.stdout, done.stdout
    assert str(lib) in loaded_from(lib)


def loaded_from(lib: Path) -> str:
    program = f"import sys\nsys.path[:] = [{str(lib)!r}]\nfrom wearable import ear\nprint(ear.__file__)"
    done = subprocess.run([str(INTERPRETER), "-c", program], capture_output=True, text=True, check=True)
    return done.stdout


@pytest.mark.parametrize(("number", "name"), ARCHITECTURES.items())
def test_only_the_handler_is_machine_code(number: int, name: str) -> None:
    for path, data in application(name).items():
        source = Path(path).with_suffix(".py").as_posix()
        assert data[2] >> 2 == (number if source in MACHINE_CODE else 0), path


@pytest.mark.parametrize(("number", "name"), ARCHITECTURES.items())
def test_a_board_of_that_kind_is_recognized(number: int, name: str) -> None:
    assert architecture(MPY_VERSION | number << 10) == name
    data = compiled(FIRMWARE / MACHINE_CODE[0], MACHINE_CODE[0], name)
    assert data[1] | (data[2] & 3) << 8 == MPY_VERSION, "MPY_VERSION is not what mpy-cross writes"


@pytest.mark.parametrize(
    "mpy",
    [0, MPY_VERSION, 6 | 2 << 8 | 11 << 10, MPY_VERSION | 5 << 10],
    ids=["too old to say", "no machine code", "another sub-version", "one we do not know"],
)
def test_another_board_gets_bytecode(mpy: int) -> None:
    assert architecture(mpy) is None


def test_another_architecture_is_refused_by_the_interpreter(tmp_path: Path) -> None:
    (tmp_path / "ear.mpy").write_bytes(compiled(FIRMWARE / MACHINE_CODE[0], MACHINE_CODE[0], "xtensawin"))
    program = f"import sys\nsys.path[:] = [{str(tmp_path)!r}]\nimport ear"
    done = subprocess.run([str(INTERPRETER), "-c", program], capture_output=True, text=True)
    assert "incompatible .mpy arch" in done.stderr + done.stdout
