"""A parsed form is kept by its bytes: taken up as it was made, and parsed anew when anything changed."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from formscan.errors import TemplateError
from formscan.paths import forms_dir
from formscan.templates import kept, load_form
from formscan.templates.kept import load_kept


@pytest.fixture
def form_file(tmp_path: Path) -> Path:
    """A copy of the smallest form that ships, to be changed."""
    (source,) = (forms_dir() / "36-BV2").glob("*/form.toml")
    return Path(shutil.copy(source, tmp_path / "form.toml"))


def test_that_a_kept_form_is_the_parsed_one(tmp_path: Path) -> None:
    for path in forms_dir().glob("*/*/form.toml"):
        parsed = load_form(path)
        assert load_kept(path, tmp_path) == parsed
        assert load_kept(path, tmp_path) == parsed


def test_that_a_form_is_parsed_once(form_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = load_kept(form_file, tmp_path)
    monkeypatch.setattr(kept, "load_form", lambda _path: pytest.fail("parsed again"))
    again = load_kept(form_file, tmp_path)
    assert again == first
    assert again is not first


def test_that_a_changed_file_is_parsed_anew(form_file: Path, tmp_path: Path) -> None:
    before = load_kept(form_file, tmp_path)
    form_file.write_text(form_file.read_text("utf-8") + "# a note\n", "utf-8")
    after = load_kept(form_file, tmp_path)
    assert after.digest != before.digest
    assert after == load_form(form_file)


def test_that_a_form_with_a_mistake_is_refused_each_time_and_never_kept(
    form_file: Path, tmp_path: Path
) -> None:
    form_file.write_text(form_file.read_text("utf-8") + "unknown_word = 1\n", "utf-8")
    for _ in range(2):
        with pytest.raises(TemplateError):
            load_kept(form_file, tmp_path / "shelf")
    assert not (tmp_path / "shelf").exists()


def test_that_a_missing_file_is_told_as_by_parsing(tmp_path: Path) -> None:
    with pytest.raises(TemplateError) as told:
        load_kept(tmp_path / "form.toml", tmp_path)
    assert told.value.code == "template.unreadable"


def test_that_another_program_makes_its_own(
    form_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load_kept(form_file, tmp_path / "shelf")
    monkeypatch.setattr(kept, "digest_of_code", lambda *_rooms: "another")
    load_kept(form_file, tmp_path / "shelf")
    assert len(list((tmp_path / "shelf").glob("*.form"))) == 2
