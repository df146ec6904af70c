"""A burst, step by step: each refuses once, and the radio ends up off, the chip asleep, the next burst made."""

import gc

import chip
import controller as controllers
from loading import load
from raising import raised
from wearable import schedule
from wearable.protocols import gaen
from wearable.ring import Ring
from wearable.sightings import Sightings

AEM = bytes(4)
STEPS = ("active", "addr_mode", "irq", "mac", "stop_scan", "stop_advertising", "advertise", "scan")


class Board:
    draws = (350, 10000, 32667, 64000)


class Clock:
    def now_s(self):
        return chip.current().rtc_ms // 1000

    def now(self):
        return self.now_s(), 0


class Bursts:
    """Meetings of a token that says another identifier at every burst, as if each were in another interval."""

    def __init__(self, module, radio, ring, sightings):
        self.radio = radio.Radio(ring, gaen.wanted())
        self._meetings = module.Meetings(Board, Clock(), self.radio, ring, sightings, 0)
        self._said = 0

    def burst(self):
        self._meetings.make(self._change)

    def _change(self):
        self._said += 1
        self._meetings.voices = [(bytearray(gaen.advertisement(bytes([self._said]) * 16, AEM)), False)]


def fresh():
    """Return (controller, bursts, the module radio)."""
    chip.switch_on()
    controller = controllers.switch_on()
    # Loaded once: 96 KiB are for one application, not for one after the other.
    if not _loaded:
        _loaded.extend(load("meetings", "radio"))
        _loaded.append(Ring())
        _loaded.append(Sightings())
    module, radio, ring, sightings = _loaded
    gc.collect()
    return controller, Bursts(module, radio, ring, sightings), radio


_loaded = []


def names(controller):
    return [name for name, _ in controller.calls]


def assert_no_address_says_two_things(controller):
    said = {}
    for kind, address, what in controller.on_air:
        # What is told in the last two bytes changes with the parts of a burst.
        assert kind == 1 and said.setdefault(address, what[:-2]) == what[:-2]


def test_the_order_of_a_burst():
    controller, app, _ = fresh()
    app.burst()
    assert set(names(controller)) == set(STEPS)
    called = names(controller)
    assert called[:7] == ["active", "addr_mode", "irq", "stop_scan", "stop_advertising", "addr_mode", "mac"]
    assert called[-3:] == ["stop_scan", "stop_advertising", "active"] and not controller.is_active


def test_every_step_may_refuse_once():
    controller, app, _ = fresh()
    app.burst()
    steps = len(controller.calls)
    broken = set()
    for step in range(steps):
        controller, app, _ = fresh()
        controller.breaks_at = step
        app.burst()
        broken.add(names(controller)[step])
        assert not controller.is_active, names(controller)
        assert app.radio.cycled > 0, step
        said = len(controller.on_air)
        app.burst()
        assert len(controller.on_air) == said + schedule.PARTS and not controller.is_active, step
        assert_no_address_says_two_things(controller)
    assert broken == set(STEPS)


def test_a_step_that_always_refuses_costs_the_burst_and_no_more():
    for step in STEPS:
        if step == "active":
            continue
        controller, app, _ = fresh()
        controller.broken = (step,)
        for _ in range(3):
            app.burst()
            assert not controller.is_active, step
        controller.broken = ()
        app.burst()
        assert controller.on_air and not controller.is_active, step


def test_a_scan_that_does_not_end_switches_the_radio_off_and_the_next_burst_goes_on():
    controller, app, _ = fresh()
    controller.stuck = True
    app.burst()
    assert not controller.is_active and app.radio.cycled == 1
    controller.stuck = False
    app.burst()
    assert names(controller).count("scan") > 1 and app.radio.cycled == 1


def test_a_radio_that_stays_on_is_nothing_to_sleep_on():
    controller, app, radio = fresh()
    app.radio.on()
    controller.broken = ("active",)
    raised(radio.RadioFault, app.burst)
    assert chip.current().light_slept_ms == []
