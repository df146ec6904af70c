"""Pictures of the signs, drawn from the firmware's own constants.

`python -m bluetoken.report.sign_pictures docs/signs` writes those of the README.
"""

from __future__ import annotations

import sys
from pathlib import Path

from bluetoken.virtual.strip import ON, SIGNS, timing_ms

WIDTH, HEIGHT, MARGIN = 260, 40, 8
MS_A_PIXEL = 8
#: A flash of 15 ms would be a hair; what is drawn is what is counted.
THINNEST = 6
LIGHT, DARK, LINE = "#e0982f", "#f6f8fa", "#d5dbe1"
PLUGGED = ON


def picture(name: str) -> str:
    """Return one sign as a light gives it, time from left to right; PLUGGED is a light that stays on."""
    bars = [(0, WIDTH - 2 * MARGIN)] if name == PLUGGED else _bars(*SIGNS[name])
    rects = "".join(
        f'<rect x="{MARGIN + x}" y="10" width="{width}" height="20" rx="3" fill="{LIGHT}"/>\n' for x, width in bars
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}">\n'
        f"<title>{name}</title>\n"
        f'<rect width="{WIDTH}" height="{HEIGHT}" rx="6" fill="{DARK}" stroke="{LINE}"/>\n'
        f'<line x1="{MARGIN}" y1="30" x2="{WIDTH - MARGIN}" y2="30" stroke="{LINE}"/>\n{rects}</svg>\n'
    )


def _bars(count: int, is_long: bool) -> list[tuple[int, int]]:
    """(x, width) of each flash."""
    on_ms, off_ms = timing_ms("light", is_long)
    width = max(on_ms // MS_A_PIXEL, THINNEST)
    return [(n * (width + off_ms // MS_A_PIXEL), width) for n in range(count)]


def pictures() -> dict[str, str]:
    """Return every picture by its file's name."""
    return {f"{name.lower()}.svg": picture(name) for name in (*SIGNS, PLUGGED)}


def main() -> None:
    """Write them into the folder that is named."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in pictures().items():
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
