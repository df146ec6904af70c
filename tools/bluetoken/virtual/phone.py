"""A phone with Bluezone's Android app in the background, as a device of the virtual air.

It does what the app's source says (react-native-bluetooth-scan 4a5ce99, `ServiceTraceCovid.java` and
`AppDatabaseHelper.java`): when it sends and listens, what it says, and what it stores of what it heard. It shares the
codec with the firmware, `wearable.protocols.bluezone`, which is held to the app's own figures.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from bluetoken.exposure.bluezone import PublishedDays, slots
from bluetoken.keys import bluezone as documents
from bluetoken.virtual.air import Air, Ear, Report, Train
from bluetoken.virtual.scenario import PhonePlan, Scenario
from bluetoken.virtual.world import World
from wearable.protocols import bluezone

SECOND_US = 1_000_000
#: The app's "scheduler", which is what runs while its screen is not looked at.
SEND_S, SEND_PAUSE_S = 15, 15
LISTEN_S, LISTEN_PAUSE_S = 40, 260
#: The same contact is not stored again within so long.
STORE_AGAIN_MS = 5000
# What Android makes of LOW_LATENCY: from memory of its source, for nobody has measured it here.
SEND_INTERVAL_US = 100_000
SCAN_US = 4_096_000
CONNECTABLE, RANDOM_ADDRESS = 0, 1
DAY_MS = 86_400_000


@dataclass(frozen=True)
class TraceRow:
    """A row of the app's table `trace_info`, as far as it is uploaded."""

    bluezone_id: bytes
    contact_id: bytes
    rssi_dbm: int
    timestamp_ms: int


class Phone:
    """One phone, node `node` of the air."""

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
        self._ear = Ear(0, SCAN_US, SCAN_US)
        self._heard_us = self._deaf_from_us = 0
        self._stored_ms: dict[bytes, int] = {}

    def start(self) -> None:
        """Put the first sending and listening on the world's calendar, at a moment of the phone's own."""
        self._world.at(self._random.randrange((SEND_S + SEND_PAUSE_S) * SECOND_US), self._send)
        self._world.at(self._random.randrange((LISTEN_S + LISTEN_PAUSE_S) * SECOND_US), self._listen)

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
            f"{row.bluezone_id.hex().upper()}\t{row.contact_id.hex().upper()}\t{row.rssi_dbm}\t{row.timestamp_ms}\n"
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

    # Sending: the ID is fetched when it begins, and may be up to SEND_S too old at the end.

    def _send(self, now_us: int) -> None:
        address = bytearray(self._random.randbytes(6))
        address[5] = address[5] & 0x3F | 0x40  # resolvable private, as a phone's
        data = bluezone.advertisement(self.bluezone_id(now_us))
        self._train = self._air.start(
            self.node, now_us, SEND_INTERVAL_US, CONNECTABLE, RANDOM_ADDRESS, bytes(address), data
        )
        self._world.at(now_us + SEND_S * SECOND_US, self._stop_sending)

    def _stop_sending(self, now_us: int) -> None:
        assert self._train
        self._train.stop_us = now_us
        self._world.at(now_us + SEND_PAUSE_S * SECOND_US, self._send)

    # Listening: the air forgets what was sent some seconds ago, so it is asked every second.

    def _listen(self, now_us: int) -> None:
        self._ear = Ear(now_us, SCAN_US, SCAN_US)
        self._heard_us = now_us
        self._deaf_from_us = now_us + LISTEN_S * SECOND_US
        self._world.at(now_us + SECOND_US, self._hear)

    def _hear(self, now_us: int) -> None:
        for report in self._air.heard(self.node, self._ear, self._heard_us, now_us, self._random):
            self._store(report)
        self._heard_us = now_us
        if now_us < self._deaf_from_us:
            self._world.at(now_us + SECOND_US, self._hear)
        else:
            self._world.at(now_us + LISTEN_PAUSE_S * SECOND_US, self._listen)

    def _store(self, report: Report) -> None:
        """Keep it as the app does: what kind of packet it was, and from which address, nobody asks."""
        contact_id = bluezone.parse(report.train.data)
        if contact_id is None:
            return
        at_ms = self._scenario.unix_ms(report.at_us)
        stored_ms = self._stored_ms.get(contact_id)
        if stored_ms is not None and at_ms - stored_ms < STORE_AGAIN_MS:
            return
        self._stored_ms[contact_id] = at_ms
        self.trace.append(TraceRow(self.bluezone_id(report.at_us), contact_id, report.rssi_dbm, at_ms))
