"""The schema, step by step; applied by ``Store.open`` without any configuration file."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from sqlalchemy import Connection, inspect, text

from formscan.errors import StoreError
from formscan.store.unit_of_work import Database

HEAD: Final = "0014"
"""The newest revision; a database that is there already is opened without loading Alembic."""


def upgrade(database: Database) -> None:
    """Bring the schema up to date; several processes may do so at once, one does it.

    Raises:
        StoreError: ``store.newer_schema`` where a newer program made the database.
    """
    with database.read() as connection:
        if revision(connection) == HEAD:
            return
    database.alter(_migrate)


def revision(connection: Connection) -> str | None:
    """The revision a database is at, ``None`` for an empty one."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return found


def _migrate(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    at = revision(connection)
    if at is not None and at not in known:
        raise StoreError("store.newer_schema", revision=at, known=HEAD)
    command.upgrade(config, "head")
