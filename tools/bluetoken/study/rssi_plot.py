"""The ROC curves as one SVG: the same study gives the same bytes. Pure but for reading the template."""

from bluetoken.rendering import environment
from bluetoken.study.rssi import Grain, Study

SIDE = 360  # of the square, in pixels
COLOURS = ("#e0982f", "#1d4f7a")


def plotted(study: Study) -> str:
    """Return the drawing."""
    grains = (study.packet, study.window)
    curves = [_curve(grain, study, colour) for grain, colour in zip(grains, COLOURS, strict=True)]
    return environment("bluetoken.study").get_template("rssi.svg.jinja").render(side=SIDE, curves=curves)


def _curve(grain: Grain, study: Study, colour: str) -> dict[str, object]:
    borders = (study.borders.immediate_db, study.borders.near_db)
    places = {each.threshold_db: _place(each.sensitivity, each.specificity) for each in grain.points}
    return {
        "colour": colour,
        "title": f"{grain.name}: AUC {grain.discrimination[0].close.value:.2f}",
        "points": [(0, SIDE), *places.values()],
        "marks": [(*places[db], f"{db} dB") for db in borders if db in places],
    }


def _place(sensitivity: float, specificity: float) -> tuple[float, float]:
    return round((1 - specificity) * SIDE, 1), round((1 - sensitivity) * SIDE, 1)
