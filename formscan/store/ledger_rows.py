"""The tables of the ledger."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from formscan.store.rows import Base


class LedgerFileRow(Base):
    """A file; ``noun`` is why it was not opened. ``opened`` counts its rows in ``ledger_page``."""

    __tablename__ = "ledger_file"
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    place: Mapped[str] = mapped_column(index=True)
    name: Mapped[str]
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    bytes_len: Mapped[int] = mapped_column(BigInteger())
    mtime_ns: Mapped[int] = mapped_column(BigInteger())
    stack: Mapped[str]
    position: Mapped[int] = mapped_column(autoincrement=False)
    folder: Mapped[str]
    priority: Mapped[int]
    department: Mapped[str]
    form_id: Mapped[str]
    scanner: Mapped[str]
    state: Mapped[str]
    reason: Mapped[str]
    pages: Mapped[int | None]
    opened: Mapped[int]
    attempts: Mapped[int]
    original: Mapped[str]
    worker: Mapped[str]
    taken_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    steps: Mapped[int]
    noun: Mapped[str]
    __table_args__ = (
        UniqueConstraint("stack", "position", name="uq_ledger_file_place"),
        Index("ix_ledger_file_work", "state", "priority", "taken_at"),
        Index("ix_ledger_file_changed", "changed_at"),
    )


class LedgerPageRow(Base):
    """A page; ``read_noun`` is kept until the page is part of a draft, ``sheet`` for near duplicates."""

    __tablename__ = "ledger_page"
    file_id: Mapped[str] = mapped_column(String(64), ForeignKey("ledger_file.id"), primary_key=True)
    page: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    stack: Mapped[str]
    position: Mapped[int]
    priority: Mapped[int]
    state: Mapped[str]
    reason: Mapped[str]
    settled: Mapped[bool]
    attempts: Mapped[int]
    worker: Mapped[str]
    source_noun: Mapped[str]
    stored_noun: Mapped[str]
    held_noun: Mapped[str]
    read_noun: Mapped[str]
    image_sha256: Mapped[str] = mapped_column(String(64))
    pixel_sha256: Mapped[str] = mapped_column(String(64))
    form_id: Mapped[str]
    form_version: Mapped[str]
    form_page: Mapped[int]
    engine: Mapped[str]
    model: Mapped[str]
    draft_id: Mapped[str]
    stages: Mapped[str]
    taken_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    steps: Mapped[int]
    sheet: Mapped[bytes | None] = mapped_column(LargeBinary())
    placed_noun: Mapped[str]
    __table_args__ = (
        Index("ix_ledger_page_work", "state", "priority", "taken_at"),
        Index("ix_ledger_page_stack", "stack", "position", "page"),
        Index("ix_ledger_page_draft", "draft_id"),
        Index("ix_ledger_page_changed", "changed_at"),
    )


class LedgerStepRow(Base):
    """A step a file (page -1) or a page took. Append-only."""

    __tablename__ = "ledger_step"
    file_id: Mapped[str] = mapped_column(String(64), ForeignKey("ledger_file.id"), primary_key=True)
    page: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    step: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    state: Mapped[str]
    reason: Mapped[str]
    who: Mapped[str]
    __table_args__ = (Index("ix_ledger_step_at", "at", "state"),)


class LedgerPixelsRow(Base):
    """Which page had these pixels first, in the order of stacks."""

    __tablename__ = "ledger_pixels"
    pixel_sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    file_id: Mapped[str] = mapped_column(String(64), ForeignKey("ledger_file.id"))
    page: Mapped[int]
