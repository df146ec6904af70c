"""Passphrases: asked for without an echo, or read from a file; never an argument, which others could see."""

import getpass
import warnings
from pathlib import Path
from typing import Annotated

import typer

from bluetoken.errors import BadInput, CannotRead

#: The file may be copied and tried at leisure; each guess costs a third of a second and 128 MiB.
MIN_LETTERS = 12
_MAX_BYTES = 4096

PassphraseFileOption = Annotated[
    Path | None,
    typer.Option("--passphrase-file", help="Read the passphrase from the first line of this file."),
]


def known_passphrase(file: Path | None) -> str:
    """Return the passphrase of something that has one."""
    return _from_file(file) if file else _ask("Passphrase: ")


def new_passphrase(file: Path | None) -> str:
    """Return a passphrase for something new: typed twice, and long enough."""
    passphrase = _from_file(file) if file else _ask(f"New passphrase, {MIN_LETTERS} letters at least: ")
    if len(passphrase) < MIN_LETTERS:
        raise BadInput(
            f"The passphrase is too short: take {MIN_LETTERS} letters or more, such as five words."
        )
    if not file and _ask("The same again: ") != passphrase:
        raise BadInput("The two passphrases differ: repeat the command, nothing was written.")
    return passphrase


def _ask(prompt: str) -> str:
    with warnings.catch_warnings():
        # Where there is no terminal, getpass would show what is typed.
        warnings.simplefilter("error", getpass.GetPassWarning)
        try:
            return getpass.getpass(prompt)
        except (getpass.GetPassWarning, EOFError, UnicodeDecodeError):
            raise BadInput("Nobody can be asked for the passphrase here: give --passphrase-file.") from None


def _from_file(file: Path) -> str:
    try:
        with file.open("rb") as opened:
            line = opened.readline(_MAX_BYTES + 1)
        # Editors end a line as they like, and some begin a file with a mark.
        passphrase = line.decode("utf-8-sig").removesuffix("\n").removesuffix("\r")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is no text"
        raise CannotRead(f"The passphrase file {file} cannot be read ({reason}).") from None
    if len(line) > _MAX_BYTES:
        raise BadInput(f"The first line of {file} is too long for a passphrase: check the file's name.")
    if not passphrase:
        raise BadInput(f"The first line of {file} is empty: write the passphrase there.")
    return passphrase
