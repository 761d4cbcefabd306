"""The ledger of the night: a row for every file and page with its state, and the steps it took."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    _files()
    _pages()
    _steps()


def _files() -> None:
    op.create_table(
        "ledger_file",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("bytes_len", sa.BigInteger(), nullable=False),
        sa.Column("mtime_ns", sa.BigInteger(), nullable=False),
        sa.Column("stack", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("folder", sa.Text(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("department", sa.Text(), nullable=False),
        sa.Column("form_id", sa.Text(), nullable=False),
        sa.Column("scanner", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=True),
        sa.Column("opened", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("original", sa.Text(), nullable=False),
        sa.Column("worker", sa.Text(), nullable=False),
        sa.Column("taken_at", sa.String(32), nullable=False),
        sa.Column("changed_at", sa.String(32), nullable=False),
        sa.Column("steps", sa.Integer(), nullable=False),
        sa.Column("noun", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("stack", "position", name="uq_ledger_file_place"),
    )
    op.create_index("ix_ledger_file_work", "ledger_file", ["state", "priority", "taken_at"])
    op.create_index("ix_ledger_file_sha256", "ledger_file", ["sha256"])
    op.create_index("ix_ledger_file_place", "ledger_file", ["place"])
    op.create_index("ix_ledger_file_changed", "ledger_file", ["changed_at"])


def _pages() -> None:
    op.create_table(
        "ledger_page",
        sa.Column("file_id", sa.String(64), sa.ForeignKey("ledger_file.id"), nullable=False),
        sa.Column("page", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("stack", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("settled", sa.Boolean(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("worker", sa.Text(), nullable=False),
        sa.Column("source_noun", sa.Text(), nullable=False),
        sa.Column("stored_noun", sa.Text(), nullable=False),
        sa.Column("held_noun", sa.Text(), nullable=False),
        sa.Column("read_noun", sa.Text(), nullable=False),
        sa.Column("image_sha256", sa.String(64), nullable=False),
        sa.Column("pixel_sha256", sa.String(64), nullable=False),
        sa.Column("form_id", sa.Text(), nullable=False),
        sa.Column("form_version", sa.Text(), nullable=False),
        sa.Column("form_page", sa.Integer(), nullable=False),
        sa.Column("engine", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("draft_id", sa.Text(), nullable=False),
        sa.Column("stages", sa.Text(), nullable=False),
        sa.Column("taken_at", sa.String(32), nullable=False),
        sa.Column("changed_at", sa.String(32), nullable=False),
        sa.Column("steps", sa.Integer(), nullable=False),
        sa.Column("sheet", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("file_id", "page"),
    )
    op.create_index("ix_ledger_page_work", "ledger_page", ["state", "priority", "taken_at"])
    op.create_index("ix_ledger_page_stack", "ledger_page", ["stack", "position", "page"])
    op.create_index("ix_ledger_page_draft", "ledger_page", ["draft_id"])
    op.create_index("ix_ledger_page_changed", "ledger_page", ["changed_at"])


def _steps() -> None:
    op.create_table(
        "ledger_step",
        sa.Column("file_id", sa.String(64), sa.ForeignKey("ledger_file.id"), nullable=False),
        sa.Column("page", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("step", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("file_id", "page", "step"),
    )
    op.create_index("ix_ledger_step_at", "ledger_step", ["at", "state"])
    op.create_table(
        "ledger_pixels",
        sa.Column("pixel_sha256", sa.String(64), nullable=False),
        sa.Column("file_id", sa.String(64), sa.ForeignKey("ledger_file.id"), nullable=False),
        sa.Column("page", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("pixel_sha256"),
    )
