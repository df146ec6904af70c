"""Board files: those that come with Bluetoken load, and one that is not right says which key it is."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from bluetoken.boards import board_names, boards_folder, load_board
from bluetoken.errors import BadBoard, UnknownBoard

GOOD = """
name = "mine"
title = "My board"
chip = "esp32c3"
micropython = "ESP32_GENERIC_C3"

[pins]
light = { gpio = 8, active_low = true }
button = { gpio = 9, pull = "up" }

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
    "a number for a table": ('button = { gpio = 9, pull = "up" }', "button = 9", "pins.button"),
    "a number for a table of its own": ("[battery]\nadc_gpio = 3", "[cable]\nbaud = {}", "cable.baud"),
    "one pin for two things": ("gpio = 9", "gpio = 8", "pins.button.gpio"),
    "a battery on the button's pin": ("adc_gpio = 3", "adc_gpio = 9", "battery.adc_gpio"),
    "a pin the chip has not": ("gpio = 8,", "gpio = 22,", "pins.light.gpio"),
    "a pin that the flash chip is on": ("gpio = 8,", "gpio = 12,", "pins.light.gpio"),
    "a pull that there is not": ('pull = "up"', 'pull = "left"', "pins.button.pull"),
    "a light of a kind that there is not": ("gpio = 8,", 'gpio = 8, kind = "blue",', "pins.light.kind"),
    "a bus on a pin that is taken": ("[flash]", "[axp192]\nsda_gpio = 8\nscl_gpio = 4\n[flash]", "axp192.sda_gpio"),
    "half a bus": ("[flash]", "[axp192]\nsda_gpio = 4\n[flash]", "axp192.scl_gpio"),
    "a chip that nobody knows": ('chip = "esp32c3"', 'chip = "esp8266"', "chip"),
    "too much power": ("tx_power_dbm = 9", "tx_power_dbm = 21", "radio.tx_power_dbm"),
    "too little power": ("tx_power_dbm = 9", "tx_power_dbm = -51", "radio.tx_power_dbm"),
    "flash without room for files": ("4194304", "2097152", "flash.size_bytes"),
    "half a block of flash": ("4194304", "4196352", "flash.size_bytes"),
}


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
    assert board.config["pins"]["button"] == {"gpio": 9, "active_low": False, "pull": "up"}
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
        .replace("= 9, pull", "= 0, pull")
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
            "button": {"gpio": 9, "active_low": False, "pull": "up"},
        },
        "battery": {"adc_gpio": 3, "divider_permille": 2000, "low_mv": 3500},
        "radio": {"tx_power_dbm": 9, "rssi_offset_db": -3, "start_us": 60000},
    }


def test_the_same_board_is_told_to_a_token_in_the_same_bytes(tmp_path: Path) -> None:
    turned = GOOD.replace("tx_power_dbm = 9\nrssi_offset_db = -3", "rssi_offset_db = -3\ntx_power_dbm = 9")
    assert (
        load_board(written(tmp_path, GOOD)).for_token() == load_board(written(tmp_path, turned)).for_token()
    )
