"""The first schema: images, drafts and decisions, entries, the trail, people and runs.

There is no way down: what was released is not unmade.
"""

from __future__ import annotations

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

UNCHANGEABLE = {
    "decision": ("draft_id", "step", "place"),
    "entry": ("id",),
    "entry_version": ("entry_id", "version"),
    "entry_field": ("entry_id", "version", "position"),
    "audit": ("seq",),
}
"""Tables whose rows never change or go, with their keys."""

READ_ONLY_COLUMNS = {
    "draft": (
        "id", "form_id", "form_version", "form_digest", "created_at", "created_text", "pages", "fields",
        "flagged", "problems", "first_source", "problem_nouns",
    ),
    "draft_page": ("draft_id", "position", "image_sha256", "noun"),
    "field_draft": ("draft_id", "position", "field_id", "page", "state", "confidence", "flagged", "noun"),
}  # fmt: skip
"""What was read stays as it was read; only states and counters move."""


def upgrade() -> None:
    """Apply."""
    _plain_tables()
    _draft_tables()
    _entry_tables()
    _trail_tables()
    _run_tables()
    _first_rows()
    if op.get_bind().dialect.name == "sqlite":
        _guard_sqlite()
    else:
        _guard_postgres()


def _plain_tables() -> None:
    op.create_table(
        "meta",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "image",
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("bytes_len", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("sha256"),
    )
    op.create_table(
        "person",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("noun", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )


def _draft_tables() -> None:
    op.create_table(
        "draft",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("form_id", sa.Text(), nullable=False),
        sa.Column("form_version", sa.Text(), nullable=False),
        sa.Column("form_digest", sa.Text(), nullable=False),
        sa.Column("created_at", sa.String(32), nullable=False),
        sa.Column("created_text", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("fields", sa.Integer(), nullable=False),
        sa.Column("reviewed", sa.Integer(), nullable=False),
        sa.Column("flagged", sa.Integer(), nullable=False),
        sa.Column("problems", sa.Integer(), nullable=False),
        sa.Column("first_source", sa.Text(), nullable=False),
        sa.Column("problem_nouns", sa.Text(), nullable=False),
        sa.Column("steps", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_draft_state_created", "draft", ["state", "created_at"])
    op.create_table(
        "draft_page",
        sa.Column("draft_id", sa.Text(), sa.ForeignKey("draft.id"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("image_sha256", sa.String(64), sa.ForeignKey("image.sha256"), nullable=False),
        sa.Column("noun", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("draft_id", "position"),
    )
    op.create_index("ix_draft_page_image_sha256", "draft_page", ["image_sha256"])
    op.create_table(
        "field_draft",
        sa.Column("draft_id", sa.Text(), sa.ForeignKey("draft.id"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("field_id", sa.Text(), nullable=False),
        sa.Column("page", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("confidence", sa.Double(), nullable=False),
        sa.Column("flagged", sa.Integer(), nullable=False),
        sa.Column("decided", sa.Integer(), nullable=False),
        sa.Column("noun", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("draft_id", "position"),
        sa.UniqueConstraint("draft_id", "field_id", name="uq_field_draft_field"),
    )
    op.create_table(
        "decision",
        sa.Column("draft_id", sa.Text(), sa.ForeignKey("draft.id"), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("place", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("field_id", sa.Text(), nullable=True),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("withdraws", sa.Integer(), nullable=True),
        sa.Column("noun", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("draft_id", "step", "place"),
    )


def _entry_tables() -> None:
    op.create_table(
        "entry",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("draft_id", sa.Text(), sa.ForeignKey("draft.id"), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("draft_id"),
    )
    op.create_table(
        "entry_version",
        sa.Column("entry_id", sa.Text(), sa.ForeignKey("entry.id"), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("replaces", sa.Integer(), nullable=True),
        sa.Column("draft_id", sa.Text(), nullable=False),
        sa.Column("form_id", sa.Text(), nullable=False),
        sa.Column("form_version", sa.Text(), nullable=False),
        sa.Column("released_by", sa.Text(), nullable=False),
        sa.Column("released_at", sa.String(32), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("fields", sa.Integer(), nullable=False),
        sa.Column("noun", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("entry_id", "version"),
    )
    op.create_index("ix_entry_version_released", "entry_version", ["released_at"])
    op.create_table(
        "entry_field",
        sa.Column("entry_id", sa.Text(), sa.ForeignKey("entry.id"), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("position", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("field_id", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("normalised", sa.Text(), nullable=False),
        sa.Column("noun", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("entry_id", "version", "position"),
    )
    op.create_index("ix_entry_field_field", "entry_field", ["field_id", "state"])


def _trail_tables() -> None:
    op.create_table(
        "audit",
        sa.Column("seq", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("workstation", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("previous", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
    )
    op.create_index("ix_audit_subject", "audit", ["subject"])
    op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )


def _run_tables() -> None:
    op.create_table(
        "batch_run",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("started_at", sa.String(32), nullable=False),
        sa.Column("finished_at", sa.String(32), nullable=True),
        sa.Column("counts", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "held",
        sa.Column("run_id", sa.Text(), sa.ForeignKey("batch_run.id"), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("source_sha256", sa.String(64), nullable=False),
        sa.Column("source_name", sa.Text(), nullable=False),
        sa.Column("page_index", sa.Integer(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("quarantined", sa.Boolean(), nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("noun", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("run_id", "place"),
        sa.UniqueConstraint("run_id", "source_sha256", "source_name", "page_index", name="uq_held_page"),
    )


def _first_rows() -> None:
    meta = sa.table("meta", sa.column("name", sa.Text()), sa.column("value", sa.Text()))
    head = sa.table("audit_head", *(sa.column(name) for name in ("id", "seq", "hash")))
    op.bulk_insert(meta, [{"name": "digest_key", "value": secrets.token_hex(32)}])
    op.bulk_insert(head, [{"id": 1, "seq": 0, "hash": "0" * 64}])


def _guard_sqlite() -> None:
    refuse = "BEGIN SELECT RAISE(ABORT, 'store.immutable'); END"
    for table, keys in UNCHANGEABLE.items():
        op.execute(f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} {refuse}")
        op.execute(f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} {refuse}")
        same = " AND ".join(f"{key} = NEW.{key}" for key in keys)  # INSERT OR REPLACE deletes unseen
        when = f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {same})"
        op.execute(f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} {when} {refuse}")
    for table, columns in READ_ONLY_COLUMNS.items():
        op.execute(
            f"CREATE TRIGGER {table}_as_read BEFORE UPDATE OF {', '.join(columns)} ON {table} {refuse}"
        )


def _guard_postgres() -> None:
    op.execute(
        "CREATE FUNCTION formscan_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'store.immutable'; END $$"
    )
    refuse = "EXECUTE FUNCTION formscan_refuse()"
    for table in UNCHANGEABLE:
        op.execute(
            f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW {refuse}"
        )
        op.execute(
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT {refuse}"
        )
    for table, columns in READ_ONLY_COLUMNS.items():
        op.execute(
            f"CREATE TRIGGER {table}_as_read BEFORE UPDATE OF {', '.join(columns)} ON {table} "
            f"FOR EACH ROW {refuse}"
        )
