"""The connection under the registry: SQLite's settings, transactions, and errors in plain words."""

import errno
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from bluetoken.errors import (
    BadSetting,
    BluetokenError,
    DiskFull,
    NotARegistry,
    RegistryLocked,
    RegistryTooNew,
    RegistryUnusable,
)
from bluetoken.registry import migrations

BUSY_TIMEOUT_MS = 5000

# Less than this left on the disk, and an I/O error of SQLite's means that it is full.
_ALMOST_FULL_BYTES = 1 << 20


class Database:
    """An open database with today's tables, and transactions on it."""

    def __init__(self, url: str) -> None:
        self.engine = _engine(url)
        self.path = Path(self.engine.url.database or "") if _in_file(self.engine) else None
        self._session = sessionmaker(self.engine, expire_on_commit=False)
        with self._errors():
            if self.path:
                _create_privately(self.path)
            self._migrate()

    def close(self) -> None:
        """Give up the connections."""
        self.engine.dispose()

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A transaction that is on the disk when the block is left, and did not happen if it raises."""
        with self._errors(), self._session() as session:
            session.connection(execution_options={"begin": "BEGIN IMMEDIATE"})
            yield session
            session.commit()

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A transaction that sees one state of the database throughout."""
        with self._errors(), self._session() as session:
            yield session

    def _migrate(self) -> None:
        with self.engine.connect() as connection:
            if migrations.version(connection) == migrations.HEAD:
                return
        writing = self.engine.execution_options(begin="BEGIN IMMEDIATE")
        with writing.begin() as connection:
            # Looked at again under the lock: two programs may have been started at once.
            found = migrations.version(connection)
            if found == migrations.HEAD:
                return
            if found is None and migrations.tables(connection):
                raise NotARegistry(
                    f"{self._name()} holds the tables of another program: check BLUETOKEN_DATABASE."
                )
            if found is not None and found not in migrations.KNOWN:
                raise RegistryTooNew(f"{self._name()} was written by a newer Bluetoken: update this program.")
            migrations.upgrade(connection)

    def _name(self) -> str:
        return str(self.path) if self.path else self.engine.url.render_as_string(hide_password=True)

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except DBAPIError as error:
            raise self._in_words(str(error.orig), error.orig) from error
        except SQLAlchemyError as error:
            raise self._in_words(str(error), error) from error
        except OSError as error:
            raise self._in_words(error.strerror or str(error), error) from error

    def _in_words(self, text: str, cause: BaseException | None) -> BluetokenError:
        lowered = text.lower()
        if "locked" in lowered or "busy" in lowered or "deadlock" in lowered:
            return RegistryLocked()
        no_space = "disk is full" in lowered or getattr(cause, "errno", 0) == errno.ENOSPC
        if no_space or ("disk i/o error" in lowered and self._almost_full()):
            return DiskFull(f"The disk with {self._name()} is full: free some space and repeat the command.")
        if "not a database" in lowered or "malformed" in lowered:
            return NotARegistry(
                f"{self._name()} is no registry, or damaged: check BLUETOKEN_DATABASE, or restore its backup."
            )
        return RegistryUnusable(f"The registry {self._name()} cannot be used: {text.splitlines()[0]}.")

    def _almost_full(self) -> bool:
        try:
            return self.path is not None and shutil.disk_usage(self.path.parent).free < _ALMOST_FULL_BYTES
        except OSError:
            return False


def _engine(url: str) -> Engine:
    try:
        parsed = make_url(url)
        settings: dict[str, Any] = {}
        if parsed.get_backend_name() == "sqlite":
            settings["connect_args"] = {"timeout": BUSY_TIMEOUT_MS / 1000}
        engine = create_engine(parsed, **settings)
    except (ArgumentError, NoSuchModuleError):
        raise BadSetting(
            "BLUETOKEN_DATABASE is no database URL: write one such as sqlite:////path/registry.sqlite."
        ) from None
    except ModuleNotFoundError as error:
        sentence = f"BLUETOKEN_DATABASE needs a driver: install the Python package {error.name}."
        raise BadSetting(sentence) from None
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _set_up_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return engine


def _in_file(engine: Engine) -> bool:
    return engine.dialect.name == "sqlite" and engine.url.database not in (None, "", ":memory:")


def _set_up_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    # Python's driver begins transactions late and never around DDL; we begin them ourselves.
    connection.isolation_level = None
    connection.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute("PRAGMA journal_mode=WAL")
    # A commit is on the disk when it returns: the token deletes what was committed.
    connection.execute("PRAGMA synchronous=FULL")


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that means to write takes the lock at once: one that reads first could not get it later.
    connection.exec_driver_sql(connection.get_execution_options().get("begin", "BEGIN"))


def _create_privately(path: Path) -> None:
    """Make the file readable to its owner alone; SQLite gives its side files the same permissions."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
