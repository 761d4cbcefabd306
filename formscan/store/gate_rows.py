"""The tables of the gate's book. Append-only."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from formscan.store.rows import Base


class CalibrationRow(Base):
    """A fitted confidence, under the digest that is its version."""

    __tablename__ = "calibration"
    version: Mapped[str] = mapped_column(String(64), primary_key=True)
    at: Mapped[datetime]
    noun: Mapped[str]


class GateStepRow(Base):
    """A step: installed, on, off, alarm."""

    __tablename__ = "gate_step"
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    action: Mapped[str]
    kind: Mapped[str]
    noun: Mapped[str]
