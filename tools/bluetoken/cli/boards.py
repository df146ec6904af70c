"""`bluetoken boards`: which boards there are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bluetoken.cell import MEAN_MA
from bluetoken.cli.common import JsonOption, emit, say, table

if TYPE_CHECKING:
    from bluetoken.boards import Board


def boards(as_json: JsonOption = False) -> None:
    """List the boards that can become a token."""
    from bluetoken.boards import board_names, load_board

    known = [load_board(name) for name in board_names()]
    if as_json:
        emit({"boards": [board.as_dict() for board in known]})
        return
    table(
        ("board", "chip", "what it is", "battery low is said"),
        [(board.name, board.chip, board.title, _warning(board)) for board in known],
    )
    say("", f"Battery: estimated, at a mean of {MEAN_MA:g} mA; docs/BOARDS.md has the rule.")


def _warning(board: Board) -> str:
    sign = board.low_sign
    if sign is None:
        return "never: it cannot tell"
    ahead = f"{sign.days:.0f} days" if sign.days >= 1.5 else f"{sign.days * 24:.0f} hours"
    short = "" if sign.is_a_week else ", not a week: the cell is too small"
    return f"{ahead} ahead, below {sign.low_mv} mV{short}"
