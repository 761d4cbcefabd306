"""Accounts, sign-ins, leases, and the second look at critical fields."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from formscan.store.migrations.guards import keep_columns, keep_rows

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    _accounts()
    _leases()
    _looks()
    keep_rows("look", ("draft_id", "field_id", "place"))
    keep_columns("field_draft", ("critical",), "field_draft_as_marked")


def _accounts() -> None:
    op.create_table(
        "account",
        sa.Column("person_id", sa.Text(), sa.ForeignKey("person.id"), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("active", sa.Integer(), nullable=False),
        sa.Column("password", sa.Text(), nullable=True),
        sa.Column("totp", sa.Text(), nullable=True),
        sa.Column("totp_step", sa.Integer(), nullable=False),
        sa.Column("recovery", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("person_id"),
    )
    op.create_table(
        "sign_in_try",
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("wait_until", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )


def _leases() -> None:
    op.create_table(
        "lease",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("window", sa.Text(), nullable=False),
        sa.Column("taken_at", sa.String(32), nullable=False),
        sa.Column("expires_at", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("kind", "subject"),
    )
    op.create_table(
        "draft_seen",
        sa.Column("draft_id", sa.Text(), sa.ForeignKey("draft.id"), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("draft_id", "person"),
    )


def _looks() -> None:
    op.create_table(
        "look",
        sa.Column("draft_id", sa.Text(), sa.ForeignKey("draft.id"), nullable=False),
        sa.Column("field_id", sa.Text(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("noun", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("draft_id", "field_id", "place"),
    )
    op.add_column("field_draft", sa.Column("critical", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("field_draft", sa.Column("assurance", sa.Text(), nullable=False, server_default=""))
    op.create_index("ix_field_draft_assurance", "field_draft", ["assurance", "draft_id"])
