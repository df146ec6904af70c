"""`bluetoken keys`: diagnosis keys from elsewhere, and below it the health authority's."""

from pathlib import Path
from typing import Annotated

import typer

from bluetoken.cli.authority import authority_commands
from bluetoken.cli.common import JsonOption, counted, emit, local, local_interval, say, table
from bluetoken.cli.group import subcommands
from bluetoken.errors import CannotRead
from bluetoken.keys import simple
from bluetoken.registry import open_registry

keys_commands = subcommands("Diagnosis keys of cases that others confirmed, and the health authority's own.")
keys_commands.add_typer(authority_commands, name="authority")


@keys_commands.command("import")
def import_keys(
    file: Annotated[Path, typer.Argument(help='JSON: [{"tek", "rolling_start", "rolling_period"}, ...]')],
    as_json: JsonOption = False,
) -> None:
    """Import diagnosis keys: all of the file, or none where one of them is wrong."""
    keys = simple.parse(_read(file))
    with open_registry() as registry:
        done = registry.imported_keys.add(keys, file.name)
    if as_json:
        emit({"new": done.new, "known": done.known, "differing": done.differing})
        return
    say(f"{counted(done.new, 'key')} imported, {done.known} were there already.")
    if done.differing:
        say(f"{done.differing} are there with other dates and were left as they are.")


@keys_commands.command("list")
def list_keys(as_json: JsonOption = False) -> None:
    """List the imported diagnosis keys."""
    with open_registry() as registry:
        keys = registry.imported_keys.all()
    if as_json:
        emit(
            {
                "keys": [
                    {
                        "tek": key.tek,
                        "rolling_start": key.rolling_start,
                        "rolling_period": key.rolling_period,
                        "case": key.case_ref,
                        "source": key.source,
                        "imported_at": key.imported_at,
                    }
                    for key in keys
                ]
            }
        )
        return
    rows = (
        (
            key.tek.hex()[:8],
            local_interval(key.rolling_start),
            local_interval(key.rolling_start + key.rolling_period),
            key.case_ref,
            key.source,
            local(key.imported_at),
        )
        for key in keys
    )
    table(("key", "used from", "until", "case", "source", "imported"), rows)


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is no text"
        raise CannotRead(f"The file {file} cannot be read ({reason}).") from None
