"""What the firmware takes on a small chip: the same in every run, and within what a token can spare."""

import datetime

import pytest

from rv32 import counts

# The handler's goals: at 160 MHz and one cycle an instruction, 25 us for an advert that is kept, 6 for another.
KEPT_LIMIT = 4_000
REJECTED_LIMIT = 1_000
# The others are far below; these limits are there for what goes wrong by a factor.
KEYS_LIMIT = 2_000_000
BATCH_LIMIT = 4_000_000
ENCAPSULATION_LIMIT = 80_000_000  # half a second, once a segment
SEAL_LIMIT = 1_000_000
BOOT_LIMIT = 160_000_000  # a second, at an instruction a cycle
HEAP_FREE_BYTES = 16_000  # beside all modules, the tables, and what a segment begins with


@pytest.fixture(scope="module")
def found() -> dict[str, int]:
    return counts.measure()


def test_the_same_program_takes_the_same_instructions(found: dict[str, int]) -> None:
    # But for what a collection takes for pointers in the remains on the stack, where host time has a part.
    again = counts.measure()
    # A desk's bytes come in pieces of the host's making, which leave other remains on heap and stack, and each
    # question of a whole token is rounded to a microsecond.
    for whole in ("sync", "boot"):
        assert again.pop(whole) == pytest.approx(found[whole], rel=0.02)
    assert again == pytest.approx({name: found[name] for name in again}, rel=1e-4, abs=64)


def test_the_handler_keeps_up_and_allocates_nothing(found: dict[str, int]) -> None:
    assert found["rejected"] < found["rejected_worst"] < REJECTED_LIMIT
    assert found["kept"] < KEPT_LIMIT
    assert found["handler_allocated"] == 0


def test_keys_and_batches_take_milliseconds(found: dict[str, int]) -> None:
    assert found["id_change"] < found["derive_keys"] < KEYS_LIMIT
    assert found["pack"] + found["append_worst"] < BATCH_LIMIT


def test_a_start_is_on_the_air_within_a_second_sealing_included(found: dict[str, int]) -> None:
    assert found["import"] + found["encapsulate"] < found["boot"] < BOOT_LIMIT


def test_what_a_segment_begins_with_is_let_go(found: dict[str, int]) -> None:
    assert found["encapsulate"] < found["begin"] < ENCAPSULATION_LIMIT
    assert found["heap_late"] > 4_000
    assert found["begin_kept"] < 64


def test_sealing_takes_its_time_once_a_segment(found: dict[str, int]) -> None:
    assert found["public_key"] < found["product"] < found["encapsulate"] < ENCAPSULATION_LIMIT
    assert found["export"] < found["seal"] < SEAL_LIMIT


def test_all_modules_leave_room_in_96_kib(found: dict[str, int]) -> None:
    taken = found["heap"] + found["heap_ring_radio_sightings"] + found["heap_late"]
    assert found["heap_total"] - taken > HEAP_FREE_BYTES


def test_no_figure_has_grown_by_more_than_a_tenth(found: dict[str, int]) -> None:
    before = counts.written(counts.COUNTS.read_text())
    assert set(before) == {*counts.LINES, *counts.BYTES}, (
        "docs/COUNTS.md is of another version: write it anew"
    )
    told = counts.grown(found, before)
    assert not told, "; ".join(told) + ": see docs/COUNTS.md"


def test_a_figure_that_grows_is_named(found: dict[str, int]) -> None:
    before = counts.written(counts.page(found, datetime.date(2026, 3, 2)))
    assert all(before[name] == found[name] for name in before)
    assert counts.grown(found | {"kept": found["kept"] * 11 // 10}, before) == []
    more = found | {"kept": 4500, "handler_allocated": 16}
    told = f"kept has grown from {found['kept']:,} to 4,500"
    assert counts.grown(more, before) == [told, "handler_allocated has grown from 0 to 16"]


def test_the_table_names_every_count(found: dict[str, int]) -> None:
    printed = counts.table(found)
    assert "not measured on silicon" in printed
    assert all(text in printed for text in counts.LINES.values())
