"""A 32-bit token reads an iPhone's ID; the stand-in for the client takes nothing of the program's heap."""

from __future__ import annotations

from ast import literal_eval
from pathlib import Path

from bluetoken.link.repl import Repl
from bluetoken.virtual.air import PathLoss
from bluetoken.virtual.scenario import load_scenario
from bluetoken.virtual.stage import Stage
from wearable.protocols import bluezone

KEY = bytes(range(32))
SCENARIO = f"""
name = "test"
seed = 1
start = 2026-03-02T00:00:00Z
duration = "1h"
[[token]]
name = "A"
position = [0, 0]
processor = "rv32"
[[phone]]
name = "Cuc"
position = [1, 0]
system = "iphone"
foreground = [["0s", "1h"]]
daily_key = "{KEY.hex()}"
"""
# It asks from the handler, as most programs do.
PROGRAM = """
import bluetooth, gc, time
gc.collect()
before = gc.mem_alloc()
SERVICE = bluetooth.UUID("00004E56-73F5-4BC4-A12F-17D1AD07A667")
CHARACTERISTIC = bluetooth.UUID("00004E56-73F5-4BC4-A12F-17D1AD07A689")
ble = bluetooth.BLE()
ble.active(True)
ble.config(addr_mode=3)
span, addresses, ids = [0, 0], [], []

def step(event, data):
    if event == 5 and not addresses and b"Bluezone" in bytes(data[4]):
        addresses.append(bytes(data[1]))
    elif event == 7:
        ble.gattc_discover_services(data[0], SERVICE)
    elif event == 9:
        span[:] = data[1:3]
    elif event == 10:
        ble.gattc_discover_characteristics(data[0], span[0], span[1], CHARACTERISTIC)
    elif event == 11:
        span[0] = data[2]
    elif event == 12:
        ble.gattc_read(data[0], span[0])
    elif event == 15:
        ids.append(bytes(data[2]).hex())
    elif event == 16:
        ble.gap_disconnect(data[0])
    elif event == 8:
        ids.append("over")

ble.irq(step)
ble.gap_scan(0, 60000, 60000)
time.sleep(1)
ble.gap_connect(1, addresses[0])
time.sleep(3)
gc.collect()
print(ids, ",", gc.mem_alloc() - before)
"""


def test_it_reads_the_id(tmp_path: Path) -> None:
    told = tmp_path / "a scenario.toml"
    told.write_text(SCENARIO)
    stage = Stage(load_scenario(told), tmp_path, PathLoss(posture_sd_db=0, movement_sd_db=0, fading_sd_db=0))
    try:
        stage.start()
        stage.world.run_for(2, 60)
        stage.world.live(3)
        repl = Repl(stage.world.tokens[0].cable.path)
        try:
            ids, taken = literal_eval(repl.run(PROGRAM))
        finally:
            repl.close()
    finally:
        stage.close()
    assert ids == [bluezone.bluezone_id(KEY, 0).hex(), "over"]
    assert taken < 4096


# A handler that asks something: the answer comes where the events lie that are still to be handed over.
ASKING = """
import bluetooth, time
ble = bluetooth.BLE()
ble.active(True)
heard = []

def hear(event, data):
    if event == 5:
        before = bytes(data[4])
        if ASKS:
            ble.config(addr_mode=3)  # refused, for it scans
        heard.append(before == bytes(data[4]) == b"hello")

ble.irq(hear)
ble.gap_scan(0, 60000, 60000)
time.sleep(5)
print(len(heard), ",", all(heard))
"""


def test_a_handler_that_asks_gets_the_other_events_too(tmp_path: Path) -> None:
    told = tmp_path / "a scenario.toml"
    told.write_text(SCENARIO.partition("[[phone]]")[0] + '[[phone]]\nname = "Cuc"\nposition = [1, 0]\nmoves = []\n')
    stage = Stage(load_scenario(told), tmp_path, PathLoss(posture_sd_db=0, movement_sd_db=0, fading_sd_db=0))
    counts = []
    try:
        stage.phones.clear()
        stage.start()
        stage.world.run_for(2, 60)
        for n in range(4):
            at_us = 2_000_000 + 1_000 * n
            stage.world.call(lambda at_us=at_us: stage.air.start(1, at_us, 20_000, 2, 1, b"\1" * 6, b"hello"))  # type: ignore[misc]
        stage.world.live(3)
        for asks in (False, True):
            repl = Repl(stage.world.tokens[0].cable.path)
            try:
                count, well = literal_eval(repl.run(ASKING.replace("ASKS", str(asks))))
            finally:
                repl.close()
            assert well
            counts.append(count)
    finally:
        stage.close()
    without, with_asking = counts
    assert without > 300 and 0.9 < with_asking / without < 1.1
