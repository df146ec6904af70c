"""The radio: one identifier an address, whatever the controller does, and a handler that cannot fail."""

import controller as controllers
from heard_adverts import ACCEPTED, AEM, REFUSED, RPI, as_bytes
from loading import load
from raising import raised
from wearable.protocols import gaen
from wearable.ring import Ring

ADVERT = as_bytes(ACCEPTED[0][1])
ADVERTISE_US = 25000
SCAN_RESPONSE = 4


def fresh():
    """Return (controller, module, radio, ring)."""
    controller = controllers.switch_on()
    module = load("radio")
    ring = Ring()
    return controller, module, module.Radio(ring, gaen.wanted()), ring


def names(controller):
    return [name for name, _ in controller.calls]


def payload(number):
    return gaen.advertisement(bytes([number]) * 16, AEM)


def drained(ring):
    found = []
    ring.drain(lambda identifier, rssi_dbm, at_ms, told: found.append((bytes(identifier), rssi_dbm)))
    return found


# Starting and stopping.


def test_the_address_mode_is_set_before_any_gap_call():
    controller, _, radio, _ = fresh()
    radio.on()
    radio.advertise(payload(1), ADVERTISE_US)
    radio.listen()
    called = names(controller)
    assert called[:2] == ["active", "addr_mode"]
    assert called[2:].count("advertise") == called[2:].count("scan") == 1


def test_the_factory_address_says_nothing():
    controller, _, radio, _ = fresh()
    radio.on()
    radio.advertise(payload(1), ADVERTISE_US)
    for kind, address, _ in controller.on_air:
        assert kind == 1 and address != controllers.PUBLIC_ADDRESS


def test_everything_stops_before_the_address_changes():
    controller, _, radio, _ = fresh()
    radio.on()
    radio.advertise(payload(1), ADVERTISE_US)
    radio.listen()
    controller.calls.clear()
    radio.advertise(payload(2), ADVERTISE_US)
    assert names(controller) == ["stop_scan", "stop_advertising", "addr_mode", "mac", "advertise"]


def test_nobody_can_connect_nor_ask_for_more():
    controller, _, radio, _ = fresh()
    radio.on()
    radio.advertise(payload(1), ADVERTISE_US)
    assert [value for name, value in controller.calls if name == "advertise"] == [(ADVERTISE_US, b"", False)]


def test_off_stops_everything():
    controller, _, radio, _ = fresh()
    radio.on()
    radio.advertise(payload(1), ADVERTISE_US)
    radio.listen()
    radio.off()
    assert not controller.is_active
    assert names(controller)[-3:] == ["stop_scan", "stop_advertising", "active"]


def test_off_twice_is_off():
    controller, _, radio, _ = fresh()
    radio.off()
    radio.on()
    radio.off()
    radio.off()
    assert names(controller).count("active") == 2 and not controller.is_active


def test_off_survives_a_step_that_fails():
    for broken in ("stop_scan", "stop_advertising"):
        controller, _, radio, _ = fresh()
        radio.on()
        radio.advertise(payload(1), ADVERTISE_US)
        radio.listen()
        controller.broken = (broken,)
        radio.off()
        assert not controller.is_active and radio.cycled == 1, broken


def test_off_survives_all_steps_failing_and_on_goes_on():
    controller, _, radio, _ = fresh()
    radio.on()
    radio.listen()
    controller.broken = ("stop_scan", "stop_advertising")
    radio.off()
    controller.broken = ()
    radio.on()
    radio.advertise(payload(1), ADVERTISE_US)
    radio.listen()
    radio.stop_listening()
    assert len(controller.on_air) == 1


# The address.


def assert_no_address_says_two_things(controller):
    said = {}
    for _, address, what in controller.on_air:
        assert said.setdefault(address, what) == what


def test_a_new_payload_has_a_new_address():
    controller, _, radio, _ = fresh()
    radio.on()
    for number in range(5):
        radio.advertise(payload(number), ADVERTISE_US)
    assert len({address for _, address, _ in controller.on_air}) == 5
    assert [what for _, _, what in controller.on_air] == [payload(number) for number in range(5)]


def test_a_controller_that_refuses_is_switched_off_and_on():
    for refusals in (1, 2, 3, 4):
        controller, module, radio, _ = fresh()
        radio.on()
        radio.advertise(payload(1), ADVERTISE_US)
        controller.refusals = refusals
        try:
            radio.advertise(payload(2), ADVERTISE_US)
        except module.RadioFault:
            pass
        assert_no_address_says_two_things(controller)
        assert radio.cycled > 0, refusals


def test_a_controller_that_refuses_a_few_times_obeys_in_the_end():
    controller, _, radio, _ = fresh()
    radio.on()
    radio.advertise(payload(1), ADVERTISE_US)
    controller.refusals = 2
    radio.advertise(payload(2), ADVERTISE_US)
    assert controller.on_air[-1][2] == payload(2)
    assert_no_address_says_two_things(controller)


def test_a_controller_that_always_refuses_says_nothing_new():
    controller, module, radio, _ = fresh()
    radio.on()
    radio.advertise(payload(1), ADVERTISE_US)
    controller.refusals = -1
    raised(module.RadioFault, radio.advertise, payload(2), ADVERTISE_US)
    assert [what for _, _, what in controller.on_air] == [payload(1)]
    assert controller.advertising is None


def test_a_controller_that_refuses_from_the_start_says_nothing():
    controller, module, radio, _ = fresh()
    controller.refusals = -1
    radio.on()
    raised(module.RadioFault, radio.advertise, payload(1), ADVERTISE_US)
    assert controller.on_air == []


def test_after_a_step_that_failed_the_new_payload_is_not_on_the_air():
    for broken in ("stop_scan", "stop_advertising", "addr_mode", "mac", "advertise"):
        controller, _, radio, _ = fresh()
        radio.on()
        radio.advertise(payload(1), ADVERTISE_US)
        controller.broken = (broken,)
        raised(OSError, radio.advertise, payload(2), ADVERTISE_US)
        assert [what for _, _, what in controller.on_air] == [payload(1)], broken
        radio.off()
        assert not controller.is_active, broken


# Listening.


def test_it_listens_without_a_pause_and_passively():
    controller, _, radio, _ = fresh()
    radio.on()
    radio.listen()
    duration_ms, interval_us, window_us, active = controller.calls[-1][1]
    assert duration_ms == 0 and interval_us == window_us and active is False


def test_a_scan_that_does_not_end_is_a_fault():
    controller, module, radio, _ = fresh()
    radio.on()
    radio.listen()
    controller.stuck = True
    raised(module.RadioFault, radio.stop_listening)
    radio.off()
    controller.stuck = False
    radio.on()
    radio.listen()
    radio.stop_listening()


def test_what_is_heard_is_kept():
    controller, _, radio, ring = fresh()
    radio.on()
    for _, heard in ACCEPTED:
        controller.hear(as_bytes(heard), -77)
    for _, heard in REFUSED:
        controller.hear(as_bytes(heard), -77)
    assert drained(ring) == [(RPI + AEM[:2], -77)] * len(ACCEPTED)
    assert radio.adverts == len(ACCEPTED) + len(REFUSED)
    assert radio.faults == 0


def test_every_kind_of_advertisement_is_heard_but_a_scan_response():
    controller, _, radio, ring = fresh()
    radio.on()
    for adv_type in range(5):
        controller.hear(ADVERT, -60, adv_type)
    assert len(drained(ring)) == 4


# The handler.


def test_the_handler_survives_whatever_it_is_given():
    controller, _, radio, ring = fresh()
    radio.on()
    long_advert = bytes(10) + ADVERT[3:] * 8
    given = (
        None,
        (),
        7,
        (1, b"", 0, -60),
        (1, b"", 0, -60, None),
        (1, b"", 0, -60, 5),
        (1, b"", 0, None, ADVERT),
        (1, b"", 0, -1000, ADVERT),
        (1, b"", 0, "strong", ADVERT),
        (1, b"", 0, -60, long_advert),
        (1, b"", 0, -60, b"\xff\x00" * 100 + ADVERT),
    )
    for event in (controllers.IRQ_SCAN_RESULT, controllers.IRQ_SCAN_DONE, 0, 99, None):
        for data in given:
            controller.handler(event, data)
    drained(ring)
    controller.hear(ADVERT)
    assert drained(ring) == [(RPI + AEM[:2], -60)]
    assert radio.faults > 0


def test_an_advert_longer_than_any_harms_nothing():
    controller, _, radio, ring = fresh()
    radio.on()
    for filler in range(2, 200):
        controller.hear(bytes([filler - 1]) + bytes(filler - 1) + ADVERT)
    for identifier, _ in drained(ring):
        assert identifier == RPI + AEM[:2]


def test_a_hundred_thousand_random_adverts():
    controller, _, radio, ring = fresh()
    radio.on()
    clear = ring.clear
    for number, data in enumerate(noise(100000)):
        controller.handler(controllers.IRQ_SCAN_RESULT, data)
        if number % 50 == 0:
            clear()
    assert radio.adverts == 100000
    assert radio.faults == 0
    assert ring.dropped == 0
    controller.hear(ADVERT)
    assert drained(ring)[-1] == (RPI + AEM[:2], -60)


def noise(count):
    """Yield scan results: random bytes of every length, and adverts of ours with bytes thrown in."""
    address = memoryview(bytes(6))
    state = 12345
    advert = bytearray(31)
    views = [memoryview(advert)[:length] for length in range(32)]
    for number in range(count):
        state = (state * 1103515245 + 12345) & 0x3FFFFFFF
        if number % 100 == 0:
            advert[:] = ADVERT
        advert[(state >> 8) % 31] = state >> 16 & 0xFF
        yield 1, address, number % 5, -(state >> 9) % 128, views[(state >> 13) % 32]
