"""A phone with Bluezone's Android app in the background, as a device of the virtual air.

It does what the app's source says (react-native-bluetooth-scan 4a5ce99, `ServiceTraceCovid.java` and
`AppDatabaseHelper.java`): when it sends and listens, what it says, and what it stores of what it heard. It shares the
codec with the firmware, `wearable.protocols.bluezone`, which is held to the app's own figures.
"""

from __future__ import annotations

from bluetoken.virtual.air import Air, Ear
from bluetoken.virtual.handset import CONNECTABLE, RANDOM_ADDRESS, SECOND_US, Handset
from bluetoken.virtual.scenario import PhonePlan, Scenario
from bluetoken.virtual.world import World
from wearable.protocols import bluezone

#: The app's "scheduler", which is what runs while its screen is not looked at.
SEND_S, SEND_PAUSE_S = 15, 15
LISTEN_S, LISTEN_PAUSE_S = 40, 260
# What Android makes of LOW_LATENCY: from memory of its source, for nobody has measured it here.
SEND_INTERVAL_US = 100_000
SCAN_US = 4_096_000


class Phone(Handset):
    """One Android phone; it neither connects nor lets anybody connect."""

    timestamp_unit_ms = 1

    def __init__(self, plan: PhonePlan, scenario: Scenario, world: World, air: Air, node: int) -> None:
        super().__init__(plan, scenario, world, air, node)
        self._ear = Ear(0, SCAN_US, SCAN_US)
        self._heard_us = self._deaf_from_us = 0

    def start(self) -> None:
        self._world.at(self._random.randrange((SEND_S + SEND_PAUSE_S) * SECOND_US), self._send)
        self._world.at(self._random.randrange((LISTEN_S + LISTEN_PAUSE_S) * SECOND_US), self._listen)

    # Sending: the ID is fetched when it begins, and may be up to SEND_S too old at the end.

    def _send(self, now_us: int) -> None:
        data = bluezone.advertisement(self.bluezone_id(now_us))
        address = self._new_address()
        self._train = self._air.start(
            self.node, now_us, SEND_INTERVAL_US, CONNECTABLE, RANDOM_ADDRESS, address, data
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
            # What kind of packet it was, and from which address, the app does not ask.
            contact_id = bluezone.parse(report.train.data)
            if contact_id is not None:
                self._store(contact_id, report)
        self._heard_us = now_us
        if now_us < self._deaf_from_us:
            self._world.at(now_us + SECOND_US, self._hear)
        else:
            self._world.at(now_us + LISTEN_PAUSE_S * SECOND_US, self._listen)
