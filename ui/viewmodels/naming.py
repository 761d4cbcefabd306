"""Labels of fields, people and values, for tables of the desks."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime

from formscan.model.people import Person
from formscan.model.reading import FieldState, FieldValue
from formscan.model.template import FormTemplate
from ui.speech import Speech


class Naming:
    """Turns ids into what people call them.

    Args:
        speech: The language.
    """

    def __init__(self, speech: Speech) -> None:
        self._speech = speech
        self._forms: dict[str, FormTemplate] = {}
        self._people: dict[str, str] = {}

    def know(self, people: Sequence[Person], forms: Sequence[FormTemplate]) -> None:
        """Take up people and forms; of several versions of a form the last one counts."""
        self._people = {person.id: person.name for person in people}
        self._forms = {form.id: form for form in forms}

    def person(self, person_id: str) -> str:
        """The name of a person."""
        name = self._people.get(person_id, "")
        return name if name and name != person_id else person_id

    def form(self, form_id: str) -> str:
        """Code and title of a form."""
        form = self._forms.get(form_id)
        return f"{form.code}  {self._speech.title(form)}" if form else form_id

    def field(self, form_id: str, field_id: str) -> str:
        """The label of a field; of any form that has it where none is named."""
        forms = [self._forms[form_id]] if form_id in self._forms else list(self._forms.values())
        for form in forms:
            for spec in form.fields:
                if spec.id == field_id:
                    return self._speech.label(spec) or field_id
        return field_id

    def value(self, value: FieldValue | None, form_id: str = "", field_id: str = "") -> str:
        """A value as it is shown; of a choice its label."""
        if value is None:
            return "–"
        if value.state is not FieldState.VALUE:
            return self._speech.messages.state(value.state)
        form = self._forms.get(form_id)
        spec = next((one for one in form.fields if one.id == field_id), None) if form else None
        if spec is None or not spec.choices:
            return value.text
        labels = {choice.value: self._speech.label(choice) for choice in spec.choices}
        return ", ".join(labels.get(part, part) for part in value.text.split(";"))

    def number(self, count: int) -> str:
        """A number with the language's marks."""
        return self._speech.locale.toString(count)

    def share(self, share: float, digits: int = 1) -> str:
        """A share in per cent."""
        return self._speech.locale.toString(100 * share, "f", digits) + " %"

    def decimal(self, number: float, digits: int = 2) -> str:
        """A decimal number."""
        return self._speech.decimal(number, digits)


def sureness(confidence: float) -> str:
    """A confidence in whole per cent; 100 % is said of nothing but certainty."""
    return f"{min(math.floor(100 * confidence + 0.5), 99 if confidence < 1.0 else 100)} %"


def when(at: datetime) -> str:
    """A time as it is shown in tables."""
    return at.astimezone().strftime("%d/%m/%Y %H:%M")
