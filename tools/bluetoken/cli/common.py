"""What the commands share: options, the token on the cable, and printing."""

import contextlib
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Table

from bluetoken import config
from bluetoken.errors import BadInput, BluetokenError
from bluetoken.exposure.diagnosis import INTERVAL_S

#: Wide enough for every table, where nobody sees the edge of the paper: in a pipe or a file.
_PIPE_COLUMNS = 200

JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object, for programs.")]
PortOption = Annotated[
    str | None,
    typer.Option(
        "--port",
        "-p",
        envvar="BLUETOKEN_PORT",
        help="Serial port of the token, such as /dev/ttyACM0 or COM5; found by itself where there is one.",
    ),
]


@contextlib.contextmanager
def open_desk(port: str | None) -> Iterator[Any]:
    """Interrupt the token on the cable for as long as the block lasts, and let it go on after that."""
    from bluetoken.link.desk import Desk
    from bluetoken.link.ports import find_port

    with Desk(find_port(port)) as desk:
        try:
            yield desk
        except BaseException:
            # What went wrong first is what the user must read.
            with contextlib.suppress(BluetokenError, OSError):
                desk.resume()
            raise
        desk.resume()


def emit(value: dict[str, Any]) -> None:
    """Print the one JSON object that a command with --json prints."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2, default=_as_json))


def say(*sentences: str) -> None:
    """Print lines for people."""
    for sentence in sentences:
        typer.echo(printable(sentence))


def complain(sentence: str) -> None:
    """Print a line for people where errors go."""
    typer.echo(printable(sentence), err=True)


def table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print a table for people; None is an empty cell."""
    # Markup and emoji codes in a label are a label's letters.
    console = Console(markup=False, emoji=False, highlight=False)
    if not console.is_terminal:
        console = Console(markup=False, emoji=False, highlight=False, width=_PIPE_COLUMNS)
    grid = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        grid.add_column(column, overflow="fold")
    for row in rows:
        grid.add_row(*("" if cell is None else printable(str(cell)) for cell in row))
    console.print(grid)


def printable(text: str) -> str:
    """Return the text without what would steer the terminal: some of it comes from a device."""
    return "".join(each if each.isprintable() or each == "\n" else "\ufffd" for each in text)


def plain_text(option: str, text: str, limit_bytes: int = 500) -> str:
    """Return an option's text; BadInput where it is empty, too long, or holds what cannot be printed."""
    text = text.strip()
    if not text:
        raise BadInput(f"{option} is empty: fill it in.")
    if not text.isprintable() or len(text.encode()) > limit_bytes:
        raise BadInput(f"{option} must be one line of at most {limit_bytes} bytes: shorten it.")
    return text


def counted(number: int, thing: str) -> str:
    """Return a number of things in words: "1 segment", "2 segments"."""
    if number != 1:
        thing += "es" if thing.endswith("ch") else "s"
    return f"{number} {thing}"


def local(moment: datetime | int) -> str:
    """Return an instant (aware, or Unix seconds) as the clinic tells it."""
    if isinstance(moment, int):
        moment = datetime.fromtimestamp(moment, UTC)
    return f"{moment.astimezone(config.zone()):%Y-%m-%d %H:%M}"


def local_interval(interval: int) -> str:
    """Return when an ENIntervalNumber begins, as the clinic tells it."""
    return local(interval * INTERVAL_S)


@contextlib.contextmanager
def progress_bar(title: str, quiet: bool) -> Iterator[Callable[[int, int], None]]:
    """Yield a function to be called with (what is done, the total); programs and pipes see nothing of it."""
    if quiet or not sys.stderr.isatty():
        yield lambda done, total: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(title, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)


def _as_json(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.hex()
    return str(value)
