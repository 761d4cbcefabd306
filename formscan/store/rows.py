"""The tables. Whatever is more than a key or a counter is kept as canonical JSON of its noun (``noun``)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Dialect, Double, ForeignKey, Index, String, Text, TypeDecorator, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from formscan.errors import StoreError


class Moment(TypeDecorator[datetime]):
    """A time with zone, kept as UTC text of fixed width: sorts as text, equal on every database."""

    impl = String(32)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:
        """To text."""
        return None if value is None else moment_text(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """From text."""
        return None if value is None else datetime.fromisoformat(value)


def moment_text(value: datetime) -> str:
    """``2026-03-02T08:00:00.000000+00:00``.

    Raises:
        StoreError: ``store.time_without_zone``.
    """
    if value.tzinfo is None:
        raise StoreError("store.time_without_zone")
    return value.astimezone(UTC).isoformat(timespec="microseconds")


class Base(DeclarativeBase):
    """Registry of the tables."""

    type_annotation_map = {str: Text(), datetime: Moment()}  # noqa: RUF012  (SQLAlchemy's own name)


class MetaRow(Base):
    """Facts about this database: ``digest_key``, the random key of digests in the audit."""

    __tablename__ = "meta"
    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]


class ImageRow(Base):
    """An image that lies in the image folder; written after the file."""

    __tablename__ = "image"
    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    media_type: Mapped[str]
    bytes_len: Mapped[int]


class PersonRow(Base):
    """An account."""

    __tablename__ = "person"
    id: Mapped[str] = mapped_column(primary_key=True)
    noun: Mapped[str]


class AccountRow(Base):
    """How a person signs in. ``password`` is an argon2 hash, ``totp`` the shared secret of one-time codes.

    ``totp_step`` is the last time step a code was used of, ``recovery`` a JSON list of digests.
    """

    __tablename__ = "account"
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), primary_key=True)
    source: Mapped[str]
    active: Mapped[int]
    password: Mapped[str | None]
    totp: Mapped[str | None]
    totp_step: Mapped[int]
    recovery: Mapped[str]
    changed_at: Mapped[datetime]


class SignInTryRow(Base):
    """Failed sign-ins under a name, known or not; ``name`` is a keyed digest of it."""

    __tablename__ = "sign_in_try"
    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    failures: Mapped[int]
    wait_until: Mapped[datetime]


class LeaseRow(Base):
    """Who works on something now: ``kind`` is ``draft`` or ``look``; it runs out where nobody renews it."""

    __tablename__ = "lease"
    kind: Mapped[str] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(primary_key=True)
    person: Mapped[str]
    window: Mapped[str]
    taken_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class DraftSeenRow(Base):
    """Who had a draft open: such a person cannot key its fields blind any more."""

    __tablename__ = "draft_seen"
    draft_id: Mapped[str] = mapped_column(ForeignKey("draft.id"), primary_key=True)
    person: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]


class LookRow(Base):
    """A blind second key or a ruling about a critical field. Append-only."""

    __tablename__ = "look"
    draft_id: Mapped[str] = mapped_column(ForeignKey("draft.id"), primary_key=True)
    field_id: Mapped[str] = mapped_column(primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[str]
    person: Mapped[str]
    at: Mapped[datetime]
    noun: Mapped[str]


class PatientRow(Base):
    """A version of a patient in the index; ``newest`` marks the one that holds."""

    __tablename__ = "patient"
    id: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    newest: Mapped[int]
    birth: Mapped[str]
    sex: Mapped[str]
    kind: Mapped[str]
    noun: Mapped[str]
    __table_args__ = (Index("ix_patient_birth", "birth"),)


class PatientWordRow(Base):
    """A word of a patient's name without tones."""

    __tablename__ = "patient_word"
    word: Mapped[str] = mapped_column(primary_key=True)
    patient_id: Mapped[str] = mapped_column(primary_key=True, index=True)


class PatientIdentifierRow(Base):
    """How a number of a patient is compared; two patients may have the same."""

    __tablename__ = "patient_identifier"
    patient_id: Mapped[str] = mapped_column(primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[str]
    key: Mapped[str] = mapped_column(index=True)


class PatientLinkRow(Base):
    """Somebody said whose record an entry is, or took it back. Append-only."""

    __tablename__ = "patient_link"
    entry_id: Mapped[str] = mapped_column(ForeignKey("entry.id"), primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    patient_id: Mapped[str | None] = mapped_column(index=True)
    person: Mapped[str]
    at: Mapped[datetime]
    reason: Mapped[str]


class DraftRow(Base):
    """A draft with the counters the inbox shows; they change in the transaction that changes the facts.

    ``steps`` numbers the steps of its decisions; ``flagged`` counts fields read with a hard or soft flag.
    """

    __tablename__ = "draft"
    id: Mapped[str] = mapped_column(primary_key=True)
    form_id: Mapped[str]
    form_version: Mapped[str]
    form_digest: Mapped[str]
    created_at: Mapped[datetime]
    created_text: Mapped[str]
    state: Mapped[str]
    pages: Mapped[int]
    fields: Mapped[int]
    reviewed: Mapped[int]
    flagged: Mapped[int]
    problems: Mapped[int]
    first_source: Mapped[str]
    problem_nouns: Mapped[str]
    steps: Mapped[int]
    priority: Mapped[int]
    expected: Mapped[float] = mapped_column(Double())
    __table_args__ = (Index("ix_draft_state_created", "state", "created_at"),)


class DraftPageRow(Base):
    """A page of a draft."""

    __tablename__ = "draft_page"
    draft_id: Mapped[str] = mapped_column(ForeignKey("draft.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    image_sha256: Mapped[str] = mapped_column(String(64), ForeignKey("image.sha256"), index=True)
    noun: Mapped[str]


class FieldDraftRow(Base):
    """A field as it was read; ``decided`` counts the decisions about it that were not withdrawn.

    ``assurance`` says what stands behind a critical one now; it moves with decisions, keys and rulings.
    """

    __tablename__ = "field_draft"
    draft_id: Mapped[str] = mapped_column(ForeignKey("draft.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    field_id: Mapped[str]
    page: Mapped[int]
    state: Mapped[str]
    confidence: Mapped[float] = mapped_column(Double())
    flagged: Mapped[int]
    decided: Mapped[int]
    noun: Mapped[str]
    critical: Mapped[int] = mapped_column(server_default="0")
    assurance: Mapped[str] = mapped_column(server_default="")
    __table_args__ = (
        UniqueConstraint("draft_id", "field_id", name="uq_field_draft_field"),
        Index("ix_field_draft_assurance", "assurance", "draft_id"),
    )


class DecisionRow(Base):
    """A decision, or the withdrawal of a step (``withdraws``). Append-only."""

    __tablename__ = "decision"
    draft_id: Mapped[str] = mapped_column(ForeignKey("draft.id"), primary_key=True)
    step: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    place: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    person: Mapped[str]
    at: Mapped[datetime]
    field_id: Mapped[str | None]
    action: Mapped[str]
    withdraws: Mapped[int | None]
    noun: Mapped[str | None]
    __table_args__ = (Index("ix_decision_action_at", "action", "at"),)


class EntryRow(Base):
    """A released document, over all its versions."""

    __tablename__ = "entry"
    id: Mapped[str] = mapped_column(primary_key=True)
    draft_id: Mapped[str] = mapped_column(ForeignKey("draft.id"), unique=True)


class EntryVersionRow(Base):
    """One version; ``noun`` is the entry without its fields, ``digest`` covers it and all of them."""

    __tablename__ = "entry_version"
    entry_id: Mapped[str] = mapped_column(ForeignKey("entry.id"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    replaces: Mapped[int | None]
    draft_id: Mapped[str]
    form_id: Mapped[str]
    form_version: Mapped[str]
    released_by: Mapped[str]
    released_at: Mapped[datetime]
    reason: Mapped[str]
    fields: Mapped[int]
    noun: Mapped[str]
    digest: Mapped[str]
    __table_args__ = (Index("ix_entry_version_released", "released_at"),)


class EntryFieldRow(Base):
    """A released value; ``state``, ``text`` and ``normalised`` repeat the noun for queries."""

    __tablename__ = "entry_field"
    entry_id: Mapped[str] = mapped_column(ForeignKey("entry.id"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    field_id: Mapped[str]
    state: Mapped[str]
    text: Mapped[str]
    normalised: Mapped[str]
    noun: Mapped[str]
    __table_args__ = (Index("ix_entry_field_field", "field_id", "state"),)


class QuestionRow(Base):
    """A question a clerk left at a field; it is answered once and then stays."""

    __tablename__ = "question"
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    draft_id: Mapped[str] = mapped_column(ForeignKey("draft.id"), index=True)
    field_id: Mapped[str]
    asked_by: Mapped[str]
    asked_at: Mapped[datetime]
    text: Mapped[str]
    answer: Mapped[str]
    answered_by: Mapped[str]
    answered_at: Mapped[datetime | None]


class JottingRow(Base):
    """What a person typed into a field and did not decide on yet; gone with the decision."""

    __tablename__ = "jotting"
    draft_id: Mapped[str] = mapped_column(ForeignKey("draft.id"), primary_key=True)
    field_id: Mapped[str] = mapped_column(primary_key=True)
    person: Mapped[str] = mapped_column(primary_key=True)
    text: Mapped[str]


class AuditRow(Base):
    """One line of the trail. Append-only."""

    __tablename__ = "audit"
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    person: Mapped[str]
    workstation: Mapped[str]
    action: Mapped[str]
    subject: Mapped[str]
    detail: Mapped[str]
    previous: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))
    __table_args__ = (Index("ix_audit_subject", "subject"),)


class AuditHeadRow(Base):
    """Where the trail ends (one row); every writer locks it first."""

    __tablename__ = "audit_head"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    seq: Mapped[int]
    hash: Mapped[str] = mapped_column(String(64))


class LastWriteRow(Base):
    """The last write of one thread of one program (PostgreSQL): there is it exactly if it came through."""

    __tablename__ = "last_write"
    writer: Mapped[str] = mapped_column(primary_key=True)
    mark: Mapped[str]
    at: Mapped[datetime]


class BatchRunRow(Base):
    """One run over a stack, with the counts its balance is drawn from."""

    __tablename__ = "batch_run"
    id: Mapped[str] = mapped_column(primary_key=True)
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    counts: Mapped[str]


class HeldRow(Base):
    """A page or file that was not read in a run; the same one counts once."""

    __tablename__ = "held"
    run_id: Mapped[str] = mapped_column(ForeignKey("batch_run.id"), primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    source_sha256: Mapped[str] = mapped_column(String(64))
    source_name: Mapped[str]
    page_index: Mapped[int]
    stage: Mapped[str]
    reason: Mapped[str]
    quarantined: Mapped[bool]
    at: Mapped[datetime]
    noun: Mapped[str]
    __table_args__ = (
        UniqueConstraint("run_id", "source_sha256", "source_name", "page_index", name="uq_held_page"),
    )
