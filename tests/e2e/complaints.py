"""How the command line says that something did not work."""

from __future__ import annotations

import json

from .commands import Done


def assert_one_sentence(done: Done, kind: str | None = None) -> None:
    """Exit code 1 and one sentence on stderr; where --json was asked for, an object that says the same."""
    assert done.code == 1, done.out + done.err
    lines = done.err.strip().splitlines()
    assert len(lines) == 1, done.err
    assert lines[0].endswith((".", "?")), lines[0]
    if kind is None:
        assert not done.out, "nothing looks like a result"
    else:
        told = json.loads(done.out)
        assert (told["error"], told["kind"]) == (lines[0], kind)
