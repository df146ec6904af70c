"""The command line: `bluetoken COMMAND`. One file a command, each of them thin."""

import typer

from bluetoken.cli.boards import boards
from bluetoken.cli.case import case_commands
from bluetoken.cli.exposures import exposures
from bluetoken.cli.flash import flash
from bluetoken.cli.group import Commands
from bluetoken.cli.issue import issue
from bluetoken.cli.keys import keys_commands
from bluetoken.cli.status import status
from bluetoken.cli.study import study_commands
from bluetoken.cli.sync import sync
from bluetoken.cli.virtual import virtual_commands

app = typer.Typer(
    name="bluetoken",
    cls=Commands,
    help="The clinic's desk for contact-tracing tokens.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
for command in (boards, flash, issue, status, sync, exposures):
    app.command()(command)
app.add_typer(case_commands, name="case")
app.add_typer(keys_commands, name="keys")
app.add_typer(study_commands, name="study")
app.add_typer(virtual_commands, name="virtual")


def main() -> None:
    """Run the command line."""
    app()
