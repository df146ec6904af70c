"""Which port is taken for the token, and what is said where that is not clear."""

from __future__ import annotations

from pathlib import Path

import pytest
from serial.tools.list_ports_common import ListPortInfo

from bluetoken.errors import NoSuchPort
from bluetoken.link import ports

ESPRESSIF, KEYBOARD = 0x303A, 0x046D


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> list[ListPortInfo]:
    """The serial ports of the machine, none at first."""
    plugged: list[ListPortInfo] = []
    monkeypatch.setattr(ports.list_ports, "comports", lambda: plugged)
    return plugged


def usb(device: str, vendor: int | None = ESPRESSIF) -> ListPortInfo:
    port = ListPortInfo(device)
    port.vid = vendor
    return port


def test_where_no_port_can_be_a_token_the_user_is_asked_to_plug_one_in(machine: list) -> None:
    machine += [usb("/dev/ttyS0", None), usb("/dev/ttyACM7", KEYBOARD)]
    with pytest.raises(NoSuchPort, match="plug it in"):
        ports.find_port(None)


def test_the_only_port_that_can_be_a_token_is_taken(machine: list) -> None:
    machine += [usb("/dev/ttyS0", None), usb("/dev/ttyACM0")]
    assert ports.find_port(None) == "/dev/ttyACM0"


def test_where_several_ports_can_be_a_token_the_user_is_asked_which(machine: list) -> None:
    machine += [usb("/dev/ttyUSB1", 0x1A86), usb("/dev/ttyACM0")]
    with pytest.raises(NoSuchPort, match="--port: /dev/ttyACM0, /dev/ttyUSB1"):
        ports.find_port(None)


def test_a_named_port_is_taken_whatever_else_is_plugged_in(machine: list, tmp_path: Path) -> None:
    machine += [usb("/dev/ttyACM0"), usb("/dev/ttyACM1")]
    mine = tmp_path / "a port"
    mine.touch()
    assert ports.find_port(str(mine)) == str(mine)
    assert ports.find_port("COM5") == "COM5"


def test_a_named_port_that_is_not_there_is_told_by_its_name(tmp_path: Path) -> None:
    missing = tmp_path / "tty there is none"
    with pytest.raises(NoSuchPort, match=f"There is no port {missing}"):
        ports.find_port(str(missing))
