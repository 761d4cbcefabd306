"""Which fields of a form tell what about patient and stay: by what the form says, else by agreed ids."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from formscan.model.reading import FieldState, FieldValue
from formscan.model.record import EmrEntry, EntryField
from formscan.model.template import FieldSpec, FormTemplate, ValueType

AGREED: Final = {
    "Patient.name": ("patient.name",),
    "Patient.birthDate": ("patient.birth_date",),
    "Patient.gender": ("patient.sex",),
    "Patient.deceasedDateTime": ("death.at",),
    "Encounter.period.start": ("admission.at", "visit.at"),
    "Encounter.period.end": ("discharge.at",),
    "Encounter.serviceProvider": ("facility.name", "hospital.name"),
    "Encounter.length": ("stay.total_days",),
}
"""Field ids that mean something on every form, used where a form does not say so itself."""


@dataclass(frozen=True, slots=True)
class Told:
    """A field with its released value."""

    field: FieldSpec
    entry: EntryField

    @property
    def value(self) -> FieldValue:
        """What was released."""
        return self.entry.value


@dataclass(frozen=True, slots=True)
class Roles:
    """Looks fields up by what they mean."""

    entry: EmrEntry
    template: FormTemplate

    def told(self) -> Iterator[Told]:
        """All released fields, in the order of the form."""
        released = {field.field_id: field for field in self.entry.fields}
        for field in self.template.fields:
            if field.id in released:
                yield Told(field, released[field.id])

    def values(self) -> Iterator[Told]:
        """Released fields that hold a value."""
        return (told for told in self.told() if told.value.state is FieldState.VALUE)

    def one(self, target: str) -> Told | None:
        """The value the form sends to a FHIR element, e.g. ``Patient.name``."""
        for told in self.values():
            if told.field.fhir and told.field.fhir.target == target:
                return told
        return next((told for told in self.values() if told.field.id in AGREED.get(target, ())), None)

    def all(self, target: str) -> list[Told]:
        """All values the form itself sends to a FHIR element."""
        return [told for told in self.values() if told.field.fhir and told.field.fhir.target == target]

    def under(self, prefix: str, *types: ValueType) -> list[Told]:
        """Values of fields whose id begins so, of these types (any if none)."""
        return [
            told
            for told in self.values()
            if told.field.id.startswith(prefix) and (not types or told.field.type in types)
        ]

    def normalised(self, target: str) -> str:
        """The machine form of that value, empty where there is none."""
        told = self.one(target)
        return told.value.normalised if told else ""


def gender(told: Told | None) -> str:
    """``male``, ``female``, ``other`` or ``unknown``, by the printed word (*Nam*, *Nữ*, *Khác*)."""
    if told is None:
        return "unknown"
    marked = {part.strip() for part in told.value.text.split(";")}
    labels = {
        unicodedata.normalize("NFC", choice.label_vi).casefold().strip(" .:0123456789")
        for choice in told.field.choices
        if choice.value in marked
    } or {unicodedata.normalize("NFC", told.value.text).casefold().strip()}
    known = {"nam": "male", "nữ": "female", "khác": "other"}
    return known.get(labels.pop(), "unknown") if len(labels) == 1 else "unknown"
