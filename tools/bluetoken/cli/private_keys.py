"""The authority's private keys, for those commands that read what tokens sealed."""

from pathlib import Path
from typing import Annotated

import typer

from bluetoken.cli.passphrase import known_passphrase
from bluetoken.exposure.opening import Keys
from bluetoken.keys.authority import AuthorityKeys

AuthorityFileOption = Annotated[
    Path | None,
    typer.Option("--authority", help="The authority key file: opens what tokens sealed, on this computer only."),
]


def private_keys(file: Path | None, passphrase_file: Path | None) -> Keys:
    """Return the private keys in `file` by id, none without a file."""
    if file is None:
        return {}
    return AuthorityKeys.load(file).unlock(known_passphrase(passphrase_file))
