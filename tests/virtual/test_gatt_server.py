"""A GATT server's answers, byte for byte (Core Specification Vol 3 Part F 3.4)."""

from __future__ import annotations

import pytest

from bluetoken.virtual.gatt_server import READABLE, Characteristic, GattServer, Service, uuid16, uuid128

LONG = uuid128("00004E56-73F5-4BC4-A12F-17D1AD07A667")
SERVER = GattServer(
    (
        Service(1, uuid16(0x1800), (Characteristic(uuid16(0x2A00), READABLE, lambda _: b"phone" * 6),)),
        Service(
            0x20,
            LONG,
            (
                Characteristic(LONG[:15] + b"\1", READABLE, lambda at_us: bytes([at_us])),
                Characteristic(uuid16(0x2A02), 0x08, lambda _: b"secret"),
            ),
        ),
        Service(0x30, LONG, ()),
    )
)


def test_a_uuid_s_lowest_byte_is_first() -> None:
    assert LONG.hex() == "67a607add1172fa1c44bf573564e0000" and uuid16(0x4E56) == b"\x56\x4e"


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        ("060100ffff0028" + LONG.hex(), "0720002400" + "30003000"),
        ("062100ffff0028" + LONG.hex(), "0730003000"),
        ("060100ffff00280018", "0701000300"),
        ("060100ffff00280118", "010601000a"),
        ("060000ffff00280018", "0106000001"),
        ("060500040000280018", "0106050001"),
        ("1001000400" + "0028", "1106" + "010003000018"),
        ("1004002f00" + "0028", "1114" + "20002400" + LONG.hex()),
        ("1001004000" + "0328", "0110010010"),
        ("08010003000328", "0907" + "0200" + "02" + "0300" + "002a"),
        ("08200024000328", "0915" + "2100" + "02" + "2200" + LONG[:15].hex() + "01"),
        ("08220024000328", "0907" + "2300" + "08" + "2400" + "022a"),
        ("08240024000328", "010824000a"),
        ("0820002400022a", "0108240002"),
        ("0a2200", "0b05"),
        ("0a0300", "0b" + (b"phone" * 6)[:22].hex()),
        ("0a0900", "010a090001"),
        ("0a2400", "010a240002"),
        ("0a22", "010a000004"),
        ("0a220000", "010a000004"),
        ("06", "0106000004"),
        ("08010003", "0108000004"),
        ("0801000300032800", "0108000004"),
        ("120300ff", "0112000006"),
    ],
)
def test_it_answers(asked: str, answer: str) -> None:
    said = SERVER.answer(bytes.fromhex(asked), 5, 23)
    assert said is not None and said.hex() == answer


@pytest.mark.parametrize("asked", ["520300ff", "0b00", "1b0300ff"])
def test_commands_and_answers_are_not_answered(asked: str) -> None:
    assert SERVER.answer(bytes.fromhex(asked), 5, 23) is None


def test_a_larger_mtu_holds_more() -> None:
    assert SERVER.answer(b"\x0a\x03\x00", 5, 100) == b"\x0b" + b"phone" * 6
