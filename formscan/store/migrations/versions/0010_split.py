"""Why a page stands where it does among the records and documents of its stack."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    column = sa.Column("placed_noun", sa.Text(), nullable=False, server_default="")
    op.add_column("ledger_page", column)
