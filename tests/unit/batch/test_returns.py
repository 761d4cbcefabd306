"""A page that was held when its document was made and is put back to work returns to that document."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from formscan.app import Application, StackOrder
from formscan.model.ledger import PageKey
from formscan.model.record import Draft, DraftState
from formscan.paths import forms_dir
from formscan.settings import Settings
from formscan.templates import TemplateLibrary, render_page

DPI = 150.0
FORM = "36-BV2"


def _core(home: Path) -> Application:
    return Application(Settings(home=home, url="", person="tester"))


def _pictures(folder: Path) -> list[Path]:
    """Two pages of a form."""
    folder.mkdir()
    form = TemplateLibrary.load(forms_dir()).get(FORM)
    paths = [folder / f"{number}.png" for number in (1, 2)]
    for number, path in enumerate(paths, 1):
        Image.fromarray(render_page(form, number, DPI)).save(path, dpi=(DPI, DPI))
    return paths


@pytest.fixture(scope="module")
def calm(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Draft]:
    """The stack, and its document where nothing was held."""
    folder = tmp_path_factory.mktemp("calm")
    _pictures(folder / "stack")
    with _core(folder / "home") as core:
        core.digitise(StackOrder((folder / "stack",), 0, FORM))
        (draft,) = [core.get_draft(each.id) for each in core.store.drafts(None)]
    return folder / "stack", draft


@pytest.fixture(scope="module")
def gap(calm: tuple[Path, Draft], tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, PageKey]:
    """A home with a document that lacks its second page, which is held, and the key of that page."""
    folder = tmp_path_factory.mktemp("gap")
    shutil.copytree(calm[0], folder / "stack")
    Image.new("L", (1240, 1754), 255).save(folder / "stack" / "2.png", dpi=(DPI, DPI))
    with _core(folder / "home") as core:
        core.digitise(StackOrder((folder / "stack",), 0, FORM))
        ((key, held),) = core.store.ledger.held()
        (short,) = core.store.drafts(DraftState.OPEN)
        assert [page.number for page in core.get_draft(short.id).pages] == [1]
    assert held.reason == "clean.blank_page"
    return folder / "home", key


def _scanned_again(core: Application, key: PageKey, picture: Path) -> None:
    """The page goes back to work with the picture it should have had, as a remedy does."""
    stored = core.store.ledger.page(key).stored
    assert stored is not None
    sha256 = core.store.put_image(picture.read_bytes(), "image/png")
    assert core.store.ledger.amend(key, replace(stored, image_sha256=sha256), "tester", "remedy.rotate")


def test_that_a_late_page_returns_to_its_document(
    calm: tuple[Path, Draft], gap: tuple[Path, PageKey], tmp_path: Path
) -> None:
    shutil.copytree(gap[0], tmp_path / "home")
    with _core(tmp_path / "home") as core:
        _scanned_again(core, gap[1], calm[0] / "2.png")
        report = core.digitise(StackOrder((), 0, alone=False))
        (whole,) = [core.get_draft(each.id) for each in core.store.drafts(DraftState.OPEN)]
        pages = core.store.ledger.pages_of_draft(whole.id)
        again = core.digitise(StackOrder((), 0, alone=False))
        assert core.store.verify_audit().intact
        assert core.store.ledger.balance().balances
    assert report.draft_ids == [whole.id]
    assert not again.draft_ids
    assert (whole.id, whole.fields, whole.problems) == (calm[1].id, calm[1].fields, calm[1].problems)
    assert [page.form_page for page in pages] == [1, 2]
    assert len({page.placed for page in pages}) == 1


def test_that_a_late_page_leaves_a_document_alone_that_somebody_works_on(
    calm: tuple[Path, Draft], gap: tuple[Path, PageKey], tmp_path: Path
) -> None:
    shutil.copytree(gap[0], tmp_path / "home")
    with _core(tmp_path / "home") as core:
        (short,) = core.store.drafts(DraftState.OPEN)
        core.store.leases.take_draft(short.id, "lan", "w/1")
        _scanned_again(core, gap[1], calm[0] / "2.png")
        core.digitise(StackOrder((), 0, alone=False))
        found = [core.get_draft(each.id) for each in core.store.drafts(DraftState.OPEN)]
        assert core.store.ledger.balance().balances
    assert sorted([page.number for page in draft.pages] for draft in found) == [[1], [2]]
    assert short.id in {draft.id for draft in found}
