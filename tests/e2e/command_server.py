"""The command line with its imports done: forks a process for every command that it is asked to run.

Run with a socket as file descriptor 3. A request is JSON with `arguments`, `environment` and `before`, and comes
with the two descriptors that the command writes to; the answer is the command's exit code.
"""

from __future__ import annotations

import json
import os
import socket
import sys
import traceback
from typing import Any

import bluetoken.cli
import bluetoken.link.desk
import bluetoken.link.flash
import bluetoken.registry
import bluetoken.virtual.demo
import bluetoken.virtual.stage
from bluetoken.registry import open_registry

SOCKET, REQUEST_BYTES = 3, 65536


def serve(line: socket.socket) -> None:
    while True:
        request, output, _, _ = socket.recv_fds(line, REQUEST_BYTES, 2)
        if not request:
            return
        child = os.fork()
        if child == 0:
            line.close()
            os._exit(run(json.loads(request), output))
        for descriptor in output:
            os.close(descriptor)
        _, status = os.waitpid(child, 0)
        line.send(str(os.waitstatus_to_exitcode(status)).encode())


def run(request: dict[str, Any], output: list[int]) -> int:
    """Be the command: what `python -c "BEFORE; main()" ARGUMENTS` would be."""
    os.dup2(output[0], 1)
    os.dup2(output[1], 2)
    os.environ.clear()
    os.environ.update(request["environment"])
    sys.argv = ["bluetoken", *request["arguments"]]
    code: object = 0
    try:
        exec(request["before"], {})
        bluetoken.cli.main()
    except SystemExit as end:
        code = end.code
    except BaseException:
        traceback.print_exc()
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    return code if isinstance(code, int) else int(code is not None)


open_registry("sqlite://").database.close()  # what SQLAlchemy puts off until it is first used
serve(socket.socket(fileno=SOCKET))
