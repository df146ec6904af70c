"""A sync, whatever happens in the middle of it."""

import os
import signal
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from desk_building import MONDAY_S, Heard, body, segment, tek
from desk_fake import FakeDesk, FakeToken
from desk_giving import give

from bluetoken import checkpoint
from bluetoken import clock as bluetoken_clock
from bluetoken.errors import CableLost, DeviceFault, ForeignToken, NoConsent, NotIssued, UnknownToken
from bluetoken.registry import Registry, open_registry
from bluetoken.registry.syncing import SyncReport, synchronise
from bluetoken.registry.tables import TokenState
from wearable import records

KINDS = ("new", "known", "acknowledged")


@pytest.fixture
def filled(token: FakeToken) -> tuple[FakeToken, dict[int, bytes]]:
    """An issued token with three segments, and what is in them."""
    with open_registry() as registry:
        token.write(token=give(registry, "A-1"), issuer=registry.issuer, label="A-1")
    for number in (1, 2, 3):
        heard = [Heard(tek(number), MONDAY_S + 600 * n) for n in range(number)]
        token.put(number, segment(token.read()["token"], number, [body(heard, MONDAY_S)]))
    return token, token.files()


def stored(registry: Registry, token: FakeToken) -> dict[int, bytes]:
    raws = registry.segments.of(token.read()["token"], "test")
    return dict(zip(registry.segments.held(token.read()["token"]), (each.raw for each in raws), strict=True))


def moved(report: SyncReport) -> list[list[int]]:
    return [getattr(report, kind) for kind in KINDS]


def test_everything_moves_once(filled: tuple, registry: Registry) -> None:
    token, segments = filled
    token.write(clock_ms=token.read()["clock_ms"] - 2500)
    desk = FakeDesk(token)
    report = synchronise(desk, registry)
    assert moved(report) == [[1, 2, 3], [], [1, 2, 3]]
    assert stored(registry, token) == segments
    assert token.files() == {}
    assert report.bytes_new == sum(map(len, segments.values()))
    assert (report.clock_offset_ms, report.clock_set) == (2500, True)
    last = registry.syncs.last(report.token)
    assert last and (last.segments_new, last.battery_mv, last.clock_offset_ms) == (3, 3900, 2500)
    # Nothing is forgotten by the token before everything is on the disk, and the clock comes last.
    fetches = [n for n, call in enumerate(desk.calls) if call.startswith("fetch")]
    deletions = [n for n, call in enumerate(desk.calls) if call.startswith("acknowledge")]
    assert max(fetches) < min(deletions) <= max(deletions) < desk.calls.index("set_clock")
    assert moved(synchronise(FakeDesk(token), registry)) == [[], [], []]


def test_the_token_can_keep_it_all(filled: tuple, registry: Registry) -> None:
    token, segments = filled
    report = synchronise(FakeDesk(token), registry, keep=True, set_clock=False)
    assert moved(report) == [[1, 2, 3], [], []]
    assert (token.files(), report.clock_set, report.clock_offset_ms) == (segments, False, 0)
    assert moved(synchronise(FakeDesk(token), registry)) == [[], [1, 2, 3], [1, 2, 3]]


def test_what_found_no_room_is_told_once(filled: tuple, registry: Registry) -> None:
    token, _ = filled
    told = []
    # The third time its power was lost in between, and the counting began anew.
    for no_room in (0, 700, 50, 50):
        token.write(no_room=no_room)
        told.append(synchronise(FakeDesk(token), registry).no_room)
    assert told == [0, 700, 50, 0]
    last = registry.syncs.last(token.read()["token"])
    assert last and last.status["no_room"] == 50


def test_progress_counts_over_all_segments(filled: tuple, registry: Registry) -> None:
    token, segments = filled
    seen: list[tuple[int, int]] = []
    synchronise(FakeDesk(token), registry, progress=lambda done, total: seen.append((done, total)))
    total = sum(map(len, segments.values()))
    assert seen == sorted(seen)
    assert seen[-1] == (total, total)


def exit_code_of_a_sync_killed_at(point: str, token: FakeToken) -> int:
    child = os.fork()
    if child == 0:
        try:
            os.environ["BLUETOKEN_KILL_AT"] = point
            with open_registry() as registry:
                synchronise(FakeDesk(token), registry)
        finally:
            os._exit(99)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.parametrize("point", checkpoint.POINTS)
def test_killed_at_any_point_and_repeated(filled: tuple, point: str) -> None:
    token, segments = filled
    for _ in range(2):
        assert exit_code_of_a_sync_killed_at(point, token) == -signal.SIGKILL
        with open_registry() as registry:  # each segment is in one place at least, whole
            assert {**stored(registry, token), **token.files()} == segments
    with open_registry() as registry:
        synchronise(FakeDesk(token), registry)
        assert stored(registry, token) == segments
        assert registry.syncs.last(token.read()["token"])
    assert token.files() == {}


@pytest.mark.parametrize("calls", range(11))
def test_the_cable_is_pulled_after_any_call_and_the_sync_repeated(
    filled: tuple, registry: Registry, calls: int
) -> None:
    token, segments = filled
    with pytest.raises(CableLost):
        synchronise(FakeDesk(token, cut_after=calls), registry)
    assert {**stored(registry, token), **token.files()} == segments
    synchronise(FakeDesk(token), registry)
    assert stored(registry, token) == segments
    assert token.files() == {}


def test_a_segment_that_arrives_damaged_stays_and_the_others_move(filled: tuple, registry: Registry) -> None:
    token, segments = filled
    report = synchronise(FakeDesk(token, garble=2), registry)
    assert moved(report) == [[1, 3], [], [1, 3]]
    assert len(report.refused) == 1 and "Segment 2" in report.refused[0]
    assert token.files() == {2: segments[2]}
    assert moved(synchronise(FakeDesk(token), registry)) == [[2], [], [2]]


def test_a_segment_that_was_torn_on_the_token_is_taken_as_it_is(filled: tuple, registry: Registry) -> None:
    token, segments = filled
    token.put(3, segments[3][:-5])
    report = synchronise(FakeDesk(token), registry)
    assert moved(report) == [[1, 2, 3], [], [1, 2, 3]]
    assert report.remarks and report.remarks[0].startswith("segment 3:")
    assert stored(registry, token)[3] == segments[3][:-5]


def test_whose_token_it_is(token: FakeToken, registry: Registry) -> None:
    with pytest.raises(NotIssued):
        synchronise(FakeDesk(token), registry)
    token.write(token="11" * 8, issuer="22" * 8, label="Z-1")
    with pytest.raises(ForeignToken, match="Z-1"):
        synchronise(FakeDesk(token), registry)
    token.write(issuer=registry.issuer)
    with pytest.raises(UnknownToken):
        synchronise(FakeDesk(token), registry)


def test_without_consent_nothing_is_read(filled: tuple, registry: Registry) -> None:
    token, segments = filled
    registry.tokens.withdraw_consent(token.read()["token"])
    desk = FakeDesk(token)
    with pytest.raises(NoConsent):
        synchronise(desk, registry)
    assert desk.calls == ["hello"]
    assert token.files() == segments


def test_an_issue_that_was_interrupted_is_completed(filled: tuple, registry: Registry) -> None:
    token, _ = filled
    registry.tokens.mark(token.read()["token"], TokenState.PENDING)
    synchronise(FakeDesk(token), registry)
    assert registry.tokens.get(token.read()["token"], "test").state == TokenState.ISSUED


def test_the_clock_is_compared_before_it_is_set(
    filled: tuple, registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    token, _ = filled
    token.write(clock_ms=token.read()["clock_ms"] - 3_600_000)
    with pytest.raises(CableLost):  # after the clock was set, before the sync was finished
        synchronise(FakeDesk(token, cut_after=10), registry)
    assert token.read()["clock_ms"] > 0
    synchronise(FakeDesk(token), registry)
    corrections = {each.correction for each in registry.segments.of(token.read()["token"], "test")}
    assert [correction.offset_s for correction in corrections if correction] == [3600.0]


def test_a_device_that_refuses_stops_the_sync_without_loss(
    filled: tuple, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    token, segments = filled
    desk = FakeDesk(token)

    def refuse(_: object) -> None:
        raise DeviceFault()

    monkeypatch.setattr(desk, "acknowledge", refuse)
    with pytest.raises(DeviceFault):
        synchronise(desk, registry)
    assert stored(registry, token) == token.files() == segments


def test_nothing_dies_without_being_asked_to(monkeypatch: pytest.MonkeyPatch) -> None:
    killed: list[Callable] = []
    monkeypatch.setattr(os, "kill", lambda *args: killed.append(args))
    checkpoint.checkpoint("after-hello")
    monkeypatch.setenv("BLUETOKEN_KILL_AT", "after-fetch")
    checkpoint.checkpoint("after-hello")
    assert killed == []
    checkpoint.checkpoint("after-fetch")
    assert killed == [(os.getpid(), signal.SIGKILL)]


# The drift of its clock.


def sync_after(token: FakeToken, registry: Registry, days: float, slow_ppm: float) -> SyncReport:
    """Sync after so many true days, in which the token's oscillator was so much slow."""
    true_ms = int(days * 86_400_000)
    with pytest.MonkeyPatch.context() as patch:
        now_ms = bluetoken_clock.unix_ms() + true_ms
        now = datetime.fromtimestamp(now_ms / 1000, UTC).isoformat(timespec="milliseconds")
        patch.setenv("BLUETOKEN_CLOCK", now)
        known = token.read()
        shown_ms = true_ms / (1 + slow_ppm / 1e6) * (1 + known["trim_e7"] / 1e7)
        token.write(clock_ms=known["clock_ms"] + round(shown_ms))
        report = synchronise(FakeDesk(token), registry)
    os.environ["BLUETOKEN_CLOCK"] = now
    return report


@pytest.mark.parametrize("slow_ppm", [120, -120])
def test_a_drift_that_was_measured_is_gone_at_the_next_sync(
    filled: tuple, registry: Registry, slow_ppm: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BLUETOKEN_CLOCK", os.environ["BLUETOKEN_CLOCK"])  # put back at the end
    token, _ = filled
    assert sync_after(token, registry, 0, slow_ppm).trim is None, "nobody had set its clock"
    first = sync_after(token, registry, 7, slow_ppm)
    assert first.clock_offset_ms == pytest.approx(7 * 86.4 * slow_ppm, abs=20)
    assert first.trim and first.trim.trim_e7 == pytest.approx(10 * slow_ppm, abs=2)
    told = token.read()
    assert (told["trim_e7"], told["drift_ppm"]) == (first.trim.trim_e7, first.trim.drift_ppm)
    assert first.as_dict()["trim"]["trim_ppm"] == pytest.approx(slow_ppm, abs=0.2)
    second = sync_after(token, registry, 7, slow_ppm)
    assert abs(second.clock_offset_ms or 0) <= 100, "0.1 ppm of a week are 60 ms"
    assert second.trim and second.trim.trim_e7 == pytest.approx(10 * slow_ppm, abs=2), "not twice"
    assert registry.syncs.trim(token.read()["token"]) == second.trim


def test_a_clock_that_lost_its_power_or_was_set_wrong_teaches_nothing(
    filled: tuple, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BLUETOKEN_CLOCK", os.environ["BLUETOKEN_CLOCK"])
    token, _ = filled
    sync_after(token, registry, 0, 0)
    token.write(clock_ms=token.read()["clock_ms"] + 365 * 86_400_000)
    assert sync_after(token, registry, 7, 0).trim is None
    token.write(clock_state=records.CLOCK_RESTORED, set_s=token.read()["set_s"] + 9)
    assert sync_after(token, registry, 7, 50).trim is None
    assert sync_after(token, registry, 7, 50).trim is not None


def test_an_older_firmware_is_told_no_trim(filled: tuple, registry: Registry) -> None:
    token, _ = filled
    desk = FakeDesk(token)
    told = desk.status
    desk.status = lambda: {name: told()[name] for name in ("unix_ms", "boot", "no_room")}  # type: ignore[method-assign]
    set_clock = desk.set_clock
    desk.set_clock = lambda unix_ms: set_clock(unix_ms)  # type: ignore[method-assign, misc, assignment]
    assert synchronise(desk, registry).trim is None
