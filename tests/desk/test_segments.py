"""The segment store: verbatim, idempotent, never less than before."""

import zlib

import pytest
from desk_building import MONDAY_S, Heard, body, segment, tek
from desk_giving import give
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bluetoken.errors import DamagedSegment
from bluetoken.registry import Registry, open_registry
from bluetoken.registry.segments import Outcome
from wearable import reading, records

BODIES = [body([Heard(tek(n), MONDAY_S + 600 * n)], MONDAY_S) for n in range(4)]


def store(registry: Registry, token: str, raw: bytes, number: int = 1) -> tuple[Outcome, str]:
    stored = registry.segments.store(token, number, raw, zlib.crc32(raw))
    return stored.outcome, stored.note


def held(registry: Registry, token: str) -> list[bytes]:
    return [each.raw for each in registry.segments.of(token, "test")]


def test_the_same_again_stores_nothing(registry: Registry) -> None:
    token = give(registry, "A-1")
    raw = segment(token, 1, BODIES)
    assert store(registry, token, raw) == (Outcome.NEW, "")
    audit = len(registry.audit.entries())
    assert store(registry, token, raw) == (Outcome.KNOWN, "")
    assert len(registry.audit.entries()) == audit
    assert registry.segments.held(token) == {1: (len(raw), zlib.crc32(raw))}
    assert held(registry, token) == [raw]


def test_a_longer_version_takes_the_place_of_a_shorter(registry: Registry) -> None:
    token = give(registry, "A-1")
    short, long = segment(token, 1, BODIES[:2]), segment(token, 1, BODIES)
    assert store(registry, token, short) == (Outcome.NEW, "")
    assert store(registry, token, long) == (Outcome.GROWN, "")
    assert store(registry, token, short) == (Outcome.KNOWN, "")
    assert held(registry, token) == [long]


def test_a_longer_version_takes_the_place_of_a_torn_one(registry: Registry) -> None:
    token = give(registry, "A-1")
    torn = segment(token, 1, BODIES[:2]) + b"\x02\x00torn"
    outcome, note = store(registry, token, torn)
    assert (outcome, "last 6 bytes" in note) == (Outcome.NEW, True)
    assert store(registry, token, segment(token, 1, BODIES)) == (Outcome.GROWN, "")


def test_other_bytes_under_the_same_number_are_refused(registry: Registry) -> None:
    token = give(registry, "A-1")
    first, other = segment(token, 1, BODIES[:2]), segment(token, 1, BODIES[1:])
    store(registry, token, first)
    with pytest.raises(DamagedSegment, match="Segment 1"):
        store(registry, token, other)
    assert held(registry, token) == [first]


def test_bytes_without_their_checksum_are_refused(registry: Registry) -> None:
    token = give(registry, "A-1")
    with pytest.raises(DamagedSegment, match="checksum"):
        registry.segments.store(token, 1, segment(token, 1, BODIES), 0)
    assert held(registry, token) == []


@pytest.mark.parametrize("raw", [b"", b"rubbish", bytes(100)])
def test_what_is_no_segment_is_kept_and_noted(registry: Registry, raw: bytes) -> None:
    token = give(registry, "A-1")
    outcome, note = store(registry, token, raw)
    assert outcome == Outcome.NEW and note
    assert held(registry, token) == [raw]


def test_what_was_too_short_for_a_record_gives_way_and_nothing_else_does(registry: Registry) -> None:
    token = give(registry, "A-1")
    store(registry, token, b"BTsg", number=1)
    assert store(registry, token, segment(token, 1, BODIES), number=1) == (Outcome.GROWN, "")
    store(registry, token, bytes(100), number=2)
    with pytest.raises(DamagedSegment):
        store(registry, token, segment(token, 2, BODIES), number=2)


def test_a_segment_of_another_token_is_noted(registry: Registry) -> None:
    token = give(registry, "A-1")
    _, note = store(registry, token, segment("99" * 8, 1, BODIES))
    assert "99" * 8 in note


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lengths=st.lists(st.integers(0, 600), min_size=1, max_size=6))
def test_whatever_arrives_in_whatever_order_no_batch_is_lost(lengths: list[int]) -> None:
    with open_registry("sqlite://") as registry:
        token = give(registry, "A-1")
        whole = segment(token, 1, BODIES)
        kept = 0
        for length in lengths:
            try:
                store(registry, token, whole[:length])
                kept = max(kept, length)
            except DamagedSegment:
                pass
        raw = held(registry, token)[0]
        assert whole.startswith(raw)
        # All of what was taken, or all but a torn tail that a later read did not have.
        if kept >= records.HEADER_BYTES <= len(raw):
            assert reading.read_segment(raw)[1] == reading.read_segment(whole[:kept])[1]
