"""Boards as data: board_configs/*.toml, checked against a schema whose errors name the key.

docs/BOARDS.md describes every key. A board may also be given as a path to a file of one's own.
"""

from __future__ import annotations

import json
import os
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bluetoken.cell import LowSign, low_sign
from bluetoken.chips import CHIPS, Chip
from bluetoken.errors import BadBoard, UnknownBoard
from wearable.schedule import ADVERTISE_US

VFS_OFFSET_BYTES = 0x200000  # where the stock partition table puts the file system, from MicroPython 1.26 on
BLOCK_BYTES = 4096
#: Below this a battery of which nobody says what it holds is called low: some days before the end, or some hours.
LOW_MV = 3500

_PIN: dict[str, Any] = {"gpio": int, "active_low": (bool, False), "pull": (str, None)}
_CURRENT: dict[str, Any] = {"ua": int, "source": str, "measured": (bool, False)}
_CHARGE: dict[str, Any] = {"uc": int, "source": str, "measured": (bool, False)}
RANDOM_DELAY_MS = 5  # on average, which a controller adds to an advertising interval
ADVERT_INTERVAL_MS = ADVERTISE_US // 1000 + RANDOM_DELAY_MS
#: What a board draws in each state, all of it; and what is to be added for each event.
CURRENTS = ("receive", "radio", "cpu", "light_sleep", "deep_sleep")
CHARGES = ("advert", "ble_start", "boot")
_SCHEMA: dict[str, Any] = {
    "name": str,
    "title": str,
    "chip": str,
    "micropython": str,
    "pins": {
        "light": (_PIN | {"kind": (str, None)}, None),
        **{role: (_PIN, None) for role in ("motor", "button", "vbus")},
    },
    "axp192": ({"sda_gpio": int, "scl_gpio": int}, None),
    "flash": {"size_bytes": int, "erase_us": int, "program_us": int},
    "radio": {"tx_power_dbm": int, "rssi_offset_db": int, "start_us": (int, 60000)},
    "battery": {
        "adc_gpio": (int, None),
        "divider_permille": (int, 2000),
        "low_mv": (int, None),
        "capacity_mah": (int, None),
    },
    "energy": (
        {**dict.fromkeys(CURRENTS, _CURRENT), **dict.fromkeys(CHARGES, _CHARGE)},
        None,
    ),
    "cable": {"baud": (int, None)},
}


@dataclass(frozen=True)
class Board:
    """A checked board configuration; `config` has the shape of the TOML file."""

    config: dict[str, Any]

    @property
    def name(self) -> str:
        return self.config["name"]

    @property
    def title(self) -> str:
        return self.config["title"]

    @property
    def chip(self) -> str:
        return self.config["chip"]

    @property
    def file_system_blocks(self) -> int:
        return (self.config["flash"]["size_bytes"] - VFS_OFFSET_BYTES) // BLOCK_BYTES

    @property
    def low_sign(self) -> LowSign | None:
        """When the battery is called low; None where the board cannot tell, or where nobody says what it holds."""
        battery = self.config["battery"]
        if "capacity_mah" not in battery or not ("adc_gpio" in battery or "axp192" in self.config):
            return None
        return low_sign(battery["capacity_mah"], battery.get("low_mv"))

    @property
    def low_mv(self) -> int:
        """The battery's voltage below which it is called low: the board's own word, or the rule of cell.py."""
        own_mv = self.config["battery"].get("low_mv")
        if own_mv is not None:
            return own_mv
        return self.low_sign.low_mv if self.low_sign else LOW_MV

    def as_dict(self) -> dict[str, Any]:
        sign = self.low_sign
        told = {"low_mv": sign.low_mv, "percent": sign.percent, "days": sign.days} if sign else None
        return self.config | {"low_sign": told}

    def for_token(self) -> bytes:
        """What the firmware reads as /board.json."""
        keys = ("name", "pins", "battery", "radio", "axp192")
        told: dict[str, Any] = {key: self.config[key] for key in keys if key in self.config}
        told["battery"] = told["battery"] | {"low_mv": self.low_mv}
        if "energy" in self.config:
            told["draws"] = draws(self.config["energy"])
        return json.dumps(told, sort_keys=True, separators=(",", ":")).encode()


def draws(energy: dict[str, Any]) -> list[int]:
    """Return what the firmware's purse reckons with: uA asleep, uC a start, uA in a burst, uA more when listening."""
    adverts_ua = energy["advert"]["uc"] * 1000 // ADVERT_INTERVAL_MS
    return [
        energy["light_sleep"]["ua"],
        energy["ble_start"]["uc"],
        energy["radio"]["ua"] + adverts_ua,
        energy["receive"]["ua"] - energy["radio"]["ua"],
    ]


def boards_folder() -> Path:
    named = os.environ.get("BLUETOKEN_BOARDS")
    return Path(named) if named else Path(__file__).parents[2] / "board_configs"


def board_names() -> list[str]:
    return sorted(path.stem for path in boards_folder().glob("*.toml"))


def load_board(name: str) -> Board:
    """Read and check a board by its name, or by the path of a TOML file."""
    path = Path(name) if name.endswith(".toml") else boards_folder() / f"{name}.toml"
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise UnknownBoard(f"There is no board {name!r}; known are: {', '.join(board_names())}.") from None
    except OSError as error:
        raise BadBoard(f"{path}: cannot be read ({error.strerror}).") from None
    except UnicodeDecodeError as error:
        raise BadBoard(f"{path}: this is not TOML: {error}.") from None
    try:
        told = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadBoard(f"{path}: this is not TOML: {error}.") from None
    config = _checked(told, _SCHEMA, "", path)
    _check(config, path)
    return Board(config)


def _checked(told: Any, schema: dict[str, Any], where: str, path: Path) -> dict[str, Any]:
    """`told` with defaults filled in; an error names the file and the key."""
    if not isinstance(told, dict):
        raise BadBoard(f"{path}: {where.rstrip('.')} must be a table.")
    for key in told:
        if key not in schema:
            raise BadBoard(f"{path}: unknown key {where}{key}; known are: {', '.join(schema)}.")
    found: dict[str, Any] = {}
    for key, kind in schema.items():
        optional = isinstance(kind, tuple)
        kind, default = kind if isinstance(kind, tuple) else (kind, None)
        if key not in told:
            if optional:
                if default is not None:
                    found[key] = default
            elif isinstance(kind, dict):
                found[key] = _checked({}, kind, f"{where}{key}.", path)
            else:
                raise BadBoard(f"{path}: the key {where}{key} is missing.")
        elif isinstance(kind, dict):
            found[key] = _checked(told[key], kind, f"{where}{key}.", path)
        elif type(told[key]) is not kind:
            raise BadBoard(f"{path}: {where}{key} must be {_NAMES[kind]}, not {told[key]!r}.")
        else:
            found[key] = told[key]
    return found


_RANGES = (
    ("radio.tx_power_dbm", -50, 20),
    ("radio.rssi_offset_db", -40, 40),
    ("radio.start_us", 0, 10_000_000),
    ("flash.erase_us", 1, 10_000_000),
    ("flash.program_us", 1, 1_000_000),
    ("battery.divider_permille", 1000, 100_000),
    ("battery.low_mv", 0, 20_000),
    ("battery.capacity_mah", 1, 100_000),
    ("cable.baud", 300, 4_000_000),
)
_NAMES = {int: "a whole number", str: "a text", bool: "true or false"}


def _check(config: dict[str, Any], path: Path) -> None:
    """Refuse what could not work, before anything is written to a board."""
    try:
        if config["chip"] not in CHIPS:
            raise BadBoard(f"chip must be one of {', '.join(CHIPS)}, not {config['chip']!r}.")
        _check_pins(config, CHIPS[config["chip"]])
        _check_kinds(config["pins"])
        _check_numbers(config)
    except BadBoard as refused:
        raise BadBoard(f"{path}: {refused}") from None


def _check_pins(config: dict[str, Any], chip: Chip) -> None:
    name = config["chip"]
    used: dict[int, str] = {}
    gpios = {f"pins.{role}.gpio": pin["gpio"] for role, pin in config["pins"].items()}
    if "adc_gpio" in config["battery"]:
        gpios["battery.adc_gpio"] = config["battery"]["adc_gpio"]
    gpios |= {f"axp192.{key}": gpio for key, gpio in config.get("axp192", {}).items()}
    cable = chip.uart if "baud" in config["cable"] else chip.usb
    for key, gpio in gpios.items():
        if gpio not in chip.pins:
            raise BadBoard(f"{key} is {gpio}, which {name} does not have to offer.")
        if gpio in used:
            raise BadBoard(f"{key} and {used[gpio]} are the same pin, {gpio}.")
        if key in _DRIVEN and gpio in chip.inputs:
            raise BadBoard(f"{key} is {gpio}, which can only be an input on {name}.")
        if gpio in chip.inputs and _pull(config, key):
            raise BadBoard(f"{key} is {gpio}, which has no resistor of its own on {name}: leave out pull.")
        if gpio in cable:
            raise BadBoard(f"{key} is {gpio}, which the cable of this {name} is on.")
        if key == "battery.adc_gpio" and gpio not in chip.adc1:
            raise BadBoard(f"{key} is {gpio}, which cannot measure on {name}.")
        used[gpio] = key
        _check_strap(config, key, chip.straps.get(gpio))


def _pull(config: dict[str, Any], key: str) -> bool:
    table, role, *_ = key.split(".")
    return table == "pins" and "pull" in config["pins"][role]


#: What a token drives; a bus, too, for its clock.
_DRIVEN = ("pins.light.gpio", "pins.motor.gpio", "axp192.sda_gpio", "axp192.scl_gpio")


def _check_strap(config: dict[str, Any], key: str, needed: bool | None) -> None:
    """A strapping pin decides how the chip starts: a part at rest must leave it the level it needs."""
    if needed is None:
        return
    rest: bool | None = None  # unknown: USB power or a battery may be there or not
    if key.startswith("axp192."):
        rest = True  # a bus is pulled up
    elif key in ("pins.light.gpio", "pins.motor.gpio", "pins.button.gpio"):
        pin = config["pins"][key.split(".")[1]]
        rest = needed if pin.get("kind") == "rgb" else pin["active_low"]
    if rest != needed:
        level = "high" if needed else "low"
        raise BadBoard(f"{key} is a pin that must be {level} at reset, which this part does not see to.")


def _check_kinds(pins: dict[str, Any]) -> None:
    for role, pin in pins.items():
        if pin.get("pull") not in (None, "up", "down"):
            raise BadBoard(f"pins.{role}.pull must be \"up\" or \"down\", not {pin['pull']!r}.")
    kind = pins.get("light", {}).get("kind")
    if kind not in (None, "rgb"):
        raise BadBoard(f'pins.light.kind must be "rgb" or absent, not {kind!r}.')


def _check_numbers(config: dict[str, Any]) -> None:
    flash = config["flash"]
    if flash["size_bytes"] <= VFS_OFFSET_BYTES or flash["size_bytes"] % BLOCK_BYTES:
        raise BadBoard(f"flash.size_bytes must be whole blocks of {BLOCK_BYTES} above 2 MiB.")
    for key, low, high in _RANGES:
        table, name = key.split(".")
        value = config[table].get(name)
        if value is not None and not low <= value <= high:
            raise BadBoard(f"{key} must lie between {low} and {high}.")
    for name, drawn in config.get("energy", {}).items():
        unit, highest = ("ua", 1_000_000) if name in CURRENTS else ("uc", 10_000_000)
        if not 0 <= drawn[unit] <= highest:
            raise BadBoard(f"energy.{name}.{unit} must lie between 0 and {highest}.")
