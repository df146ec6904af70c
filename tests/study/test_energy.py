"""What a battery lasts: times are the firmware's, currents the board's, and the rest is arithmetic."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bluetoken.boards import CHARGES, CURRENTS, board_names, boards_folder, load_board
from bluetoken.cli import app
from bluetoken.study.energy import Day, budget, drawn_by, metered
from bluetoken.virtual.meter import Meter, State
from wearable import schedule

ENERGY = {name: {"ua": 10**n} for n, name in enumerate(CURRENTS)} | {
    name: {"uc": 100 * (n + 1)} for n, name in enumerate(CHARGES)
}
HOUR_US = 3_600_000_000


def test_a_mean_is_charge_over_time() -> None:
    # receive 1 uA, radio 10, cpu 100, light_sleep 1000, deep_sleep 10000; advert 100 uC, ble_start 200, boot 300.
    meter = Meter()
    meter.us |= {State.RECEIVE: 2_000_000, State.CPU: 1_000_000, State.LIGHT_SLEEP: 7_000_000, State.OFF: 99_000_000}
    meter.adverts, meter.ble_starts, meter.boots = 3, 2, 1
    found = budget(meter, ENERGY)
    charge_uc = 2 * 1 + 1 * 100 + 7 * 1000 + 3 * 100 + 2 * 200 + 1 * 300
    assert found.mean_ua == pytest.approx(charge_uc / 10)
    assert found.shares["light_sleep"] == pytest.approx(7000 / charge_uc)
    assert sum(found.shares.values()) == pytest.approx(1)
    assert found.mah_a_day == pytest.approx(found.mean_ua * 24 / 1000)
    assert found.days(1000) == pytest.approx(0.85 * 1000 / found.mah_a_day)


def test_a_meter_counts_time_once_whatever_order_it_comes_in() -> None:
    meter = Meter()
    meter.enter(State.CPU, 100)
    meter.enter(State.RADIO, 300)
    meter.enter(State.RECEIVE, 250)  # a clock does not go back
    meter.enter(State.OFF, 1000)
    meter.enter(State.CPU, 5000)
    assert {state: us for state, us in meter.us.items() if us} == {
        State.OFF: 100 + 4000,
        State.CPU: 200,
        State.RECEIVE: 700,
    }


@pytest.fixture(scope="module")
def hour() -> Meter:
    return metered("virtual", Day(neighbours=1, hours=1, processor="native"))


def test_the_meter_shows_what_the_schedule_says(hour: Meter) -> None:
    # The sleep that it is in at the beginning is counted whole, that at the end not yet.
    assert sum(hour.us.values()) == pytest.approx(HOUR_US, abs=20_000_000)
    slots = HOUR_US / 1000 / schedule.SLOT_MS
    # In company with a purse that is neither full nor empty: every meeting, or every other one, and a visit or two.
    assert slots / 2 - 2 <= hour.ble_starts <= 1.1 * slots
    assert hour.boots == 0
    on_us = hour.us[State.RADIO] + hour.us[State.RECEIVE]
    # A virtual radio takes 60 ms to start, and the token is early by a little more.
    assert on_us == pytest.approx(hour.ble_starts * (schedule.BURST_MS + 66) * 1000, rel=0.03)
    ears_us = hour.ble_starts * 2 * schedule.PART_MS * 1000
    assert hour.us[State.RECEIVE] == pytest.approx(ears_us, rel=0.05)
    # Each part of a burst begins with an advert, and two more have room.
    assert 2 * schedule.PARTS <= hour.adverts / hour.ble_starts <= 3 * schedule.PARTS
    assert hour.us[State.LIGHT_SLEEP] > 0.85 * HOUR_US and hour.us[State.DEEP_SLEEP] == 0


@pytest.mark.parametrize("name", board_names())
def test_every_board_states_its_currents_and_their_sources(name: str, hour: Meter) -> None:
    drawn = drawn_by(load_board(name))
    assert set(drawn) == {*CURRENTS, *CHARGES}
    assert all(len(each["source"]) > 10 for each in drawn.values())
    found = budget(hour, drawn)
    assert 1_000 < found.mean_ua < 20_000


def test_the_command_prints_formula_shares_and_sources() -> None:
    arguments = ["study", "energy", "--board", "virtual", "--hours", "0.1", "--neighbours", "0"]
    arguments += ["--processor", "native"]
    told = json.loads(CliRunner().invoke(app, [*arguments, "--json"]).stdout)
    assert told["days"]["1000"] == pytest.approx(0.85 * 1000 / told["mah_a_day"])
    assert set(told["shares"]) == {*CURRENTS, *CHARGES} == set(told["estimated"])
    printed = CliRunner().invoke(app, arguments).stdout
    assert "days = 0.85 x capacity" in printed and "estimated" in printed and "Computing is left out" in printed


def test_a_board_without_currents_is_named(tmp_path: Path) -> None:
    lines = (boards_folder() / "virtual.toml").read_text().splitlines()
    bare = tmp_path / "bare.toml"
    bare.write_text("\n".join(line for line in lines if not line.startswith(("[energy]", *CURRENTS, *CHARGES))))
    done = CliRunner().invoke(app, ["study", "energy", "--board", str(bare)])
    assert done.exit_code == 1 and "[energy]" in done.stderr
