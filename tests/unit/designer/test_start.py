"""What the studio starts from: proposals kept as text are the same proposals."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from formscan.designer.studio.document import FormHead, StudioDocument, StudioField
from formscan.designer.studio.start import start_text, with_start
from formscan.model.geometry import Area
from formscan.model.template import Cell, Choice, FieldKind, FieldSpec, Section, ValueType
from formscan.paths import forms_dir

HANDLE = re.compile(r"\d+\.\d+$")
ASKED = FieldSpec(
    "ho",
    1,
    FieldKind.COMB,
    ValueType.CHOICE,
    "Ho",
    "Ho",
    (Cell(Area(10.25, 20, 24, 34)), Cell(Area(24, 20, 38, 34))),
    "exam",
    choices=(Choice("co", "Có", "Có", "1"), Choice("khong", "Không", "Không", "2")),
    multiple=True,
    groups=(1, 1),
)
WEIGHED = FieldSpec(
    "weight",
    2,
    FieldKind.TEXT,
    ValueType.DECIMAL,
    "Cân nặng",
    "Cân nặng",
    (Cell(Area(1, 2, 3, 4), "line1"),),
    "exam",
    unit="kg",
    catalogue="icd10",
)
DOCUMENT = StudioDocument(
    FormHead("99-X"),
    (),
    (Section("exam", "KHÁM", "KHÁM"),),
    (StudioField("1.0", ASKED, confidence=0.85), StudioField("2.3", WEIGHED, confidence=0.4)),
)


def test_that_proposals_kept_as_text_are_the_same_proposals() -> None:
    fresh = replace(DOCUMENT, sections=(), fields=())
    assert with_start(fresh, start_text(DOCUMENT)) == DOCUMENT


def test_that_other_text_is_refused() -> None:
    with pytest.raises(ValueError, match="Expecting value"):
        with_start(DOCUMENT, "form 99-X 1.0 | 99/X")


def test_that_steps_beside_a_form_have_the_proposals_they_name() -> None:
    kept = sorted(forms_dir().glob("*/*/studio.steps"))
    assert kept
    for steps in kept:
        begun = with_start(DOCUMENT, steps.with_name("studio.start").read_text("utf-8"))
        handles = {field.handle for field in begun.fields}
        lines = steps.read_text("utf-8").splitlines()
        named = {w for line in lines if line.startswith("- ") for w in line.split() if HANDLE.match(w)}
        assert named <= handles, steps
