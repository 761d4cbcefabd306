"""Tables of the supervisor's desk. All but ``field_fact`` are append-only; that one can be made anew."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Double, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from formscan.store.rows import Base


class PlantPolicyRow(Base):
    """How often values are planted; the newest row counts."""

    __tablename__ = "plant_policy"
    place: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    person: Mapped[str]
    rate: Mapped[float] = mapped_column(Double())
    noun: Mapped[str]


class PlantRow(Base):
    """A planted value that a person sees in a draft."""

    __tablename__ = "plant"
    draft_id: Mapped[str] = mapped_column(ForeignKey("draft.id"), primary_key=True)
    field_id: Mapped[str] = mapped_column(primary_key=True)
    person: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    noun: Mapped[str]


class PlantAnswerRow(Base):
    """What a person did with a planted value, or the withdrawal of that (``withdraws``)."""

    __tablename__ = "plant_answer"
    draft_id: Mapped[str] = mapped_column(ForeignKey("draft.id"), primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    person: Mapped[str]
    field_id: Mapped[str]
    at: Mapped[datetime]
    withdraws: Mapped[int | None]
    noun: Mapped[str | None]


class PlantOutcomeRow(Base):
    """What became of a planted value; ``caught`` is ``NULL`` where the field was decided elsewhere."""

    __tablename__ = "plant_outcome"
    draft_id: Mapped[str] = mapped_column(ForeignKey("draft.id"), primary_key=True)
    field_id: Mapped[str] = mapped_column(primary_key=True)
    person: Mapped[str] = mapped_column(primary_key=True)
    caught: Mapped[int | None]
    at: Mapped[datetime]
    __table_args__ = (Index("ix_plant_outcome_person", "person"),)


class OpinionRow(Base):
    """A supervisor's word about a correction."""

    __tablename__ = "opinion"
    origin: Mapped[str] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    field_id: Mapped[str] = mapped_column(primary_key=True)
    word: Mapped[str]
    author: Mapped[str]
    at: Mapped[datetime]
    noun: Mapped[str]
    __table_args__ = (Index("ix_opinion_author", "author", "word"),)


class SampleRow(Base):
    """A sample that was drawn."""

    __tablename__ = "sample"
    id: Mapped[str] = mapped_column(primary_key=True)
    drawn_at: Mapped[datetime]
    noun: Mapped[str]


class SampleItemRow(Base):
    """A field of a sample, in the order to look at."""

    __tablename__ = "sample_item"
    sample_id: Mapped[str] = mapped_column(ForeignKey("sample.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    entry_id: Mapped[str] = mapped_column(ForeignKey("entry.id"))
    version: Mapped[int]
    field_id: Mapped[str]
    noun: Mapped[str]


class JudgementRow(Base):
    """What an inspector found at a field of a sample."""

    __tablename__ = "judgement"
    sample_id: Mapped[str] = mapped_column(ForeignKey("sample.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    is_right: Mapped[int]
    noun: Mapped[str]


class LotVerdictRow(Base):
    """What a whole sample says."""

    __tablename__ = "lot_verdict"
    sample_id: Mapped[str] = mapped_column(ForeignKey("sample.id"), primary_key=True)
    at: Mapped[datetime]
    noun: Mapped[str]


class FieldFactRow(Base):
    """One released field of a first version as figures count it; made from the entries, so it may be remade.

    ``one`` and ``other`` are what was read and what was released, where the field has few kinds of values;
    ``taken`` says that words of it were taken over from a text no reader stood behind.
    """

    __tablename__ = "field_fact"
    entry_id: Mapped[str] = mapped_column(ForeignKey("entry.id"), primary_key=True)
    field_id: Mapped[str] = mapped_column(primary_key=True)
    form_id: Mapped[str]
    clerk: Mapped[str]
    reader: Mapped[str]
    day: Mapped[str] = mapped_column(String(10))
    read: Mapped[int]
    equal: Mapped[int]
    one: Mapped[str]
    other: Mapped[str]
    taken: Mapped[int] = mapped_column(server_default="0")
    __table_args__ = (
        Index("ix_field_fact_field", "form_id", "field_id"),
        Index("ix_field_fact_clerk", "clerk", "day"),
    )
