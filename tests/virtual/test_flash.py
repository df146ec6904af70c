"""NOR flash on a file: bits only fall, blocks only rise together, and power fails in the middle."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from bluetoken.virtual.flash import BLOCK_BYTES, PAGE_BYTES, Flash, PowerCut

BLOCKS = 4
SEEDS = range(30)


@pytest.fixture
def flash(tmp_path: Path) -> Iterator[Flash]:
    flash = Flash(tmp_path / "a part.flash", BLOCKS, erase_us=45_000, program_us=700)
    yield flash
    flash.close()


def test_a_new_part_is_erased(flash: Flash) -> None:
    assert flash.image() == b"\xff" * (BLOCKS * BLOCK_BYTES)


def test_programming_clears_bits_and_never_sets_them(flash: Flash) -> None:
    flash.program(100, b"\xf0\x0f")
    assert flash.overwritten == 0
    flash.program(100, b"\x3c\xff")
    assert flash.read(99, 4) == b"\xff\x30\x0f\xff"
    assert flash.overwritten == 1


def test_erasing_sets_one_block_and_no_other(flash: Flash) -> None:
    for block in range(BLOCKS):
        flash.program(block * BLOCK_BYTES, bytes(BLOCK_BYTES))
    flash.erase(BLOCK_BYTES)
    expected = [bytes(BLOCK_BYTES)] * BLOCKS
    expected[1] = b"\xff" * BLOCK_BYTES
    assert flash.image() == b"".join(expected)


def test_operations_are_counted_and_take_their_time(flash: Flash) -> None:
    assert flash.program(0, bytes(1)) == 700
    assert flash.program(0, bytes(PAGE_BYTES + 1)) == 1400
    assert flash.erase(3 * BLOCK_BYTES) == flash.erase(3 * BLOCK_BYTES) == 45_000
    assert (flash.programs, flash.programmed_bytes, flash.operations) == (2, PAGE_BYTES + 2, 4)
    assert flash.erases == [0, 0, 0, 2]


def test_the_file_keeps_what_was_programmed(tmp_path: Path) -> None:
    for byte in (b"\xfe", b"\xfc"):
        flash = Flash(tmp_path / "kept", BLOCKS)
        flash.program(7, byte)
        flash.close()
    again = Flash(tmp_path / "kept", BLOCKS)
    assert again.read(7, 1) == b"\xfc"
    again.close()


def test_power_fails_at_the_operation_asked_for_and_only_there(flash: Flash) -> None:
    flash.cut_after(3)
    flash.program(0, b"\0")
    flash.erase(BLOCK_BYTES)
    with pytest.raises(PowerCut):
        flash.program(1, b"\0" * 8)
    flash.cut_after(None)
    flash.program(2 * BLOCK_BYTES, b"\0")


@pytest.mark.parametrize("seed", SEEDS)
def test_a_torn_program_has_a_beginning_a_torn_byte_and_no_end(flash: Flash, seed: int) -> None:
    wanted = Random(f"data {seed}").randbytes(64)
    flash.cut_after(1, seed)
    with pytest.raises(PowerCut):
        flash.program(0, wanted)
    torn = flash.read(0, 64)
    assert torn != wanted
    done = next(n for n in range(64) if torn[n] != wanted[n])
    assert torn[done + 1 :] == b"\xff" * len(torn[done + 1 :])
    assert torn[done] & wanted[done] == wanted[done]


@pytest.mark.parametrize("seed", SEEDS)
def test_a_torn_erase_leaves_a_mix_of_old_bits_and_ones(flash: Flash, seed: int) -> None:
    old = Random(f"data {seed}").randbytes(BLOCK_BYTES)
    flash.program(0, old)
    flash.cut_after(1, seed)
    with pytest.raises(PowerCut):
        flash.erase(0)
    torn = flash.read(0, BLOCK_BYTES)
    assert all(a & b == a for a, b in zip(old, torn, strict=True))
    assert torn not in (old, b"\xff" * BLOCK_BYTES)
    assert flash.read(BLOCK_BYTES, BLOCK_BYTES) == b"\xff" * BLOCK_BYTES


def test_the_same_seed_tears_alike(tmp_path: Path) -> None:
    images = []
    for name in "ab":
        flash = Flash(tmp_path / name, 1)
        flash.cut_after(1, 9)
        with pytest.raises(PowerCut):
            flash.program(0, bytes(4000))
        images.append(flash.image())
        flash.close()
    assert images[0] == images[1]
