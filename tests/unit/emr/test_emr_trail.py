"""The trail given out to an inspector."""

from __future__ import annotations

import csv
import re
from datetime import UTC, datetime
from pathlib import Path

import pdfplumber
import pytest

from formscan.emr import trail
from formscan.emr.trail_words import WORDS, families, words_of
from formscan.model.record import AuditEvent
from formscan.model.trail import TrailQuery

AT = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


def line(seq: int, action: str = "field.confirmed", subject: str = "d1") -> AuditEvent:
    return AuditEvent(seq, AT, "lan", "desk-1", action, subject, '{"field":"f1"}', "0" * 64, f"{seq:064x}")


def head(language: str = "vi", *, intact: bool | None = True) -> trail.TrailHead:
    names = {"lan": "Lê Thị Lan"}
    return trail.TrailHead(
        TrailQuery(person="lan", since=AT), intact, 200, "f" * 64, AT, "Trần Minh", names, language
    )


def test_that_the_table_has_every_column_and_line_and_no_formula(tmp_path: Path) -> None:
    path = tmp_path / "trail.csv"
    assert trail.trail_to_csv([line(1), line(2, subject="=1+1")], head(), path) == 2
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == trail.COLUMNS
    assert (rows[0]["what"], rows[0]["name"]) == ("Xác nhận mục", "Lê Thị Lan")
    assert rows[1]["subject"] == "'=1+1"
    assert [p.name for p in tmp_path.iterdir()] == ["trail.csv"]


def test_that_a_file_that_was_there_stays_where_writing_fails(tmp_path: Path) -> None:
    path = tmp_path / "trail.csv"
    path.write_text("as it was")

    def broken() -> object:
        yield line(1)
        raise OSError

    with pytest.raises(OSError):  # noqa: PT011 - any
        trail.trail_to_csv(broken(), head(), path)  # type: ignore[arg-type]
    assert path.read_text() == "as it was"
    assert [p.name for p in tmp_path.iterdir()] == ["trail.csv"]


@pytest.mark.parametrize("language", ["vi", "en"])
def test_that_the_document_says_who_did_what_and_whether_the_chain_is_whole(
    tmp_path: Path, language: str
) -> None:
    path = tmp_path / "trail.pdf"
    assert trail.trail_to_pdf([line(n) for n in range(1, 101)], head(language), path) == 100
    with pdfplumber.open(path) as document:
        pages = [page.extract_text() for page in document.pages]
        wide = all(page.width > page.height for page in document.pages)
    assert len(pages) > 1
    assert wide
    assert "Lê Thị Lan (lan)" in pages[0]
    assert words_of("field.confirmed", language) in pages[0]
    for page in pages:
        assert ("nguyên vẹn" if language == "vi" else "whole, 200 lines") in page
    assert "100" in pages[-1].splitlines()[-3] or any("100" in text for text in pages[-1].splitlines()[-4:])


def test_that_a_broken_chain_and_a_shortened_document_say_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trail, "MOST_PRINTED", 5)
    path = tmp_path / "trail.pdf"
    assert trail.trail_to_pdf([line(n) for n in range(1, 11)], head("en", intact=False), path) == 5
    with pdfplumber.open(path) as document:
        text = document.pages[0].extract_text()
    assert "BROKEN" in text
    assert "There are more lines" in text


def test_that_every_family_has_a_name_of_its_own() -> None:
    assert {name.partition(".")[0] for name in WORDS} == set(families())
    assert words_of("never.heard", "vi") == "never.heard"


def test_that_every_action_the_store_writes_has_a_name(repository: Path) -> None:
    written: set[str] = set()
    for file in (repository / "formscan").rglob("*.py"):
        written |= set(re.findall(r'trail\.add\(\s*"([a-z_.]+)"', file.read_text(encoding="utf-8")))
    assert len(written) > 30
    assert written - set(WORDS) == set()
