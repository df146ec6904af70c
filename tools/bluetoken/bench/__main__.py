"""Print all figures: `python -m bluetoken.bench`; with --day, the heap of a token through a whole day among twenty."""

import sys

from bluetoken.bench import cable, firmware, rv32, speed, wear
from bluetoken.errors import NoRv32
from bluetoken.virtual.demo import SCENARIO
from bluetoken.virtual.scenario import load_scenario


def main() -> None:
    scenario = load_scenario(SCENARIO)
    for report in (firmware.report, wear.report, lambda: cable.report(scenario), lambda: speed.report(scenario)):
        print("\n".join(report()), flush=True)
    hours, neighbours = (24, 20) if "--day" in sys.argv else (2, 10)
    try:
        print("\n".join(rv32.report(hours, neighbours)))
    except NoRv32 as without:
        print(f"The heap of a token on RV32 was not looked at. {without}")


if __name__ == "__main__":
    main()
