"""Board files: those that come with Bluetoken load, and one that is not right says which key it is."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from bluetoken.boards import LOW_MV, Board, board_names, boards_folder, load_board
from bluetoken.chips import CHIPS
from bluetoken.errors import BadBoard, UnknownBoard

GOOD = """
name = "mine"
title = "My board"
chip = "esp32c3"
micropython = "ESP32_GENERIC_C3"

[pins]
light = { gpio = 8, active_low = true }
button = { gpio = 9, active_low = true, pull = "up" }

[flash]
size_bytes = 4194304
erase_us = 45000
program_us = 700

[radio]
tx_power_dbm = 9
rssi_offset_db = -3

[battery]
adc_gpio = 3
"""

WRONG = {
    "a key that nobody knows": ('title = "My board"', 'titel = "My board"', "titel"),
    "an inner key that nobody knows": ("gpio = 8,", "gpio = 8, colour = 3,", "pins.light.colour"),
    "a pin that nobody knows": ("light =", "lamp =", "pins.lamp"),
    "a missing key": ('title = "My board"\n', "", "title"),
    "a missing inner key": ("erase_us = 45000\n", "", "flash.erase_us"),
    "a missing table": ("[radio]\ntx_power_dbm = 9\nrssi_offset_db = -3\n", "", "radio.tx_power_dbm"),
    "a text for a number": ("erase_us = 45000", 'erase_us = "fast"', "flash.erase_us"),
    "a fraction for a whole number": ("tx_power_dbm = 9", "tx_power_dbm = 9.5", "radio.tx_power_dbm"),
    "true for a number": ("gpio = 8,", "gpio = true,", "pins.light.gpio"),
    "a number for true": ("active_low = true", "active_low = 1", "pins.light.active_low"),
    "a number for a table": ('button = { gpio = 9, active_low = true, pull = "up" }', "button = 9", "pins.button"),
    "a number for a table of its own": ("[battery]\nadc_gpio = 3", "[cable]\nbaud = {}", "cable.baud"),
    "one pin for two things": ("gpio = 9", "gpio = 8", "pins.button.gpio"),
    "a battery on the button's pin": ("adc_gpio = 3", "adc_gpio = 9", "battery.adc_gpio"),
    "a pin the chip has not": ("gpio = 8,", "gpio = 22,", "pins.light.gpio"),
    "a pin that the flash chip is on": ("gpio = 8,", "gpio = 12,", "pins.light.gpio"),
    "a pull that there is not": ('pull = "up"', 'pull = "left"', "pins.button.pull"),
    "a light of a kind that there is not": ("gpio = 8,", 'gpio = 8, kind = "blue",', "pins.light.kind"),
    "a bus on a pin that is taken": ("[flash]", "[axp192]\nsda_gpio = 8\nscl_gpio = 4\n[flash]", "axp192.sda_gpio"),
    "half a bus": ("[flash]", "[axp192]\nsda_gpio = 4\n[flash]", "axp192.scl_gpio"),
    "a battery where nothing measures": ("adc_gpio = 3", "adc_gpio = 5", "battery.adc_gpio"),
    "a light on the cable's pin": ("gpio = 8,", "gpio = 18,", "pins.light.gpio"),
    "a chip that nobody knows": ('chip = "esp32c3"', 'chip = "esp8266"', "chip"),
    "too much power": ("tx_power_dbm = 9", "tx_power_dbm = 21", "radio.tx_power_dbm"),
    "too little power": ("tx_power_dbm = 9", "tx_power_dbm = -51", "radio.tx_power_dbm"),
    "flash without room for files": ("4194304", "2097152", "flash.size_bytes"),
    "half a block of flash": ("4194304", "4196352", "flash.size_bytes"),
}


#: For each chip: a pin that is fit for anything, one it has not, one of its flash, one that cannot measure, one of its
#: native USB and of its serial port, one that must be high at reset and one that must be low.
PINS: dict[str, dict[str, int | None]] = {
    "esp32": {
        "any": 13, "none": 24, "flash": 6, "deaf": 4, "usb": None, "uart": 1, "high": 0, "low": 12, "adc": 32
    },
    "esp32_pico": {
        "any": 13, "none": 24, "flash": 16, "deaf": 4, "usb": None, "uart": 3, "high": 0, "low": 12, "adc": 33
    },
    "esp32c3": {
        "any": 4, "none": 22, "flash": 12, "deaf": 5, "usb": 18, "uart": 21, "high": 9, "low": None, "adc": 0
    },
    "esp32c6": {
        "any": 10, "none": 31, "flash": 24, "deaf": 7, "usb": 12, "uart": 16, "high": 9, "low": None, "adc": 6
    },
    "esp32s3": {
        "any": 12, "none": 22, "flash": 27, "deaf": 11, "usb": 20, "uart": 43, "high": 0, "low": 45, "adc": 10
    },
}  # fmt: skip


def on_chip(chip: str, pins: str, cable: str = "", adc: int | None = None) -> str:
    """A board of that chip with nothing but these pins."""
    head, _, tail = GOOD.partition("[pins]")
    tail = tail[tail.index("[flash]") :].replace("adc_gpio = 3", "" if adc is None else f"adc_gpio = {adc}")
    return head.replace("esp32c3", chip) + f"[pins]\n{pins}\n{tail}\n[cable]\n{cable}\n"


def refusal(folder: Path, text: str) -> str:
    path = written(folder, text)
    with pytest.raises(BadBoard) as refused:
        load_board(path)
    return str(refused.value).removeprefix(f"{path}: ")


def test_every_chip_is_in_the_table() -> None:
    assert set(PINS) == set(CHIPS)


@pytest.mark.parametrize("chip", PINS)
def test_what_is_fit_is_taken(chip: str, tmp_path: Path) -> None:
    pins = PINS[chip]
    text = on_chip(chip, f"light = {{ gpio = {pins['any']} }}", adc=pins["adc"])
    load_board(written(tmp_path, text))
    load_board(written(tmp_path, on_chip(chip, f"button = {{ gpio = {pins['high']}, active_low = true }}")))
    if pins["low"] is not None:
        load_board(written(tmp_path, on_chip(chip, f"light = {{ gpio = {pins['low']} }}")))
    load_board(written(tmp_path, on_chip(chip, f"light = {{ gpio = {pins['uart']} }}")))
    if pins["usb"] is not None:
        load_board(written(tmp_path, on_chip(chip, f"light = {{ gpio = {pins['usb']} }}", "baud = 115200")))


@pytest.mark.parametrize("chip", PINS)
def test_a_pin_that_is_not_there_or_is_the_flash_s_is_refused(chip: str, tmp_path: Path) -> None:
    for gpio in (PINS[chip]["none"], PINS[chip]["flash"], 99, -1):
        said = refusal(tmp_path, on_chip(chip, f"vbus = {{ gpio = {gpio} }}"))
        assert said == f"pins.vbus.gpio is {gpio}, which {chip} does not have to offer."


@pytest.mark.parametrize("chip", PINS)
def test_two_parts_on_one_pin_are_refused(chip: str, tmp_path: Path) -> None:
    gpio = PINS[chip]["adc"]
    said = refusal(tmp_path, on_chip(chip, f"vbus = {{ gpio = {gpio} }}", adc=gpio))
    assert said == f"battery.adc_gpio and pins.vbus.gpio are the same pin, {gpio}."


@pytest.mark.parametrize("chip", PINS)
def test_a_battery_where_nothing_measures_is_refused(chip: str, tmp_path: Path) -> None:
    gpio = PINS[chip]["deaf"]
    said = refusal(tmp_path, on_chip(chip, "", adc=gpio))
    assert said == f"battery.adc_gpio is {gpio}, which cannot measure on {chip}."


@pytest.mark.parametrize("chip", PINS)
def test_a_pin_that_the_cable_is_on_is_refused(chip: str, tmp_path: Path) -> None:
    for gpio, cable in ((PINS[chip]["usb"], ""), (PINS[chip]["uart"], "baud = 115200")):
        if gpio is not None:
            said = refusal(tmp_path, on_chip(chip, f"motor = {{ gpio = {gpio} }}", cable))
            assert said == f"pins.motor.gpio is {gpio}, which the cable of this {chip} is on."


@pytest.mark.parametrize("chip", PINS)
def test_a_part_that_would_keep_the_chip_from_starting_is_refused(chip: str, tmp_path: Path) -> None:
    high, low = PINS[chip]["high"], PINS[chip]["low"]
    wrong = [f"button = {{ gpio = {high} }}", f"motor = {{ gpio = {high} }}", f"vbus = {{ gpio = {high} }}"]
    wrong += [f"light = {{ gpio = {low}, active_low = true }}", f"vbus = {{ gpio = {low} }}"] if low is not None else []
    for pins in wrong:
        assert "at reset, which this part does not see to." in refusal(tmp_path, on_chip(chip, pins)), pins


@pytest.mark.parametrize("chip", ["esp32", "esp32_pico"])
def test_a_resistor_that_a_pin_has_not_is_refused(chip: str, tmp_path: Path) -> None:
    said = refusal(tmp_path, on_chip(chip, 'button = { gpio = 37, pull = "up" }'))
    assert said == f"pins.button.gpio is 37, which has no resistor of its own on {chip}: leave out pull."


def written(folder: Path, text: str) -> str:
    path = folder / "a board of mine.toml"
    path.write_text(text)
    return str(path)


@pytest.mark.parametrize("name", board_names())
def test_every_board_that_comes_with_it_loads_under_its_own_name(name: str) -> None:
    board = load_board(name)
    assert board.name == name
    assert board.title and board.file_system_blocks > 0


def test_a_board_of_ones_own_loads_by_its_path_and_gets_the_defaults(tmp_path: Path) -> None:
    board = load_board(written(tmp_path, GOOD))
    assert board.title == "My board"
    assert board.config["pins"]["button"] == {"gpio": 9, "active_low": True, "pull": "up"}
    assert board.config["battery"]["divider_permille"] == 2000
    assert board.file_system_blocks == 512


@pytest.mark.parametrize(("old", "new", "key"), WRONG.values(), ids=WRONG)
def test_a_board_that_is_wrong_names_its_file_and_the_key(
    old: str, new: str, key: str, tmp_path: Path
) -> None:
    assert old in GOOD
    path = written(tmp_path, GOOD.replace(old, new, 1))
    with pytest.raises(BadBoard) as refused:
        load_board(path)
    sentence = str(refused.value)
    assert sentence.startswith(f"{path}: ")
    assert key in re.findall(r"[\w.]*\w", sentence.removeprefix(path))
    assert sentence.endswith(".") and "\n" not in sentence


@pytest.mark.parametrize("gpio", [34, 39])
def test_a_light_does_not_go_on_a_pin_that_can_only_listen(gpio: int, tmp_path: Path) -> None:
    text = (
        GOOD.replace("esp32c3", "esp32")
        .replace("gpio = 8,", f"gpio = {gpio},")
        .replace("= 9, active", "= 0, active")
    )
    with pytest.raises(BadBoard, match=r"pins\.light\.gpio is \d+, which can only be an input"):
        load_board(written(tmp_path, text))


def test_a_battery_may_be_on_a_pin_that_can_only_listen(tmp_path: Path) -> None:
    text = (
        GOOD.replace("esp32c3", "esp32")
        .replace("adc_gpio = 3", "adc_gpio = 34")
        .replace("gpio = 8,", "gpio = 2,")
    )
    assert (
        load_board(written(tmp_path, text.replace("gpio = 9", "gpio = 0"))).config["battery"]["adc_gpio"]
        == 34
    )


@pytest.mark.parametrize("text", ["name = ", "[pins\n", "name = 'a'\nname = 'b'\n"])
def test_what_is_not_toml_is_said_to_be_none(text: str, tmp_path: Path) -> None:
    with pytest.raises(BadBoard, match="this is not TOML"):
        load_board(written(tmp_path, text))


def test_what_is_not_text_is_said_to_be_no_toml(tmp_path: Path) -> None:
    path = tmp_path / "a picture.toml"
    path.write_bytes(b"\xff\xfe\x00name")
    with pytest.raises(BadBoard, match="this is not TOML"):
        load_board(str(path))


@pytest.mark.parametrize("name", ["nonsense", "", "no such file.toml"])
def test_a_board_that_does_not_exist_is_told_with_those_that_do(name: str) -> None:
    with pytest.raises(UnknownBoard) as refused:
        load_board(name)
    assert all(known in str(refused.value) for known in board_names())


def test_a_folder_is_no_board(tmp_path: Path) -> None:
    (tmp_path / "folder.toml").mkdir()
    with pytest.raises(BadBoard, match="cannot be read"):
        load_board(str(tmp_path / "folder.toml"))


def test_boards_come_from_the_folder_that_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BLUETOKEN_BOARDS", str(tmp_path))
    (tmp_path / "mine.toml").write_text(GOOD)
    assert (boards_folder(), board_names(), load_board("mine").name) == (tmp_path, ["mine"], "mine")


def test_a_token_is_told_what_its_firmware_reads_and_nothing_else(tmp_path: Path) -> None:
    told = load_board(written(tmp_path, GOOD)).for_token()
    assert json.loads(told) == {
        "name": "mine",
        "pins": {
            "light": {"gpio": 8, "active_low": True},
            "button": {"gpio": 9, "active_low": True, "pull": "up"},
        },
        "battery": {"adc_gpio": 3, "divider_permille": 2000, "low_mv": 3500},
        "radio": {"tx_power_dbm": 9, "rssi_offset_db": -3, "start_us": 60000},
    }


def test_the_same_board_is_told_to_a_token_in_the_same_bytes(tmp_path: Path) -> None:
    turned = GOOD.replace("tx_power_dbm = 9\nrssi_offset_db = -3", "rssi_offset_db = -3\ntx_power_dbm = 9")
    assert (
        load_board(written(tmp_path, GOOD)).for_token() == load_board(written(tmp_path, turned)).for_token()
    )


# When a battery is called low.


def with_battery(folder: Path, battery: str) -> Board:
    return load_board(written(folder, GOOD.replace("adc_gpio = 3", battery)))


def told_low_mv(board: Board) -> int:
    return json.loads(board.for_token())["battery"]["low_mv"]


def test_a_token_is_told_a_limit_a_week_ahead(tmp_path: Path) -> None:
    board = with_battery(tmp_path, "adc_gpio = 3\ncapacity_mah = 2000")
    assert board.low_sign and board.low_sign.days == pytest.approx(7)
    assert told_low_mv(board) == board.low_sign.low_mv == 3749


def test_a_board_s_own_limit_goes_before(tmp_path: Path) -> None:
    board = with_battery(tmp_path, "adc_gpio = 3\ncapacity_mah = 2000\nlow_mv = 3690")
    assert told_low_mv(board) == 3690
    assert board.low_sign and board.low_sign.days == pytest.approx(0.1 * 1700 / 2.5 / 24)


def test_a_cell_that_nobody_knows_has_a_limit_too(tmp_path: Path) -> None:
    board = with_battery(tmp_path, "adc_gpio = 3")
    assert board.low_sign is None and told_low_mv(board) == LOW_MV


def test_a_board_that_cannot_measure_says_nothing_of_when(tmp_path: Path) -> None:
    assert with_battery(tmp_path, "capacity_mah = 1000").low_sign is None
