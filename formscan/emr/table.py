"""A released entry as a table: one row a field."""

from __future__ import annotations

import csv
import io
import re
from typing import Final

from formscan.emr.agreement import require_form
from formscan.model.record import EmrEntry, EntryField
from formscan.model.template import FieldSpec, FormTemplate

COLUMNS: Final = (
    "entry",  # id of the entry, the same for all versions
    "version",  # 1, 2, ...
    "form",  # id of the form
    "form_version",
    "page",  # of the form, 1-based
    "section",
    "field",  # id of the field
    "label_vi",
    "label_en",
    "type",
    "unit",  # as printed
    "state",  # value, blank, struck_out, illegible, covered, not_applicable, unverified
    "text",  # as written
    "normalised",  # machine form: ISO dates, decimal point, codes
    "box_left",  # in pixels of the page as scanned
    "box_top",
    "box_right",
    "box_bottom",
    "crop_sha256",  # digest of what the readers saw
    "image_sha256",  # digest of the page image
    "readers",  # engines, divided by ;
    "flags",  # rules that did not hold, divided by ;
    "action",  # last thing a person did: confirmed, corrected, stated
    "person",
    "at",  # time of it, ISO 8601 with zone
    "reason",
    "released_by",
    "released_at",
)
_NUMBER: Final = re.compile(r"[+-]?[0-9]+(?:[.,][0-9]+)?")
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def to_csv(entry: EmrEntry, template: FormTemplate) -> str:
    """Give out an entry as comma-separated values (RFC 4180, lines end with CR LF, header first).

    A cell a spreadsheet would take for a formula gets an apostrophe in front; plain numbers do not.

    Raises:
        ExportError: If the template is another one (``require_form``).
    """
    require_form(entry, template)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    images = {page.number: page.image_sha256 for page in entry.pages}
    released = {field.field_id: field for field in entry.fields}
    for spec in template.fields:
        if spec.id in released:
            row = _row(entry, spec, released[spec.id], images.get(spec.page, ""))
            writer.writerow([_safe(str(row[column])) for column in COLUMNS])
    return out.getvalue()


def _row(entry: EmrEntry, spec: FieldSpec, field: EntryField, image: str) -> dict[str, object]:
    last = field.history[-1] if field.history else None
    left, top, right, bottom = field.page_box.as_list()
    return {
        "entry": entry.id,
        "version": entry.version,
        "form": entry.form_id,
        "form_version": entry.form_version,
        "page": field.page,
        "section": spec.section,
        "field": spec.id,
        "label_vi": spec.label_vi,
        "label_en": spec.label_en,
        "type": spec.type.value,
        "unit": spec.unit or "",
        "state": field.value.state.value,
        "text": field.value.text,
        "normalised": field.value.normalised,
        "box_left": left,
        "box_top": top,
        "box_right": right,
        "box_bottom": bottom,
        "crop_sha256": field.crop_sha256,
        "image_sha256": image,
        "readers": ";".join(dict.fromkeys(reading.engine for reading in field.readings)),
        "flags": ";".join(dict.fromkeys(flag.code for flag in field.flags)),
        "action": last.action.value if last else "",
        "person": last.person if last else "",
        "at": last.at.isoformat(timespec="seconds") if last else "",
        "reason": last.reason if last else "",
        "released_by": entry.released_by,
        "released_at": entry.released_at.isoformat(timespec="seconds"),
    }


def _safe(text: str) -> str:
    if text.lstrip(" ").startswith(_FORMULA) and not _NUMBER.fullmatch(text):
        return "'" + text
    return text
