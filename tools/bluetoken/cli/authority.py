"""`bluetoken keys authority`: the key pairs to which tokens seal what they write."""

import contextlib
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from bluetoken import clock
from bluetoken.cli.common import JsonOption, emit, local, say, table
from bluetoken.cli.group import subcommands
from bluetoken.cli.passphrase import PassphraseFileOption, known_passphrase, new_passphrase
from bluetoken.keys import authority, public
from bluetoken.keys.authority import AuthorityKeys
from bluetoken.keys.public import PublicKey
from bluetoken.registry import Registry, open_registry
from bluetoken.registry.authority_keys import Registered
from bluetoken.registry.tables import AuthorityKey

authority_commands = subcommands(
    "The health authority's key pairs: tokens hold the public half, only the authority the private one."
)

FileOption = Annotated[Path, typer.Option("--file", help="The authority key file, with the private halves.")]
RegistryOption = Annotated[
    bool, typer.Option("--registry/--no-registry", help="Register the public half in this registry as well.")
]


@authority_commands.command("new")
def new(
    file: FileOption,
    passphrase_file: PassphraseFileOption = None,
    registry: RegistryOption = True,
    as_json: JsonOption = False,
) -> None:
    """Make a key pair: FILE holds it under a passphrase, FILE.pub the public half for the clinics."""
    public_file = public.path_beside(file)
    authority.require_new(file)
    authority.require_new(public_file)
    with _registry(registry) as opened:
        keys = AuthorityKeys()
        key = keys.add_pair(new_passphrase(passphrase_file), clock.now())
        keys.create(file)
        done = _publish(key, public_file, opened)
    _tell(key, file, done, as_json)
    if not as_json:
        say("Keep a copy of the file and its passphrase elsewhere: without both, nothing sealed can be read.")


@authority_commands.command("rotate")
def rotate(
    file: FileOption,
    passphrase_file: PassphraseFileOption = None,
    registry: RegistryOption = True,
    as_json: JsonOption = False,
) -> None:
    """Add a new key pair to FILE; the old ones stay, and with them what was sealed to them stays readable."""
    keys = AuthorityKeys.load(file)
    with _registry(registry) as opened:
        key = keys.add_pair(known_passphrase(passphrase_file), clock.now())
        keys.save(file)
        done = _publish(key, public.path_beside(file), opened)
    _tell(key, file, done, as_json)


@authority_commands.command("publish")
def publish(file: FileOption, registry: RegistryOption = True, as_json: JsonOption = False) -> None:
    """Write FILE.pub again and register its key, where `new` or `rotate` was interrupted before that."""
    key = AuthorityKeys.load(file).public_keys[0]
    with _registry(registry) as opened:
        done = _publish(key, public.path_beside(file), opened)
    _tell(key, file, done, as_json)


@authority_commands.command("add")
def add(
    public_file: Annotated[Path, typer.Argument(metavar="PUBFILE", help="The authority's public file.")],
    newest: Annotated[
        bool, typer.Option("--newest", help="Tell it to tokens even though another key is newer.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Register a public key on a laptop that collects; compare it with the authority's, digit by digit."""
    key = public.load(public_file)
    with open_registry() as registry:
        done = registry.authority_keys.add(key, public_file.name, newest)
    if as_json:
        emit({"key": _as_dict(key), "new": done.new, "newest": done.newest})
        return
    what = "is registered" if done.new else "was registered already"
    say(f"Key {key.key_id} {what}: {key.public.hex()}")
    if done.newest:
        say(
            "Tokens are told it when they are issued, and at their next sync.",
            "Compare its digits with the authority's, by telephone.",
        )
    else:
        say("It is not the newest, tokens are told another: add it with --newest to change that.")


@authority_commands.command("show")
def show(
    file: Annotated[
        Path | None, typer.Option("--file", help="List what this authority key file holds, too.")
    ] = None,
    registry: Annotated[
        bool, typer.Option("--registry/--no-registry", help="List what this registry holds.")
    ] = True,
    as_json: JsonOption = False,
) -> None:
    """List the public keys, newest first; no passphrase is needed."""
    in_file = AuthorityKeys.load(file).public_keys if file else None
    with _registry(registry) as opened:
        registered = opened.authority_keys.all() if opened else None
    if as_json:
        emit(
            {
                "registry": None if registered is None else [_row_as_dict(row) for row in registered],
                "file": None if in_file is None else [_as_dict(key) for key in in_file],
            }
        )
        return
    if registered is not None:
        _print_registered(registered)
    if in_file is not None:
        say(f"{file} holds the private halves of:")
        table(
            ("key", "created", "public key"),
            ((k.key_id, local(k.created_at), k.public.hex()) for k in in_file),
        )


def _registry(wanted: bool) -> contextlib.AbstractContextManager[Registry | None]:
    """Open the registry before anything is written: what is wrong with it shows before there is a file."""
    return open_registry() if wanted else contextlib.nullcontext()


def _publish(key: PublicKey, public_file: Path, registry: Registry | None) -> Registered | None:
    """Give the public half away; its private half is on the disk by now."""
    public.write(public_file, key)
    return registry.authority_keys.add(key, public_file.name, newest=True) if registry else None


def _tell(key: PublicKey, file: Path, done: Registered | None, as_json: bool) -> None:
    public_file = public.path_beside(file)
    if as_json:
        emit(
            {
                "key": _as_dict(key),
                "file": str(file),
                "public_file": str(public_file),
                "registered": done is not None,
            }
        )
        return
    say(
        f"Key {key.key_id} is in {file}: keep that file away from laptops that collect.",
        f"Its public half is in {public_file}: register it there with `bluetoken keys authority add`.",
    )
    if done:
        say("In this registry it is the newest: tokens are told it when they are issued, and at their next sync.")


def _print_registered(rows: Sequence[AuthorityKey]) -> None:
    if not rows:
        say("No authority key is registered here: add the authority's public file.")
        return
    cells = (
        (
            row.key_id,
            local(row.created_at),
            local(row.added_at),
            "told to tokens" if row.newest else "",
            row.public_key.hex(),
        )
        for row in rows
    )
    table(("key", "created", "registered", "", "public key"), cells)


def _row_as_dict(row: AuthorityKey) -> dict[str, Any]:
    return {
        "id": row.key_id,
        "public": row.public_key,
        "created_at": row.created_at,
        "added_at": row.added_at,
        "newest": row.newest,
    }


def _as_dict(key: PublicKey) -> dict[str, Any]:
    return {"id": key.key_id, "public": key.public, "created_at": key.created_at}
