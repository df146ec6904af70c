"""`bluetoken boards`: which boards there are."""

from bluetoken.cli.common import JsonOption, emit, table


def boards(as_json: JsonOption = False) -> None:
    """List the boards that can become a token."""
    from bluetoken.boards import board_names, load_board

    known = [load_board(name) for name in board_names()]
    if as_json:
        emit({"boards": [board.as_dict() for board in known]})
    else:
        table(("board", "chip", "what it is"), [(board.name, board.chip, board.title) for board in known])
