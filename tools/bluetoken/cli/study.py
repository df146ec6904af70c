"""`bluetoken study`: what a token costs and catches."""

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from bluetoken.cli.common import JsonOption, emit, progress_bar, say, table
from bluetoken.cli.group import subcommands
from bluetoken.cli.study_rendezvous import rendezvous
from bluetoken.cli.study_rssi import rssi

study_commands = subcommands("Studies: what a battery lasts, a schedule catches, a signal's strength is worth.")
study_commands.command()(rssi)
study_commands.command()(rendezvous)

PER_MILLION = 1_000_000


@study_commands.command()
def energy(
    board: Annotated[str, typer.Option("--board", help="A board's name, or the path of its TOML file.")],
    neighbours: Annotated[int, typer.Option(min=0, max=100, help="Other tokens in earshot.")] = 3,
    hours: Annotated[float, typer.Option(min=0.1, max=48, help="How long to look, in virtual hours.")] = 1.0,
    processor: Annotated[
        str | None,
        typer.Option(help='"rv32" counts computing and needs `make rv32`, "native" leaves it out.'),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Say what a battery lasts on a board, from its currents and what the firmware really does."""
    from bluetoken.boards import load_board
    from bluetoken.cell import USABLE
    from bluetoken.study.energy import CAPACITIES_MAH, Day, budget, drawn_by, metered
    from bluetoken.virtual.rv32 import is_built

    chosen = load_board(board)
    drawn = drawn_by(chosen)
    day = Day(neighbours, hours, processor or ("rv32" if is_built() else "native"))
    with progress_bar("Living", quiet=as_json) as advance:
        meter = metered(board, day, lambda share: advance(round(share * PER_MILLION), PER_MILLION))
    found = budget(meter, drawn)
    estimated = sorted(name for name, each in drawn.items() if not each.get("measured"))
    if as_json:
        seconds = {str(state): us / PER_MILLION for state, us in meter.us.items()}
        counts = {"adverts": meter.adverts, "ble_starts": meter.ble_starts, "boots": meter.boots}
        emit(
            {
                "board": chosen.name,
                "neighbours": neighbours,
                "hours": hours,
                "processor": day.processor,
                **found.as_dict(),
                "seconds": seconds,
                "counts": counts,
                "energy": drawn,
                "estimated": estimated,
            }
        )
        return
    say(
        f"{chosen.title}, {neighbours} tokens in earshot, {hours:g} virtual hours:",
        f"mean {found.mean_ua / 1000:.2f} mA, {found.mah_a_day:.0f} mAh a day.",
        "",
    )
    table(("battery, mAh", "days"), ((capacity, f"{found.days(capacity):.1f}") for capacity in CAPACITIES_MAH))
    say(
        "",
        f"days = {USABLE:g} x capacity / (24 h x mean); mean = (time in each state x its current",
        "+ number of events x their charge) / time.",
        "",
    )
    shares = sorted(found.shares.items(), key=lambda each: -each[1])
    rows = ((name, f"{share:.1%}", *_worth(drawn[name])) for name, share in shares)
    table(("state or event", "share", "draws", "", "source"), rows)
    if day.processor == "native":
        say("", "Computing is left out: `make rv32` builds the processor that counts it.")


def _worth(drawn: Mapping[str, Any]) -> tuple[str, str, str]:
    """What is drawn, how that is known, and from whom."""
    what = f"{drawn['ua']} uA" if "ua" in drawn else f"{drawn['uc']} uC each"
    return what, "measured" if drawn.get("measured") else "estimated", str(drawn["source"])
