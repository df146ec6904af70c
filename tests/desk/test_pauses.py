"""A pause is told apart from an absence, whatever ended it."""

from __future__ import annotations

from desk_building import MONDAY_S, body, segment

from bluetoken.exposure.decoding import RawSegment, decode
from bluetoken.exposure.pauses import Pause, pauses
from wearable import records
from wearable.reading import Event

TOKEN = "ab" * 8
NINE_S = MONDAY_S + 9 * 3600
PAUSED, RESUMED, BOOT = records.EVENT_PAUSED, records.EVENT_RESUMED, records.EVENT_BOOT


def test_a_pause_lasts_until_it_was_resumed() -> None:
    first = [Event(PAUSED, 1000, 7200), Event(RESUMED, 1600, 600)]
    second = [Event(PAUSED, 9000, 7200), Event(RESUMED, 16200, 7200)]
    assert pauses([*first, *second]) == [Pause(1000, 1600), Pause(9000, 16200)]


def test_what_the_token_counted_goes_before_a_clock_that_was_set_meanwhile() -> None:
    assert pauses([Event(PAUSED, 1000, 7200), Event(RESUMED, 90000, 600)]) == [Pause(1000, 1600)]


def test_a_start_ends_it_at_the_latest() -> None:
    assert pauses([Event(PAUSED, 1000, 7200), Event(BOOT, 1300, 1)]) == [Pause(1000, 1300, False)]
    assert pauses([Event(PAUSED, 1000, 7200), Event(BOOT, 99000, 1)]) == [Pause(1000, 8200, False)]
    assert pauses([Event(PAUSED, 1000, 7200), Event(BOOT, 10, 1)]) == [Pause(1000, 1000, False)]


def test_one_without_an_end_is_as_long_as_it_may_be() -> None:
    assert pauses([Event(PAUSED, 1000, 7200)]) == [Pause(1000, 8200, False)]


def test_an_end_without_a_beginning_is_none() -> None:
    assert pauses([Event(BOOT, 5, 1), Event(RESUMED, 1000, 600)]) == []


def test_what_lies_within_a_time() -> None:
    pause = Pause(1000, 1600)
    for from_s, until_s, seconds in ((0, 9999, 600), (1100, 9999, 500), (0, 1100, 100), (1600, 9999, 0), (0, 1000, 0)):
        assert pause.seconds_within(from_s, until_s) == seconds


def test_a_pause_may_begin_in_one_segment_and_end_in_the_next() -> None:
    first = segment(TOKEN, 1, [body([], NINE_S, more=records.pack_event(PAUSED, 60, 7200))])
    second = segment(TOKEN, 2, [body([], NINE_S + 600, more=records.pack_event(RESUMED, 900, 1440))])
    log = decode(TOKEN, [RawSegment(first), RawSegment(second)])
    assert log.pauses == [Pause(NINE_S + 60, NINE_S + 1500)]
