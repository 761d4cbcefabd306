"""What is typed and not decided yet, so that a window that dies loses none of it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "jotting",
        sa.Column("draft_id", sa.Text(), sa.ForeignKey("draft.id"), nullable=False),
        sa.Column("field_id", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("draft_id", "field_id", "person"),
    )
