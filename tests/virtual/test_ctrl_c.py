"""Ctrl-C stops whatever program runs, between any two bytecodes and never inside littlefs."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest

from bluetoken.virtual.token import HARD

from .bench import Bench, Line

TIMES = 20
LOOPS = {
    "busy": ("while True: pass\n", TIMES),
    "asleep": ("import time\nwhile True: time.sleep(1)\n", TIMES),
    "hardly asleep": ("import time\nwhile True: time.sleep_ms(3)\n", 5),
    "reading the clock": ("import time\nwhile True: time.ticks_ms()\n", 5),
    # Nothing here allocates: the unix port does not always survive a KeyboardInterrupt that does.
    "counting": ("def count():\n    n = 0\n    while True:\n        n = n + 1 & 0xFFFF\ncount()\n", 5),
}
WRITING = """
import os
n = 0
while True:
    with open("/log%d" % (n % 5), "ab") as file:
        file.write(bytes(300))
        file.flush()
    if n % 7 == 0:
        os.rename("/log0", "/other")
    if n % 50 == 0:
        for name in os.listdir("/"):
            if name.startswith("log"):
                os.remove("/" + name)
    n += 1
"""
DEAF = """
import time
while True:
    try:
        time.sleep_ms(5)
    except:
        pass
"""
CHECK = """
import os
for name in os.listdir("/"):
    with open("/" + name, "rb") as file:
        data = file.read()
    if name[0] in "lo":
        assert len(data) % 300 == 0 and not any(data), (name, len(data))
with open("/probe", "wb") as file:
    file.write(bytes(range(256)) * 40)
with open("/probe", "rb") as file:
    assert file.read() == bytes(range(256)) * 40
os.remove("/probe")
print("well")
"""


@pytest.mark.parametrize("loop, times", LOOPS.values(), ids=LOOPS)
def test_mpremote_gets_through_to_a_running_main(bench: Bench, loop: str, times: int) -> None:
    bench.world.live()
    bench.install(loop)
    for n in range(times):
        assert bench.mpremote("exec", f"print({n})", "+", "reset") == f"{n}\n"
        # It comes a tenth of a second after mpremote has gone: only then does main run again.
        bench.wait_until(lambda: bench.token.resets[-1][1] == HARD)


def test_a_loop_that_writes_to_flash_is_stopped_and_its_file_system_is_well(bench: Bench) -> None:
    bench.world.live()
    bench.install(WRITING)
    for _ in range(TIMES):
        assert bench.mpremote("exec", CHECK, "+", "reset") == "well\n"
    assert bench.look(lambda: bench.token.flash.overwritten) == 0


def test_a_bare_except_shuts_mpremote_out_as_on_a_board(bench: Bench) -> None:
    bench.world.live()
    bench.install(DEAF)
    # mpremote waits on a pty for ever and elsewhere ten seconds; its own library may be told two.
    attempt = (
        "import sys\n"
        "from mpremote.transport_serial import SerialTransport\n"
        "transport = SerialTransport(sys.argv[1], timeout=1)\n"
        "transport.is_pty = False\n"
        "transport.enter_raw_repl(timeout_overall=2)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", attempt, bench.token.cable.path], capture_output=True, text=True, timeout=20
    )
    assert "could not enter raw repl" in done.stderr


def test_ctrl_c_while_it_starts_keeps_main_from_starting(bench: Bench) -> None:
    bench.run("with open('/boot.py', 'w') as file: file.write('# nothing')")
    bench.install(LOOPS["busy"][0])
    for _ in range(TIMES):
        bench.look(lambda: bench.token.receive(b"\r\x03"))
        with Line(bench.token.cable.path) as line:
            line.ask(b"\r\x01", b"CTRL-B to exit\n>")
            line.ask(b"import machine\nmachine.reset()\x04", b"OK")
        bench.wait_until(lambda: bench.token.resets[-1][1] == HARD)


def test_ctrl_c_comes_through_at_every_moment_of_a_start(bench: Bench) -> None:
    """From boot.py on, a little later each time."""
    bench.run("with open('/boot.py', 'w') as file: file.write('print(\"booting\")')")
    bench.install(LOOPS["busy"][0])
    with Line(bench.token.cable.path) as line:
        for step in range(40):
            line.ask(b"\r\x03\r\x02\x04", b"booting\n")
            time.sleep(step / 4000)
            line.ask(b"\r\x03\r\x01", b"CTRL-B to exit\n>")
