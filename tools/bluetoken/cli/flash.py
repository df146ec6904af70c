"""`bluetoken flash`: the application onto a board."""

from typing import Annotated

import typer

from bluetoken.cli.common import JsonOption, PortOption, counted, emit, progress_bar, say


def flash(
    board: Annotated[str, typer.Option("--board", "-b", help="Its name, see `bluetoken boards`.")],
    port: PortOption = None,
    force: Annotated[bool, typer.Option("--force", help="Write also what is there.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Write the application to a board that runs MicroPython; only what changed is written."""
    from bluetoken.boards import load_board
    from bluetoken.link.flash import flash as write
    from bluetoken.link.ports import find_port

    chosen = load_board(board)
    with progress_bar("Writing", quiet=as_json) as progress:
        result = write(find_port(port), chosen, progress=progress, force=force)
    if as_json:
        emit(
            {
                "board": chosen.name,
                "written": result.written,
                "unchanged": result.unchanged,
                "removed": result.removed,
            }
        )
        return
    say(
        f"{counted(len(result.written), 'file')} written, {len(result.unchanged)} were there already, "
        f"{len(result.removed)} removed.",
        "Give it out with `bluetoken issue`.",
    )
