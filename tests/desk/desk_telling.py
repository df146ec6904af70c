"""Reads what commands print."""

import json
import re
from typing import Any

from typer.testing import Result

#: A distance, which nothing that a token heard can tell.
METRES = re.compile(r"\d\s?(m|ft)\b|\b(met(re|er)s?|feet|foot)\b", re.IGNORECASE)


def told(result: Result) -> dict[str, Any]:
    """Return the one JSON object of a command that succeeded."""
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def refusal(result: Result, code: int = 1) -> str:
    """Return the one sentence of a command that did not."""
    assert (result.exit_code, type(result.exception)) == (code, SystemExit), result.exception
    lines = result.stderr.strip().splitlines()
    assert len(lines) == 1 and lines[0].endswith("."), result.stderr
    return lines[0]
