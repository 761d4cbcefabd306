"""The index of known pages is kept between runs, and made again when anything about it is not right."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from formscan.batch.index_place import index_file, keep_ready
from formscan.batch.index_shelf import open_index
from formscan.paths import forms_dir
from formscan.shelf import put_by, take_up
from formscan.templates import TemplateLibrary


@pytest.fixture(scope="module")
def library() -> TemplateLibrary:
    """The smallest form that ships."""
    return TemplateLibrary([TemplateLibrary.load(forms_dir()).get("36-BV2")])


@pytest.fixture(scope="module")
def shelf(library: TemplateLibrary, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shelf with the index of that form."""
    folder = tmp_path_factory.mktemp("shelf")
    open_index(library, folder)
    return folder


def test_that_an_index_is_made_once_and_then_taken_from_the_shelf(
    library: TemplateLibrary, shelf: Path
) -> None:
    (kept,) = shelf.glob("*.index")
    written = kept.stat().st_mtime_ns
    first, second = open_index(library, shelf), open_index(library, shelf)
    assert second is not first
    assert [k.structure.words.tolist() for k in second._known] == [
        k.structure.words.tolist() for k in first._known
    ]
    assert kept.stat().st_mtime_ns == written


def test_that_an_index_is_seen_to_without_being_taken_up(
    library: TemplateLibrary, shelf: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep_ready(library, tmp_path)
    assert [path.name for path in tmp_path.glob("*.index")] == [path.name for path in shelf.glob("*.index")]
    monkeypatch.setattr("formscan.batch.index_shelf.take_up", lambda _path: pytest.fail("taken up"))
    keep_ready(library, tmp_path)


@pytest.mark.parametrize("damage", ["cut", "changed", "empty"])
def test_that_a_damaged_index_is_not_taken(library: TemplateLibrary, shelf: Path, damage: str) -> None:
    (kept,) = shelf.glob("*.index")
    whole = kept.read_bytes()
    assert take_up(kept) is not None
    broken = {"cut": whole[: len(whole) // 2], "changed": whole[:-1] + b"!", "empty": b""}[damage]
    try:
        kept.write_bytes(broken)
        assert take_up(kept) is None
    finally:
        kept.write_bytes(whole)


def test_that_another_edition_of_a_form_has_an_index_of_its_own(library: TemplateLibrary) -> None:
    changed = TemplateLibrary([replace(library.forms[0], digest="0" * 64)])
    assert index_file(changed) != index_file(library)


def test_that_a_shelf_that_cannot_be_written_stops_nobody(
    library: TemplateLibrary, shelf: Path, tmp_path: Path
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("no folder")
    put_by(open_index(library, shelf), blocked / "index" / "x.index", 4)
    assert blocked.read_text() == "no folder"
