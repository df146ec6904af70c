"""`bluetoken sync`: what a token holds goes into the registry."""

from typing import Annotated

import typer

from bluetoken.cli.common import JsonOption, PortOption, complain, counted, emit, open_desk, progress_bar, say
from bluetoken.cli.group import error_object
from bluetoken.errors import DamagedSegment
from bluetoken.registry import open_registry
from bluetoken.registry.syncing import SyncReport, synchronise


def sync(
    set_clock: Annotated[bool, typer.Option(help="Set the token's clock by this computer's.")] = True,
    keep: Annotated[bool, typer.Option("--keep", help="Leave everything on the token as well.")] = False,
    port: PortOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take over what the token holds; interrupted at any point, it can simply be repeated."""
    with (
        open_registry() as registry,
        open_desk(port) as desk,
        progress_bar("Reading", quiet=as_json) as progress,
    ):
        report = synchronise(desk, registry, set_clock=set_clock, keep=keep, progress=progress)
    refused = DamagedSegment(report.refused[0]) if report.refused else None
    if as_json:
        emit(report.as_dict() | (error_object(refused) if refused else {}))
    else:
        say(*_in_words(report, keep))
    if refused:
        for sentence in report.refused:
            complain(sentence)
        raise typer.Exit(1)


def _in_words(report: SyncReport, keep: bool) -> list[str]:
    lines = [
        f"Token {report.label}: {counted(len(report.new), 'new segment')} ({report.bytes_new} bytes), "
        f"{len(report.known)} were in the registry already."
    ]
    if report.sealed_to:
        keys = ", ".join(report.sealed_to)
        lines.append(f"What is new is sealed to the authority's key {keys}: matching happens where that key is.")
    lines += [f"Stored all the same: {remark}." for remark in report.remarks]
    if keep:
        lines.append("Everything stays on the token as well.")
    if report.clock_offset_ms is not None:
        seconds = report.clock_offset_ms / 1000
        how = "slow" if seconds > 0 else "fast"
        lines.append(
            f"Its clock was {abs(seconds):.1f} s {how}" + (", and is right now." if report.clock_set else ".")
        )
    if report.trim:
        lines.append(f"By itself it runs {report.trim.in_words()}.")
    if report.no_room:
        lines.append(
            f"It was flooded, or in a large crowd: {counted(report.no_room, 'time')} since the last sync "
            "something it heard found no room."
        )
    if report.told_key:
        lines.append(f"From now on it seals to the authority's newest key, {report.told_key}.")
    if report.status.get("battery_mv"):
        lines.append(f"Battery: {report.status['battery_mv'] / 1000:.2f} V.")
    return lines
