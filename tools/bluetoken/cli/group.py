"""How errors leave the program: one sentence on stderr, exit code 1."""

import sys
from collections.abc import Sequence
from typing import Any

import typer
from typer.core import TyperGroup

from bluetoken.cli.common import complain, emit
from bluetoken.errors import BluetokenError


class Commands(TyperGroup):
    """The commands, with their errors put in words. Wrong usage exits with 2, as typer has it."""

    def main(self, args: Sequence[str] | None = None, *more: Any, **extra: Any) -> Any:
        """Run the command that `args` name."""
        args = list(sys.argv[1:] if args is None else args)
        try:
            return super().main(args, *more, **extra)
        except BluetokenError as error:
            if "--json" in args:
                emit(error_object(error))
            complain(str(error))
            sys.exit(1)


def error_object(error: BluetokenError) -> dict[str, str]:
    """Return what `--json` prints of an error."""
    return {"error": str(error), "kind": type(error).__name__}


def subcommands(help_text: str) -> typer.Typer:
    """Return an empty group of commands, such as `bluetoken case`."""
    return typer.Typer(help=help_text, no_args_is_help=True)
