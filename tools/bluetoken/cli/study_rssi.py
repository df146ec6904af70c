"""`bluetoken study rssi`: what a band of signal strength is worth."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from bluetoken.cli.common import JsonOption, emit, say
from bluetoken.errors import CannotWrite
from bluetoken.study.rssi_plan import CLOSE_M, PREVALENCE, RESAMPLES, SEED, VERY_CLOSE_M, Plan


def rssi(
    data: Annotated[
        Path, typer.Option("--data", help="Folder with the recordings: dp3t_exp34, mit_range_angle.csv.")
    ],
    prevalence: Annotated[
        float, typer.Option(min=0.001, max=0.999, help="How many of those heard are close: assumed.")
    ] = PREVALENCE,
    resamples: Annotated[
        int, typer.Option(min=100, max=100_000, help="How often pairs are drawn anew, for the intervals.")
    ] = RESAMPLES,
    seed: Annotated[int, typer.Option(help="Where the drawing begins.")] = SEED,
    plot: Annotated[Path | None, typer.Option("--plot", help="Draw the ROC curves into an SVG file.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Say from recordings on people what the bands of signal strength are worth, and where they should end."""
    from bluetoken.cli.study_rssi_tables import tell
    from bluetoken.study.rssi import study
    from bluetoken.study.rssi_plot import plotted

    plan = Plan(prevalence, resamples, seed)
    found = study(data, plan)
    if plot is not None:
        _write(plot, plotted(found))
    if as_json:
        emit({"close_m": CLOSE_M, "very_close_m": VERY_CLOSE_M, "plan": asdict(plan), **asdict(found)})
        return
    tell(found, resamples)
    if plot is not None:
        say("", f"Plot: {plot}")


def _write(path: Path, drawing: str) -> None:
    try:
        path.write_text(drawing, encoding="utf-8")
    except OSError as error:
        raise CannotWrite(f"The plot {path} cannot be written: {error.strerror}.") from None
