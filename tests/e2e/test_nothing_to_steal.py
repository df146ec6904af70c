"""Who takes the flash chips of a whole day's tokens finds neither a key nor an identifier in them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bluetoken.bench.speed import crowd, issue_all
from bluetoken.virtual.demo import SCENARIO
from bluetoken.virtual.scenario import load_scenario
from bluetoken.virtual.stage import Stage
from wearable import reading
from wearable.protocols import gaen

from . import flash_image, journal_bytes

PREFIX_BYTES = 8
BLOCK_BYTES = 4096
ERASED = b"\xff" * BLOCK_BYTES


def images(folder: Path, count: int, hours: float, authority: bytes) -> list[bytes]:
    """The flash of so many tokens after so many hours together; one lost its power, another was stopped at a desk."""
    stage = Stage(crowd(load_scenario(SCENARIO), count), folder)
    try:
        stage.start()
        stage.world.run_for(2)
        issue_all(stage, authority)
        stage.world.run_for(hours * 1800)
        first = stage.world.tokens[0]
        stage.world.call(lambda: first.power_down(stage.world.now_us))
        stage.world.run_for(5)
        stage.world.call(lambda: first.power_up(stage.world.now_us))
        stage.world.run_for(hours * 1800)
        return [stage.world.call(token.flash.image) for token in stage.world.tokens]
    finally:
        stage.close()


def own_keys(image: bytes) -> list[reading.Key]:
    return journal_bytes.found(flash_image.segments(image), reading.Key)


def needles(keys: list[reading.Key]) -> dict[bytes, str]:
    """Every key, and every identifier made of it, in every form in which it might lie there."""
    found: dict[bytes, str] = {}
    for key in keys:
        rpik, aemk = (bytes(each) for each in gaen.derive_keys(key.tek))
        intervals = range(key.rolling_start, key.rolling_start + key.rolling_period)
        rpis = [bytes(gaen.rolling_proximity_identifier(rpik, each)) for each in intervals]
        kinds = [("TEK", key.tek), ("RPIK", rpik), ("AEMK", aemk), *(("RPI", rpi) for rpi in rpis)]
        for kind, value in kinds:
            for order, each in (("", value), (" backwards", value[::-1])):
                digits = each.hex().encode()
                found |= {each: kind + order, digits: f"{kind}{order} as hex", digits.upper(): f"{kind}{order} as HEX"}
    return found


def lying_in(image: bytes, wanted: dict[bytes, str]) -> Iterator[str]:
    """What lies anywhere in an image, in use or not: erased blocks hold nothing, copied ones are looked at, too."""
    prefixes = {needle[:PREFIX_BYTES] for needle in wanted}
    for block in range(0, len(image), BLOCK_BYTES):
        # A needle may reach over into the next block.
        piece = image[block : block + BLOCK_BYTES + 2 * 16 - 1]
        if piece.startswith(ERASED):
            continue
        for at in range(BLOCK_BYTES):
            if piece[at : at + PREFIX_BYTES] in prefixes:
                yield from (name for needle, name in wanted.items() if piece.startswith(needle, at))


def search(tokens: list[bytes]) -> set[str]:
    wanted = needles([key for image in tokens for key in own_keys(image)])
    return {name for image in tokens for name in lying_in(image, wanted)}


def met(tokens: list[bytes]) -> int:
    return len(journal_bytes.found(flash_image.segments(tokens[0]), reading.Encounter))


def test_nothing_is_found_in_sealed_tokens(tmp_path: Path) -> None:
    tokens = images(tmp_path, count=3, hours=1, authority=journal_bytes.AUTHORITY_PUBLIC)
    assert met(tokens) >= 2 * 6
    assert search(tokens) == set()


def test_the_search_finds_both_where_nothing_is_sealed(tmp_path: Path) -> None:
    tokens = images(tmp_path, count=3, hours=1, authority=b"")
    assert search(tokens) == {"TEK", "RPI"}


def test_the_search_finds_every_form_even_across_blocks() -> None:
    key = reading.Key(bytes(range(16)), 2642976, 144)
    wanted = needles([key])
    for needle, name in list(wanted.items())[:18]:
        image = bytearray(b"\xff" * 3 * BLOCK_BYTES)
        image[2 * BLOCK_BYTES - 5 : 2 * BLOCK_BYTES - 5 + len(needle)] = needle
        assert set(lying_in(bytes(image), wanted)) == {name}


@pytest.mark.long
def test_nothing_is_found_after_a_day_of_twenty(tmp_path: Path) -> None:
    tokens = images(tmp_path, count=20, hours=24, authority=journal_bytes.AUTHORITY_PUBLIC)
    assert met(tokens) > 0.9 * 19 * 144
    assert search(tokens) == set()
