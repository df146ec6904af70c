"""A virtual day as its wearers saw it: one lane for each token's light and motor. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bluetoken.rendering import environment
from bluetoken.report.sign_pictures import PLUGGED, pictures
from bluetoken.virtual.strip import UNKNOWN, Sign

#: What a sign says, for those who read the page.
MEANINGS = {
    "WELL": "all is well",
    "BATTERY_LOW": "charge it within a week",
    "CLOCK_LOST": "the clock was lost: go to the desk",
    "FULL": "full: go to the desk",
    "WAITING": "waits for the desk",
    "PAUSED": "paused",
    "RESUMED": "goes on",
    PLUGGED: "on the cable",
    UNKNOWN: "no sign",
}
COLOURS = {
    "WELL": "#3d8f5a",
    "BATTERY_LOW": "#e0982f",
    "CLOCK_LOST": "#8f2a1a",
    "FULL": "#6b3fa0",
    "WAITING": "#2f6db3",
    "PAUSED": "#5c6875",
    "RESUMED": "#2fa6b3",
    PLUGGED: "#b4c3d1",
    UNKNOWN: "#000000",
}
#: The same sign again within this goes on, and is one stretch.
AGAIN_S = 120
SHORTEST_S = 20  # drawn at least so wide
WIDTH, LANE = 800, 22


@dataclass(frozen=True)
class Stretch:
    """For how long a part went on giving a sign, seconds of the day."""

    name: str
    from_s: float
    to_s: float


def stretches(signs: Iterable[Sign], part: str) -> list[Stretch]:
    """Return the stretches of one part, "light" or "motor", by time."""
    found: list[Stretch] = []
    for sign in signs:
        if sign.part != part:
            continue
        at_s = sign.at_us / 1e6
        if found and found[-1].name == sign.name and at_s - found[-1].to_s <= AGAIN_S:
            found[-1] = Stretch(sign.name, found[-1].from_s, at_s)
        else:
            found.append(Stretch(sign.name, at_s, at_s))
    return found


def page(title: str, signs: Mapping[str, list[Sign]], day_s: float) -> str:
    """Return an HTML page without anything outside of it; `signs` are by token, `day_s` how long the day was."""
    lanes = [
        (f"{name}, {part}", stretches(each, part))
        for name, each in signs.items()
        for part in ("light", "motor")
        if any(sign.part == part for sign in each)
    ]
    seen = {stretch.name for _, lane in lanes for stretch in lane}
    drawn = pictures()
    return environment("bluetoken.virtual").get_template("strip.html.jinja").render(
        title=title,
        lanes=lanes,
        hours=range(int(day_s // 3600) + 1),
        legend=[(name, MEANINGS[name], drawn.get(f"{name.lower()}.svg", "")) for name in COLOURS if name in seen],
        colours=COLOURS,
        x=lambda at_s: round(at_s / day_s * WIDTH, 1),
        shortest=round(SHORTEST_S / day_s * WIDTH, 1),
        width=WIDTH,
        lane_height=LANE,
    )
