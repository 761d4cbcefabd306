"""The table and the whole document: nothing left out, nothing a spreadsheet would run."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from formscan.emr import to_csv, to_json
from formscan.emr.table import COLUMNS
from formscan.model.record import EmrEntry
from formscan.model.template import FormTemplate

MakeEntry = Callable[..., EmrEntry]


def rows(entry: EmrEntry, template: FormTemplate) -> dict[str, dict[str, str]]:
    """Rows of the table by field."""
    return {row["field"]: row for row in csv.DictReader(io.StringIO(to_csv(entry, template), newline=""))}


def test_that_every_field_has_a_row_with_who_and_where(make_entry: MakeEntry, template: FormTemplate) -> None:
    found = rows(make_entry({"vital.temperature": "36,80"}), template)
    assert list(found) == [field.id for field in template.fields]
    row = found["vital.temperature"]
    assert tuple(row) == COLUMNS
    assert (row["state"], row["text"], row["normalised"], row["unit"]) == ("value", "36,80", "36.80", "⁰C")
    assert (row["person"], row["action"], row["reason"]) == ("lan", "confirmed", "đọc lại")
    assert (row["box_left"], row["box_top"], row["box_right"], row["box_bottom"]) == ("10", "20", "110", "60")
    assert found["patient.name"]["state"] == "blank"


@pytest.mark.parametrize("text", ["=1+1", "@SUM(A1)", "+cmd|' /C calc'!A0", "-2+3", "  =1", "\t=1", "＝1"])
def test_that_no_cell_is_a_formula(make_entry: MakeEntry, template: FormTemplate, text: str) -> None:
    row = rows(make_entry({"summary.course": text}), template)["summary.course"]
    assert row["text"] == "'" + text


def test_that_a_negative_number_stays_a_number(make_entry: MakeEntry, template: FormTemplate) -> None:
    assert rows(make_entry({"vital.temperature": "-3,5"}), template)["vital.temperature"]["text"] == "-3,5"


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=20))
def test_that_every_text_comes_back(make_entry: MakeEntry, template: FormTemplate, text: str) -> None:
    entry = make_entry({"summary.course": text})
    row = rows(entry, template)["summary.course"]
    released = next(field for field in entry.fields if field.field_id == "summary.course")
    assert row["text"].removeprefix("'") == released.value.text.removeprefix("'")
    assert not row["text"].lstrip(" ").startswith(("=", "@"))


def test_that_the_whole_document_holds_everything(make_entry: MakeEntry, template: FormTemplate) -> None:
    whole = json.loads(json.dumps(to_json(make_entry({"patient.name": "TRẦN THỊ MẪU"}), template)))
    assert whole["schema"] == "formscan-entry/1"
    assert whole["form"] == {
        "id": "T-01",
        "version": "2026.1",
        "digest": "d" * 64,
        "code": "01/T",
        "title": {"vi": "PHIẾU THỬ", "en": "Test form"},
        "edition": "TT 32/2023",
    }
    name = next(field for field in whole["fields"] if field["field_id"] == "patient.name")
    assert name["value"] == {"state": "value", "text": "TRẦN THỊ MẪU", "normalised": "TRẦN THỊ MẪU"}
    assert name["page_box"] == [10, 20, 110, 60]
    assert name["readings"][0]["engine"] == "tesseract 5.5"
    assert [step["person"] for step in name["history"]] == ["minh", "lan"]
    assert whole["pages"][0]["image_sha256"]
    assert whole["released_at"] == "2026-01-05T09:30:00+07:00"
