"""Who may be at the other end of a port, and what is said of them."""

from __future__ import annotations

import os
import pty
import select
import threading
import time
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bluetoken.errors import CableLost, DeviceFault, NoApp, NoSuchPort, NotAToken
from bluetoken.link import repl
from bluetoken.link.desk import Desk
from bluetoken.link.repl import Repl
from e2e.conftest import MakeDay

ANSWERS: dict[str, Callable[[bytes], bytes]] = {
    "says nothing": lambda said: b"",
    "echoes": lambda said: said,
    "is another machine": lambda said: b"login: ",
    "makes noise": lambda said: b"\x00\xff>" * 50,
    "has a prompt and does not reset": lambda said: b"raw REPL; CTRL-B to exit\r\n>",
}


@contextmanager
def somebody(answer: Callable[[bytes], bytes], unasked: bytes = b"") -> Iterator[str]:
    """A port at which somebody answers, or goes on saying something unasked."""
    master, slave = pty.openpty()
    tty.setraw(slave)
    os.set_blocking(master, False)
    over = threading.Event()

    def talk() -> None:
        while not over.is_set():
            ready, free, _ = select.select([master], [master] if unasked else [], [], 0.05)
            try:
                if ready:
                    os.write(master, answer(os.read(master, 4096)))
                elif free:
                    os.write(master, unasked)
            except BlockingIOError:
                continue

    thread = threading.Thread(target=talk, daemon=True)
    thread.start()
    try:
        yield os.ttyname(slave)
    finally:
        over.set()
        thread.join()
        os.close(slave)
        os.close(master)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    assert repl.ENTER_TIMEOUT_S <= 10
    monkeypatch.setattr(repl, "ENTER_TIMEOUT_S", 0.5)
    monkeypatch.setattr(repl, "OPEN_TIMEOUT_S", 0.2)
    monkeypatch.setattr(repl, "READ_TIMEOUT_S", 0.5)
    monkeypatch.setattr(Repl.stream, "__defaults__", (0.5,))


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
def test_who_does_not_answer_as_micropython_is_no_token(answer: Callable[[bytes], bytes]) -> None:
    began_s = time.monotonic()
    with somebody(answer) as port, pytest.raises(NotAToken, match=port):
        Repl(port)
    assert time.monotonic() - began_s < 3


def test_who_never_stops_talking_is_no_token() -> None:
    began_s = time.monotonic()
    with (
        somebody(ANSWERS["says nothing"], unasked=b"$GPGGA,0,1,2*3F\r\n" * 40) as port,
        pytest.raises(NotAToken),
    ):
        Repl(port)
    assert time.monotonic() - began_s < 5


def test_a_port_that_another_program_uses_is_told_as_such() -> None:
    with somebody(ANSWERS["says nothing"]) as port:
        other = repl.SerialTransport(port)
        try:
            with pytest.raises(NoSuchPort, match=f"{port} cannot be opened: is another program using it"):
                Repl(port)
        finally:
            other.close()


def test_two_desks_do_not_get_the_same_token(make_day: MakeDay, flashed: bytes) -> None:
    day = make_day({"A": flashed})
    with Desk(day.token.cable.path) as first:
        with pytest.raises(NoSuchPort, match="another program"):
            Desk(day.token.cable.path)
        assert first.hello()["app"] == "bluetoken", "the first is not disturbed"


def test_a_file_is_no_port(tmp_path: Path) -> None:
    path = tmp_path / "a file"
    path.touch()
    with pytest.raises(NoSuchPort):
        Repl(str(path))


def test_micropython_without_the_application_is_told_as_such(make_day: MakeDay) -> None:
    day = make_day({"A": None})
    with Desk(day.token.cable.path) as desk, pytest.raises(NoApp, match="bluetoken flash"):
        desk.hello()


def test_an_exception_on_the_token_is_told_by_its_last_line(make_day: MakeDay) -> None:
    day = make_day({"A": None})
    with pytest.raises(DeviceFault, match="ZeroDivisionError: divide by zero"):
        day.ask("1 / 0")


def test_a_cable_torn_out_is_noticed(make_day: MakeDay) -> None:
    day = make_day({"A": None})
    board = Repl(day.token.cable.path)
    day.look(day.token.cable.hang_up)
    with pytest.raises(CableLost):
        board.run("print(1)")
    board.close()


def test_a_token_that_stops_answering_in_the_middle_of_a_stream_is_lost(make_day: MakeDay) -> None:
    day = make_day({"A": None})
    board = Repl(day.token.cable.path)
    heard = bytearray()

    def listen(chunk: bytes) -> None:
        heard.extend(chunk)
        day.look(day.token.cable.unplug)

    with pytest.raises(CableLost):
        board.stream("import time\nprint('first')\ntime.sleep_ms(1)\nwhile True: print('more' * 9)", listen)
    board.close()
    assert heard.startswith(b"first")
