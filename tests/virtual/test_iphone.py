"""An iPhone with Bluezone's app on the virtual air: what it says, to whom, and whom it stores."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from random import Random

import pytest

from bluetoken.errors import BadScenario
from bluetoken.virtual import iphone as iphones
from bluetoken.virtual.air import Air, Ear, PathLoss, Report, Train
from bluetoken.virtual.connection import Peer
from bluetoken.virtual.handset import CONNECTABLE, STORE_AGAIN_MS
from bluetoken.virtual.iphone import Iphone, identifier_in
from bluetoken.virtual.phone import Phone
from bluetoken.virtual.scenario import PhonePlan, Place, Scenario, Span, load_scenario
from bluetoken.virtual.stage import Stage
from bluetoken.virtual.world import World
from wearable.protocols import bluezone, gaen

from .bench import HERE, scenario_text

KEY = bytes.fromhex("0552a69519d1f3043611126c13489ff4a2a867a1c667b1d9d9031cd27fdcff5a")
SECOND_US = 1_000_000
START = datetime(2020, 8, 10, 23, 0, tzinfo=UTC)
QUIET = PathLoss(posture_sd_db=0, movement_sd_db=0, fading_sd_db=0)
STRANGER = 9
ID = b"\7" * 12
FLAGS = b"\x02\x01\x06"


class Street:
    """An iPhone, and a stranger a metre away. From 10 to 20 minutes somebody looks at the app."""

    def __init__(self, fault: str | None = None) -> None:
        here = (Place(0, (0.0, 0.0)),)
        looked_at = (Span(600 * SECOND_US, 1200 * SECOND_US),)
        plan = PhonePlan("cuc", here, KEY, system="iphone", foreground=looked_at, fault=fault)
        self.scenario = Scenario("street", 1, START, 3600 * SECOND_US, (), (plan,))
        self.world = World()
        self.air = Air(1, lambda node, _: (float(node != 0), 0.0), lambda _: 0, QUIET)
        self.phone = Iphone(plan, self.scenario, self.world, self.air, 0)

    def run(self, seconds: int) -> None:
        self.phone.start()
        self.world.start()
        self.world.run_for(seconds)

    def heard(self, from_s: int, to_s: int) -> list[Report]:
        """What the stranger hears who listens to everything."""
        from_us, to_us = from_s * SECOND_US, to_s * SECOND_US
        return self.air.heard(STRANGER, Ear(from_us, 60_000, 60_000), from_us, to_us, Random(1))

    def advertise(self, data: bytes, kind: int = 3, from_s: int = 0) -> Train:
        return self.air.start(STRANGER, from_s * SECOND_US, 100_000, kind, 1, b"\x01" * 6, data)


@pytest.fixture
def street() -> Iterator[Street]:
    street = Street()
    yield street
    street.world.close()


def test_its_adverts_are_the_apps(street: Street) -> None:
    service = "67a607add1172fa1c44bf573564e0000"
    street.run(1300)
    (seen,) = {report.train.data for report in street.heard(610, 1190)}
    assert seen.hex() == "020106" + "1107" + service + "0909" + b"Bluezone".hex() and len(seen) == 31
    (unseen,) = {report.train.data for report in street.heard(1210, 1290)}
    assert unseen.hex() == "020106" + "14ff4c00" + "0108" + "00" * 15
    assert {report.train.event_type for report in street.heard(1100, 1290)} == {CONNECTABLE}


def test_it_says_its_id_in_no_advert(street: Street) -> None:
    street.run(1300)
    assert all(identifier_in(report.train.data) is None for report in street.heard(0, 1290))
    assert all(bluezone.parse(report.train.data) is None for report in street.heard(0, 1290))


def test_its_address_changes_each_quarter_of_an_hour(street: Street) -> None:
    street.run(3600)
    changes = [
        (after.start_us, after.address)
        for before, after in pairwise(street.air._trains)
        if before.address != after.address
    ]
    assert 3 <= len(changes) <= 4 and len({address for _, address in changes}) == len(changes)
    assert {after - before for (before, _), (after, _) in pairwise(changes)} == {900 * SECOND_US}
    assert all(address[5] & 0xC0 == 0x40 for _, address in changes)
    for before, after in pairwise(street.air._trains):
        assert before.stop_us == after.start_us, "one advert at a time"


def ask(peer: Peer, pdu: bytes, at_s: int = 0) -> bytes | None:
    return peer.receive(pdu, at_s * SECOND_US)


READ = b"\x0a\x2c\x00"


def test_who_connects_reads_the_id_of_the_moment(street: Street) -> None:
    peer = street.phone.accept(0)
    street.world.start()
    for at_s in (0, 899, 900, 3600):
        day = KEY if at_s < 3600 else bluezone.next_daily_key(KEY)
        slot = (92 + at_s // 900) % 96
        assert ask(peer, READ, at_s) == b"\x0b" + bluezone.bluezone_id(day, slot)


def test_it_asks_for_a_larger_mtu_and_keeps_to_what_was_agreed(street: Street) -> None:
    peer = street.phone.accept(0)
    assert peer.opening() == bytes.fromhex("020f02")
    assert ask(peer, b"\x02\x64\x00") == bytes.fromhex("030f02")
    assert ask(peer, b"\x03\x00\x01") is None
    assert ask(peer, b"\x08\x01\x00\xff\xff\x03\x28") == bytes.fromhex("0907" + "0200" + "020300002a")


def test_faults() -> None:
    mute, short = (Street(fault) for fault in ("mute", "short"))
    assert mute.phone.accept(0).opening() is None and ask(mute.phone.accept(0), READ) is None
    assert ask(short.phone.accept(0), READ) == b"\x0b" + bluezone.bluezone_id(KEY, 92)[:8]
    for each in (mute, short):
        each.world.close()


@pytest.mark.parametrize(
    ("data", "identifier"),
    [
        (bluezone.advertisement(ID), ID),
        (bluezone.advertisement(ID).replace(b"\xb5\x22", b"\x4c\x00"), ID),
        (bytes([17, 7]) + iphones.SERVICE + bytes([15, 0xFF, 0, 0]) + ID, ID),
        (bytes([3, 3, 0x56, 0x4E]) + bytes([14, 0xFF, 0xB5, 0x22]) + ID[:11], None),
        (FLAGS + bytes([15, 0xFF, 0xB5, 0x22]) + ID, None),
        (bytes([5, 3, 0, 0, 0x56, 0x4E, 15, 0xFF, 0, 0]) + ID, ID),
        (bytes([5, 3, 0, 0x56, 0x4E, 0, 15, 0xFF, 0, 0]) + ID, None),
        (bytes([3, 3, 0x56, 0x4E, 15, 0xFF, 0, 0]) + ID[:11], None),
        (bytes([0, 3, 3, 0x56, 0x4E, 15, 0xFF, 0, 0]) + ID, None),
        (gaen.advertisement(bytes(16), bytes(4)), None),
        (iphones.FOREGROUND_DATA, None),
        (b"", None),
    ],
)
def test_what_it_takes_for_an_id(data: bytes, identifier: bytes | None) -> None:
    assert identifier_in(data) == identifier


def test_looked_at_it_stores_each_5_s_and_otherwise_once(street: Street) -> None:
    street.advertise(bluezone.advertisement(ID))
    street.run(1800)
    start_ms = street.scenario.unix_ms(0)
    times_s = [(row.timestamp_ms - start_ms) // 1000 for row in street.phone.trace]
    assert {row.contact_id for row in street.phone.trace} == {ID}
    behind = [at_s for at_s in times_s if not 600 <= at_s < 1200]
    # Once more after it was looked at, unless that is within 5 s of the last time.
    assert 1 <= len(behind) <= 2 and behind[0] < 60
    before = [at_s for at_s in times_s if 600 <= at_s < 1200]
    assert 100 <= len(before) <= 120
    assert all(after - first >= STORE_AGAIN_MS // 1000 for first, after in pairwise(before))


def test_after_it_was_looked_at_it_is_told_once_more(street: Street) -> None:
    street.advertise(bluezone.advertisement(ID)).stop_us = 1190 * SECOND_US
    street.advertise(bluezone.advertisement(ID), from_s=1210)
    street.run(1800)
    last_s = (street.phone.trace[-1].timestamp_ms - street.scenario.unix_ms(0)) // 1000
    assert 1210 <= last_s < 1230


def test_its_trace_is_in_whole_seconds(street: Street) -> None:
    street.advertise(bluezone.advertisement(b"\xab" * 12))
    street.run(1300)
    row, line = street.phone.trace[-1], street.phone.data_trace().splitlines()[-1]
    own = row.bluezone_id.hex().upper()
    assert line.split("\t") == [own, "AB" * 12, str(row.rssi_dbm), str(row.timestamp_ms // 1000)]
    assert all(row.timestamp_ms % 1000 == 0 for row in street.phone.trace)


def test_two_iphones_do_not_meet(street: Street) -> None:
    street.advertise(iphones.FOREGROUND_DATA, CONNECTABLE)
    street.run(1300)
    assert street.phone.trace == []


# In a scenario.

PHONE = f"""
[[phone]]
name = "Cuc"
position = [1, 0]
system = "iphone"
daily_key = "{KEY.hex()}"
"""


def write(tmp_path: Path, more: str) -> Path:
    path = tmp_path / "scenario.toml"
    path.write_text(scenario_text((HERE,), 1, "1h") + more, encoding="utf-8")
    return path


def test_a_scenario_has_both(tmp_path: Path) -> None:
    more = '\n[[phone]]\nname = "Dung"\nposition = [2, 0]\n'
    told = PHONE + 'foreground = [["1m", "2m"]]\nfault = "mute"\n' + more
    stage = Stage(load_scenario(write(tmp_path, told)), tmp_path)
    try:
        iphone, android = stage.phones
        assert isinstance(iphone, Iphone) and isinstance(android, Phone)
        assert [iphone.in_foreground(at_s * SECOND_US) for at_s in (59, 60, 119, 120)] == [False, True, True, False]
        assert stage.air.peripherals == {1: iphone} and iphone.accept(0).opening() is None
    finally:
        stage.close()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda text: text.replace("iphone", "nokia"), "phone[0].system must be one of android, iphone"),
        (lambda text: text.replace('"iphone"', "1"), "phone[0].system must be a text"),
        (lambda text: text + 'fault = "loud"\n', "phone[0].fault must be one of mute, short"),
        (lambda text: text + "fault = 1\n", "phone[0].fault must be one of mute, short"),
        (lambda text: text + 'foreground = ["1m"]\n', "phone[0].foreground[0] must be"),
        (lambda text: text.replace("iphone", "android") + "foreground = []\n", "phone[0].foreground is for iPhones"),
        (lambda text: text.replace("iphone", "android") + 'fault = "mute"\n', "phone[0].fault is for iPhones"),
    ],
)
def test_an_iphone_that_cannot_be(change: Callable[[str], str], words: str, tmp_path: Path) -> None:
    with pytest.raises(BadScenario) as caught:
        load_scenario(write(tmp_path, change(PHONE)))
    assert words in str(caught.value)
