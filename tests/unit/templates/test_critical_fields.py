from __future__ import annotations

from pathlib import Path

import pytest

from formscan.model.template import ValueType
from formscan.paths import forms_dir
from formscan.templates import TemplateLibrary
from formscan.templates.critical import critical_by_default


@pytest.mark.parametrize(
    ("kind", "target", "catalogue", "critical"),
    [
        (ValueType.PERSON_NAME, "Patient.name", None, True),
        (ValueType.PERSON_NAME, None, None, False),  # a doctor's
        (ValueType.DATE, "Patient.birthDate", None, True),
        (ValueType.DATE, None, None, False),
        (ValueType.CITIZEN_ID, None, None, True),
        (ValueType.INSURANCE_NUMBER, None, None, True),
        (ValueType.ICD10, None, "icd10", True),
        (ValueType.TEXT, "AllergyIntolerance.code", None, True),
        (ValueType.TEXT, "MedicationRequest.dosageInstruction", None, True),
        (ValueType.TEXT, None, "drugs", True),
        (ValueType.TEXT, "Patient.names", None, False),
        (ValueType.DECIMAL, "Observation", None, False),
    ],
)
def test_that_what_a_form_does_not_say_follows_from_type_and_target(
    kind: ValueType, target: str | None, catalogue: str | None, critical: bool
) -> None:
    assert critical_by_default(kind, target, catalogue) is critical


def test_that_what_a_form_says_counts_more_than_the_default(tmp_path: Path) -> None:
    text = (forms_dir() / "15-BV1" / "2023.1" / "form.toml").read_text(encoding="utf-8")
    start = text.index('id = "patient.name"')
    end = text.index("critical = true", start) + len("critical = true")
    for said, expected in (("critical = false", False), ("", True)):
        changed = text[:start] + text[start:end].replace("critical = true", said) + text[end:]
        folder = tmp_path / (said or "unsaid") / "15-BV1" / "2023.1"
        folder.mkdir(parents=True)
        (folder / "form.toml").write_text(changed, encoding="utf-8")
        form = TemplateLibrary.load(folder.parent.parent).get("15-BV1")
        assert form.field("patient.name").critical is expected
