"""Commands run in processes of their own, forked from one that has done the imports: they take most of the time."""

from __future__ import annotations

import functools
import json
import os
import socket
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SERVER = Path(__file__).parent / "command_server.py"


@dataclass(frozen=True)
class Done:
    """How a command ended; a code below zero is the signal that ended it."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        return json.loads(self.out)


class Commands:
    """The process that forks them; it ends with this one."""

    def __init__(self) -> None:
        self._line, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        # The descriptor has to have a number that the server knows.
        program = f"import os; os.dup2({its.fileno()}, 3); exec(open({str(SERVER)!r}).read())"
        self._process = subprocess.Popen([sys.executable, "-c", program], pass_fds=(its.fileno(),))
        its.close()

    def run(self, words: list[str], environment: dict[str, str], before: str, timeout_s: float) -> Done:
        request = {"arguments": words, "environment": environment, "before": before}
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            socket.send_fds(self._line, [json.dumps(request).encode()], [out.fileno(), err.fileno()])
            self._line.settimeout(timeout_s)
            code = int(self._line.recv(100))
            return Done(code, _text(out.fileno()), _text(err.fileno()))


def _text(descriptor: int) -> str:
    os.lseek(descriptor, 0, os.SEEK_SET)
    with os.fdopen(os.dup(descriptor), encoding="utf-8") as file:
        return file.read()


@functools.cache
def commands() -> Commands:
    """The one of this test run."""
    return Commands()
