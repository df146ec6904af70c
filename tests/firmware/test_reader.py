"""Reading iPhones: found in the air, asked over a connection, noted under what they are called."""

import sys

import chip
import controller as controllers
from heard_adverts import as_bytes
from loading import at_chip_time, load
from official_bluezone import IDENTIFIER
from wearable.iphones import AN_HOUR_MS, READING_MS
from wearable.protocols import bluezone
from wearable.ring import BLUEZONE_TAIL, Ring

FOREGROUND = as_bytes("02011a 110767a607add1172fa1c44bf573564e0000 0909426c75657a6f6e65")
BACKGROUND = as_bytes("02011a 14ff4c000108000000000000000000000000000000")
OTHERS = (
    "02011a 110767a607add1172fa1c44bf573564e0001",  # another service
    "02011a 110967a607add1172fa1c44bf573564e0000",  # no list of services
    "02011a 14ff4c000110000000000000000000000000000000",  # another bit
    "02011a 14ff4c000108000000000000000000000000000001",  # and one more
    "02011a 14fe4c000108000000000000000000000000000000",  # no manufacturer's data
    "02011a 14ff4d000108000000000000000000000000000000",  # another company
    "02011a 110767a607add1172fa1c44bf573564e00",  # cut off
    "02011a 14ff4c0001080000000000000000000000000000",
    "02011a 0bff4c001006031e000000",  # an iPhone without the app
    "00 110767a607add1172fa1c44bf573564e0000",
)
SERVICE, CHARACTERISTIC = (f"00004E56-73F5-4BC4-A12F-17D1AD07{end}" for end in ("A667", "A689"))
SERVICES = {SERVICE: CHARACTERISTIC}
ADDRESS = b"\x5a\2\3\4\5\6"
NAME = IDENTIFIER + BLUEZONE_TAIL
NOW_S = 900 * 1000
QUESTIONS = ("services", "characteristics", "read")


def loaded():
    """The modules; loaded once where nobody else loads them: 96 KiB are for one application, not for several."""
    if not _loaded or sys.modules.get("wearable.iphone_ear") is not _loaded[0]:
        _loaded[:] = load("iphone_ear", "radio", "reader", "zone_ear")
    return _loaded


_loaded = []


class Street:
    """A token with its radio on, and what it notes."""

    def __init__(self):
        iphone_ear, radio, reader, zone_ear = loaded()
        self.controller = controllers.switch_on()
        iphone_ear.heard[0] = 0
        self.ring = Ring(8)
        self.radio = radio.Radio(self.ring, zone_ear.NOTHING_ELSE, iphone_ear.hear)
        self.reader = reader.Reader(self.radio)
        self.noted = []
        self.radio.on()
        self.radio.advertise(bytearray(bluezone.advertisement(IDENTIFIER)), 25000)

    def put(self, address=ADDRESS, name=IDENTIFIER, services=SERVICES, **more):
        self.controller.phones[address] = controllers.Iphone(name, services, **more)

    def hear(self, advert=FOREGROUND, address=ADDRESS, rssi_dbm=-60, kind=0):
        self.controller.hear(advert, rssi_dbm, kind, address)

    def take(self, now_s=NOW_S, may_ask=True):
        def note(identifier, rssi_dbm, at_ms, told):
            self.noted.append((bytes(identifier), rssi_dbm, told))

        chip.current().slept_ms.clear()
        return at_chip_time(self.reader.take, now_s, chip.current().ticks_ms, note, may_ask)

    def asked(self):
        return [name for name, _ in self.controller.calls].count("connect")


def test_an_iphone_is_asked_in_the_foreground_and_in_the_background():
    for advert in (FOREGROUND, BACKGROUND):
        street = Street()
        street.put()
        street.hear(advert, rssi_dbm=-71)
        street.take()
        assert street.noted == [(NAME, -71, -1)]
        told = dict(street.controller.calls)
        assert told["connect"] == (1, ADDRESS, READING_MS)
        assert told["services"] == SERVICE and told["characteristics"] == (40, 47, CHARACTERISTIC)
        assert told["read"] == controllers.VALUE_HANDLE and told["disconnect"] == controllers.CONNECTION


def test_nothing_is_said_while_it_is_asked():
    street = Street()
    street.put()
    street.hear()
    street.take()
    called = [name for name, _ in street.controller.calls]
    assert called.index("connect") > len(called) - 1 - called[::-1].index("stop_advertising")
    assert street.controller.connected is None


def test_what_asks_is_let_go_again():
    street = Street()
    street.put()
    street.hear()
    street.take()
    assert len(street.noted) == 1 and "wearable.gatt" not in sys.modules


def test_an_address_is_asked_once_and_noted_as_often_as_it_is_heard():
    street = Street()
    street.put()
    for rssi_dbm in (-60, -61, -62):
        street.hear(rssi_dbm=rssi_dbm)
        street.hear(rssi_dbm=-90)  # in the same burst
        street.take()
    assert street.asked() == 1
    assert street.noted == [(NAME, rssi_dbm, -1) for rssi_dbm in (-60, -61, -62)]


def test_in_the_next_quarter_of_an_hour_it_is_asked_again():
    street = Street()
    street.put()
    street.hear()
    street.take()
    street.put(name=bytes(12))
    street.hear()
    street.take(NOW_S + 900)
    assert street.asked() == 2 and street.noted[1][0] == bytes(12) + BLUEZONE_TAIL


def test_of_several_one_is_asked_in_a_burst():
    street = Street()
    addresses = [bytes((number, 0, 0, 0, 0, 0x40)) for number in range(3)]
    for number, address in enumerate(addresses):
        street.put(address, bytes([number]) * 12)
    for burst in range(3):
        for address in addresses:
            street.hear(address=address)
        street.take()
        assert street.asked() == burst + 1
    assert [bytes([each]) * 12 + BLUEZONE_TAIL for each in (0, 0, 1, 0, 1, 2)] == [name for name, _, _ in street.noted]


def test_whoever_does_not_answer_costs_its_time_and_no_more():
    for more in [{"mute_at": each} for each in QUESTIONS] + [{"takes_calls": False}]:
        street = Street()
        street.put(**more)
        street.hear()
        began_ms = chip.current().rtc_ms
        took_ms = street.take()
        passed_ms = chip.current().rtc_ms - began_ms
        assert READING_MS <= passed_ms <= READING_MS + 500 and took_ms == passed_ms, more
        called = [name for name, _ in street.controller.calls]
        assert ("cancel" if "takes_calls" in more else "disconnect") in called
        street.hear()
        assert street.take() == 0 and street.asked() == 1 and street.noted == []


def test_whoever_goes_in_mid_answer_is_let_go_at_once():
    for question in QUESTIONS:
        street = Street()
        street.put(leaves_at=question)
        street.hear()
        assert street.take() < 500 and street.noted == [], question


def test_an_answer_of_another_kind_is_none():
    for more in (
        {"services": {}},
        {"services": {SERVICE: "another"}},
        {"name": IDENTIFIER[:11]},
        {"name": IDENTIFIER + b"\0"},
        {"name": b""},
    ):
        street = Street()
        street.put(**more)
        street.hear()
        street.take()
        assert street.noted == [] and street.asked() == 1 and street.controller.connected is None, more


def test_an_answer_of_another_kind_does_not_become_the_last_one_s():
    street = Street()
    street.put()
    street.hear()
    street.take()
    other = bytes(6)
    street.put(other, name=b"short")
    street.hear(address=other)
    street.take()
    assert [name for name, _, _ in street.noted] == [NAME]


def test_every_step_may_refuse():
    steps = ("connect", "services", "characteristics", "read", "disconnect")
    for broken in steps:
        street = Street()
        street.put()
        street.hear()
        street.controller.broken = (broken,)
        street.take()
        assert (street.noted == [(NAME, -60, -1)]) == (broken == "disconnect"), broken
        street.controller.broken = ()
        street.radio.off()
        assert not street.controller.is_active and street.controller.connected is None


def test_who_is_in_debt_asks_nobody():
    street = Street()
    street.put()
    street.hear()
    assert street.take(may_ask=False) == 0 and street.asked() == 0
    street.hear()
    street.take()
    assert street.asked() == 1


def test_a_street_full_of_strangers_costs_the_hour_s_allowance():
    street = Street()
    asked_ms = 0
    began_ms = chip.current().rtc_ms
    number = 0
    while chip.current().rtc_ms - began_ms < 3600000:
        for _ in range(20):
            number += 1
            street.hear(address=bytes((number & 0xFF, number >> 8 & 0xFF, 0, 0, 0, 0x40)))
        asked_ms += street.take(NOW_S + (chip.current().rtc_ms - began_ms) // 1000)
        chip.current().pass_ms(8000)
    assert AN_HOUR_MS < asked_ms < 1.3 * AN_HOUR_MS and street.noted == []


def test_others_are_no_iphones_with_the_app():
    street = Street()
    for advert in OTHERS:
        street.hear(as_bytes(advert))
    for advert in (FOREGROUND, BACKGROUND):
        for length in range(len(advert)):
            # The name behind the list may be cut off.
            if length < 21:
                street.hear(advert[:length])
        street.hear(advert, kind=4)
    street.take()
    assert street.asked() == 0 and street.radio.faults == 0


def test_android_phones_are_heard_as_ever():
    street = Street()
    street.hear(bluezone.advertisement(IDENTIFIER))
    found = []
    street.ring.drain(lambda identifier, rssi_dbm, at_ms, told: found.append((bytes(identifier), told)))
    assert found == [(NAME, -1)] and street.radio.adverts == 1


def test_the_handler_survives_whatever_it_is_given():
    street = Street()
    for event in (None, 0, 5, 6, 7, 8, 9, 10, 11, 12, 15, 16, 17, 99):
        for data in (None, (), 7, (1, b"", 0, -60, None), (1, None, 0, -60, FOREGROUND), (3, 4, None)):
            street.controller.handler(event, data)
    street.take()
    street.put()
    street.hear()
    street.take()
    assert street.noted[-1] == (NAME, -60, -1) and street.radio.faults > 0
