"""The supervisor's desk: planted values, words about corrections, samples and what figures count."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from formscan.store.migrations.guards import keep_rows

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

APPEND_ONLY = {
    "plant_policy": ("place",),
    "plant": ("draft_id", "field_id", "person"),
    "plant_answer": ("draft_id", "place"),
    "plant_outcome": ("draft_id", "field_id", "person"),
    "opinion": ("origin", "subject", "place", "field_id"),
    "sample": ("id",),
    "sample_item": ("sample_id", "position"),
    "judgement": ("sample_id", "position"),
    "lot_verdict": ("sample_id",),
}
"""Tables whose rows never change or go, with their keys."""


def upgrade() -> None:
    """Apply."""
    _plants()
    _opinions()
    _samples()
    _facts()
    for table, keys in APPEND_ONLY.items():
        keep_rows(table, keys)
    op.create_index("ix_decision_action_at", "decision", ["action", "at"])


def _plants() -> None:
    op.create_table(
        "plant_policy",
        sa.Column("place", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("rate", sa.Double(), nullable=False),
        sa.Column("noun", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("place"),
    )
    op.create_table(
        "plant",
        sa.Column("draft_id", sa.Text(), sa.ForeignKey("draft.id"), nullable=False),
        sa.Column("field_id", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("noun", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("draft_id", "field_id", "person"),
    )
    op.create_table(
        "plant_answer",
        sa.Column("draft_id", sa.Text(), sa.ForeignKey("draft.id"), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("field_id", sa.Text(), nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("withdraws", sa.Integer(), nullable=True),
        sa.Column("noun", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("draft_id", "place"),
    )
    op.create_table(
        "plant_outcome",
        sa.Column("draft_id", sa.Text(), sa.ForeignKey("draft.id"), nullable=False),
        sa.Column("field_id", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("caught", sa.Integer(), nullable=True),
        sa.Column("at", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("draft_id", "field_id", "person"),
    )
    op.create_index("ix_plant_outcome_person", "plant_outcome", ["person"])


def _opinions() -> None:
    op.create_table(
        "opinion",
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("field_id", sa.Text(), nullable=False),
        sa.Column("word", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("noun", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("origin", "subject", "place", "field_id"),
    )
    op.create_index("ix_opinion_author", "opinion", ["author", "word"])


def _samples() -> None:
    op.create_table(
        "sample",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("drawn_at", sa.String(32), nullable=False),
        sa.Column("noun", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "sample_item",
        sa.Column("sample_id", sa.Text(), sa.ForeignKey("sample.id"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("entry_id", sa.Text(), sa.ForeignKey("entry.id"), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("field_id", sa.Text(), nullable=False),
        sa.Column("noun", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("sample_id", "position"),
    )
    op.create_table(
        "judgement",
        sa.Column("sample_id", sa.Text(), sa.ForeignKey("sample.id"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("is_right", sa.Integer(), nullable=False),
        sa.Column("noun", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("sample_id", "position"),
    )
    op.create_table(
        "lot_verdict",
        sa.Column("sample_id", sa.Text(), sa.ForeignKey("sample.id"), nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("noun", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("sample_id"),
    )


def _facts() -> None:
    op.create_table(
        "field_fact",
        sa.Column("entry_id", sa.Text(), sa.ForeignKey("entry.id"), nullable=False),
        sa.Column("field_id", sa.Text(), nullable=False),
        sa.Column("form_id", sa.Text(), nullable=False),
        sa.Column("clerk", sa.Text(), nullable=False),
        sa.Column("reader", sa.Text(), nullable=False),
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("read", sa.Integer(), nullable=False),
        sa.Column("equal", sa.Integer(), nullable=False),
        sa.Column("one", sa.Text(), nullable=False),
        sa.Column("other", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("entry_id", "field_id"),
    )
    op.create_index("ix_field_fact_field", "field_fact", ["form_id", "field_id"])
    op.create_index("ix_field_fact_clerk", "field_fact", ["clerk", "day"])
