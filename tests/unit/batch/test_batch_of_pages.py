"""A stack through real workers: the count balances, and a page that kills its worker costs only itself."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from formscan.app import Application, StackOrder
from formscan.model.record import DraftState
from formscan.paths import forms_dir
from formscan.settings import Settings
from formscan.templates import TemplateLibrary, render_page
from formscan.templates.separator import draw_separator

DPI = 150.0

KILLER = '''
import os
from formscan.model.template import FieldKind

class Killer:
    """A reader that takes its process down when it sees a treatment sheet."""

    name = "killer"
    kinds = frozenset({FieldKind.TEXT})

    def read(self, crops):
        if any(crop.field.id.startswith("notes.") for crop in crops):
            os._exit(9)
        raise ZeroDivisionError("patient text that must not be shown")
'''


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("stack")
    library = TemplateLibrary.load(forms_dir())
    for place, (form, page) in enumerate((("15-BV1", 1), ("36-BV2", 1), ("15-BV1", 2))):
        picture = Image.fromarray(render_page(library.get(form), page, DPI))
        picture.save(folder / f"{place}.png", dpi=(DPI, DPI))
    Image.new("L", (1240, 1754), 255).save(folder / "3-empty.png", dpi=(DPI, DPI))
    (folder / "4-broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 broken")
    (folder / "5-copy.png").write_bytes((folder / "0.png").read_bytes())
    return folder


@pytest.fixture
def killer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A distribution on the path whose reader kills or raises; workers find it as they find ours."""
    folder = tmp_path / "plug"
    info = folder / "killer-1.0.dist-info"
    info.mkdir(parents=True)
    (folder / "killer_reader.py").write_text(KILLER, encoding="utf-8")
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: killer\nVersion: 1.0\n", encoding="utf-8")
    points = "[formscan.readers]\na-killer = killer_reader:Killer\n"
    (info / "entry_points.txt").write_text(points, encoding="utf-8")
    monkeypatch.syspath_prepend(str(folder))  # a spawned worker is given its parent's path
    return folder


def _core(home: Path) -> Application:
    return Application(Settings(home=home, url="", person="tester"))


def test_that_every_page_is_accounted_for_and_a_second_run_changes_nothing(
    stack: Path, tmp_path: Path
) -> None:
    with _core(tmp_path) as core:
        first = core.digitise(StackOrder((stack,), 1))
        second = core.digitise(StackOrder((stack,), 1))
        drafts = core.store.drafts(DraftState.OPEN)
        held = {held.reason for held in core.held()}
        steps = core.store.ledger.steps()
        begun = core.store.audit_head().seq
        third = core.digitise(StackOrder((stack,), 1))
        assert core.store.ledger.steps() == steps
        assert core.store.audit_head().seq == begun
    assert third.draft_ids == first.draft_ids
    assert first.balances
    assert (first.taken_in, first.drafted, first.held, first.quarantined, first.duplicates) == (6, 3, 1, 1, 1)
    assert second.balances
    assert second.known == second.drafts == first.drafts == len(drafts)
    assert held >= {"clean.blank_page", "acquire.truncated"}
    assert {held.reason for held in first.refused} == held | {"duplicate.exact"}


def test_that_a_page_which_kills_its_worker_is_quarantined_alone_and_a_defect_names_no_text(
    stack: Path, tmp_path: Path, killer: Path
) -> None:
    with _core(tmp_path / "home") as core:
        report = core.digitise(StackOrder((stack,), 2))
    assert report.balances
    reasons = {held.source.name: held for held in report.refused}
    assert reasons["1.png"].reason == "read.worker_died"
    assert reasons["1.png"].quarantined
    assert reasons["0.png"].reason == "read.defect"
    assert dict(reasons["0.png"].facts)["error"] == "ZeroDivisionError"
    assert "patient" not in str(reasons["0.png"].facts)


def test_that_cancelling_leaves_whole_pages_and_a_count_that_balances(stack: Path, tmp_path: Path) -> None:
    asked = iter([False])
    with _core(tmp_path) as core:
        report = core.digitise(StackOrder((stack,), 0), cancelled=lambda: next(asked, True))
        rest = core.digitise(StackOrder((stack,), 0))
    assert report.cancelled
    assert report.balances
    assert report.waiting == report.taken_in
    assert (rest.balances, rest.waiting, rest.taken_in, rest.drafted) == (True, 0, 6, 3)


def test_that_blank_backs_and_separators_are_set_aside_and_part_records(tmp_path: Path) -> None:
    library = TemplateLibrary.load(forms_dir())
    sheet = render_page(library.get("36-BV2"), 1, DPI)
    other = sheet.copy()
    other[300:310, 300:700] = 0
    blank = np.full_like(sheet, 255)
    pages = [sheet, blank, draw_separator("T", DPI), blank - 1, other, blank - 2]
    pictures = [Image.fromarray(page) for page in pages]
    path = tmp_path / "thick.tif"
    pictures[0].save(path, save_all=True, append_images=pictures[1:], dpi=(DPI, DPI))
    with _core(tmp_path / "home") as core:
        report = core.digitise(StackOrder((path,), 0))
        pages_now = core.store.ledger.pages()
        brought = core.store.ledger.requeue([pages_now[1].key], "tester", "not blank")
    assert report.balances
    assert (report.taken_in, report.drafted, report.set_aside, report.held) == (6, 2, 4, 0)
    assert report.by_reason == {"clean.blank_page": 3, "separator.patch_t": 1}
    assert report.refused == []
    placed = [page.placed for page in pages_now if page.placed is not None]
    assert [(each.record, each.reason) for each in placed] == [(1, "split.file"), (2, "split.separator")]
    assert brought == 1
