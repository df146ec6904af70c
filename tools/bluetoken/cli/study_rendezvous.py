"""`bluetoken study rendezvous`: what a schedule catches, and for how much charge."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from bluetoken.cell import MEAN_MA
from bluetoken.cli.common import JsonOption, emit, progress_bar, say
from bluetoken.errors import BadInput, CannotWrite
from bluetoken.study.rendezvous_plan import DRIFT_PPM, HEARS, LIARS, SEED, Case, Source
from bluetoken.study.traces import STEP_S

PER_MILLION = 1_000_000


def rendezvous(
    trace: Annotated[
        list[Path] | None,
        typer.Option(
            "--trace", help="A contact trace: time in seconds, two ids; may be repeated. Without: days made up."
        ),
    ] = None,
    step: Annotated[
        int, typer.Option(min=1, max=3600, help="Seconds that a row of the trace stands for.")
    ] = STEP_S,
    days: Annotated[int, typer.Option(min=0, max=60, help="Only the first so many days; 0 for all.")] = 0,
    hear: Annotated[
        str, typer.Option(help="Whom radio reaches: the whole room, or only who is in contact.")
    ] = "room",
    board: Annotated[
        str, typer.Option(help="Whose currents: a board's name, or the path of its TOML file.")
    ] = "esp32c3_generic",
    mean_ma: Annotated[
        list[float] | None, typer.Option("--mean-ma", help="Budget of the sleepers; may be repeated.")
    ] = None,
    schedule: Annotated[
        list[str] | None, typer.Option("--schedule", help="Only these; may be repeated.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Where chance begins.")] = SEED,
    drift_ppm: Annotated[
        float, typer.Option(min=0, max=5000, help="How far clocks are off: standard deviation.")
    ] = DRIFT_PPM,
    liar: Annotated[str, typer.Option(help="Who meets most lies about its herd: none, ahead, far, jumps.")] = "none",
    with_bluezone: Annotated[
        bool, typer.Option("--phones", help="Also what a token notes of a Bluezone phone, and the phone of it.")
    ] = False,
    plot: Annotated[Path | None, typer.Option("--plot", help="Draw recall against charge into an SVG file.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Say what our schedule and others catch of a contact trace, and what that costs."""
    from bluetoken.boards import load_board
    from bluetoken.cli.study_rendezvous_tables import tell
    from bluetoken.study.days import SYNTHETIC
    from bluetoken.study.energy import drawn_by
    from bluetoken.study.phones import WithPhones, with_phones
    from bluetoken.study.rendezvous_bound import bound
    from bluetoken.study.rendezvous_plot import plotted
    from bluetoken.study.rendezvous_runs import all_lived
    from bluetoken.study.schedules import KINDS
    from bluetoken.study.sleepers import Draws
    from bluetoken.study.traces import read_trace

    draws = Draws.of(drawn_by(load_board(board)))
    budgets_ma = mean_ma or [MEAN_MA]
    _check("--hear", [hear], HEARS)
    _check("--liar", [liar], LIARS)
    _check("--schedule", schedule or (), tuple(KINDS))
    if min(budgets_ma) < draws.sleep_ma + 0.1:
        raise BadInput(f"--mean-ma must be at least 0.1 above what the board draws asleep, {draws.sleep_ma:g}.")
    sources = [Source(path.stem, path, step, days) for path in trace or ()]
    for path in trace or ():
        read_trace(path, step)  # so that a bad file is told of before the long part
    sources = sources or [Source(name) for name in SYNTHETIC]
    cases = [
        Case(source, name, each_ma, hear, drift_ppm, seed, liar, draws)
        for source in sources
        for name in schedule or KINDS
        for each_ma in (budgets_ma if KINDS[name].budgeted else budgets_ma[:1])
    ]
    with progress_bar("Living", quiet=as_json) as advance:
        outcomes = all_lived(cases, lambda share: advance(round(share * PER_MILLION), PER_MILLION))
    bounds = [bound(each_ma, draws) for each_ma in budgets_ma]
    phones: list[WithPhones] = []
    if with_bluezone:
        with progress_bar("Meeting phones", quiet=as_json) as advance:
            for done, each_ma in enumerate(budgets_ma, 1):
                phones += with_phones(each_ma, draws, drift_ppm, seed)
                advance(done, len(budgets_ma))
    if plot is not None:
        _write(plot, plotted(outcomes))
    if as_json:
        told = {"phones": [asdict(each) for each in phones]} if with_bluezone else {}
        emit({"runs": [asdict(each) for each in outcomes], "bounds": [asdict(each) for each in bounds]} | told)
        return
    tell(outcomes, bounds, phones)
    if plot is not None:
        say("", f"Plot: {plot}")


def _check(option: str, given: Sequence[str], known: tuple[str, ...]) -> None:
    for name in given:
        if name not in known:
            raise BadInput(f"{option} must be one of {', '.join(known)}, not '{name}'.")


def _write(path: Path, drawing: str) -> None:
    try:
        path.write_text(drawing, encoding="utf-8")
    except OSError as error:
        raise CannotWrite(f"The plot {path} cannot be written: {error.strerror}.") from None
