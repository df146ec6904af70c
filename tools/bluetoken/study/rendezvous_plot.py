"""Recall against charge as SVG: the same outcomes give the same bytes. Pure but for reading the template."""

from collections.abc import Sequence
from math import log10

from bluetoken.rendering import environment
from bluetoken.study.rendezvous_runs import Outcome
from bluetoken.study.schedules import KINDS

SIDE = 360  # of the square, in pixels
COLOURS = ("#1d4f7a", "#e0982f", "#4b8b3b", "#a8323e", "#6b4c9a", "#5d6770")
HOURS = 24


def plotted(outcomes: Sequence[Outcome]) -> str:
    """Return the drawing: one line for each schedule and trace, through its budgets."""
    largest_mah = max(each.mean_ma * HOURS for each in outcomes)
    ticks_mah = [round(largest_mah * share) for share in (0.01, 0.1, 1)]
    return environment("bluetoken.study").get_template("rendezvous.svg.jinja").render(
        side=SIDE,
        ticks=[(_across(mah, largest_mah), mah) for mah in ticks_mah if mah],
        curves=_curves(outcomes, largest_mah),
    )


def _curves(outcomes: Sequence[Outcome], largest_mah: float) -> list[dict[str, object]]:
    curves: dict[tuple[str, str], list[tuple[float, float, str]]] = {}
    for each in outcomes:
        if each.scores.recall is not None:
            mah = each.mean_ma * HOURS
            place = (_across(mah, largest_mah), round((1 - each.scores.recall) * SIDE, 1))
            title = f"{mah:.0f} mAh a day: {each.scores.recall:.3f}"
            curves.setdefault((each.case.schedule, each.case.source.name), []).append((*place, title))
    names = list(KINDS)
    return [
        {
            "colour": COLOURS[names.index(schedule)],
            "title": f"{KINDS[schedule].title}, {source}",
            "marks": sorted(marks),
        }
        for (schedule, source), marks in curves.items()
    ]


def _across(mah: float, largest_mah: float) -> float:
    """Return where a charge lies: the axis is logarithmic over three decades, for the radio that never sleeps."""
    return round(max(0.0, 1 + log10(mah / largest_mah) / 3) * SIDE, 1)
