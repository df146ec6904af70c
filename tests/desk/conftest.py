import shutil
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from desk_building import MONDAY_S
from desk_fake import FakeDesk, FakeToken, link_modules
from typer.testing import CliRunner, Result

from bluetoken.cli import app
from bluetoken.keys.public import PublicKey
from bluetoken.registry import Registry, open_registry

RFC9180_PUBLIC = bytes.fromhex("194141ca6c3c3beb4792cd97ba0ea1faff09d98435012345766ee33aae2d7664")
NOW = "2026-11-25T08:00:00Z"

VARIABLES = (
    "BLUETOKEN_PORT",
    "BLUETOKEN_ZONE",
    "BLUETOKEN_KILL_AT",
    "BLUETOKEN_PROTOCOL",
    "BLUETOKEN_CONNECTABLE",
    "BLUETOKEN_READ_IPHONES",
)


@pytest.fixture(scope="session")
def empty_registry(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new registry, made once: the migrations take longer than most tests."""
    path = tmp_path_factory.mktemp("empty") / "registry.sqlite"
    open_registry(f"sqlite:///{path}").database.close()
    return path


@pytest.fixture(autouse=True)
def surroundings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, empty_registry: Path) -> Path:
    """Every test has a registry and a day of its own; returns where the registry lies."""
    path = tmp_path / "registry" / "registry.sqlite"
    path.parent.mkdir(mode=0o700)
    shutil.copy(empty_registry, path)
    monkeypatch.setenv("BLUETOKEN_DATABASE", f"sqlite:///{path}")
    monkeypatch.setenv("BLUETOKEN_CLOCK", NOW)
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    return path


@pytest.fixture
def registry() -> Iterator[Registry]:
    with open_registry() as opened:
        yield opened


@pytest.fixture
def authority(registry: Registry) -> PublicKey:
    """A key of the health authority's that is registered here: the recipient of RFC 9180's export-only vectors."""
    key = PublicKey(RFC9180_PUBLIC, datetime(2026, 11, 1, tzinfo=UTC))
    registry.authority_keys.add(key, "authority.pub")
    return key


@pytest.fixture
def token(tmp_path: Path) -> FakeToken:
    """A token nobody was given yet."""
    token = FakeToken(tmp_path / "token")
    token.write(clock_ms=(MONDAY_S + 32 * 3600) * 1000)
    return token


@pytest.fixture
def plug(monkeypatch: pytest.MonkeyPatch) -> Callable[..., FakeDesk]:
    """Put a token on the cable: `plug(token)`."""

    def plugged(token: FakeToken, **settings: Any) -> FakeDesk:
        desk = FakeDesk(token, **settings)
        for name, module in link_modules(desk).items():
            monkeypatch.setitem(sys.modules, name, module)
        return desk

    return plugged


@pytest.fixture
def run() -> Callable[..., Result]:
    """Run a command: `run("sync", "--json")`."""
    return lambda *args: CliRunner().invoke(app, list(args))
