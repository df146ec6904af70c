"""Wear of the flash and room on it, over simulated days of a token's own writing on real littlefs."""

from pathlib import Path

import pytest

from bluetoken.bench import wear
from bluetoken.boards import BLOCK_BYTES
from wearable import records

DAYS = 14
RESERVE_BYTES = 65536  # journal.RESERVE_BYTES, which tests/docs holds to the code
PIECE_BYTES = 16
ENC_AT = records.HEADER_BYTES - 4 - records.ENC_BYTES  # what is before it is alike in all segments
GONE_AFTER_DAYS = 7  # docs/PRIVACY.md, "What lies in a token's flash"


@pytest.mark.parametrize(("encounters", "limit_bytes"), [(500, 32), (2000, 28)])
def test_an_encounter_takes_few_bytes_of_flash_and_waits_no_quarter_of_an_hour(
    encounters: int, limit_bytes: int
) -> None:
    found = wear.figures(DAYS, encounters)
    assert abs(found["encounters"] / DAYS / encounters - 1) < 0.05
    assert found["encounter_bytes_permille"] <= limit_bytes * 1000
    assert found["oldest_s"] <= 900
    assert wear.erases_in_five_years(found, DAYS) < wear.ENDURANCE / 100
    # No call into littlefs, and a flush is one, erases more than one block: with a batch that is written in one
    # piece across a block's end it would be 101 ms.
    assert found["call_longest_us"] < 100_000
    # A whole commit, from opening the file to closing it, may erase three: the old last block, a new one, and the
    # directory's.
    assert found["flush_mean_us"] < 60_000
    assert found["flush_worst_us"] < 160_000
    assert found["flushes_over"] / found["flushes"] < (0.05 if encounters == 500 else 0.12)


@pytest.mark.long
def test_five_years_wear_no_block_out() -> None:
    found = wear.figures(wear.YEARS_DAYS, 500)
    assert found["erases_most"] < wear.ENDURANCE / 100
    assert found["erases_most"] < 2 * found["erases_typical"]
    assert found["gone_after_most_s"] <= GONE_AFTER_DAYS * 86400


def test_three_weeks_fit_and_go_and_the_raw_flash_forgets_them(tmp_path: Path) -> None:
    days = 35
    found = wear.figures(days, 500, folder=tmp_path)
    assert found["full"] == 0
    assert found["least_free_blocks"] * BLOCK_BYTES > 10 * RESERVE_BYTES
    image = (tmp_path / "flash.bin").read_bytes()
    gone = [pieces_left(image, path.read_bytes()) for path in tmp_path.glob("*.gone")]
    here = [pieces_left(image, path.read_bytes()) for path in tmp_path.glob("*.seg")]
    assert len(gone) == found["gone"] >= 5
    assert gone == [0] * len(gone)
    assert found["gone_after_most_s"] <= GONE_AFTER_DAYS * 86400
    # Deleting is not overwriting: that these are found shows that the search finds.
    assert here and min(here) > 0


def pieces_left(image: bytes, segment: bytes) -> int:
    """How many pieces of a segment are somewhere in the image."""
    starts = range(ENC_AT, len(segment) - PIECE_BYTES, 8 * PIECE_BYTES)
    return sum(segment[start : start + PIECE_BYTES] in image for start in starts)


def test_a_week_is_kept_where_a_week_was_told() -> None:
    found = wear.figures(12, 500, retention_days=7)
    assert found["deleted"] >= 4
    assert found["segments"] <= 9
