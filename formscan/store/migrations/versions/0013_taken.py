"""Which released texts were taken over from readings nobody stood behind; facts are counted anew."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply; what was counted before is counted again, as it does not say so."""
    op.add_column("field_fact", sa.Column("taken", sa.Integer(), nullable=False, server_default="0"))
    op.execute("DELETE FROM field_fact")
