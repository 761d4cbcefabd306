"""What a person says about thick files: parted, joined, moved, in the trail; no page lost or doubled."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from formscan.app import Application, StackOrder
from formscan.batch.files_room import in_order
from formscan.batch.morning.figures import morning_document
from formscan.batch.morning.sheet import lay_out
from formscan.batch.morning.words import Words
from formscan.batch.versions_room import VersionsRoom
from formscan.cli import app
from formscan.errors import ImmutableError, NotFoundError, StoreError
from formscan.model.files import DocumentLine
from formscan.model.geometry import Area
from formscan.model.ledger import PageKey, WorkState
from formscan.model.reading import FieldState, FieldValue
from formscan.model.record import DraftState
from formscan.model.review import Action, ReviewedField
from formscan.model.template import FormTemplate
from formscan.paths import forms_dir
from formscan.settings import Settings
from formscan.store import Regrouped
from formscan.templates import TemplateLibrary, render_page
from formscan.templates.separator import draw_separator

DPI = 150.0


@pytest.fixture(scope="module")
def thick(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """36/BV2 twice with backs, a separator, an outpatient record whose pages lie apart."""
    library = TemplateLibrary.load(forms_dir())

    def page(form: str, number: int, mark: int) -> Image.Image:
        drawn = render_page(library.get(form), number, DPI).copy()
        drawn[400 : 403 + mark, 60 : 90 + 9 * mark] = 0
        return Image.fromarray(drawn)

    blank, back = (Image.fromarray(np.full((1754, 1240), tone, np.uint8)) for tone in (254, 253))
    pages = [
        page("36-BV2", 1, 1), page("36-BV2", 2, 2), page("36-BV2", 1, 3), blank,
        Image.fromarray(draw_separator("T", DPI)), back,
        page("15-BV1", 1, 4), page("36-BV2", 1, 5), page("15-BV1", 2, 6), page("36-BV2", 1, 7),
    ]  # fmt: skip
    path = tmp_path_factory.mktemp("thick") / "thick.tif"
    pages[0].save(path, save_all=True, append_images=pages[1:], dpi=(DPI, DPI))
    return path


@pytest.fixture(scope="module")
def night(thick: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the file read."""
    home = tmp_path_factory.mktemp("home")
    with Application(Settings(home=home, url="", person="tester")) as core:
        assert core.digitise(StackOrder((thick,), 0)).balances
    return home


@pytest.fixture
def core(night: Path, tmp_path: Path) -> Iterator[Application]:
    """The night's home, copied, so that each test begins with it."""
    import shutil

    shutil.copytree(night, tmp_path / "home")
    with Application(Settings(home=tmp_path / "home", url="", person="tester")) as made:
        yield made


def _shown(core: Application) -> list[tuple[int, str, list[int]]]:
    (stack,) = core.files.stacks()
    return [
        (record.number, document.form_id, [page.key.index for page in document.pages])
        for record in core.files.look(stack.stack)
        for document in record.documents
    ]


def _ids(core: Application) -> dict[tuple[int, ...], str]:
    (stack,) = core.files.stacks()
    return {
        tuple(page.key.index for page in document.pages): document.draft_id
        for record in core.files.look(stack.stack)
        for document in record.documents
    }


def _key(core: Application, index: int) -> PageKey:
    return PageKey(core.store.ledger.files()[0].id, index)


def _nothing_lost(core: Application) -> None:
    pages = core.store.ledger.pages()
    assert core.store.ledger.balance().balances
    in_documents = sorted(index for indexes in _ids(core) for index in indexes)
    assert in_documents == [page.key.index for page in pages if page.state is WorkState.DRAFTED]
    assert core.store.verify_audit().intact
    for draft in core.store.drafts(DraftState.OPEN):
        assert core.store.get_draft(draft.id).pages


def test_that_the_split_is_shown_with_its_reasons(core: Application) -> None:
    assert _shown(core) == [
        (1, "36-BV2", [0, 1]), (1, "36-BV2", [2]), (2, "15-BV1", [6, 8]), (2, "36-BV2", [7]),
        (2, "36-BV2", [9]),
    ]  # fmt: skip
    (stack,) = core.files.stacks()
    first, second = core.files.look(stack.stack)
    assert [page.reason for page in first.loose] == ["clean.blank_page"]
    assert [page.reason for page in second.loose] == ["separator.patch_t", "clean.blank_page"]
    assert second.reason == "split.separator"
    apart = second.documents[0]
    assert [page.reason for page in apart.pages] == ["split.separator", "split.apart"]
    assert {problem.code for problem in apart.problems} == {"split.apart"}
    assert (first.sheets.low, first.sheets.high) == (2, 2)


def test_that_a_document_is_parted_and_joined_again(core: Application) -> None:
    core.files.part(_key(core, 8))
    assert _shown(core)[2:4] == [(2, "15-BV1", [6]), (2, "36-BV2", [7])]
    _nothing_lost(core)
    ids = _ids(core)
    core.files.join(ids[6,], ids[8,])
    assert (2, "15-BV1", [6, 8]) in _shown(core)
    joined = core.store.get_draft(_ids(core)[6, 8])
    assert joined.problems == ()
    assert {f.page for f in joined.fields} == {1, 2}
    _nothing_lost(core)
    actions = [event.action for event in core.store.audit()]
    assert actions.count("document.regrouped") == 2


def test_that_a_page_moves_to_another_document(core: Application) -> None:
    ids = _ids(core)
    core.files.move(_key(core, 1), ids[2,])
    assert _shown(core)[:2] == [(1, "36-BV2", [0]), (1, "36-BV2", [2, 1])]
    _nothing_lost(core)
    core.files.move(_key(core, 1), _ids(core)[9,])
    assert (2, "36-BV2", [9, 1]) in _shown(core)
    _nothing_lost(core)


def test_that_records_are_begun_and_joined(core: Application) -> None:
    core.files.begin_record(_ids(core)[7,])
    assert [(number, pages) for number, _, pages in _shown(core)][3:] == [(3, [7]), (3, [9])]
    core.files.join_record(_ids(core)[6, 8])
    assert [number for number, _, _ in _shown(core)] == [1, 1, 1, 3, 3]
    _nothing_lost(core)


def test_that_what_does_not_fit_is_refused_and_changes_nothing(core: Application) -> None:
    ids, before = _ids(core), _shown(core)
    refusals: list[tuple[Callable[[], None], str]] = [
        (lambda: core.files.join(ids[0, 1], ids[2,]), "split.same_page"),
        (lambda: core.files.join(ids[0, 1], ids[6, 8]), "split.other_form"),
        (lambda: core.files.part(_key(core, 0)), "split.first_page"),
        (lambda: core.files.part(_key(core, 4)), "split.no_document"),
        (lambda: core.files.move(_key(core, 1), ids[0, 1]), "split.same_document"),
        (lambda: core.files.join_record(ids[0, 1]), "split.first_record"),
    ]
    for wrong, code in refusals:
        with pytest.raises(StoreError) as refused:
            wrong()
        assert refused.value.code == code
    with pytest.raises(NotFoundError):
        core.files.look("nowhere")
    assert _shown(core) == before
    _nothing_lost(core)


def test_that_a_regrouping_which_loses_or_doubles_a_page_is_refused(core: Application) -> None:
    draft_id = _ids(core)[0, 1]
    draft, pages = core.store.get_draft(draft_id), core.store.ledger.pages_of_draft(draft_id)
    placed = [page.placed for page in pages if page.placed]
    short = Regrouped(replace(draft, id="0" * 32, pages=draft.pages[:1]), (pages[0].key,), (placed[0],))
    twice = Regrouped(replace(draft, id="1" * 32), tuple(p.key for p in pages), tuple(placed))
    for made in ((short,), (twice, short)):
        with pytest.raises(StoreError) as refused:
            core.store.split.regroup([draft_id], made, "tester", "split")
        assert refused.value.code == "store.pages_lost"
    _nothing_lost(core)


def test_that_a_document_somebody_works_on_is_left_alone(core: Application) -> None:
    draft = core.store.get_draft(_ids(core)[0, 1])
    said = FieldValue(FieldState.BLANK)
    field = draft.fields[0]
    core.store.record(
        draft.id,
        ReviewedField(field.field_id, Action.STATED, "tester", datetime.now(UTC), field.value, said),
    )
    with pytest.raises(StoreError) as refused:
        core.files.part(_key(core, 1))
    assert refused.value.code == "store.draft_in_work"
    core.store.undo(draft.id, "tester")
    core.files.part(_key(core, 1))
    _nothing_lost(core)


def test_that_running_the_stack_again_leaves_what_a_person_said(core: Application, thick: Path) -> None:
    core.files.part(_key(core, 1))
    before = _shown(core)
    report = core.digitise(StackOrder((thick,), 0))
    assert report.balances
    assert _shown(core) == before


def test_that_the_command_line_shows_and_parts(core: Application) -> None:
    home = str(core.settings.home)
    core.close()
    shown = CliRunner().invoke(app, ["files", "show", "--home", home, "--json"])
    assert shown.exit_code == 3  # something is to be looked at
    records = json.loads(shown.stdout)["records"]
    assert [len(record["documents"]) for record in records] == [2, 3]
    page = records[0]["documents"][0]["pages"][1]["page"]
    assert CliRunner().invoke(app, ["files", "part", page, "--home", home]).exit_code == 0
    told = CliRunner().invoke(app, ["files", "show", "--home", home])
    assert "split.by_hand" in told.stdout
    assert CliRunner().invoke(app, ["files", "list", "--home", home]).exit_code == 0


def test_that_continuation_sheets_stand_by_their_number_where_all_have_one() -> None:
    def line(number: str, form: str = "T") -> DocumentLine:
        return DocumentLine(number + form, form, "1", True, (), number, ())

    mixed = [line("3"), line("", "R"), line("1"), line("2")]
    assert [one.sheet_number for one in in_order(mixed)] == ["1", "", "2", "3"]
    assert in_order([line("3"), line("3"), line("1")]) == (line("3"), line("3"), line("1"))
    assert in_order([line("3"), line(""), line("1")]) == (line("3"), line(""), line("1"))


def test_that_the_morning_counts_records_documents_and_doubts(core: Application) -> None:
    core.files.part(_key(core, 1))
    told = core.night.morning()
    document = morning_document(told)
    assert document["split"] == {
        "files": 1, "records": 2, "documents": 6, "by_hand": 2, "problems": {"split.apart": 1},
    }  # fmt: skip
    assert document["count"]["set_aside"] == 3
    assert document["balances"]
    for words in (Words.load("vi"), Words.load("en")):
        tables = {table.title: table.rows for table in lay_out(told, words).tables}
        rows = {name: count for name, count, *_ in tables[words("split")]}
        assert rows[words("split_records")] == "2"
        assert rows[words.summed("split.apart")] == "1"


def _versions(core: Application) -> VersionsRoom:
    return VersionsRoom(core.store, lambda: core.person, core.need)


def _edition(core: Application, version: str) -> FormTemplate:
    """The treatment sheet with a field in another place and another removed."""
    form = core.library.get("36-BV2")
    first = form.fields_of(1)
    cells = tuple(replace(cell, area=_lower(cell.area)) for cell in first[0].cells)
    changed = (replace(first[0], cells=cells), *form.fields[1:-1])
    return replace(form, version=version, fields=changed, digest=f"{version:0<64}")


def _lower(area: Area) -> Area:
    return Area(area.left, area.top + 6, area.right, area.bottom + 6)


def test_that_a_new_edition_says_what_it_touches_and_reads_again_only_on_demand(core: Application) -> None:
    old, new = core.library.get("36-BV2"), _edition(core, "2031.1")
    touch = _versions(core).touched(old, new)
    assert {change.kind.value for change in touch.changes} == {"moved", "removed"}
    sheets = {d.id for d in core.store.drafts() if d.form_id == "36-BV2"}
    assert {one.draft_id for one in touch.documents} == sheets
    assert all(one.can_be_read_again for one in touch.documents)
    assert {d.id for d in core.store.drafts()} >= sheets  # looking changes nothing
    first = touch.documents[0].draft_id
    pages = [page.key for page in core.store.ledger.pages_of_draft(first)]
    again = _versions(core).reread(first, new)
    made = core.store.get_draft(again)
    assert (made.form_version, made.form_digest) == ("2031.1", new.digest)
    assert [page.key for page in core.store.ledger.pages_of_draft(again)] == pages
    assert core.store.get_draft(first).state is DraftState.DISCARDED
    assert core.store.ledger.balance().balances
    assert core.store.verify_audit().intact
    assert first not in {one.draft_id for one in _versions(core).touched(old, new).documents}
    with pytest.raises(ImmutableError):
        _versions(core).reread(first, new)
    home = str(core.settings.home)
    core.close()
    same = ["forms", "touched", "36-BV2", "2023.1", "2023.1", "--home", home, "--json"]
    told = json.loads(CliRunner().invoke(app, same).stdout)
    assert told == {"changes": [], "documents": []}


def test_that_a_document_that_does_not_fit_the_new_edition_stays_as_it_was(core: Application) -> None:
    draft = next(d.id for d in core.store.drafts() if d.form_id == "36-BV2")
    other = replace(core.library.get("17-BV1"), id="36-BV2", version="2031.2", digest="f" * 64)
    before = core.store.get_draft(draft)
    with pytest.raises(StoreError, match=r"versions\.does_not_fit"):
        _versions(core).reread(draft, other)
    assert core.store.get_draft(draft) == before
