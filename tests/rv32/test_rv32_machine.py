"""The machine is what it is said to be: a small 32-bit MicroPython whose time is counted in instructions."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bluetoken.errors import NoRv32
from bluetoken.virtual import rv32
from rv32.run import Failure, Rv32

HEAP_BYTES = 98304


@pytest.fixture(scope="module")
def machine() -> Iterator[Rv32]:
    with Rv32({"flash/there.txt": b"on littlefs", "tests/here.txt": b"on ROMFS"}) as machine:
        yield machine


def test_words_floats_and_heap_are_a_small_chip_s(machine: Rv32) -> None:
    printed = machine.exec("print(sys.maxsize, 16777217.0 == 16777216.0, gc.mem_free() + gc.mem_alloc())")
    maxsize, single, heap = printed.split()
    assert (int(maxsize), single) == (2**31 - 1, "True")
    assert HEAP_BYTES - 4096 < int(heap) <= HEAP_BYTES


def test_aes_and_sha256_give_the_standards_examples(machine: Rv32) -> None:
    printed = machine.exec(
        "import cryptolib, hashlib\n"
        "print(cryptolib.aes(bytes(range(16)), 1).encrypt(bytes(range(0, 256, 17))).hex())\n"
        "print(hashlib.sha256(b'abc').digest().hex())"
    )
    fips_197 = "69c4e0d86a7b0430d8cdb78070b4c55a"
    fips_180 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert printed.split() == [fips_197, fips_180]


def test_files_are_where_they_were_put(machine: Rv32) -> None:
    printed = machine.exec("for path in '/token/there.txt', '/rom/tests/here.txt': print(open(path).read())")
    assert printed.splitlines() == ["on littlefs", "on ROMFS"]


def test_a_nanosecond_is_an_instruction(machine: Rv32) -> None:
    printed = machine.exec(
        "import time\n"
        "def work():\n"
        "    for _ in range(1000): pass\n"
        "start_us = time.ticks_us()\n"
        "n = rv32.count(work, 100)\n"
        "print(n, time.ticks_diff(time.ticks_us(), start_us))"
    )
    instructions, us = (int(each) for each in printed.split())
    assert instructions > 100 * 1000
    assert abs(instructions / 1000 - us) < 0.01 * us


def test_flash_programs_clear_bits_and_erases_set_them(machine: Rv32) -> None:
    printed = machine.exec(
        "part, read = rv32.Flash(4), bytearray(1)\n"
        "for byte in b'\\x0f', b'\\xf3':\n"
        "    part.writeblocks(1, byte, 5)\n"
        "part.readblocks(1, read, 5); print(read[0])\n"
        "part.ioctl(6, 1); part.readblocks(1, read, 5); print(read[0], part.programmed(), part.erased())\n"
        "try: part.readblocks(4, read, 0)\n"
        "except OSError: print('beyond')"
    )
    assert printed.split() == ["3", "255", "2", "1", "beyond"]


def test_an_exception_there_is_a_failure_here(machine: Rv32) -> None:
    with pytest.raises(Failure, match=r"said before(.|\n)*ZeroDivisionError"):
        machine.exec("print('said before'); 1 // 0")
    assert machine.exec("print(7)") == "7\n"


def test_a_machine_that_ends_says_so() -> None:
    with Rv32() as machine, pytest.raises(Failure, match=r"ended|does not answer"):
        machine.exec("import machine; machine.reset()", limit_s=2)


def test_no_interpreter_is_one_sentence_that_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rv32, "INTERPRETER", Path("no/such/firmware.elf"))
    with pytest.raises(NoRv32, match="make rv32"):
        Rv32()
