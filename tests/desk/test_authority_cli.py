"""`bluetoken keys authority`: what it prints, what it refuses, and what it leaves behind."""

import fcntl
import getpass
import json
import os
import stat
import subprocess
import sys
import termios
import warnings
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from desk_telling import refusal, told
from typer.testing import Result

from bluetoken import clock, files
from bluetoken.errors import RegistryLocked
from bluetoken.keys import locking, public
from bluetoken.keys.authority import AuthorityKeys
from bluetoken.keys.locking import Cost
from bluetoken.keys.public import PublicKey
from bluetoken.registry import open_registry
from bluetoken.registry.authority_keys import AuthorityKeyring

Run = Callable[..., Result]
SECRET = "năm từ dài và lạ"
AUTHORITY = ("keys", "authority")


@pytest.fixture(autouse=True)
def _fast(monkeypatch: pytest.MonkeyPatch) -> None:
    """The real parameters have a test of their own."""
    monkeypatch.setattr(locking, "INTERACTIVE", Cost(n=2, r=1, p=1))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "authority.keys"


@pytest.fixture
def secret(tmp_path: Path) -> tuple[str, str]:
    """The option that names a file with the passphrase."""
    (tmp_path / "secret").write_text(f"{SECRET}\nand a note below\n", encoding="utf-8")
    return "--passphrase-file", str(tmp_path / "secret")


@pytest.fixture
def made(run: Run, file: Path, secret: tuple[str, str]) -> str:
    """An authority key file and its registry entry; returns the id."""
    return told(run(*AUTHORITY, "new", "--file", str(file), *secret, "--json"))["key"]["id"]


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[str]]:
    """Have these passphrases typed; returns the prompts, filled as they appear."""

    def type_in(*answers: str) -> list[str]:
        left, prompts = list(answers), []
        monkeypatch.setattr(getpass, "getpass", lambda prompt: (prompts.append(prompt), left.pop(0))[1])
        return prompts

    return type_in


def registered() -> list[tuple[str, bool]]:
    with open_registry() as registry:
        return [(row.key_id, row.newest) for row in registry.authority_keys.all()]


# new


def test_new(run: Run, file: Path, secret: tuple[str, str]) -> None:
    result = run(*AUTHORITY, "new", "--file", str(file), *secret)
    assert result.exit_code == 0, result.output
    (key,) = AuthorityKeys.load(file).public_keys
    assert key.key_id in result.output and str(file) in result.output and "Keep a copy" in result.output
    assert SECRET not in result.output
    assert public.load(Path(f"{file}.pub")) == key
    assert key.created_at == clock.now()
    assert set(AuthorityKeys.load(file).unlock(SECRET)) == {key.key_id}
    assert registered() == [(key.key_id, True)]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_new_as_json(run: Run, file: Path, secret: tuple[str, str]) -> None:
    done = told(run(*AUTHORITY, "new", "--file", str(file), *secret, "--json"))
    assert (done["file"], done["public_file"], done["registered"]) == (str(file), f"{file}.pub", True)
    assert set(done) == {"key", "file", "public_file", "registered"}
    assert set(done["key"]) == {"id", "public", "created_at"}


def test_new_without_a_registry(
    run: Run, file: Path, secret: tuple[str, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("BLUETOKEN_DATABASE", f"sqlite:///{tmp_path}/none/registry.sqlite")
    for command in ("new", "rotate", "publish"):
        options = () if command == "publish" else secret
        done = told(run(*AUTHORITY, command, "--file", str(file), *options, "--no-registry", "--json"))
        assert done["registered"] is False
    assert len(told(run(*AUTHORITY, "show", "--file", str(file), "--no-registry", "--json"))["file"]) == 2
    assert not (tmp_path / "none").exists()


def test_the_private_half_comes_to_no_registry_and_no_public_file(
    run: Run, file: Path, secret: tuple[str, str], made: str, surroundings: Path
) -> None:
    told(run(*AUTHORITY, "rotate", "--file", str(file), *secret, "--json"))
    halves = AuthorityKeys.load(file).unlock(SECRET).values()
    others = [*surroundings.parent.iterdir(), Path(f"{file}.pub")]
    assert len(halves) == 2 and len(others) >= 2
    for other in others:
        raw = other.read_bytes()
        assert not any(half in raw or half.hex().encode() in raw for half in halves), other


@pytest.mark.parametrize("there", ["authority.keys", "authority.keys.pub"])
def test_new_overwrites_nothing(
    there: str, run: Run, file: Path, secret: tuple[str, str], tmp_path: Path
) -> None:
    (tmp_path / there).write_text("mine")
    before = sorted(each.name for each in tmp_path.iterdir())
    assert "never overwritten" in refusal(run(*AUTHORITY, "new", "--file", str(file), *secret))
    assert (tmp_path / there).read_text() == "mine"
    assert sorted(each.name for each in tmp_path.iterdir()) == before
    assert registered() == []


def test_new_writes_nothing_where_the_registry_cannot_be_used(
    run: Run, file: Path, secret: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BLUETOKEN_DATABASE", "sqlite:////dev/null/registry.sqlite")
    assert "registry" in refusal(run(*AUTHORITY, "new", "--file", str(file), *secret))
    assert not file.exists()


def test_what_was_interrupted_is_completed_by_publish(
    run: Run, file: Path, secret: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def add(*_: object, **__: object) -> None:
        raise RegistryLocked

    def write(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(AuthorityKeyring, "add", add)
        assert "Another program" in refusal(run(*AUTHORITY, "new", "--file", str(file), *secret))
    (key,) = AuthorityKeys.load(file).public_keys
    assert registered() == []
    told(run(*AUTHORITY, "publish", "--file", str(file), "--json"))
    assert registered() == [(key.key_id, True)]
    with monkeypatch.context() as patch:
        patch.setattr(public, "write", write)
        assert run(*AUTHORITY, "rotate", "--file", str(file), *secret).exit_code != 0
    assert public.load(Path(f"{file}.pub")) == key
    newest = AuthorityKeys.load(file).public_keys[0]
    assert "public half" in run(*AUTHORITY, "publish", "--file", str(file)).output
    assert public.load(Path(f"{file}.pub")) == newest
    assert registered() == [(newest.key_id, True), (key.key_id, False)]


def test_no_public_half_is_given_away_before_its_private_half_is_on_the_disk(
    run: Run, file: Path, secret: tuple[str, str], made: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path, data: bytes, mode: int = files.PRIVATE) -> None:
        if mode == files.PRIVATE:
            raise OSError(28, "No space left on device")
        path.write_bytes(data)

    before = Path(f"{file}.pub").read_bytes()
    monkeypatch.setattr(files, "replace", refuse)
    monkeypatch.setattr(files, "create", refuse)
    assert "No space left" in refusal(run(*AUTHORITY, "rotate", "--file", str(file), *secret))
    assert "No space left" in refusal(run(*AUTHORITY, "new", "--file", f"{file}2", *secret))
    assert Path(f"{file}.pub").read_bytes() == before and not Path(f"{file}2.pub").exists()
    assert registered() == [(made, True)]


# rotate


def test_rotate(run: Run, file: Path, secret: tuple[str, str], made: str) -> None:
    before = json.loads(file.read_text())["keys"]
    done = told(run(*AUTHORITY, "rotate", "--file", str(file), *secret, "--json"))
    assert json.loads(file.read_text())["keys"][:1] == before
    assert registered() == [(done["key"]["id"], True), (made, False)]
    assert public.load(Path(f"{file}.pub")).key_id == done["key"]["id"]
    assert set(AuthorityKeys.load(file).unlock(SECRET)) == {made, done["key"]["id"]}
    assert "tokens are told it" in run(*AUTHORITY, "rotate", "--file", str(file), *secret).output


def test_a_rotated_key_is_the_newest_here_whatever_the_dates_say(
    run: Run, file: Path, secret: tuple[str, str], made: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = PublicKey(b"\2" * 32, datetime(2030, 1, 1, tzinfo=UTC))
    with open_registry() as registry:
        registry.authority_keys.add(other, "made under a wrong clock.pub")
    monkeypatch.setenv("BLUETOKEN_CLOCK", "2021-01-01T00:00:00Z")
    key = told(run(*AUTHORITY, "rotate", "--file", str(file), *secret, "--json"))["key"]["id"]
    assert registered() == [(key, True), (other.key_id, False), (made, False)]


def test_rotate_with_a_wrong_passphrase(
    run: Run, file: Path, made: str, typed: Callable, tmp_path: Path
) -> None:
    before = file.read_bytes()
    typed("not this one, sorry")
    assert "does not open" in refusal(run(*AUTHORITY, "rotate", "--file", str(file)))
    (tmp_path / "wrong").write_text("nor this one, sorry")
    wrong = ("--passphrase-file", str(tmp_path / "wrong"), "--json")
    result = run(*AUTHORITY, "rotate", "--file", str(file), *wrong)
    assert (json.loads(result.stdout)["kind"], "sorry" in result.output) == ("WrongPassphrase", False)
    assert file.read_bytes() == before
    assert registered() == [(made, True)]


# Passphrases


def test_a_new_passphrase_is_typed_twice_and_a_known_one_once(run: Run, file: Path, typed: Callable) -> None:
    prompts = typed(SECRET, SECRET)
    told(run(*AUTHORITY, "new", "--file", str(file), "--json"))
    assert len(prompts) == 2
    prompts = typed(SECRET)
    told(run(*AUTHORITY, "rotate", "--file", str(file), "--json"))
    assert len(prompts) == 1
    assert len(AuthorityKeys.load(file).unlock(SECRET)) == 2


def test_two_that_differ(run: Run, file: Path, typed: Callable) -> None:
    typed(SECRET, SECRET + "?")
    assert "differ" in refusal(run(*AUTHORITY, "new", "--file", str(file)))
    assert not file.exists()


@pytest.mark.parametrize("short", ["", "eleven char"])
def test_one_that_is_too_short(short: str, run: Run, file: Path, typed: Callable, tmp_path: Path) -> None:
    prompts = typed(short, short)
    assert "too short" in refusal(run(*AUTHORITY, "new", "--file", str(file)))
    assert len(prompts) == 1
    (tmp_path / "short").write_text(short + "\n")
    words = refusal(run(*AUTHORITY, "new", "--file", str(file), "--passphrase-file", str(tmp_path / "short")))
    assert "too short" in words or "is empty" in words
    assert not file.exists()


@pytest.mark.parametrize("ending", ["", "\n", "\r\n", "\r\nmore", "\n\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_the_first_line_of_a_file_is_the_passphrase(
    ending: str, mark: str, run: Run, file: Path, tmp_path: Path
) -> None:
    (tmp_path / "p").write_bytes((mark + "  spaces count  " + ending).encode())
    told(run(*AUTHORITY, "new", "--file", str(file), "--passphrase-file", str(tmp_path / "p"), "--json"))
    assert AuthorityKeys.load(file).unlock("  spaces count  ")


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"\n", "is empty"), (b"\xff" * 20, "it is no text"), (b"x" * 5000, "too long"), (None, "No such file")],
)
def test_a_passphrase_file_that_is_none(
    content: bytes | None, words: str, run: Run, file: Path, tmp_path: Path
) -> None:
    path = tmp_path / "p"
    if content is not None:
        path.write_bytes(content)
    assert words in refusal(run(*AUTHORITY, "new", "--file", str(file), "--passphrase-file", str(path)))
    assert not file.exists()


def test_where_nobody_can_be_asked_nothing_is_shown(
    run: Run, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_terminal(prompt: str) -> str:
        warnings.warn("Can not control echo on the terminal.", getpass.GetPassWarning, stacklevel=2)
        return SECRET

    def at_the_end(prompt: str) -> str:
        raise EOFError

    for answer in (no_terminal, at_the_end):
        monkeypatch.setattr(getpass, "getpass", answer)
        assert "--passphrase-file" in refusal(run(*AUTHORITY, "new", "--file", str(file)))
        assert not file.exists()


def test_a_passphrase_is_no_argument(run: Run, file: Path) -> None:
    assert run(*AUTHORITY, "new", "--file", str(file), "--passphrase", SECRET).exit_code == 2


def test_a_terminal_does_not_show_what_is_typed(file: Path) -> None:
    """In a process with a terminal of its own."""
    words = [*AUTHORITY, "new", "--file", str(file), "--no-registry"]
    fast = "from bluetoken.keys import locking as l; l.INTERACTIVE = l.Cost(2, 1, 1)"
    program = f"import sys; {fast}; sys.argv[1:] = {words!r}; from bluetoken import cli; cli.main()"
    master, slave = os.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", program],
        stdin=slave,
        stdout=slave,
        stderr=slave,
        start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
    )
    os.close(slave)
    shown = b""
    try:
        for prompt in (b"at least: ", b"again: "):
            while not shown.endswith(prompt):
                shown += os.read(master, 1000)
            os.write(master, f"{SECRET}\n".encode())
        while chunk := _rest(master):
            shown += chunk
        assert process.wait(30) == 0, shown
    finally:
        process.kill()
        process.wait()
        os.close(master)
    assert b"is in" in shown and SECRET.encode() not in shown
    assert AuthorityKeys.load(file).unlock(SECRET)


def _rest(master: int) -> bytes:
    try:
        return os.read(master, 1000)
    except OSError:  # Linux says so when the other side is gone
        return b""


# add


def test_add_on_another_laptop(
    run: Run, file: Path, secret: tuple[str, str], made: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    old = tmp_path / "old.pub"
    old.write_bytes(Path(f"{file}.pub").read_bytes())
    monkeypatch.setenv("BLUETOKEN_CLOCK", "2026-12-25T08:00:00Z")
    key = told(run(*AUTHORITY, "rotate", "--file", str(file), *secret, "--json"))["key"]
    monkeypatch.setenv("BLUETOKEN_DATABASE", f"sqlite:///{tmp_path}/clinic/registry.sqlite")
    added = told(run(*AUTHORITY, "add", f"{file}.pub", "--json"))
    assert added == {"key": key, "new": True, "newest": True}
    assert told(run(*AUTHORITY, "add", str(old), "--json"))["newest"] is False
    assert registered() == [(key["id"], True), (made, False)]
    words = run(*AUTHORITY, "add", str(old)).output
    assert "registered already" in words and "--newest" in words
    words = run(*AUTHORITY, "add", str(old), "--newest").output
    assert "Compare its digits" in words and public.load(old).public.hex() in words
    assert registered() == [(made, True), (key["id"], False)]


def test_add_refuses(run: Run, file: Path, made: str, tmp_path: Path) -> None:
    assert "holds private keys" in refusal(run(*AUTHORITY, "add", str(file)))
    assert "cannot be read" in refusal(run(*AUTHORITY, "add", str(tmp_path / "nowhere")))
    path = tmp_path / "f.pub"
    good = json.loads(Path(f"{file}.pub").read_text())
    for change in (
        {"id": "00000000"},
        {"public": "00" * 32, "id": public.key_id(bytes(32))},
        {"public": "01" + "00" * 31, "id": public.key_id(b"\1" + bytes(31))},
        {"public": good["public"][:-2]},
        {"version": 9},
        {"format": "something else"},
    ):
        path.write_text(json.dumps(good | change))
        assert str(path) in refusal(run(*AUTHORITY, "add", str(path), "--newest"))
    assert registered() == [(made, True)]


# show


def test_show(run: Run, file: Path, secret: tuple[str, str], made: str) -> None:
    newest = told(run(*AUTHORITY, "rotate", "--file", str(file), *secret, "--json"))["key"]
    shown = told(run(*AUTHORITY, "show", "--json"))
    assert [(key["id"], key["newest"]) for key in shown["registry"]] == [(newest["id"], True), (made, False)]
    assert set(shown["registry"][0]) == {"id", "public", "created_at", "added_at", "newest"}
    assert shown["file"] is None
    shown = told(run(*AUTHORITY, "show", "--file", str(file), "--json"))
    assert [key["id"] for key in shown["file"]] == [newest["id"], made] and shown["file"][0] == newest
    words = run(*AUTHORITY, "show", "--file", str(file)).output
    assert words.count(newest["public"]) == 2 and "told to tokens" in words
    alone = told(run(*AUTHORITY, "show", "--file", str(file), "--no-registry", "--json"))
    assert alone == {"registry": None, "file": shown["file"]}


def test_show_where_there_is_nothing(run: Run) -> None:
    assert told(run(*AUTHORITY, "show", "--json")) == {"registry": [], "file": None}
    assert "No authority key" in run(*AUTHORITY, "show").output


# All of them


@pytest.mark.parametrize("command", ["show", "rotate", "publish"])
def test_files_that_are_none(command: str, run: Run, tmp_path: Path, made: str, file: Path) -> None:
    def said() -> str:
        return refusal(run(*AUTHORITY, command, "--file", str(tmp_path / "f")))

    assert "cannot be read" in said()
    (tmp_path / "f").write_text("Dear Sir or Madam")
    assert "holds no authority keys" in said()
    (tmp_path / "f").write_bytes(file.read_bytes().replace(b'"nonce": "', b'"nonce": "0'))
    assert "damaged" in said()
    (tmp_path / "f").write_bytes(file.read_bytes().replace(b'"version": 1', b'"version": 2'))
    assert "newer Bluetoken" in said()
    (tmp_path / "f").write_bytes(Path(f"{file}.pub").read_bytes())
    assert "a public key only" in said()
    assert registered() == [(made, True)]


@pytest.mark.parametrize("command", ["", "new", "show", "rotate", "publish", "add"])
def test_each_explains_itself(command: str, run: Run) -> None:
    result = run(*AUTHORITY, *filter(None, [command]), "--help")
    assert result.exit_code == 0 and len(result.output) > 200
    assert not command or "--json" in result.output
