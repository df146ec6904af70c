"""Carries a registry from one version of its tables to the next (Alembic), within one transaction."""

from pathlib import Path

from sqlalchemy import Connection, inspect, text

#: Every version there was, oldest first: each has its file in `versions/`.
KNOWN = ("0001", "0002", "0003", "0004")
HEAD = KNOWN[-1]


def tables(connection: Connection) -> list[str]:
    """Return the names of the tables there are."""
    return inspect(connection).get_table_names()


def version(connection: Connection) -> str | None:
    """Return the version of the tables there are, None where there is no registry yet."""
    if "alembic_version" not in tables(connection):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()


def upgrade(connection: Connection) -> None:
    """Bring the tables to HEAD, within the transaction that `connection` is in."""
    # Alembic is slow to import, and needed once in a registry's life and version.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, HEAD)
