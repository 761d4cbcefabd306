"""A form goes out as a Questionnaire and comes back with what was changed in it, and nothing else."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from fhir.resources.R4B.questionnaire import Questionnaire
from typer.testing import CliRunner

from formscan.cli import app
from formscan.designer.form_toml import form_toml
from formscan.emr.naming import Json
from formscan.emr.questionnaire_exchange import exchanged, form_file_of, taken_back
from formscan.errors import InputError
from formscan.model.template import FormTemplate, ValueType
from formscan.paths import forms_dir
from formscan.templates import TemplateLibrary, load_form

LIBRARY = TemplateLibrary.load(forms_dir())


def _item(document: Json, link_id: str) -> dict[str, Any]:
    stack = list(document["item"])
    while stack:
        item = stack.pop()
        if item["linkId"] == link_id:
            found: dict[str, Any] = item
            return found
        stack += item.get("item", [])
    raise KeyError(link_id)


@pytest.mark.parametrize("form", LIBRARY.forms, ids=lambda form: form.id)
def test_that_every_form_goes_out_valid_and_comes_back_unchanged(form: FormTemplate) -> None:
    document = exchanged(form, form_toml(form))
    Questionnaire.model_validate(document)
    back, changes = taken_back(json.loads(json.dumps(document)), form)
    assert changes == []
    assert back == form
    assert form_file_of(document) == form_toml(form)


def test_that_words_answers_units_and_duties_are_taken_back_and_told() -> None:
    form = LIBRARY.get("01-BV1")
    choice = next(f for f in form.fields if f.type is ValueType.CHOICE and len(f.choices) > 1)
    document = copy.deepcopy(exchanged(form, form_toml(form)))
    name, option = _item(document, "patient.name"), _item(document, choice.id)["answerOption"][0]
    name["text"], name["required"] = "Họ tên người bệnh", not form.field("patient.name").required
    option["valueCoding"]["display"] = "Khác hẳn"
    back, changes = taken_back(document, form)
    assert {(c.link_id, c.what) for c in changes} == {
        ("patient.name", "label_vi"),
        ("patient.name", "required"),
        (choice.id, "choices"),
    }
    assert back.field("patient.name").label_vi == "Họ tên người bệnh"
    assert back.field(choice.id).choices[0].label_vi == "Khác hẳn"
    assert back.field(choice.id).cells == choice.cells


def test_that_what_the_paper_has_no_place_for_is_refused() -> None:
    form = LIBRARY.get("01-BV1")
    choice = next(f for f in form.fields if f.type is ValueType.CHOICE and len(f.choices) > 1)
    whole = exchanged(form, form_toml(form))
    more, other, fewer = (copy.deepcopy(whole) for _ in range(3))
    more["item"].append({"linkId": "new.item", "text": "?", "type": "string"})
    _item(other, "patient.name")["type"] = "integer"
    del _item(fewer, choice.id)["answerOption"][0]
    for document, code in (
        (more, "questionnaire.items"),
        (other, "questionnaire.type"),
        (fewer, "questionnaire.answers"),
        ({"resourceType": "Patient"}, "questionnaire.none"),
    ):
        with pytest.raises(InputError) as raised:
            taken_back(document, form)
        assert raised.value.code == code


def test_that_the_command_makes_a_new_version_and_never_changes_one(tmp_path: Path) -> None:
    runner, file, own = CliRunner(), tmp_path / "form.json", tmp_path / "forms"
    assert runner.invoke(app, ["forms", "export", "17-BV1", str(file)]).exit_code == 0
    document = json.loads(file.read_text("utf-8"))
    _item(document, "patient.name")["text"] = "Họ tên"
    file.write_text(json.dumps(document), "utf-8")
    taken = ["forms", "import", str(file), "--version", "2023.2", "--out", str(own), "--json"]
    done = runner.invoke(app, taken)
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert [(c["item"], c["what"]) for c in told["changes"]] == [("patient.name", "label_vi")]
    made, base = load_form(own / "17-BV1" / "2023.2" / "form.toml"), LIBRARY.get("17-BV1")
    assert made.field("patient.name").label_vi == "Họ tên"
    assert made.pages == base.pages
    again = runner.invoke(app, taken)
    assert isinstance(again.exception, InputError)
    assert again.exception.code == "questionnaire.version"


def test_that_a_form_inside_that_would_leave_its_folder_is_refused(tmp_path: Path) -> None:
    form = LIBRARY.get("17-BV1")
    text = form_toml(form).replace('id = "17-BV1"', 'id = "../../escaped"', 1)
    file = tmp_path / "form.json"
    file.write_text(json.dumps(exchanged(form, text)), "utf-8")
    done = CliRunner().invoke(app, ["forms", "import", str(file), "--version", "2", "--out", str(tmp_path)])
    assert isinstance(done.exception, InputError)
    assert done.exception.code == "questionnaire.form_file"
    assert [path.name for path in tmp_path.iterdir()] == ["form.json"]
