"""Reading contact traces: whoever wrote them, with a sentence where a line is none."""

from itertools import pairwise
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bluetoken.errors import BadTrace
from bluetoken.study.traces import DAY_S, Trace, merged, read_trace

ROWS = [(31220, "8", "9"), (31240, "8", "9"), (31300, "9", "8"), (31220, "8", "10")]


def written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("delimiter", ["\t", ",", ";", " ", ", "])
@pytest.mark.parametrize("heading", ["", "Time id1 id2 c1 c2\n"])
def test_delimiters_and_headings(tmp_path: Path, delimiter: str, heading: str) -> None:
    lines = "\n".join(delimiter.join(map(str, row)) for row in ROWS)
    trace = read_trace(written(tmp_path / "trace", heading + lines + "\n\n"))
    assert trace.contacts == {("8", "9"): [(31200, 31240), (31280, 31300)], ("10", "8"): [(31200, 31220)]}
    assert trace.present == {"8": [(31200, 31300)], "9": [(31200, 31300)], "10": [(31200, 31220)]}


def test_groups_are_rooms(tmp_path: Path) -> None:
    trace = read_trace(written(tmp_path / "trace", "40 a b 1A 2B\n"))
    assert sorted(trace.in_rooms()) == [("a", 20, 40, "1A"), ("b", 20, 40, "2B")]


@pytest.mark.parametrize("bad", ["here is none", "20 a", "20 a a", "-20 a b", "20.5 a b", "2e3 a b"])
def test_a_bad_line_is_named(tmp_path: Path, bad: str) -> None:
    with pytest.raises(BadTrace, match=r"line 3: a row is a time in seconds and two ids\.$"):
        read_trace(written(tmp_path / "trace", f"20 a b\n40 a b\n{bad}\n"))


@pytest.mark.parametrize("content", [b"", b"Time id1 id2\n", b"\xff\xfe\x00"])
def test_what_is_no_trace_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "trace"
    path.write_bytes(content)
    with pytest.raises(BadTrace, match=r"\.$"):
        read_trace(path)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(BadTrace, match="cannot be read"):
        read_trace(tmp_path / "none")


@given(st.lists(st.integers(1, 300), min_size=1), st.sampled_from("\t,; "), st.randoms())
def test_the_order_of_rows_and_what_parts_them_do_not_matter(
    tmp_path_factory: pytest.TempPathFactory, steps: list[int], delimiter: str, chance: Random
) -> None:
    rows = [(step * 20, *chance.sample(["a", "b"], 2)) for step in steps]
    chance.shuffle(rows)
    text = "\n".join(delimiter.join(map(str, row)) for row in rows)
    trace = read_trace(written(tmp_path_factory.mktemp("traces") / "trace", text))
    covered = [at_s for start_s, end_s in trace.contacts["a", "b"] for at_s in range(start_s + 20, end_s + 1, 20)]
    assert covered == sorted({step * 20 for step in steps})


@given(st.sets(st.integers(1, 200), min_size=1))
def test_merged_stretches_do_not_touch(steps: set[int]) -> None:
    stretches = merged(step * 20 for step in steps)
    assert all(one[1] < other[0] for one, other in pairwise(stretches))
    assert sum(end_s - start_s for start_s, end_s in stretches) == 20 * len(steps)


def test_until_a_day(tmp_path: Path) -> None:
    trace = read_trace(written(tmp_path / "trace", f"40 a b\n{DAY_S + 40} a b\n{DAY_S + 40} a c\n"))
    first = trace.until(1)
    assert (first.days, first.people) == ([0], ["a", "b"])
    assert trace.until(2) == trace


def test_a_day_twice_is_the_same_day_again() -> None:
    day = Trace({("a", "b"): [(100, 160)]}, {"a": [(100, 900)], "b": [(0, 160)]}, {}, {"a": [(100, 900, "room")]})
    both = day.twice()
    assert both.days == [0, 1] and both.facing_s(1) == both.facing_s(0) == day.facing_s(0)
    assert both.present["a"] == [(100, 900), (DAY_S + 100, DAY_S + 900)]
    assert both.rooms["a"][1] == (DAY_S + 100, DAY_S + 900, "room")
    assert both.until(1) == day
