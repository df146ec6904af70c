"""The cable: as fast as its line, and torn out at any moment."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from bluetoken.virtual.cable import STALL_S, Cable

from .bench import HERE, Bench, Line, MakeBench

BAUD = 115200
LINE_BYTES_S = BAUD / 10


def rate_bytes_s(transfer: Callable[[], int]) -> float:
    """Bytes a second of a transfer that says how many it moved."""
    began_s = time.monotonic()
    return transfer() / (time.monotonic() - began_s)


@pytest.fixture
def slow(make_bench: MakeBench) -> Bench:
    return make_bench(f"{HERE}\nbaud = {BAUD}")


def test_a_line_of_115200_baud_carries_that_much_to_the_host(slow: Bench) -> None:
    with Line(slow.token.cable.path) as line:
        line.ask(b"\r\x03\x01", b"CTRL-B to exit\n>")
        line.ask(b"import sys\nfor n in range(46): sys.stdout.write('x' * 256)\x04", b"OKx")
        assert rate_bytes_s(lambda: len(line.hear(b"\x04"))) == pytest.approx(LINE_BYTES_S, rel=0.1)


def test_a_line_of_115200_baud_carries_that_much_from_the_host(slow: Bench) -> None:
    with Line(slow.token.cable.path) as line:
        line.ask(b"\r\x03\x01", b"CTRL-B to exit\n>")
        program = b"#" + b"x" * 11_500 + b"\nprint('done')\x04"

        def send() -> int:
            line.ask(program, b"done\n")
            return len(program)

        assert rate_bytes_s(send) == pytest.approx(LINE_BYTES_S, rel=0.1)


def test_without_a_rate_the_cable_is_fast(bench: Bench) -> None:
    with Line(bench.token.cable.path) as line:
        line.ask(b"\r\x03\x01", b"CTRL-B to exit\n>")
        line.say(b"print('x' * 20000)\x04")
        assert rate_bytes_s(lambda: len(line.hear(b"\x04\x04>"))) > 3 * LINE_BYTES_S


def test_nobody_listening_does_not_stop_the_token(bench: Bench) -> None:
    bench.install("print('x' * 100_000)\nwith open('/end', 'w') as file: file.write('reached')\n")
    time.sleep(STALL_S)
    assert "reached" in bench.run("print(open('/end').read())")


@pytest.mark.parametrize("way", ["to the token", "from the token"])
def test_a_cable_torn_out_in_mid_transfer(slow: Bench, tmp_path: Path, way: str) -> None:
    data = tmp_path / "data"
    data.write_bytes(bytes(range(256)) * 200)
    cable = slow.token.cable
    slow.run("with open('/there', 'wb') as file: file.write(bytes(range(256)) * 20)")
    transfer = (
        ("fs", "cp", data, ":new") if way == "to the token" else ("fs", "cp", ":there", tmp_path / "back")
    )
    command = [sys.executable, "-m", "mpremote", "connect", cable.path, *map(str, transfer)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    time.sleep(0.6)
    assert process.poll() is None, "it must still be at it"
    slow.look(cable.hang_up)
    process.communicate(timeout=5)
    assert process.returncode != 0

    slow.look(cable.plug)
    assert slow.mpremote("exec", "print(open('/there', 'rb').read() == bytes(range(256)) * 20)") == "True\n"
    assert set(slow.causes()[1:]) <= {5}, "nothing but soft resets"


def test_a_host_that_opens_an_unplugged_token_hears_nothing(bench: Bench) -> None:
    with Line(bench.token.cable.path) as line:
        line.ask(b"2\r", b"2\n2\n>>> ")  # its banner is not on the way any more
    bench.stage.unplug(bench.token)
    with Line(bench.token.cable.path) as line:
        line.say(b"\r\x03\x01")
        time.sleep(0.2)
        bench.stage.plug(bench.token)
        assert line.ask(b"1\r", b">>> ") == b"1\n1\n>>> "


def test_what_was_said_to_an_unplugged_token_is_not_heard_once_it_is_plugged_in() -> None:
    cable = Cable()
    try:
        with Line(cable.path) as line:
            cable.unplug()
            line.say(b"a" * 100)
            time.sleep(0.05)
            cable.plug()
            line.say(b"b")
            time.sleep(0.05)
            assert cable.read() == b"b"
    finally:
        cable.close()


def test_a_line_s_rate_can_be_changed() -> None:
    cable = Cable()
    try:
        cable.baud = 9600
        cable.write(bytes(4000))
        time.sleep(0.05)
        cable.pump()
        assert cable.pending, "4000 bytes take more than four seconds"
    finally:
        cable.close()


def test_a_torn_cable_is_silent_and_plugged_in_again_another_device() -> None:
    cable = Cable()
    try:
        with Line(cable.path) as line:
            cable.hang_up()
            cable.write(b"nobody hears this")
            assert cable.read() == b"" and not cable.pending
            with pytest.raises(OSError):
                line.say(b"a")
        cable.plug()
        with Line(cable.path) as line:
            line.say(b"b")
            assert cable.read() == b"b"
    finally:
        cable.close()
