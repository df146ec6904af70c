"""A clinic: its registry, and its command line in processes of its own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bluetoken.keys.public import PublicKey
from bluetoken.link.desk import Desk
from bluetoken.registry import Registry, open_registry
from bluetoken.registry.syncing import SyncReport, synchronise

from .commands import Done, commands
from .journal_bytes import AUTHORITY_PUBLIC

VARIABLES = ("BLUETOKEN_PORT", "BLUETOKEN_ZONE", "BLUETOKEN_KILL_AT", "BLUETOKEN_BOARDS")


class Clinic:
    """A registry in `folder`, and a desk whose clock shows `unix_ms`."""

    def __init__(self, folder: Path, registry: bytes | None = None, unix_ms: int = 1_772_409_600_000) -> None:
        self.folder = folder / "a clinic"
        self.folder.mkdir(parents=True)
        self.registry_path = self.folder / "registry.sqlite"
        if registry is not None:
            self.registry_path.write_bytes(registry)
        self.unix_ms = unix_ms
        if registry is None:
            with self.open() as opened:
                made_at = datetime.fromtimestamp(unix_ms / 1000, UTC)
                opened.authority_keys.add(PublicKey(AUTHORITY_PUBLIC, made_at), "authority.pub")

    def environment(self) -> dict[str, str]:
        now = datetime.fromtimestamp(self.unix_ms / 1000, UTC)
        ours = {
            "BLUETOKEN_DATABASE": f"sqlite:///{self.registry_path}",
            "BLUETOKEN_CLOCK": now.isoformat(timespec="milliseconds"),
        }
        return {name: value for name, value in os.environ.items() if name not in VARIABLES} | ours

    def run(self, *arguments: str | Path, before: str = "", timeout_s: float = 60, **variables: str) -> Done:
        """Run a command to its end, in a process of its own; `before` is Python that it runs first."""
        words = [str(argument) for argument in arguments]
        return commands().run(words, self.environment() | variables, before, timeout_s)

    def succeed(self, *arguments: str | Path, **more: Any) -> Done:
        done = self.run(*arguments, **more)
        assert done.code == 0, done.out + done.err
        return done

    def registry_bytes(self) -> bytes:
        """The database, once nobody has it open: what was in its write-ahead log is then in the file."""
        return self.registry_path.read_bytes()

    # The same without processes of its own, where a test asks for speed and not for the command line.

    @contextmanager
    def open(self) -> Iterator[Registry]:
        with pytest.MonkeyPatch.context() as patch:
            for name, value in self.environment().items():
                patch.setenv(name, value)
            with open_registry() as registry:
                yield registry

    def sync(self, port: str) -> SyncReport:
        """Sync and send the token back to work."""
        with self.open() as registry, Desk(port) as desk:
            report = synchronise(desk, registry)
            desk.resume()
            return report

    def stored(self, label: str = "A") -> dict[int, bytes]:
        """The segments that the registry has of a token, by number."""
        with self.open() as registry:
            token_id = registry.tokens.by_label(label, "test").token_id
            numbers = sorted(registry.segments.held(token_id))
            raws = [each.raw for each in registry.segments.of(token_id, "test")]
        return dict(zip(numbers, raws, strict=True))
