"""What the studio's test bench shows of a page that was tried, in both languages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from formscan.batch.trial import TriedField, TriedPage
from formscan.model.reading import Flag, Severity
from formscan.model.template import FormTemplate
from formscan.paths import forms_dir, resources_dir
from formscan.templates import TemplateLibrary
from ui.speech import Speech
from ui.tasks import TaskRunner
from ui.viewmodels.tries import TriesModel

CROP = np.full((8, 8), 255, np.uint8)
FLAGS = (Flag("date.impossible", Severity.HARD), Flag("date.year_implausible", Severity.HARD))


def _read(_form: FormTemplate, _scans: Sequence[Path]) -> Iterator[TriedPage]:
    doubted = TriedField("a", "31/02/2026", "value", 0.875, 0.12, FLAGS, CROP)
    empty = TriedField("b", "", "blank", 1.0, float("inf"), (), CROP)
    yield TriedPage("scan.png", 1, "", 0.1, 0.2, (doubted, empty))


@pytest.mark.parametrize(
    ("language", "sure", "blank", "doubts"),
    [
        ("vi", "0,88", "Để trống", "Không có ngày này trong lịch.; Năm không hợp lý."),
        ("en", "0.88", "Blank", "There is no such date.; The year is not plausible."),
    ],
)
def test_that_doubts_and_numbers_are_told_in_the_language(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, language: str, sure: str, blank: str, doubts: str
) -> None:
    monkeypatch.setattr("ui.viewmodels.tries.try_pages", _read)
    form = TemplateLibrary.load(forms_dir()).get("36-BV2")
    speech, runner = Speech(resources_dir() / "translations", language), TaskRunner(1, "tries")
    model = TriesModel(runner, speech)
    with qtbot.waitSignal(model.tried):
        model.try_scans(form, [Path("scan.png")])
    runner.shut_down()
    speech.hush()
    shown = [
        [model.table.index(row, column).data(Qt.ItemDataRole.DisplayRole) for column in range(5)]
        for row in range(model.table.rowCount())
    ]
    assert shown == [
        ["a", "31/02/2026", sure, "0,12" if language == "vi" else "0.12", doubts],
        ["b", blank, "1,00" if language == "vi" else "1.00", "–", ""],
    ]


def test_that_a_page_that_does_not_fit_says_why_in_words(qtbot: QtBot) -> None:
    speech, runner = Speech(resources_dir() / "translations", "vi"), TaskRunner(1, "tries")
    told = TriesModel(runner, speech).told(TriedPage("a.png", 0, "align.residual", 9.0, 9.0, ()))
    runner.shut_down()
    speech.hush()
    assert told == "a.png: không khớp. Trang lệch quá nhiều so với biểu mẫu."
