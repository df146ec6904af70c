"""What phones with Bluezone's app have in common, whatever their system: keys, names, the trace of whom they met."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from random import Random

from bluetoken.exposure.bluezone import PublishedDays, slots
from bluetoken.keys import bluezone as documents
from bluetoken.virtual.air import Air, Report, Train
from bluetoken.virtual.scenario import PhonePlan, Scenario
from bluetoken.virtual.world import World
from wearable.protocols import bluezone

SECOND_US = 1_000_000
#: The same contact is not stored again within so long.
STORE_AGAIN_MS = 5000
CONNECTABLE, RANDOM_ADDRESS = 0, 1
DAY_MS = 86_400_000


@dataclass(frozen=True)
class TraceRow:
    """A row of the app's table `trace_info`, as far as it is uploaded."""

    bluezone_id: bytes
    contact_id: bytes
    rssi_dbm: int
    timestamp_ms: int


class Handset(ABC):
    """One phone, node `node` of the air."""

    #: What the app's timestamps count, in milliseconds.
    timestamp_unit_ms: int

    def __init__(self, plan: PhonePlan, scenario: Scenario, world: World, air: Air, node: int) -> None:
        self.plan = plan
        self.node = node
        self.trace: list[TraceRow] = []
        self._scenario = scenario
        self._world = world
        self._air = air
        self._random = Random(f"{scenario.seed}/phone/{plan.name}")
        self._base_key = plan.daily_key or self._random.randbytes(bluezone.KEY_BYTES)
        self._first_day = scenario.unix_ms(0) // DAY_MS
        self._train: Train | None = None
        self._stored_ms: dict[bytes, int] = {}

    @abstractmethod
    def start(self) -> None:
        """Put the first sending and listening on the world's calendar, at a moment of the phone's own."""

    def daily_key(self, at_us: int) -> bytes:
        """Return the key of a day: that of the scenario's first one, or one that follows from it."""
        key = self._base_key
        for _ in range(self._scenario.unix_ms(at_us) // DAY_MS - self._first_day):
            key = bluezone.next_daily_key(key)
        return key

    def bluezone_id(self, at_us: int) -> bytes:
        """Return what the phone is called at a moment."""
        slot = bluezone.slot_at(self._scenario.unix_ms(at_us) // 1000)
        return bluezone.bluezone_id(self.daily_key(at_us), slot)

    def data_trace(self) -> str:
        """Return what the app would upload, as `data_trace.txt`."""
        return "".join(
            f"{row.bluezone_id.hex().upper()}\t{row.contact_id.hex().upper()}\t{row.rssi_dbm}"
            f"\t{row.timestamp_ms // self.timestamp_unit_ms}\n"
            for row in self.trace
        )

    def info_f(self, at_us: int) -> str:
        """Return what a programme would publish of this phone: its first day's key, until that moment."""
        start_s = self._first_day * DAY_MS // 1000
        return documents.dump([PublishedDays(self._base_key, start_s, self._scenario.unix_ms(at_us) // 1000)])

    def check(self, info_f: str) -> list[TraceRow]:
        """Return what it stored of who is published: `checkContactF` of the app, whose limits are exact."""
        times = {slot.bluezone_id: slot for days in documents.parse(info_f) for slot in slots(days)}
        known = [row for row in self.trace if row.contact_id in times]
        return [row for row in known if not times[row.contact_id].off_ms(row.timestamp_ms)]

    def _new_address(self) -> bytes:
        """Resolvable private, as a phone's."""
        address = bytearray(self._random.randbytes(6))
        address[5] = address[5] & 0x3F | 0x40
        return bytes(address)

    def _store(self, contact_id: bytes, report: Report) -> None:
        at_ms = self._scenario.unix_ms(report.at_us)
        stored_ms = self._stored_ms.get(contact_id)
        if stored_ms is not None and at_ms - stored_ms < STORE_AGAIN_MS:
            return
        self._stored_ms[contact_id] = at_ms
        told_ms = at_ms // self.timestamp_unit_ms * self.timestamp_unit_ms
        self.trace.append(TraceRow(self.bluezone_id(report.at_us), contact_id, report.rssi_dbm, told_ms))
