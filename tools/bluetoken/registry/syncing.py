"""A sync: from the token to the disk, and only then off the token.

It may be killed at any point and run again. The token forgets a segment when it is told to, and it is told
so only of segments that are committed here; what a killed sync had stored is recognised by its checksum.
"""

from dataclasses import asdict, dataclass, field
from typing import Any

from bluetoken import clock
from bluetoken.checkpoint import checkpoint
from bluetoken.errors import DamagedSegment
from bluetoken.registry.device import Device, ListedSegment, Progress, require_ours
from bluetoken.registry.drift import Trim
from bluetoken.registry.segments import Outcome
from bluetoken.registry.store import Registry
from bluetoken.registry.syncs import Counts
from bluetoken.registry.tables import Sync, Token, TokenState


@dataclass
class SyncReport:
    """What a sync did, by segment number."""

    token: str
    label: str
    new: list[int] = field(default_factory=list)
    known: list[int] = field(default_factory=list)
    acknowledged: list[int] = field(default_factory=list)
    bytes_new: int = 0
    remarks: list[str] = field(default_factory=list)  # what is wrong with segments that were stored
    refused: list[str] = field(default_factory=list)  # why segments were not stored and stay on the token
    clock_offset_ms: int | None = None  # this computer minus the token, before the clock was set
    clock_set: bool = False
    trim: Trim | None = None  # what this token's clock is trimmed by from now on, as far as this registry knows
    sealed_to: list[str] = field(default_factory=list)  # ids of the authority's keys, of what was stored new
    told_key: str | None = None  # id of the authority's key that the token is told to seal to from now on
    no_room: int = 0  # times since the last sync that something heard was not kept for want of room
    status: dict[str, Any] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """Return it for `--json`."""
        trim = self.trim.as_dict() if self.trim else None
        return {**asdict(self), "trim": trim, "battery_mv": self.status.get("battery_mv")}


def synchronise(
    device: Device,
    registry: Registry,
    *,
    set_clock: bool = True,
    keep: bool = False,
    progress: Progress | None = None,
) -> SyncReport:
    """Take over what a token holds; with `keep` it stays on the token as well."""
    hello, token = _greet(device, registry)
    report = SyncReport(token=token.token_id, label=token.label)
    sync_id = registry.syncs.begin(token.token_id)
    before = _compare_clocks(device, registry, sync_id, report)
    committed = _store(device, registry, sync_id, report, progress)
    if not keep:
        for segment in committed:
            device.acknowledge(segment)
            report.acknowledged.append(segment.number)
            checkpoint("after-acknowledge")
    if set_clock:
        _set_clock(device, registry, sync_id, report, before)
    _tell_authority(device, registry, hello, report)
    report.status = device.status()
    report.no_room = _no_room_since(registry.syncs.last(report.token), report.status)
    checkpoint("before-finish")
    registry.syncs.finish(
        sync_id, Counts(len(report.new), len(report.known), report.bytes_new), report.status
    )
    return report


def _greet(device: Device, registry: Registry) -> tuple[dict[str, Any], Token]:
    """Return what the token says of itself, and whose it is, if its data may be taken."""
    hello = device.hello()
    token_id = require_ours(hello, registry.issuer)
    token = registry.tokens.get(token_id, "sync")
    registry.tokens.require_consent(token)
    if token.state == TokenState.PENDING:
        # The issue was interrupted after the token had taken its identity.
        registry.tokens.finish_issue(token_id)
    checkpoint("after-hello")
    return hello, token


def _store(
    device: Device,
    registry: Registry,
    sync_id: int,
    report: SyncReport,
    progress: Progress | None,
) -> list[ListedSegment]:
    """Fetch and commit what is not there yet; return the segments that are there now."""
    held = registry.segments.held(report.token)
    listed = list(device.segments())
    missing = [each for each in listed if held.get(each.number) != (each.length, each.crc32)]
    advance = _Advance(progress, sum(each.length for each in missing))
    committed: list[ListedSegment] = []
    for segment in listed:
        if segment not in missing:
            report.known.append(segment.number)
            committed.append(segment)
            continue
        try:
            raw = device.fetch(segment, advance)
            advance.before += len(raw)
            checkpoint("after-fetch")
            stored = registry.segments.store(report.token, segment.number, raw, segment.crc32, sync_id)
        except DamagedSegment as error:
            # It stays on the token; the others are not made to wait for it.
            report.refused.append(str(error))
            continue
        committed.append(segment)
        if stored.outcome == Outcome.KNOWN:
            report.known.append(segment.number)
        else:
            report.new.append(segment.number)
            report.bytes_new += len(raw)
            if stored.sealed_to and stored.sealed_to not in report.sealed_to:
                report.sealed_to.append(stored.sealed_to)
        if stored.note:
            report.remarks.append(f"segment {segment.number}: {stored.note}")
    return committed


@dataclass
class _Advance:
    """Count on over all segments: a device tells the bytes of one."""

    progress: Progress | None
    total: int
    before: int = 0

    def __call__(self, of_segment: int) -> None:
        if self.progress:
            self.progress(self.before + of_segment, self.total)


def _compare_clocks(
    device: Device, registry: Registry, sync_id: int, report: SyncReport
) -> dict[str, Any]:
    """Write down how wrong the token's clock is, before anything can interrupt us and before it is set."""
    asked_ms = clock.unix_ms()
    status = device.status()
    token_ms = status.get("unix_ms")
    if token_ms is not None:
        # It looked at its clock somewhere between our question and its answer.
        report.clock_offset_ms = (asked_ms + clock.unix_ms()) // 2 - int(token_ms)
        registry.syncs.note_clock(sync_id, report.clock_offset_ms, status)
    return status


def _no_room_since(last: Sync | None, status: dict[str, Any]) -> int:
    """Return by how much the token's count went up; it counts from when power came."""
    now = int(status.get("no_room") or 0)
    before = int((last.status or {}).get("no_room") or 0) if last else 0
    return now - before if now >= before else now


def _tell_authority(
    device: Device, registry: Registry, hello: dict[str, Any], report: SyncReport
) -> None:
    """Have it seal to the newest key; one that was issued to write in the clear stays as it is."""
    newest, told = registry.authority_keys.newest(), hello.get("authority")
    if newest and told and told != newest[0]:
        device.set_authority(newest[1])
        report.told_key = newest[0]
        registry.authority_keys.told(report.token, newest[0])


def _set_clock(
    device: Device, registry: Registry, sync_id: int, report: SyncReport, before: dict[str, Any]
) -> None:
    # An older firmware does not speak of its trim, and takes none.
    report.trim = registry.syncs.trim(report.token) if "trim_e7" in before else None
    trim = (report.trim.trim_e7, report.trim.drift_ppm) if report.trim else ()
    offset_ms = device.set_clock(clock.unix_ms(), *trim)
    report.clock_set = True
    if report.clock_offset_ms is None:
        report.clock_offset_ms = offset_ms
        registry.syncs.note_clock(sync_id, offset_ms, {})
