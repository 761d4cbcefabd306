"""An entry can only be given out by the form it was read through."""

from __future__ import annotations

from formscan.errors import ExportError
from formscan.model.record import EmrEntry
from formscan.model.template import FormTemplate


def require_form(entry: EmrEntry, template: FormTemplate) -> None:
    """Check that a template is the one of an entry.

    Raises:
        ExportError: ``export.other_form`` for another form or version, ``export.unknown_field`` if the
            entry has a field the form has not.
    """
    if (entry.form_id, entry.form_version) != template.key:
        raise ExportError("export.other_form", entry=entry.id, form=template.id, version=template.version)
    known = {field.id for field in template.fields}
    for field in entry.fields:
        if field.field_id not in known:
            raise ExportError("export.unknown_field", entry=entry.id, form=template.id, field=field.field_id)
