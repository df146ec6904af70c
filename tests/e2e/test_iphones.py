"""A token that reads iPhones: they are noted under what they say over a connection, and cost no more than allowed."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from bluetoken.deployment import Deployment
from bluetoken.virtual.iphone import Iphone
from bluetoken.virtual.stage import Stage
from wearable import reading, records
from wearable.iphones import AN_HOUR_MS, READING_MS

from .street import street, written

READS = Deployment(protocol="bluezone", read_iphones=True)
HEAD = 'name = "street"\nseed = 3\nstart = 2026-03-02T00:00:00Z\nduration = "2h"\n'
TOKEN = '[[token]]\nname = "A"\nposition = [0, 0]\n'
PHONE = '[[phone]]\nname = "{name}"\nsystem = "iphone"\nposition = [{x}, 1]\n{more}\n'
MINUTE_US = 60_000_000
CONNECT, RESET = b"\x01\x0d\x20", b"\x01\x03\x0c"  # HCI commands


def out(folder: Path, *phones: str, deployment: Deployment = READS) -> AbstractContextManager[Stage]:
    """A token that is out on the street, and iPhones a metre or two away."""
    tables = [PHONE.format(name=f"P{n}", x=n % 3, more=more) for n, more in enumerate(phones)]
    return street(folder, HEAD + TOKEN + "".join(tables), deployment)


def noted(stage: Stage) -> dict[bytes, list[reading.BluezoneEncounter]]:
    """What the token has written down of Bluezone's, by identifier."""
    found: dict[bytes, list[reading.BluezoneEncounter]] = {}
    for record in written(stage):
        if isinstance(record, reading.BluezoneEncounter):
            found.setdefault(record.bluezone_id, []).append(record)
    return found


def names(phone: Iphone, to_us: int) -> list[bytes]:
    """What it was called in each quarter of an hour that was whole by then."""
    return [phone.bluezone_id(at_us) for at_us in range(0, to_us, 15 * MINUTE_US)]


def test_an_iphone_is_noted_in_the_foreground_and_in_the_background(tmp_path: Path) -> None:
    with out(tmp_path, 'foreground = [["0s", "2h"]]', "") as stage:
        stage.world.run_until(60 * MINUTE_US)
        found = noted(stage)
        for phone in stage.phones:
            heard = [found.get(name, []) for name in names(phone, 60 * MINUTE_US)]
            assert all(heard), phone.plan.name
            minutes = sum(each.periods for encounters in heard for each in encounters) * records.DWELL_UNIT_S / 60
            print(f"\n{phone.plan.name}: {minutes:.1f} of 60 minutes")
            # In the background it sends so rarely that half of the bursts miss it.
            assert (40 if phone.plan.foreground else 15) < minutes < 65
        assert set(found) <= {name for phone in stage.phones for name in names(phone, 75 * MINUTE_US)}


def test_a_token_that_was_not_told_to_connects_to_nobody(tmp_path: Path) -> None:
    with out(tmp_path, 'foreground = [["0s", "2h"]]', deployment=Deployment(protocol="bluezone")) as stage:
        stage.world.run_until(20 * MINUTE_US)
        assert noted(stage) == {}


@pytest.mark.parametrize("fault", ["mute", "short"])
def test_phones_that_answer_wrongly_cost_the_hour_s_allowance_and_no_more(tmp_path: Path, fault: str) -> None:
    with out(tmp_path, *[f'fault = "{fault}"'] * 6) as stage:
        asking = Asking(stage)
        stage.world.run_until(65 * MINUTE_US)
        assert asking.times >= 5 and asking.longest < (READING_MS + 500) / 1000
        allowed_s = (AN_HOUR_MS // 4 + 65 * AN_HOUR_MS // 60 + READING_MS) / 1000
        print(f"\n{fault}: asked {asking.times} times for {asking.total:.0f} of {allowed_s:.0f} s")
        assert (0.7 if fault == "mute" else 0) * allowed_s < asking.total <= allowed_s
        assert noted(stage) == {}


class Asking:
    """For how long the token is connecting or connected: from the command to connect until the radio is off."""

    def __init__(self, stage: Stage) -> None:
        self.times, self.total, self.longest = 0, 0.0, 0.0
        self._since_us: int | None = None
        controller = stage.world.tokens[0].controller
        self._send = controller.send
        stage.world.call(lambda: setattr(controller, "send", self._watch))

    def _watch(self, packet: bytes, at_us: int) -> bytes:
        if packet[:3] == CONNECT:
            self.times += 1
            self._since_us = at_us
        elif packet[:3] == RESET and self._since_us is not None:
            took_s = (at_us - self._since_us) / 1e6
            self.total += took_s
            self.longest = max(self.longest, took_s)
            self._since_us = None
        return self._send(packet, at_us)
