"""A segment over a disturbed line is right or it is not there."""

from __future__ import annotations

from random import Random
from zlib import crc32

import pytest

from bluetoken.errors import BluetokenError, CableLost, DamagedSegment, DeviceFault
from bluetoken.link import repl
from bluetoken.link.desk import Desk, Segment
from bluetoken.link.repl import Repl
from e2e import flash_image
from e2e.conftest import MakeDay
from e2e.day import Day
from e2e.disturbance import Disturbance, Harm

# Every byte there is, the two that are escaped more often than others.
RAW = b"".join(bytes([n, 4, 0x1B]) for n in range(256)) * 12 + Random(5).randbytes(1000)
SEGMENT = Segment(7, len(RAW), crc32(RAW))
HARMS: dict[str, Harm] = {
    "flipped": lambda byte: byte ^ 0x20,
    "turned into the end of the output": lambda byte: 0x04,
    "turned into an escape": lambda byte: 0x1B,
}


@pytest.fixture
def day(make_day: MakeDay, flashed: bytes) -> Day:
    """A token on which segment 7 waits to be fetched."""
    day = make_day({"A": flash_image.with_files(flashed, {"/journal/00000007.seg": RAW})})
    day.stop(day.token)
    return day


def test_a_segment_comes_as_it_is_with_its_progress(day: Day) -> None:
    seen: list[int] = []
    with Desk(day.token.cable.path) as desk:
        assert desk.segments() == [SEGMENT]
        assert desk.fetch(SEGMENT, seen.append) == RAW
    assert seen == sorted(seen) and seen[-1] == len(RAW)


@pytest.mark.parametrize("harm", HARMS.values(), ids=HARMS)
@pytest.mark.parametrize("at", [600, 1500, 9000])
def test_a_byte_that_goes_wrong_once_is_asked_for_again(at: int, harm: Harm, day: Day) -> None:
    with Desk(day.token.cable.path) as desk:
        assert desk.hello()
        line = Disturbance(day, day.token, lambda place: place == at, harm)
        assert desk.fetch(SEGMENT) == RAW
        assert line.done == 1
        assert desk.segments() == [SEGMENT], "desk and token are still in step"


def test_a_line_that_is_always_disturbed_gives_no_segment_and_the_token_keeps_it(day: Day) -> None:
    with Desk(day.token.cable.path) as desk:
        Disturbance(day, day.token, lambda place: place % 700 == 699, HARMS["flipped"])
        with pytest.raises(DamagedSegment, match="it stays on the token"):
            desk.fetch(SEGMENT)
    assert day.segments(day.token)[7] == RAW


def test_where_the_end_of_the_output_gets_lost_the_cable_is(day: Day, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repl, "READ_TIMEOUT_S", 0.5)
    monkeypatch.setattr(Repl.stream, "__defaults__", (0.5,))
    with Desk(day.token.cable.path) as desk:
        desk.hello()
        Disturbance(day, day.token, lambda place: place > len(RAW), lambda byte: 5 if byte == 4 else byte)
        with pytest.raises(CableLost):
            desk.fetch(SEGMENT)


def test_an_exception_in_the_middle_of_a_stream_is_told(day: Day) -> None:
    board = Repl(day.token.cable.path)
    heard = bytearray()
    with pytest.raises(DeviceFault, match="ValueError: of the token"):
        board.stream("print('first')\nraise ValueError('of the token')", heard.extend)
    board.close()
    assert heard.strip() == b"first"


def test_whatever_happens_to_a_line_what_comes_is_right(day: Day) -> None:
    random = Random(1)
    came = 0
    for _ in range(12):
        places = {random.randrange(12_000) for _ in range(random.randrange(1, 5))}
        harm = random.choice(list(HARMS.values()))
        day.stop(day.token)
        with Desk(day.token.cable.path) as desk:
            write = day.token.cable.write
            Disturbance(day, day.token, lambda place, places=places: place in places, harm)
            try:
                assert desk.fetch(SEGMENT) == RAW
                came += 1
            except BluetokenError as error:
                assert isinstance(error, (DamagedSegment, CableLost)), error
            day.look(lambda write=write: setattr(day.token.cable, "write", write))
    assert came >= 6


def test_a_segment_that_is_not_there_is_refused_by_the_token(day: Day) -> None:
    with Desk(day.token.cable.path) as desk, pytest.raises((DamagedSegment, DeviceFault)):
        desk.fetch(Segment(8, 10, 0))


def test_a_segment_that_differs_from_its_list_entry_is_not_taken(day: Day) -> None:
    with Desk(day.token.cable.path) as desk, pytest.raises(DamagedSegment):
        desk.fetch(Segment(7, len(RAW), crc32(RAW) ^ 1))
