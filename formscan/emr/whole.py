"""A released entry as one JSON document with everything that stands behind each value."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from datetime import datetime
from enum import Enum
from typing import Any, Final

from formscan.emr.agreement import require_form
from formscan.model.geometry import Box
from formscan.model.record import EmrEntry, EntryField
from formscan.model.template import FormTemplate

SCHEMA: Final = "formscan-entry/1"


def to_json(entry: EmrEntry, template: FormTemplate) -> dict[str, Any]:
    """Give out an entry complete: values, places, every reading, every flag, every hand.

    Returns:
        JSON values. Boxes are ``[left, top, right, bottom]`` in pixels of the page as scanned, times
        ISO 8601 with zone.

    Raises:
        ExportError: If the template is another one (``require_form``).
    """
    require_form(entry, template)
    made: dict[str, Any] = _plain(entry)
    made |= {
        "schema": SCHEMA,
        "form": {
            "id": template.id,
            "version": template.version,
            "digest": entry.form_digest,
            "code": template.code,
            "title": {"vi": template.title_vi, "en": template.title_en},
            "edition": template.edition,
        },
        "fields": [_field(field, template) for field in entry.fields],
    }
    return {key: value for key, value in made.items() if not key.startswith("form_")}


def _field(field: EntryField, template: FormTemplate) -> dict[str, Any]:
    spec = template.field(field.field_id)
    about = {
        "label": {"vi": spec.label_vi, "en": spec.label_en},
        "section": spec.section,
        "kind": spec.kind.value,
        "type": spec.type.value,
        "unit": spec.unit,
    }
    told: dict[str, Any] = _plain(field)
    return about | told


def _plain(value: Any) -> Any:
    """Dataclasses, enums, times and boxes as JSON values."""
    if isinstance(value, Box):
        return value.as_list()
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value
