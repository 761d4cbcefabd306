"""The gate's book: calibrations, and the steps that install, switch on or off; rows never change or go."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0005"
branch_labels = None
depends_on = None

UNCHANGEABLE = {"calibration": "version", "gate_step": "seq"}


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "calibration",
        sa.Column("version", sa.String(64), nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("noun", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("version"),
    )
    op.create_table(
        "gate_step",
        sa.Column("seq", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("noun", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
    )
    guard = _guard_sqlite if op.get_bind().dialect.name == "sqlite" else _guard_postgres
    for table, key in UNCHANGEABLE.items():
        guard(table, key)


def _guard_sqlite(table: str, key: str) -> None:
    refuse = "BEGIN SELECT RAISE(ABORT, 'store.immutable'); END"
    op.execute(f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} {refuse}")
    op.execute(f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} {refuse}")
    when = f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {key} = NEW.{key})"
    op.execute(f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} {when} {refuse}")


def _guard_postgres(table: str, _key: str) -> None:
    refuse = "EXECUTE FUNCTION formscan_refuse()"
    op.execute(f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW {refuse}")
    op.execute(f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT {refuse}")
