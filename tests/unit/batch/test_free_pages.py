"""A page of no known form becomes a document like any other, or the beginning of a template."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw
from typer.testing import CliRunner

from formscan import emr
from formscan.app import Application, StackOrder
from formscan.batch.morning.remedies import Remedy, remedies_for
from formscan.cli import app
from formscan.designer.pairs import Pair, nearest_pairs, pairs_of, read_filled, segments_of
from formscan.model.ledger import PageKey, WorkState
from formscan.model.reading import FieldState, FieldValue
from formscan.model.review import Action, ReviewedField
from formscan.model.template import FontStyle, ValueType
from formscan.settings import Settings
from formscan.templates.fonts import font

DPI = 200.0
LINES = (
    ("Họ và tên người bệnh:", "Trần Văn Bình"),
    ("Ngày sinh:", "12/03/1957"),
    ("Khoa:", "Nội tổng hợp"),
    ("Chẩn đoán:", "Viêm phổi"),
)


def slip(skew: bool = False) -> Image.Image:
    """A slip nobody made a template of: a title, labels with values, and one label with an empty line."""
    page = Image.new("L", (1654, 2339), 255)
    draw = ImageDraw.Draw(page)
    draw.text((827, 180), "GIẤY CHUYỂN TUYẾN NỘI BỘ", 0, font(FontStyle.BOLD, 56.0), anchor="mm")
    for row, (label, value) in enumerate(LINES):
        top = 400 + 110 * row
        draw.text((160, top), label, 0, font(FontStyle.BOLD, 40.0))
        draw.text((760, top), value, 0, font(FontStyle.REGULAR, 40.0))
    draw.text((160, 900), "Ghi chú:", 0, font(FontStyle.BOLD, 40.0))
    draw.line((340, 940, 1450, 940), 0, 3)
    return page.rotate(1.2, fillcolor=255, resample=Image.Resampling.BICUBIC) if skew else page


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the slip held."""
    folder = tmp_path_factory.mktemp("free")
    slip(skew=True).save(folder / "slip.png", dpi=(DPI, DPI))
    with Application(Settings(home=folder / "home", url="", person="tester")) as core:
        report = core.digitise(StackOrder((folder / "slip.png",), 0))
    assert [held.reason for held in report.refused] == ["identify.no_form"]
    return folder / "home"


@pytest.fixture
def core(night: Path, tmp_path: Path) -> Iterator[Application]:
    import shutil

    shutil.copytree(night, tmp_path / "home")
    with Application(Settings(home=tmp_path / "home", url="", person="tester")) as made:
        yield made


def _held(core: Application) -> PageKey:
    ((key, _),) = core.store.ledger.held()
    return key


def _pairs(picture: Image.Image) -> dict[str, Pair]:
    return {pair.label: pair for pair in pairs_of(read_filled(np.asarray(picture), DPI))}


def test_that_labels_and_values_are_found_on_the_page() -> None:
    found = _pairs(slip())
    for label, value in LINES:
        assert found[label.rstrip(":")].value == value
    assert found["Họ và tên người bệnh"].name == "patient.name"
    assert found["Ngày sinh"].type is ValueType.DATE
    note = found["Ghi chú"]
    assert note.value == ""
    assert note.value_area.width > 200


def test_that_the_simple_way_is_simpler() -> None:
    sheet = read_filled(np.asarray(slip()), DPI)
    assert {pair.label for pair in nearest_pairs(sheet)} <= {label.rstrip(":") for label, _ in LINES} | {
        "Ghi chú"
    }


def test_that_words_of_a_line_stand_together_until_a_colon_or_a_gap() -> None:
    texts = {segment.text for segment in segments_of(read_filled(np.asarray(slip()), DPI).words)}
    assert {"Ngày sinh:", "12/03/1957", "Trần Văn Bình"} <= texts


def test_that_an_empty_page_has_no_pairs() -> None:
    blank = np.full((2339, 1654), 255, np.uint8)
    assert pairs_of(read_filled(blank, DPI)) == ()


def test_that_filing_is_the_first_thing_offered_for_a_page_of_no_known_form() -> None:
    assert remedies_for("identify.no_form")[0] is Remedy.FILE
    assert Remedy.FILE not in remedies_for("acquire.truncated")


def test_that_a_page_is_filed_reviewed_released_and_given_out(core: Application) -> None:
    key = _held(core)
    assert core.night.remedy([key], Remedy.FILE) == 1
    page = core.store.ledger.page(key)
    assert page.state is WorkState.DRAFTED
    assert core.store.ledger.balance().balances
    draft = core.get_draft(page.draft_id)
    form = core.library.get(draft.form_id, draft.form_version)
    assert form.digest == draft.form_digest
    assert form not in core.library.forms
    assert draft.form_id not in {known.id for known, _ in core.library.pages()}
    told = {form.field(f.field_id).label_vi: f.value.text for f in draft.fields}
    assert told["Họ và tên người bệnh"] == "Trần Văn Bình"
    assert told["Ngày sinh"] == "12/03/1957"
    assert told["Tên tài liệu"] == "GIẤY CHUYỂN TUYẾN NỘI BỘ"
    assert [problem.code for problem in draft.problems] == ["pages.unknown_form"]
    for field in draft.fields:
        value = (
            field.value if field.value.state is not FieldState.UNVERIFIED else FieldValue(FieldState.BLANK)
        )
        action = Action.CONFIRMED if value == field.value else Action.STATED
        core.store.record(
            draft.id,
            ReviewedField(field.field_id, action, "tester", datetime.now(UTC), field.value, value, "seen"),
        )
    entry = core.store.release(draft.id, "tester", datetime.now(UTC))
    bundle = emr.to_fhir(entry, form, core.image)
    kinds = [each["resource"]["resourceType"] for each in bundle["entry"]]
    assert {"DocumentReference", "QuestionnaireResponse", "Questionnaire", "Patient"} <= set(kinds)
    patient = next(e["resource"] for e in bundle["entry"] if e["resource"]["resourceType"] == "Patient")
    assert "Bình" in json.dumps(patient, ensure_ascii=False)
    answers = next(
        e["resource"] for e in bundle["entry"] if e["resource"]["resourceType"] == "QuestionnaireResponse"
    )
    assert "Viêm phổi" in json.dumps(answers, ensure_ascii=False)
    assert "Viêm phổi" in emr.to_csv(entry, form)
    actions = [event.action for event in core.store.audit()]
    assert "page.filed" in actions
    assert core.store.verify_audit().intact


def test_that_a_place_nobody_named_proposes_no_name(core: Application, tmp_path: Path) -> None:
    page = Image.new("L", (1654, 2339), 255)
    draw = ImageDraw.Draw(page)
    draw.text((827, 180), "PHIẾU CÔNG KHAI", 0, font(FontStyle.BOLD, 56.0), anchor="mm")
    draw.text((160, 500), "Khoa: Nội", 0, font(FontStyle.REGULAR, 40.0))
    page.save(tmp_path / "other.png", dpi=(DPI, DPI))
    core.digitise(StackOrder((tmp_path / "other.png",), 0))
    key = next(key for key, held in core.store.ledger.held() if held.source.name == "other.png")
    draft = core.get_draft(core.free_pages.file(key))
    name = next(f for f in draft.fields if f.field_id == "patient.name")
    assert name.value.state is FieldState.UNVERIFIED
    assert name.readings == ()


def test_that_a_page_that_moved_meanwhile_is_not_filed_twice(core: Application) -> None:
    key = _held(core)
    assert core.free_pages.file(key)
    assert core.free_pages.file(key) == ""
    assert len(core.store.drafts()) == 1


def test_that_a_template_is_begun_from_the_page(core: Application) -> None:
    key = _held(core)
    core.free_pages.offer(key)
    page = core.free_pages.take_offered()
    assert page is not None
    assert page.grey is not None
    assert core.free_pages.take_offered() is None
    home = core.settings.home
    core.close()
    where = f"{key.file_id}:{key.index}"
    made = CliRunner().invoke(
        app, ["files", "template", where, "--id", "CHUYEN-TUYEN", "--home", str(home), "--json"]
    )
    told = json.loads(made.stdout)
    assert made.exit_code in {0, 3}
    assert Path(told["form"]).is_file()
    assert told["fields"] >= 1


def test_that_the_command_line_files_a_page(core: Application) -> None:
    key, home = _held(core), str(core.settings.home)
    core.close()
    done = CliRunner().invoke(
        app, ["batch", "remedy", "file", f"{key.file_id}:{key.index}", "--home", home, "--json"]
    )
    assert json.loads(done.stdout)["done"] == 1
