"""/board.json: every part may be missing."""

import json

import chip
from loading import load
from storage import fresh_folder, write

FULL = {
    "name": "complete",
    "pins": {
        "light": {"gpio": 8, "active_low": True},
        "motor": {"gpio": 6},
        "button": {"gpio": 9, "active_low": True, "pull": "up"},
        "vbus": {"gpio": 5, "pull": "down"},
    },
    "battery": {"adc_gpio": 2, "divider_permille": 2000, "low_mv": 3600},
    "radio": {"tx_power_dbm": -3, "rssi_offset_db": 4},
}


def of(text):
    """Return (chip, Board) for what lies in /board.json; None for nothing."""
    silicon = chip.switch_on()
    path = fresh_folder() + "/board.json"
    if text is not None:
        write(path, (text if isinstance(text, str) else json.dumps(text)).encode())
    return silicon, load("board").Board(path)


def without(*parts):
    return {part: value for part, value in FULL.items() if part not in parts}


def assert_bare(board):
    assert board.light is None and board.motor is None
    assert board.usb_present() is None and board.button_pressed() is False
    assert board.battery_mv() is None and board.button is None


def test_nothing_there_is_a_bare_board():
    for text in (None, "", "{", "{}", '{"pins": {}, "battery": {}, "radio": {}}'):
        _, board = of(text)
        assert_bare(board)
        assert (board.name, board.tx_power_dbm, board.rssi_offset_db) == ("unknown", 0, 0)


def test_a_complete_board():
    silicon, board = of(FULL)
    assert (board.name, board.tx_power_dbm, board.rssi_offset_db) == ("complete", -3, 4)
    silicon.adc_uv[2] = 1900000
    assert board.battery_mv() == 3800 and board.low_mv == 3600
    assert silicon.pulls == {9: 2, 5: 1}


def test_a_board_lacks_any_part():
    _, board = of(without("name"))
    assert board.name == "unknown" and board.light
    _, board = of(without("pins"))
    assert board.light is None and board.usb_present() is None
    _, board = of(without("battery"))
    assert board.battery_mv() is None and board.light
    _, board = of(without("radio"))
    assert (board.tx_power_dbm, board.rssi_offset_db) == (0, 0)


def test_a_board_lacks_any_pin():
    for missing in FULL["pins"]:
        pins = {name: pin for name, pin in FULL["pins"].items() if name != missing}
        _, board = of({"pins": pins})
        there = {
            "light": board.light is not None,
            "motor": board.motor is not None,
            "button": board.button_pressed(),  # a level of 0 is a pressed button here
            "vbus": board.usb_present() is not None,
        }
        assert there == {name: name != missing for name in there}, missing


def test_a_light_that_is_active_low_starts_dark():
    silicon, board = of(FULL)
    assert silicon.levels[8] == 1 and silicon.levels[6] == 0
    board.light.set(True)
    board.motor.set(True)
    assert silicon.levels[8] == 0 and silicon.levels[6] == 1
    board.light.set(False)
    assert silicon.levels[8] == 1 and not board.light.is_on()


def test_button_and_usb_power():
    silicon, board = of(FULL)
    silicon.levels[9], silicon.levels[5] = 1, 0
    assert board.button_pressed() is False and board.usb_present() is False
    silicon.levels[9], silicon.levels[5] = 0, 1
    assert board.button_pressed() is True and board.usb_present() is True


def test_a_battery_is_low_by_default_at_3500():
    for battery in ({}, {"adc_gpio": 0}):
        _, board = of({"battery": battery})
        assert board.low_mv == 3500


def test_a_button_knows_the_level_of_a_press():
    for active_low in (True, False):
        _, board = of({"pins": {"button": {"gpio": 9, "active_low": active_low}}})
        assert board.button.on_level is not active_low and board.button.pin.gpio == 9


# Lights of three colours, and the power chip of the M5StickC family.


def test_a_coloured_light_shows_the_same_signs():
    silicon, board = of({"pins": {"light": {"gpio": 8, "kind": "rgb"}}})
    assert silicon.levels[8] == (0, 0, 0)
    board.light.set(True)
    red, green, blue = silicon.levels[8]
    assert 0 < red == green == blue < 64
    board.light.set(False)
    assert silicon.levels[8] == (0, 0, 0)


STICK = {"axp192": {"sda_gpio": 21, "scl_gpio": 22}, "battery": {"low_mv": 3700}}


def stick(registers):
    """Return (its registers, Board) with such a chip, or with none that answers."""
    chip.switch_on()
    folder = fresh_folder()
    write(folder + "/board.json", json.dumps(STICK).encode())
    if registers is not None:
        chip.current().i2c[0x34] = registers
    return registers, load("board").Board(folder + "/board.json")


def test_the_power_chip_tells_battery_and_usb():
    _, board = stick({0x00: 0x20, 0x78: 0xD4, 0x79: 0x0F})
    assert board.usb_present() is True
    assert board.battery_mv() == (0xD4 << 4 | 0xF) * 11 // 10 == 3747
    assert board.low_mv == 3700
    _, board = stick({0x00: 0xDF, 0x78: 0xD0, 0x79: 0x00})
    assert board.usb_present() is False
    assert board.battery_mv() == 3660


def test_its_screen_is_switched_off_and_nothing_else():
    registers, _ = stick({0x12: 0x4F})
    assert registers[0x12] == 0x43


def test_a_power_chip_that_does_not_answer_is_absent():
    _, board = stick(None)
    assert board.usb_present() is None and board.battery_mv() is None
