"""The REPLs, byte by byte, as MicroPython's pyexec.c has them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .bench import Bench, Line

GREETING = b'Type "help()" for more information.\n>>> '
PROMPT = b"\n>>> "
RAW = b"raw REPL; CTRL-B to exit\n>"


@pytest.fixture
def line(bench: Bench) -> Iterator[Line]:
    """A line to a token at its friendly prompt."""
    with Line(bench.token.cable.path) as line:
        line.ask(b"\r\x03\x02", GREETING)
        # That greeting may have been the start's own: what follows is heard after all that was said before.
        line.ask(b"print('now' * 2)\r", b"nownow" + PROMPT)
        yield line


@pytest.fixture
def raw(line: Line) -> Line:
    """A line to a token at its raw prompt."""
    line.ask(b"\x01", RAW)
    return line


def test_the_prompt_echoes_and_answers_with_the_value(line: Line) -> None:
    assert line.ask(b"6 * 7\r", PROMPT) == b"6 * 7\n42" + PROMPT


def test_the_prompt_says_nothing_of_none(line: Line) -> None:
    assert line.ask(b"None\r", PROMPT) == b"None" + PROMPT


def test_the_prompt_waits_for_the_end_of_a_compound_statement(line: Line) -> None:
    assert line.ask(b"for n in range(2):\r", b"... ") == b"for n in range(2):\n... "
    line.ask(b"    print(n)\r", b"... ")
    assert line.ask(b"\r", PROMPT) == b"\n0\n1" + PROMPT


def test_the_prompt_shows_an_error_and_lives(line: Line) -> None:
    heard = line.ask(b"1 / 0\r", PROMPT)
    assert b"Traceback" in heard and b"ZeroDivisionError: divide by zero\n" in heard
    assert line.ask(b"1\r", PROMPT) == b"1\n1" + PROMPT


def test_a_name_given_at_the_prompt_is_kept(line: Line) -> None:
    line.ask(b"x = 5\r", PROMPT)
    assert line.ask(b"x\r", PROMPT) == b"x\n5" + PROMPT


def test_ctrl_c_gives_up_the_line(line: Line) -> None:
    line.ask(b"nonsense", b"nonsense")
    assert line.ask(b"\x03", PROMPT) == PROMPT
    assert line.ask(b"2\r", PROMPT) == b"2\n2" + PROMPT


def test_ctrl_d_at_the_prompt_resets_softly(line: Line) -> None:
    line.ask(b"x = 5\r", PROMPT)
    assert b"MPY: soft reboot\n" in line.ask(b"\x04", GREETING)
    assert b"NameError" in line.ask(b"x\r", PROMPT)


def test_the_raw_repl_answers_with_output_and_error(raw: Line) -> None:
    assert raw.ask(b"print('a')\x04", b"\x04\x04>") == b"OKa\n\x04\x04>"
    heard = raw.ask(b"raise ValueError('b')\x04", b"\x04>")
    assert heard.startswith(b"OK\x04Traceback") and heard.endswith(b"ValueError: b\n\x04>")


def test_ctrl_d_in_the_raw_repl_resets_softly_and_stays_raw(raw: Line) -> None:
    assert raw.ask(b"\x04", RAW) == b"OK\nMPY: soft reboot\n" + RAW


def test_raw_paste_flows_in_windows(raw: Line) -> None:
    assert raw.ask(b"\x05A\x01", b"\x01")[:2] == b"R\x01"
    raw.hear(b"\x80\x00\x01")  # 128 bytes, and the first window is open
    raw.say(b"print('" + b"a" * 128)
    raw.hear(b"\x01")
    assert raw.ask(b"')\x04", b"\x04\x04>") == b"\x04" + b"a" * 128 + b"\n\x04\x04>"


def test_leaving_the_raw_repl_greets(raw: Line) -> None:
    assert b"MicroPython" in raw.ask(b"\x02", b">>> ")


def test_ctrl_c_is_a_byte_where_the_program_wants_it_so(bench: Bench, raw: Line) -> None:
    bench.world.live()
    raw.ask(
        b"import micropython, time\nmicropython.kbd_intr(-1)\nprint('deaf')\ntime.sleep_ms(300)\n"
        b"micropython.kbd_intr(3)\nprint('through')\x04",
        b"deaf\n",
    )
    assert raw.ask(b"\x03", b"\x04\x04>") == b"through\n\x04\x04>"
