"""What the studio calls kinds, types and changes, and how it writes numbers, in both languages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import QPersistentModelIndex, Qt
from pytestqt.qtbot import QtBot

from formscan.designer.studio.compare import Change, compare
from formscan.designer.studio.document import StudioDocument
from formscan.designer.studio.opening import open_form
from formscan.designer.studio.studio import Studio
from formscan.model.geometry import Area
from formscan.model.template import Cell, FieldKind, FormTemplate, ValueType
from formscan.paths import resources_dir
from ui.speech import LANGUAGES, Speech
from ui.viewmodels.editions import _change_line
from ui.viewmodels.studio_steps import StudioSteps
from ui.views.studio_more import StudioMore
from ui.views.studio_properties import StudioProperties

HEARD = Qt.ItemDataRole.AccessibleTextRole


@pytest.fixture
def speech(qtbot: QtBot) -> Iterator[Speech]:
    """Vietnamese at first."""
    told = Speech(resources_dir() / "translations", "vi")
    yield told
    told.hush()


@pytest.fixture
def document(form: FormTemplate) -> StudioDocument:
    """The invented form, its first field a proposal nobody decided on."""
    opened = open_form(form, "2").document
    first = replace(opened.fields[0], accepted=False, confidence=0.875)
    return replace(opened, fields=(first, *opened.fields[1:]))


@pytest.fixture
def steps(speech: Speech, document: StudioDocument) -> StudioSteps:
    """The studio behind the window, with that form."""
    model = StudioSteps(speech)
    model._studio = Studio(document)
    model._fill()
    return model


def _row(model: StudioSteps, row: int) -> list[str]:
    return [str(model.table.index(row, column).data()) for column in range(5)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_that_each_kind_and_type_has_a_word_of_its_own(speech: Speech, language: str) -> None:
    speech.speak(language)
    kinds, types = [speech.kind(kind) for kind in FieldKind], [speech.type(type_) for type_ in ValueType]
    for words in (kinds, types):
        assert len(set(words)) == len(words)
    codes = {one.value for one in (*FieldKind, *ValueType)}
    assert not codes & {*kinds, *types}
    wanted = {*(f"field.kind.{k.value}" for k in FieldKind), *(f"field.type.{t.value}" for t in ValueType)}
    assert not [code for code in wanted if not speech.messages.knows(code)]


def test_that_the_list_follows_the_language_and_stays_where_it_was(
    steps: StudioSteps, speech: Speech
) -> None:
    assert _row(steps, 0) == ["0,88", "name", "Mục name ế", "Chữ", "Họ tên"]
    assert _row(steps, 7)[3:] == ["Ô đánh dấu", "Có nếu đánh dấu"]
    assert steps.table.index(0, 0).data(HEARD) == "Trạng thái: chờ, chắc chắn 0,88"
    assert steps.table.index(1, 0).data(HEARD) == "Trạng thái: đã nhận"
    chosen, actions = QPersistentModelIndex(steps.table.index(3, 0)), steps.actions
    speech.speak("en")
    steps.retranslate()
    assert _row(steps, 0) == ["0.88", "name", "Mục name ế", "Text", "Name"]
    assert steps.table.index(0, 0).data(HEARD) == "State: waits, sure 0.88"
    assert (chosen.row(), steps.actions) == (3, actions)


def test_that_a_kind_is_chosen_by_its_word_and_told_by_its_code(
    speech: Speech, document: StudioDocument, qtbot: QtBot
) -> None:
    shown = StudioProperties(speech)
    qtbot.addWidget(shown)
    shown.retranslate()
    shown.show_field(document.fields[0])
    assert (shown.kind.currentText(), shown.type.currentText()) == ("Chữ", "Họ tên")
    assert shown.kind.itemData(1, Qt.ItemDataRole.ToolTipRole) == "Trong các bước: comb"
    speech.speak("en")
    shown.retranslate()
    assert (shown.kind.currentText(), shown.type.currentText()) == ("Text", "Name")
    told: list[tuple[str, object]] = []
    shown.edited.connect(lambda aspect, value: told.append((aspect, value)))
    for box, word in ((shown.kind, "Tick box"), (shown.type, "Yes if marked")):
        box.setCurrentText(word)
        box.activated.emit(box.currentIndex())
    assert told == [("kind", FieldKind.MARK), ("type", ValueType.BOOLEAN)]


def test_that_what_is_no_question_is_told_with_the_words_of_the_list(
    speech: Speech, document: StudioDocument, qtbot: QtBot
) -> None:
    shown = StudioMore(speech)
    qtbot.addWidget(shown)
    shown.show_field(document.fields[0], document.sections)
    assert "“Ô lựa chọn” hoặc “Ô kẻ”" in shown.heading.text()
    assert shown.section.currentText() == "part1 · Phần một"
    speech.speak("en")
    shown.retranslate()
    assert "“Choice” or “Comb”" in shown.heading.text()
    assert shown.section.currentText() == "part1 · Part one"


def _changes(form: FormTemplate) -> list[Change]:
    first, *others = form.fields
    cells = (Cell(Area(63.5, 20, 260, 33)),)
    changed = replace(first, kind=FieldKind.COMB, type=ValueType.DECIMAL, unit="kg", cells=cells)
    return compare(form, replace(form, version="2", fields=(changed, *others)))


@pytest.mark.parametrize(
    ("language", "meant", "where"),
    [
        (
            "vi",
            ("Chữ · Họ tên", "Ô kẻ · Số thập phân · kg"),
            ("trang 1: 21,2 × 7,1 mm", "trang 1: 22,4 × 7,1 mm"),
        ),
        (
            "en",
            ("Text · Name", "Comb · Decimal · kg"),
            ("page 1: 21.2 × 7.1 mm", "page 1: 22.4 × 7.1 mm"),
        ),
    ],
)
def test_that_changes_of_an_edition_are_told_in_words(
    speech: Speech, form: FormTemplate, language: str, meant: tuple[str, str], where: tuple[str, str]
) -> None:
    speech.speak(language)
    lines = [_change_line(change, speech).cells[2:] for change in _changes(form)]
    assert lines == [meant, where]


def test_that_a_change_tells_the_number_of_places_where_that_changed(
    speech: Speech, form: FormTemplate
) -> None:
    history = next(field for field in form.fields if field.id == "history")
    fewer = replace(history, cells=history.cells[:2])
    fields = tuple(fewer if field is history else field for field in form.fields)
    (change,) = compare(form, replace(form, fields=fields))
    assert _change_line(change, speech).cells[2:] == (
        "trang 2: 21,2 × 15,9 mm, số ô: 3",
        "trang 2: 21,2 × 15,9 mm, số ô: 2",
    )
