"""The same programs on the simulated air and on Google's rootcanal: the same bytes, as strong."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from bluetoken.link.desk import Desk
from bluetoken.virtual.air import PathLoss
from bluetoken.virtual.rootcanal import RootcanalBridge

from .bench import HERE, Bench, MakeBench

THREE_METRES_AWAY = "position = [3, 0]"
NO_CHANCE = PathLoss(posture_sd_db=0, movement_sd_db=0, fading_sd_db=0)
PAYLOAD = bytes.fromhex("02011a0303fd6f17166ffd") + bytes(range(20))
RANDOM_ADDRESS, ADV_SCAN_IND = 1, 2

ADVERTISE = f"""
import bluetooth, time
ble = bluetooth.BLE()
ble.active(True)
ble.config(addr_mode=3)
ble.gap_advertise(100_000, {PAYLOAD!r}, connectable=False)
print(bytes(ble.config("mac")[1]).hex())
time.sleep(30)
"""
LISTEN = """
import bluetooth, time
heard = []
def hear(event, data):
    if event == 5:
        heard.append((data[0], bytes(data[1]).hex(), data[2], data[3], bytes(data[4]).hex()))
ble = bluetooth.BLE()
ble.active(True)
ble.config(addr_mode=3)
ble.irq(hear)
ble.gap_scan(0, 60_000, 60_000)
time.sleep(1.5)
ble.gap_scan(None)
print(heard)
"""

Bring = Callable[..., Bench]


@pytest.fixture(params=["simulated air", "rootcanal"])
def bridge(request: pytest.FixtureRequest) -> Iterator[RootcanalBridge | None]:
    if request.param == "simulated air":
        yield None
        return
    try:
        bridge = RootcanalBridge()
    except RuntimeError as error:
        pytest.skip(str(error))
    yield bridge
    bridge.air.close()


@pytest.fixture
def bring(bridge: RootcanalBridge | None, make_bench: MakeBench) -> Bring:
    """make_bench on either air, in real time; the bridge outlives the stages."""

    def bring(*tokens: str, **more: Any) -> Bench:
        bench = make_bench(*tokens, controllers=bridge and bridge.controller, path_loss=NO_CHANCE, **more)
        if bridge:
            bench.look(lambda: bridge.join(bench.world))
        bench.world.live()
        return bench

    return bring


def test_a_token_hears_what_another_says(bring: Bring) -> None:
    bench = bring(HERE, THREE_METRES_AWAY)
    command = [sys.executable, "-m", "mpremote", "connect", bench.tokens[1].cable.path, "exec", ADVERTISE]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as advertiser:
        assert advertiser.stdout
        address = advertiser.stdout.readline().strip()
        heard = eval(bench.mpremote("exec", LISTEN))
        advertiser.kill()
    level_dbm = bench.look(lambda: bench.stage.air.level_dbm(1, 0, bench.world.now_us))
    assert len(heard) > 8, "in 1.5 s at 105 ms"
    assert {report[:3] + report[4:] for report in heard} == {
        (RANDOM_ADDRESS, address, ADV_SCAN_IND, PAYLOAD.hex())
    }
    assert all(abs(rssi - level_dbm) <= 1 for _, _, _, rssi, _ in heard)


@pytest.mark.parametrize("bridge", ["rootcanal"], indirect=True)
def test_connections_are_refused_there(bring: Bring) -> None:
    """At once, and in words of HCI: nothing waits for what does not come."""
    program = """
import bluetooth
ble = bluetooth.BLE()
ble.active(True)
try:
    ble.gap_connect(1, bytes(6))
except OSError as error:
    print(error.errno)
ble.gap_scan(100)
print(ble.gap_disconnect(0))
"""
    assert bring(HERE).run(program).split() == [str(-0x211), "False"]


@pytest.mark.long
def test_issued_tokens_meet(bring: Bring, issued_image: bytes) -> None:
    """The whole firmware, with its clock set, through two bursts."""
    bench = bring(HERE, THREE_METRES_AWAY, image=issued_image)
    for token in bench.tokens:
        with Desk(token.cable.path) as desk:
            desk.set_clock(bench.stage.scenario.unix_ms(bench.world.now_us))
            desk.resume()
    reports = []
    for token in bench.tokens:
        _count_reports(bench, token.controller, reports)
    bench.wait_until(lambda: {node for node, _ in reports} == {0, 1}, 100)


def _count_reports(bench: Bench, controller: object, reports: list) -> None:  # type: ignore[type-arg]
    """Look over the shoulder of a token at what its controller hands it."""
    ask = controller.reports  # type: ignore[attr-defined]
    node = next(n for n, token in enumerate(bench.tokens) if token.controller is controller)

    def asked(until_us: int) -> list[tuple[int, bytes]]:
        found = ask(until_us)
        reports.extend((node, packet) for _, packet in found)
        return found  # type: ignore[no-any-return]

    bench.look(lambda: setattr(controller, "reports", asked))
