"""The tables of `bluetoken study rssi`."""

from collections.abc import Iterable

from bluetoken.cli.common import say, table
from bluetoken.study.rssi import Grain, Study
from bluetoken.study.rssi_bands import Borders, word
from bluetoken.study.rssi_bootstrap import Estimate
from bluetoken.study.rssi_plan import CLOSE_M, VERY_CLOSE_M
from bluetoken.study.rssi_positions import Position, Positions
from bluetoken.study.rssi_scores import Point, posterior, ratio

#: Of the thresholds one in so many dB is printed, and the borders; `--json` has all.
_STEP_DB = 3


def tell(found: Study, resamples: int) -> None:
    """Print the study."""
    grains = (found.packet, found.window)
    for grain in grains:
        share = f"{grain.base_rate:.0%} of them close (within {CLOSE_M:g} m by the cameras)"
        say(f"{grain.name}: {grain.samples} samples of {grain.pairs} pairs, {share}.")
    seen = f"over {found.seen_s / 60:.1f} minutes (median), in two bursts at least"
    say(f"In a window of 15 minutes a pair was heard {seen}.")
    say("", f"Intervals: 95 %, {resamples} times pairs (or people) drawn anew.", "")
    _print_discrimination(grains)
    for grain in grains:
        say("", f"{grain.name}, at most so many dB; probabilities at a prevalence of {found.prevalence:g}:")
        _print_points(grain, found)
    say("", f"Bands: immediate up to {found.borders.immediate_db} dB, near up to {found.borders.near_db} dB.")
    _print_bands(grains, found.borders)
    say("", "One scenario left out, bands chosen and weighed on the others, at that scenario's own share of the close:")
    _print_checked(grains)
    say("", "Carry positions, one pair of phones each, transmit power not told:")
    _print_positions(found.positions)


def _print_discrimination(grains: Iterable[Grain]) -> None:
    rows = (
        (
            grain.name,
            of.predictor,
            _pm(of.close),
            _span(of.close_by_people),
            _pm(of.over_first) if of.over_first.value else None,
            f"{of.very_close:.3f}",
        )
        for grain in grains
        for of in grain.discrimination
    )
    very_close = f"AUC within {VERY_CLOSE_M:g} m"
    table(("sample", "attenuation", "AUC close", "by people", "over the first", very_close), rows)


def _print_points(grain: Grain, found: Study) -> None:
    chosen = (found.borders.immediate_db, found.borders.near_db)
    shown = [each for each in grain.points if each.threshold_db in chosen or _is_shown(each)]
    columns = ("dB", "sensitivity", "specificity", "LR+", "LR-", "close if so", "close if not")
    table(columns, (_point(each, found.prevalence) for each in shown))


def _is_shown(point: Point) -> bool:
    said_of_some = point.sensitivity >= 0.01 and point.specificity >= 0.01
    return said_of_some and point.threshold_db % _STEP_DB == 0


def _point(point: Point, prevalence: float) -> tuple[object, ...]:
    said, missed = point.sensitivity, 1 - point.sensitivity
    false, right = 1 - point.specificity, point.specificity
    return (
        point.threshold_db,
        f"{said:.2f}",
        f"{right:.2f}",
        f"{ratio(said, false):.2f}",
        f"{ratio(missed, right):.2f}",
        _percent(posterior(said, false, prevalence)),
        _percent(posterior(missed, right, prevalence)),
    )


def _print_bands(grains: Iterable[Grain], borders: Borders) -> None:
    rows = (
        (
            grain.name,
            each.worth.band,
            f"{each.worth.among_close:.2f}",
            f"{each.worth.among_beyond:.2f}",
            f"{each.very_close_share:.2f}",
            f"{each.worth.ratio:.2f}",
            _pm(each.close, 2),
            word(each.close.value),
        )
        for grain in grains
        for each in grain.bands
    )
    very_close = f"of those within {VERY_CLOSE_M:g} m"
    table(("sample", "band", "of the close", "of the others", very_close, "LR", "close", "confidence"), rows)
    for grain in grains:
        own = grain.own_borders
        if own != borders:
            say(f"({grain.name} alone would ask for {own.immediate_db} and {own.near_db} dB.)")


def _print_checked(grains: Iterable[Grain]) -> None:
    rows = (
        (
            grain.name,
            each.scenario,
            f"{each.borders.immediate_db}, {each.borders.near_db}",
            each.band,
            each.samples,
            _percent(each.predicted),
            _percent(each.found),
        )
        for grain in grains
        for each in grain.checked
    )
    table(("sample", "left out", "borders, dB", "band", "samples", "close, predicted", "found"), rows)


def _print_positions(found: Positions) -> None:
    columns = ("position", "cells", "m", "level, dBm", "offset, dB", "AUC", "own borders, dBm", "lost", "taken in")
    table(columns, (_position(each) for each in found.each))
    say(
        f"level: mean RSSI at {CLOSE_M:g} m with the common exponent of {found.exponent:.2f}; offset: from the",
        f"mean position. All cells pooled: AUC {found.auc:.2f}, borders {_dbm(found.borders)} dBm. With these, the",
        "close that are lost to far, and those beyond that are taken in by immediate.",
    )


def _position(each: Position) -> tuple[object, ...]:
    return (
        each.name,
        each.cells,
        f"{each.nearest_m:.1f} to {each.farthest_m:.1f}",
        f"{each.level_dbm:.0f}",
        f"{each.offset_db.value:+.1f} ({each.offset_db.low:+.1f} to {each.offset_db.high:+.1f})",
        f"{each.auc:.2f}" if each.auc is not None else None,
        _dbm(each.borders) if each.borders else None,
        _percent(each.lost),
        _percent(each.taken),
    )


def _dbm(borders: Borders) -> str:
    return f"{-borders.immediate_db}, {-borders.near_db}"


def _pm(of: Estimate, digits: int = 3) -> str:
    return f"{of.value:.{digits}f} ({_span(of, digits)})"


def _span(of: Estimate, digits: int = 3) -> str:
    return f"{of.low:.{digits}f} to {of.high:.{digits}f}"


def _percent(share: float | None) -> str | None:
    return None if share is None else f"{share:.0%}"
