# ruff: noqa
"""Replaces the stub of micropython-stdlib-stubs 1.27.0.post2, which is CPython's with changes. From MicroPython
v1.27.0: py/modsys.c, with the switches of py/mpconfig.h at the ESP32's "extra features" level: no exc_info,
executable, getsizeof, intern, atexit, settrace, tracebacklimit.
"""

from typing import Any, NoReturn, TextIO, TypeAlias

__complete__ = True

_ExitCode: TypeAlias = str | int | None

class _Implementation(tuple[Any, ...]):
    name: str
    version: tuple[int, int, int, str]
    _machine: str
    _mpy: int
    _build: str
    _thread: str

argv: list[str]
byteorder: str
implementation: _Implementation
maxsize: int
modules: dict[str, Any]
path: list[str]
platform: str
ps1: str
ps2: str
stderr: TextIO
stdin: TextIO
stdout: TextIO
version: str
version_info: tuple[int, int, int]

def exit(retval: object = 0, /) -> NoReturn: ...

# The stub refuses sys.stderr.
def print_exception(exc: BaseException, file: Any = ..., /) -> None: ...
