"""Questions clerks leave at fields, and their answers; neither is deleted."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "question",
        sa.Column("number", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("draft_id", sa.Text(), sa.ForeignKey("draft.id"), nullable=False),
        sa.Column("field_id", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.String(32), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("answered_by", sa.Text(), nullable=False),
        sa.Column("answered_at", sa.String(32), nullable=True),
        sa.PrimaryKeyConstraint("number"),
    )
    op.create_index("ix_question_draft_id", "question", ["draft_id"])
    if op.get_bind().dialect.name == "sqlite":
        refuse = "BEGIN SELECT RAISE(ABORT, 'store.immutable'); END"
        op.execute(f"CREATE TRIGGER question_no_delete BEFORE DELETE ON question {refuse}")
        op.execute(
            f"CREATE TRIGGER question_answered BEFORE UPDATE ON question WHEN OLD.answer <> '' {refuse}"
        )
    else:
        refuse = "EXECUTE FUNCTION formscan_refuse()"
        op.execute(f"CREATE TRIGGER question_no_delete BEFORE DELETE ON question FOR EACH ROW {refuse}")
        op.execute(
            "CREATE TRIGGER question_answered BEFORE UPDATE ON question FOR EACH ROW "
            f"WHEN (OLD.answer <> '') {refuse}"
        )
