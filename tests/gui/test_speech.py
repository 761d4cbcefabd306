"""Every sentence is there in both languages."""

from __future__ import annotations

import ast
import json
import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

from formscan.errors import FormScanError, StoreError
from formscan.model.reading import FieldState, Flag, Severity
from formscan.paths import resources_dir
from formscan.pipeline.flag_codes import FLAG_TEXTS
from ui.actions import MENUS, OPERATIONS
from ui.desks import all_desks
from ui.main_window import METHOD_NAMES, PLACEMENT_NAMES, THEME_NAMES
from ui.messages import Messages
from ui.speech import LANGUAGES, Speech, says
from ui.viewmodels.draft_table import COLUMNS

TEXTS = resources_dir() / "translations"


def _sources() -> Iterator[tuple[Path, ast.Call]]:
    root = Path(__file__).resolve().parent.parent.parent / "ui"
    for file in sorted(root.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                yield file, node


def _spoken() -> set[str]:
    """Literals given to ``tr`` and ``says``, and the sentences that are data."""
    operations = [*OPERATIONS, *(operation for desk in all_desks() for operation in desk.operations)]
    found = {operation.text for operation in operations} | {desk.title for desk in all_desks()}
    found |= set(MENUS) | set(COLUMNS) | set(THEME_NAMES.values())
    found |= {*METHOD_NAMES.values(), *PLACEMENT_NAMES.values(), "Typing", "Tone marks"}
    for _, call in _sources():
        name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        if name in {"tr", "says", "source"} and call.args and isinstance(call.args[0], ast.Constant):
            found.add(str(call.args[0].value))
    return found | {
        "Language",
        "Theme",
        "Blanks …",
        "Release",
        "Confirm",
        "Leave out",
        "Correct",
        "Page",
        "Undo",
    }


def _vietnamese() -> dict[str, str]:
    """The window's sentences of all files; no file may say another's sentence again."""
    told: dict[str, str] = {}
    for file in sorted(TEXTS.glob("vi*.json")):
        more = json.loads(file.read_text(encoding="utf-8"))["window"]
        assert not set(told) & set(more), file.name
        told |= more
    return told


def test_that_every_sentence_of_the_window_is_translated() -> None:
    vietnamese = _vietnamese()
    assert _spoken() - set(vietnamese) == set()
    assert set(vietnamese) - _spoken() == set(), "no longer said"


def test_that_tr_is_only_given_literals() -> None:
    for file, call in _sources():
        if isinstance(call.func, ast.Attribute) and call.func.attr == "tr":
            assert isinstance(call.args[0], ast.Constant), (file.name, call.lineno)


def test_that_translations_keep_the_facts_of_their_source() -> None:
    vietnamese = _vietnamese()
    for source, told in vietnamese.items():
        assert _facts(source) == _facts(told), source


def test_that_codes_have_sentences_with_the_same_facts_in_both_languages() -> None:
    one, other = (Messages.load(TEXTS, language)._codes for language in LANGUAGES)
    assert set(one) == set(other)
    for code in one:
        assert [_facts(part) for part in one[code]] == [_facts(part) for part in other[code]], code


def test_that_no_text_is_put_on_a_widget_untranslated() -> None:
    setters = {
        "setText",
        "setPlaceholderText",
        "setToolTip",
        "setAccessibleName",
        "setWindowTitle",
        "setTitle",
    }
    for file, call in _sources():
        if isinstance(call.func, ast.Attribute) and call.func.attr in setters and call.args:
            literal = call.args[0]
            words = isinstance(literal, ast.Constant) and re.search(r"[A-Za-z]{2}", str(literal.value))
            assert not words, (file.name, call.lineno)


def _codes_of(*folders: str) -> set[str]:
    """Dotted codes in the source that reach a person: reasons why pages are held, problems, refusals."""
    root = Path(__file__).resolve().parent.parent.parent / "formscan"
    pattern = re.compile(r"\"((?:acquire|clean|identify|align|collate|duplicate|pages|review)\.[a-z_]+)\"")
    found: set[str] = set()
    for folder in folders:
        for file in sorted((root / folder).rglob("*.py")):
            found |= set(pattern.findall(file.read_text(encoding="utf-8")))
    return found - {"review.not_a_state", "review.no_such_field"}  # faults of the program, not of a person


@pytest.mark.parametrize("language", LANGUAGES)
def test_that_every_reason_problem_and_refusal_has_its_own_sentence(language: str) -> None:
    messages = Messages.load(TEXTS, language)
    codes = _codes_of("pipeline", "review")
    assert len(codes) > 20
    assert {code for code in codes if not messages.knows(code)} == set()
    assert all(messages.knows(f"state.{state.value}") for state in FieldState)


@pytest.mark.parametrize("language", LANGUAGES)
def test_that_every_error_class_is_told(language: str) -> None:
    messages = Messages.load(TEXTS, language)
    kinds: list[type[FormScanError]] = [FormScanError, *FormScanError.__subclasses__()]
    for kind in kinds:
        told = messages.error(kind())
        assert told.say
        assert told.say != messages.told("unknown").say


@pytest.mark.parametrize("language", LANGUAGES)
def test_that_every_flag_is_told_with_what_to_do(language: str) -> None:
    messages = Messages.load(TEXTS, language)
    for code in FLAG_TEXTS:
        told = messages.flag(Flag(code, Severity.SOFT, (("other", "patient.sex"),)), lambda _field: "GIỚI")
        assert told.say
        assert told.do
        assert "patient.sex" not in told.whole


def test_that_an_unknown_code_falls_back_to_the_nearest_known_one() -> None:
    messages = Messages.load(TEXTS, "en")
    assert messages.error(StoreError("store.never_heard_of")).say == "The database refused."
    assert "quite.new" in messages.told("quite.new").say


def test_that_a_foreign_error_shows_its_kind_and_never_its_text() -> None:
    told = Messages.load(TEXTS, "en").error(ValueError("Nguyễn Văn An"))
    assert "ValueError" in told.say
    assert "An" not in told.whole.replace("Tell an", "")


def test_that_the_language_can_be_changed_and_taken_away(qapp: object) -> None:
    speech = Speech(TEXTS, "vi")
    assert says("Undo") == "Hoàn tác"
    speech.speak("en")
    assert says("Undo") == "Undo"
    speech.speak("vi")
    speech.speak("xx")
    assert speech.language == "vi"
    speech.hush()
    assert says("Undo") == "Undo"


def _facts(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}
