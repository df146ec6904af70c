"""The database under the registry: made, reopened, locked, full, and somebody else's."""

import os
import shutil
import sqlite3
import stat
import zlib
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from desk_building import tek
from desk_giving import give
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from bluetoken.errors import (
    BadSetting,
    DiskFull,
    NotARegistry,
    RegistryLocked,
    RegistryTooNew,
    RegistryUnusable,
)
from bluetoken.exposure.diagnosis import DiagnosisKey
from bluetoken.registry import Registry, database, migrations, open_registry
from bluetoken.registry.tables import Base, Case, ReleasedKey


def path_of(registry: Registry) -> Path:
    assert registry.database.path
    return registry.database.path


@pytest.fixture(autouse=True)
def nothing(surroundings: Path) -> None:
    """There is no registry yet."""
    shutil.rmtree(surroundings.parent)


def test_made_once_and_reopened() -> None:
    with open_registry() as first:
        issuer = first.issuer
        give(first, "A-1")
    with open_registry() as second:
        assert second.issuer == issuer
        assert second.tokens.by_label("A-1", "test").holder.reference == "wearer of A-1"
    assert len(bytes.fromhex(issuer)) == 8


def test_only_the_owner_may_read_it(registry: Registry) -> None:
    give(registry, "A-1")
    for file in path_of(registry).parent.iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600, file
    assert stat.S_IMODE(path_of(registry).parent.stat().st_mode) == 0o700


def test_commits_are_on_the_disk(registry: Registry) -> None:
    with registry.database.read() as session:
        pragmas = {name: session.scalar(text(f"PRAGMA {name}")) for name in ("journal_mode", "synchronous")}
        assert session.scalar(text("PRAGMA foreign_keys")) == 1
    assert pragmas == {"journal_mode": "wal", "synchronous": 2}


def test_the_migrations_lead_to_the_tables_of_today(registry: Registry) -> None:
    with registry.database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []
    script = ScriptDirectory(str(Path(migrations.__file__).parent))
    assert tuple(reversed([each.revision for each in script.walk_revisions()])) == migrations.KNOWN


def contents(path: Path) -> dict[str, list[tuple]]:
    """Return every row of every table, that of the version aside."""
    with sqlite3.connect(path) as connection:
        names = [
            name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        ]
        names = [name for name in names if name != "alembic_version"]
        return {name: connection.execute(f'SELECT * FROM "{name}"').fetchall() for name in names}


def fill(registry: Registry) -> None:
    """Put something into every table of the first version.

    A case is written as rows: today's program reads one together with tables that an older file does not have.
    """
    token = give(registry, "A-1")
    raw = os.urandom(100)
    registry.segments.store(token, 1, raw, zlib.crc32(raw), registry.syncs.begin(token))
    since = datetime(2026, 11, 1, tzinfo=UTC)
    case = Case(
        ref="2026-001",
        token_id=token,
        tested_on=date(2026, 11, 24),
        infectious_from=since,
        consent="yes",
        opened_at=since,
        keys=[ReleasedKey(tek=tek(1), rolling_start=144, rolling_period=144)],
    )
    with registry.database.write() as session:
        session.add(case)
    registry.imported_keys.add([DiagnosisKey(tek(2), 144, 144)], "a.json")


@pytest.mark.parametrize("version", migrations.KNOWN[:-1])
def test_a_registry_of_an_older_program_keeps_everything(version: str, surroundings: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(migrations, "HEAD", version)
        with open_registry() as old:
            fill(old)
    before = contents(surroundings)
    later = ("authority_keys", "clock_run")
    assert all(rows for name, rows in before.items() if name not in later), "each table of the first version is used"
    with open_registry() as new:
        assert new.issuer == old.issuer
        assert new.authority_keys.newest() is None
    after = contents(surroundings)
    assert {name: after.pop(name) for name in before} == before
    assert after and not any(after.values()), "what is new is empty"
    with open_registry() as new, new.database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []
        with pytest.raises(DBAPIError, match="append-only"):
            connection.execute(text("DELETE FROM audit"))


def test_a_migration_cut_short_did_not_happen(monkeypatch: pytest.MonkeyPatch) -> None:
    def upgrade(connection: object) -> None:
        real(connection)
        raise KeyboardInterrupt

    real = migrations.upgrade
    monkeypatch.setattr(migrations, "upgrade", upgrade)
    with pytest.raises(KeyboardInterrupt):
        open_registry()
    monkeypatch.undo()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(migrations, "upgrade", real)
        with open_registry() as registry:
            assert registry.tokens.all("test") == []


def test_another_program_is_writing(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "BUSY_TIMEOUT_MS", 20)
    other = sqlite3.connect(path_of(registry), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with open_registry() as second:
        assert second.audit.entries() == []  # reading goes on
        with pytest.raises(RegistryLocked):
            give(second, "A-1")
        other.execute("ROLLBACK")
        give(second, "A-1")
    other.close()


def test_the_disk_is_full(registry: Registry) -> None:
    give(registry, "A-1")
    token = registry.tokens.by_label("A-1", "test").token_id
    with registry.database.engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + 2}")
    raw = os.urandom(100_000)
    with pytest.raises(DiskFull, match="free some space"):
        registry.segments.store(token, 1, raw, zlib.crc32(raw))
    assert registry.segments.held(token) == {}
    with registry.database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count = 1000000")
    registry.segments.store(token, 1, raw, zlib.crc32(raw))
    assert registry.segments.held(token) == {1: (len(raw), zlib.crc32(raw))}


def test_a_file_of_something_else(tmp_path: Path) -> None:
    text_file = tmp_path / "letter.txt"
    text_file.write_text("Dear Sir or Madam, " * 100)
    with pytest.raises(NotARegistry, match=r"letter\.txt"):
        open_registry(f"sqlite:///{text_file}")
    assert text_file.read_text().startswith("Dear")
    other = tmp_path / "other.sqlite"
    with sqlite3.connect(other) as connection:
        connection.execute("CREATE TABLE recipe (name)")
    with pytest.raises(NotARegistry, match="another program"):
        open_registry(f"sqlite:///{other}")


def test_a_registry_of_a_newer_program(registry: Registry) -> None:
    with sqlite3.connect(path_of(registry)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(RegistryTooNew, match="newer"):
        open_registry()


def test_a_place_where_nothing_can_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(RegistryUnusable):
        open_registry(f"sqlite:///{tmp_path}/file/registry.sqlite")
    with pytest.raises(RegistryUnusable):
        open_registry(f"sqlite:///{tmp_path}")


@pytest.mark.parametrize("url", ["nonsense", "oracle9://x/y", "sqlite+nothing:///x"])
def test_a_url_that_is_none(url: str) -> None:
    with pytest.raises(BadSetting, match="BLUETOKEN_DATABASE"):
        open_registry(url)


@pytest.mark.parametrize("statement", ["UPDATE audit SET actor = 'nobody'", "DELETE FROM audit"])
def test_the_audit_trail_is_append_only(registry: Registry, statement: str) -> None:
    give(registry, "A-1")
    before = [(entry.action, entry.actor) for entry in registry.audit.entries()]
    with registry.database.engine.connect() as connection, pytest.raises(DBAPIError, match="append-only"):
        connection.execute(text(statement))
    assert [(entry.action, entry.actor) for entry in registry.audit.entries()] == before
