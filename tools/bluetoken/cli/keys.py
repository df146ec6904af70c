"""`bluetoken keys`: diagnosis keys from elsewhere, and below it the health authority's."""

from pathlib import Path
from typing import Annotated, Any

import typer

from bluetoken.cli.authority import authority_commands
from bluetoken.cli.common import JsonOption, counted, emit, local, local_interval, say, table
from bluetoken.cli.group import subcommands
from bluetoken.errors import CannotRead
from bluetoken.keys import bluezone, simple
from bluetoken.registry import open_registry
from bluetoken.registry.imported import Imported
from bluetoken.registry.tables import ImportedBluezoneKey

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
    _tell(done, as_json)


@keys_commands.command("bluezone")
def import_bluezone(
    file: Annotated[
        Path, typer.Argument(help='JSON: {"data": [{"daily_key", "time_start", "max", "time_end"}, ...]}')
    ],
    as_json: JsonOption = False,
) -> None:
    """Import cases as Bluezone publishes them: all of the file, or none where one of them is wrong."""
    published = bluezone.parse(_read(file))
    with open_registry() as registry:
        done = registry.bluezone_keys.add(published, file.name)
    _tell(done, as_json)


@keys_commands.command("list")
def list_keys(as_json: JsonOption = False) -> None:
    """List the imported diagnosis keys."""
    with open_registry() as registry:
        keys = registry.imported_keys.all()
        of_bluezone = registry.bluezone_keys.imported()
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
                ],
                "bluezone": [_bluezone_as_dict(key) for key in of_bluezone],
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
    if of_bluezone:
        zone_rows = (
            (
                key.daily_key.hex()[:8],
                local(key.time_start),
                local(key.time_end),
                f"Bluezone key {key.id}",
                key.source,
                local(key.imported_at),
            )
            for key in of_bluezone
        )
        table(("Bluezone key", "from", "until", "case", "source", "imported"), zone_rows)


def _bluezone_as_dict(key: ImportedBluezoneKey) -> dict[str, Any]:
    return {
        "daily_key": key.daily_key,
        "time_start": key.time_start,
        "time_end": key.time_end,
        "max": key.slots_a_day,
        "source": key.source,
        "imported_at": key.imported_at,
    }


def _tell(done: Imported, as_json: bool) -> None:
    if as_json:
        emit({"new": done.new, "known": done.known, "differing": done.differing})
        return
    say(f"{counted(done.new, 'key')} imported, {done.known} were there already.")
    if done.differing:
        say(f"{done.differing} are there with other dates and were left as they are.")


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is no text"
        raise CannotRead(f"The file {file} cannot be read ({reason}).") from None
