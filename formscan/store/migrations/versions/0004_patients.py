"""The patient index, and whose record an entry is."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from formscan.store.migrations.guards import keep_columns, keep_rows

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "patient",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("newest", sa.Integer(), nullable=False),
        sa.Column("birth", sa.Text(), nullable=False),
        sa.Column("sex", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("noun", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", "version"),
    )
    op.create_index("ix_patient_birth", "patient", ["birth"])
    keep_columns("patient", ("id", "version", "birth", "sex", "kind", "noun"), "patient_as_written")
    op.create_table(
        "patient_word",
        sa.Column("word", sa.Text(), nullable=False),
        sa.Column("patient_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("word", "patient_id"),
    )
    op.create_index("ix_patient_word_patient_id", "patient_word", ["patient_id"])
    op.create_table(
        "patient_identifier",
        sa.Column("patient_id", sa.Text(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("patient_id", "place"),
    )
    op.create_index("ix_patient_identifier_key", "patient_identifier", ["key"])
    op.create_table(
        "patient_link",
        sa.Column("entry_id", sa.Text(), sa.ForeignKey("entry.id"), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("patient_id", sa.Text(), nullable=True),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("entry_id", "place"),
    )
    op.create_index("ix_patient_link_patient_id", "patient_link", ["patient_id"])
    keep_rows("patient_link", ("entry_id", "place"))
