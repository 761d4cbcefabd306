"""Which fields are critical where a form does not say: what identifies, harms or pays if it is wrong."""

from __future__ import annotations

from typing import Final

from formscan.model.template import ValueType

TYPES: Final = frozenset({ValueType.CITIZEN_ID, ValueType.INSURANCE_NUMBER, ValueType.ICD10})
"""Numbers of a person, and codes of diagnoses."""
TARGETS: Final = (
    "Patient.name",
    "Patient.birthDate",
    "Patient.identifier",
    "AllergyIntolerance",
    "MedicationRequest",
    "MedicationStatement",
    "MedicationAdministration",
)
"""Where a value goes in FHIR: who it is, what she does not bear, what she is given and how much."""
CATALOGUES: Final = frozenset({"drugs"})


def critical_by_default(kind: ValueType, target: str | None, catalogue: str | None) -> bool:
    """Whether a field wants two independent readings or a second key unless its form says otherwise.

    Args:
        kind: What the value means.
        target: Where it goes in FHIR, e.g. ``Patient.birthDate``.
        catalogue: Code list it comes from.
    """
    goes_to = target is not None and any(target == one or target.startswith(f"{one}.") for one in TARGETS)
    return kind in TYPES or goes_to or catalogue in CATALOGUES
