"""A phone with Bluezone's app on the virtual air: whom it hears, who hears it, and what it stores."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from random import Random

import pytest

from bluetoken.errors import BadScenario
from bluetoken.exposure.bluezone import PublishedDays, slots
from bluetoken.virtual import handset as handsets
from bluetoken.virtual import phone as phones
from bluetoken.virtual.air import Air, Ear, PathLoss, Report
from bluetoken.virtual.phone import Phone
from bluetoken.virtual.scenario import PhonePlan, Place, Scenario, load_scenario
from bluetoken.virtual.stage import Stage
from bluetoken.virtual.world import World
from wearable.protocols import bluezone, gaen

from .bench import HERE, scenario_text

KEY = bytes.fromhex("0552a69519d1f3043611126c13489ff4a2a867a1c667b1d9d9031cd27fdcff5a")
OTHER_KEY = bytes(range(32))
SECOND_US = 1_000_000
START = datetime(2020, 8, 10, 23, 0, tzinfo=UTC)  # an hour before its UTC day ends
QUIET = PathLoss(posture_sd_db=0, movement_sd_db=0, fading_sd_db=0)
STRANGER = 9


class Street:
    """Two phones a metre apart, a stranger between them, and nobody else."""

    def __init__(self) -> None:
        here = (Place(0, (0.0, 0.0)),)
        plans = (PhonePlan("an", here, KEY), PhonePlan("binh", (Place(0, (1.0, 0.0)),), OTHER_KEY))
        self.scenario = Scenario("street", 1, START, 3600 * SECOND_US, (), plans)
        self.world = World()
        self.air = Air(1, lambda node, _: (0.5 * (node != 0), 0.0), lambda _: 0, QUIET)
        self.an, self.binh = (
            Phone(plan, self.scenario, self.world, self.air, node) for node, plan in enumerate(plans)
        )

    def run(self, seconds: int, *present: Phone) -> None:
        for each in present:
            each.start()
        self.world.start()
        self.world.run_for(seconds)

    def heard(self, to_us: int) -> list[Report]:
        """What the stranger hears who listens to everything."""
        return self.air.heard(STRANGER, Ear(0, 60_000, 60_000), 0, to_us, Random(1))


@pytest.fixture
def street() -> Iterator[Street]:
    street = Street()
    yield street
    street.world.close()


def test_it_is_heard_half_of_the_time_under_the_ids_of_its_key(street: Street) -> None:
    street.run(3000, street.an)
    seconds = set()
    for report in street.heard(3000 * SECOND_US):
        seconds.add(report.at_us // SECOND_US)
        began_s = int(START.timestamp()) + report.train.start_us // SECOND_US
        said = bluezone.parse(report.train.data)
        assert said == bluezone.bluezone_id(KEY, bluezone.slot_at(began_s))
        assert report.train.event_type == handsets.CONNECTABLE and len(report.train.data) == 23
    assert 0.49 < len(seconds) / 3000 < 0.58  # whole seconds at either end of 15


def test_no_address_lasts_longer_than_a_sending(street: Street) -> None:
    street.run(300, street.an)
    trains = street.air._trains
    assert len({train.address for train in trains}) == len(trains) >= 9
    lengths_us = [train.stop_us - train.start_us for train in trains[:-1]]
    assert set(lengths_us) == {phones.SEND_S * SECOND_US}


def test_two_phones_meet(street: Street) -> None:
    street.run(3600, street.an, street.binh)
    for mine, key in ((street.an, OTHER_KEY), (street.binh, KEY)):
        published = PublishedDays(key, int(START.timestamp()) // 86400 * 86400, int(START.timestamp()) + 3600)
        times = {slot.bluezone_id: slot for slot in slots(published)}
        # The app's own rule: who was heard with an ID that began to be sent in its time is found, save at its end.
        off = [times[row.contact_id].off_ms(row.timestamp_ms) for row in mine.trace]
        assert len(off) > 20 and off.count(0) > 0.9 * len(off) and max(off) <= phones.SEND_S * 1000
        assert {row.bluezone_id for row in mine.trace} <= set(own_ids(mine))


def own_ids(phone: Phone) -> Iterator[bytes]:
    for at_us in range(0, 3601 * SECOND_US, 60 * SECOND_US):
        yield phone.bluezone_id(at_us)


def advertiser(street: Street, data: bytes, kind: int = 3) -> None:
    street.air.start(STRANGER, 0, 100_000, kind, 1, b"\x01" * 6, data)


@pytest.mark.parametrize("kind", [0, 2, 3])
def test_it_hears_what_cannot_be_connected_to_as_well(street: Street, kind: int) -> None:
    advertiser(street, bluezone.advertisement(b"\7" * 12), kind)
    street.run(1800, street.an)
    assert {row.contact_id for row in street.an.trace} == {b"\7" * 12}


def test_it_listens_for_40_s_of_300_and_stores_each_5_s_at_most(street: Street) -> None:
    advertiser(street, bluezone.advertisement(b"\7" * 12))
    street.run(3600, street.an)
    times_ms = [row.timestamp_ms for row in street.an.trace]
    gaps_ms = [after - before for before, after in pairwise(times_ms)]
    assert min(gaps_ms) >= handsets.STORE_AGAIN_MS
    pauses = [gap for gap in gaps_ms if gap > 60_000]
    assert len(pauses) == 11 and all(255_000 < gap < 270_000 for gap in pauses)
    # Half of the time it sends itself, in events that drown a packet now and then, and hears in between.
    assert 6 * 12 <= len(times_ms) <= 8 * 12


def test_others_are_not_stored(street: Street) -> None:
    advertiser(street, gaen.advertisement(bytes(16), bytes(4)))
    street.run(1800, street.an)
    assert street.an.trace == []


def test_the_key_of_the_next_utc_day_follows(street: Street) -> None:
    street.world.start()
    assert street.an.daily_key(3599 * SECOND_US) == KEY
    assert street.an.daily_key(3600 * SECOND_US) == bluezone.next_daily_key(KEY)
    assert street.an.bluezone_id(3600 * SECOND_US).hex() == "45242b365efbbb67fa022489"


def test_its_trace_is_written_as_the_app_does(street: Street) -> None:
    advertiser(street, bluezone.advertisement(b"\xab" * 12))
    street.run(600, street.an)
    row, line = street.an.trace[0], street.an.data_trace().splitlines()[0]
    own = row.bluezone_id.hex().upper()
    assert line.split("\t") == [own, "AB" * 12, str(row.rssi_dbm), str(row.timestamp_ms)]
    assert row.bluezone_id in own_ids(street.an)


# In a scenario.

PHONE = f'\n[[phone]]\nname = "Cuc"\nposition = [1, 0]\ndaily_key = "{KEY.hex()}"\n'


def write(tmp_path: Path, more: str) -> Path:
    path = tmp_path / "scenario.toml"
    path.write_text(scenario_text((HERE,), 1, "1h") + more, encoding="utf-8")
    return path


def test_a_scenario_puts_it_on_the_air(tmp_path: Path) -> None:
    stage = Stage(load_scenario(write(tmp_path, PHONE)), tmp_path)
    try:
        stage.start()
        (phone,) = stage.phones
        token = stage.world.tokens[0]
        stage.world.call(lambda: token.power_down(stage.world.now_us))
        data = bluezone.advertisement(b"\7" * 12)
        stage.world.call(lambda: stage.air.start(token.node, 0, 100_000, 2, 1, b"\x01" * 6, data))
        stage.world.run_for(600)
        assert {row.contact_id for row in phone.trace} == {b"\7" * 12}
        from_us = stage.world.now_us - 4 * SECOND_US
        stage.world.run_for(16)
        heard = stage.air.heard(token.node, Ear(from_us, 60_000, 60_000), from_us, stage.world.now_us, Random(1))
        assert {bluezone.parse(report.train.data) for report in heard} == {phone.bluezone_id(from_us)}
    finally:
        stage.close()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda text: text.replace(KEY.hex(), "00"), "phone[0].daily_key must be 64"),
        (lambda text: text.replace('"Cuc"', '"A"'), "a name of its own"),
        (lambda text: text + "colour = 1\n", "unknown key phone[0].colour"),
        (lambda text: text.replace("position = [1, 0]\n", ""), "phone[0].position"),
        (lambda text: text + "tx_power_dbm = 1.5\n", "phone[0].tx_power_dbm must be a whole number"),
    ],
)
def test_a_phone_that_cannot_be(change: Callable[[str], str], words: str, tmp_path: Path) -> None:
    with pytest.raises(BadScenario) as caught:
        load_scenario(write(tmp_path, change(PHONE)))
    assert words in str(caught.value)
