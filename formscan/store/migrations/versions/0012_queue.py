"""What the order of the queue stands on: the priority of a draft and how many wrong values it may hold."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply; drafts that are there keep zeros, and with them the order by age."""
    op.add_column("draft", sa.Column("priority", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("draft", sa.Column("expected", sa.Double(), nullable=False, server_default="0"))
