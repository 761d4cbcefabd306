"""Triggers that keep rows and columns as they were written; for use within a migration."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from alembic import op

_REFUSE_SQLITE: Final = "BEGIN SELECT RAISE(ABORT, 'store.immutable'); END"
_REFUSE_POSTGRES: Final = "EXECUTE FUNCTION formscan_refuse()"


def keep_rows(table: str, keys: Sequence[str]) -> None:
    """Rows of ``table`` never change or go; ``keys`` is its primary key."""
    if op.get_bind().dialect.name != "sqlite":
        op.execute(
            f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} "
            f"FOR EACH ROW {_REFUSE_POSTGRES}"
        )
        op.execute(
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
            f"FOR EACH STATEMENT {_REFUSE_POSTGRES}"
        )
        return
    op.execute(f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} {_REFUSE_SQLITE}")
    op.execute(f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} {_REFUSE_SQLITE}")
    same = " AND ".join(f"{key} = NEW.{key}" for key in keys)  # INSERT OR REPLACE deletes unseen
    when = f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {same})"
    op.execute(f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} {when} {_REFUSE_SQLITE}")


def keep_columns(table: str, columns: Sequence[str], name: str) -> None:
    """These columns keep what was inserted; ``name`` is the trigger's."""
    named = f"CREATE TRIGGER {name} BEFORE UPDATE OF {', '.join(columns)} ON {table}"
    if op.get_bind().dialect.name == "sqlite":
        op.execute(f"{named} {_REFUSE_SQLITE}")
    else:
        op.execute(f"{named} FOR EACH ROW {_REFUSE_POSTGRES}")
