"""Unmodified mpremote takes a virtual token for a real one."""

from __future__ import annotations

import hashlib
from pathlib import Path
from random import Random

import pytest

from .bench import Bench, mpremote

DATA = Random(7).randbytes(12_000)


@pytest.fixture
def data_file(tmp_path: Path) -> Path:
    path = tmp_path / "binary data"
    path.write_bytes(DATA)
    return path


def test_exec_prints_what_the_program_prints(bench: Bench) -> None:
    assert bench.mpremote("exec", "print('xin chào', 6 * 7)") == "xin chào 42\n"


def test_eval_prints_the_value(bench: Bench) -> None:
    assert bench.mpremote("eval", "[2 ** 40, 'a']") == "[1099511627776, 'a']\n"


def test_run_runs_a_file_of_the_host(bench: Bench, tmp_path: Path) -> None:
    program = tmp_path / "a program.py"
    program.write_text("import sys\nfor n in range(3):\n    print(n, sys.platform)\n")
    assert bench.mpremote("run", program).splitlines()[0].startswith("0 ")


def test_an_exception_is_a_failure_with_its_traceback(bench: Bench) -> None:
    done = mpremote(bench.token.cable.path, "exec", "1 / 0")
    assert done.returncode != 0
    assert "ZeroDivisionError" in done.stdout + done.stderr


def test_binary_files_come_back_as_they_went(bench: Bench, data_file: Path, tmp_path: Path) -> None:
    back = tmp_path / "back"
    bench.mpremote("fs", "cp", data_file, ":there")
    assert hashlib.sha256(DATA).hexdigest() in bench.mpremote("fs", "sha256sum", ":there")
    bench.mpremote("fs", "cp", ":there", back)
    assert back.read_bytes() == DATA


def test_folders_are_made_listed_and_removed(bench: Bench) -> None:
    bench.mpremote("fs", "mkdir", ":folder", "+", "fs", "touch", ":folder/file")
    assert "folder/" in bench.mpremote("fs", "ls")
    assert "file" in bench.mpremote("fs", "ls", ":folder")
    bench.mpremote("fs", "rm", ":folder/file", "+", "fs", "rmdir", ":folder")
    assert "folder" not in bench.mpremote("fs", "ls")


def test_a_soft_reset_forgets_names_and_keeps_files(bench: Bench) -> None:
    bench.mpremote("exec", "x = 1; open('kept', 'w').close()")
    printed = bench.mpremote(
        "soft-reset", "exec", "import os; print('x' in globals(), 'kept' in os.listdir())"
    )
    assert printed == "False True\n"


def test_resume_keeps_names(bench: Bench) -> None:
    bench.mpremote("exec", "x = 1")
    assert bench.mpremote("resume", "exec", "print(x)") == "1\n"


def test_a_hard_reset_starts_main(bench: Bench, tmp_path: Path) -> None:
    main = tmp_path / "main.py"
    main.write_text("with open('/started', 'w') as file:\n    file.write('started')\n")
    bench.mpremote("fs", "cp", main, ":main.py", "+", "reset")
    bench.world.run_for(1)
    assert bench.mpremote("exec", "print(open('/started').read())").strip() == "started"


def test_twenty_times_in_a_row(bench: Bench) -> None:
    for n in range(20):
        assert bench.mpremote("exec", f"print({n})", timeout_s=10) == f"{n}\n"
