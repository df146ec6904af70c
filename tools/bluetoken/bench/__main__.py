"""Print all figures: `python -m bluetoken.bench`."""

from bluetoken.bench import cable, firmware, speed
from bluetoken.virtual.demo import SCENARIO
from bluetoken.virtual.scenario import load_scenario


def main() -> None:
    scenario = load_scenario(SCENARIO)
    for report in (firmware.report, lambda: cable.report(scenario), lambda: speed.report(scenario)):
        print("\n".join(report()), flush=True)


if __name__ == "__main__":
    main()
