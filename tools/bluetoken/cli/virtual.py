"""`bluetoken virtual`: tokens without hardware."""

import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bluetoken.cli.common import JsonOption, emit, say
from bluetoken.cli.group import subcommands

if TYPE_CHECKING:
    from bluetoken.virtual.strip import Sign

ProcessorOption = Annotated[
    str | None,
    typer.Option(help='Put all tokens on it: "native", or "rv32" for what `make rv32` builds.'),
]
virtual_commands = subcommands("Virtual tokens: the real firmware on simulated boards, on ptys.")


@virtual_commands.command()
def demo(
    folder: Annotated[Path, typer.Option(help="Where the registry and the report go.")] = Path("demo"),
    bluezone: Annotated[
        bool, typer.Option("--bluezone", help="With tokens that speak both protocols, and a phone with Bluezone's app.")
    ] = False,
    seed: Annotated[int | None, typer.Option(help="Another day with the same people.")] = None,
    processor: ProcessorOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show the whole path: boards, desk, six hours of a day, desk, who met whom."""
    from dataclasses import replace

    from bluetoken.virtual import demo as plain
    from bluetoken.virtual import demo_bluezone
    from bluetoken.virtual.scenario import load_scenario

    scenario = load_scenario(demo_bluezone.SCENARIO if bluezone else plain.SCENARIO)
    if seed is not None:
        scenario = replace(scenario, seed=seed)
    if processor is not None:
        scenario = scenario.on(processor)
    kind = demo_bluezone.BluezoneDemo if bluezone else plain.Demo
    demonstration = kind(scenario, folder, (lambda line: None) if as_json else say)
    demonstration.run()
    if as_json:
        written = {name: str(getattr(demonstration, name)) for name in ("registry", "report", "lights")}
        emit(written)


@virtual_commands.command()
def run(
    scenario: Annotated[Path, typer.Argument(help="A scenario, see docs/VIRTUAL.md.")],
    speed: Annotated[float, typer.Option(help="Virtual seconds to a real one.", min=0.01)] = 1.0,
    forward: Annotated[str, typer.Option(help='Pass over this much first, such as "6h".')] = "0s",
    seconds: Annotated[float | None, typer.Option("--for", help="End after so many real seconds.")] = None,
    folder: Annotated[Path | None, typer.Option(help="Keep the flash images here.")] = None,
    processor: ProcessorOption = None,
    as_json: JsonOption = False,
) -> None:
    """Keep a scenario's tokens on ptys, for mpremote or this program to be used on; Ctrl-C ends it."""
    from bluetoken.virtual.scenario import load_scenario, microseconds
    from bluetoken.virtual.stage import Stage

    plan = load_scenario(scenario)
    if processor is not None:
        plan = plan.on(processor)
    forward_us = microseconds(forward, "--forward")
    with tempfile.TemporaryDirectory(prefix="bluetoken-") as passing:
        stage = Stage(plan, folder or Path(passing))
        try:
            stage.start()
            if forward_us:
                stage.world.run_until(forward_us)
            stage.world.live(speed)
            devices = {token.name: token.cable.path for token in stage.world.tokens}
            if as_json:
                seen = {token.name: [_sign(each) for each in stage.signs(token)] for token in stage.world.tokens}
                emit({"scenario": plan.name, "tokens": devices, "signs": seen})
            else:
                say(*(f"{name}: {path}" for name, path in devices.items()))
                first = next(iter(devices.values()))
                say("", f"Try: mpremote connect {first} exec 'print(1)'. Ctrl-C ends it.")
            time.sleep(1e9 if seconds is None else seconds)
        except KeyboardInterrupt:
            pass
        finally:
            stage.close()


def _sign(sign: "Sign") -> dict[str, object]:
    return {"at_s": sign.at_us / 1e6, "part": sign.part, "sign": sign.name}
