"""A thick file falls apart into records, and no page crosses from one into another."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from formscan.model.geometry import Area, Box
from formscan.model.page import Held, Source
from formscan.model.reading import CheckedField, FieldState, FieldValue, Reading
from formscan.model.record import DraftPage, ReadPage
from formscan.model.split import Placed, Sheets, sheets_of
from formscan.model.template import Cell, FieldKind, FieldSpec, FormTemplate, PageTemplate, ValueType
from formscan.pipeline.collate import Collator, Pile, passing

AT = datetime(2026, 1, 2, tzinfo=UTC)
NAMES = {"a": "Nguyễn Thị Hòa", "b": "Trần Văn Bình", "c": "Lê Quý Xuân Hương"}
COUNT = 60


def _form(form_id: str, pages: int) -> FormTemplate:
    fields = tuple(
        FieldSpec(f"f{n}", n, FieldKind.TEXT, ValueType.TEXT, "x", "x", (Cell(Area(10, 10, 50, 20)),))
        for n in range(1, pages + 1)
    )
    made = tuple(PageTemplate(n, 595, 842) for n in range(1, pages + 1))
    return FormTemplate(form_id, "1", form_id, "t", "t", "e", "s", made, (), fields)


FORMS = {form.key: form for form in (_form("R", 4), _form("T", 2))}


def _field(field_id: str, text: str, page: int = 1) -> CheckedField:
    value = FieldValue(FieldState.VALUE, text, text)
    readings = (Reading(text, FieldState.VALUE, 0.9, "x"),)
    return CheckedField(field_id, page, value, 0.9, readings, (), "0" * 64, Box(0, 0, 9, 9), (), 0.1)


def _source(index: int, file: str = "thick", count: int = COUNT) -> Source:
    return Source(f"{file}.pdf", file, index, count)


def _page(told: str, index: int, sheets: str = "", file: str = "thick") -> ReadPage:
    """``R1a`` is page 1 of form R with patient a's name on it; without a letter nobody is named."""
    form, number, whose = told[0], int(told[1]), told[2:]
    fields = [_field("patient.name", NAMES[whose], number)] if whose else []
    if form == "R" and number == 1:
        fields.append(_field("record.medical_code", "x", 1))
    if sheets:
        fields.append(_field("documents.all.sheets", sheets, number))
    kept = DraftPage(
        number, _source(index, file), f"{file}{index}", "image/png", 9, 9, 300.0, 0, 0.0, 1.0, 0.1, 0.2
    )
    return ReadPage(kept, form, "1", "d", tuple(fields))


def _split(*told: str) -> list[Pile]:
    """``|`` is a separator, ``_`` a blank back, ``?`` nobody read; else as ``_page``, ``=9`` sheets."""
    collator, done = Collator(FORMS), list[Pile]()
    for index, each in enumerate(told):
        done += collator.complete("thick")
        source = _source(index)
        if each == "|":
            collator.pass_by(source, passing(Held(source, "separator", "separator.patch_t")))
        elif each == "_":
            collator.pass_by(source, passing(Held(source, "clean", "clean.blank_page")))
        elif each == "?":
            collator.pass_by(source, passing(Held(source, "identify", "identify.no_form")))
        else:
            name, _, sheets = each.partition("=")
            collator.add(_page(name, index, sheets))
    done += collator.complete(None)
    return sorted(done, key=lambda pile: pile.pages[0].page.source.index)


def _shown(piles: list[Pile]) -> list[tuple[int, str, list[int], str]]:
    return [
        (
            pile.placed[0].record,
            pile.form[0],
            [p.page.source.index for p in pile.pages],
            pile.placed[0].reason,
        )
        for pile in piles
    ]


def _problems(piles: list[Pile]) -> list[str]:
    return [problem.code for pile in piles for problem in pile.problems]


def test_that_a_record_of_several_forms_is_one_record() -> None:
    piles = _split("R1a", "R2", "R3", "R4", "T1a", "T2", "T1a", "T2")
    assert _shown(piles) == [
        (1, "R", [0, 1, 2, 3], "split.file"),
        (1, "T", [4, 5], "split.first"),
        (1, "T", [6, 7], "split.first"),
    ]
    assert _problems(piles) == []


def test_that_a_separator_begins_a_record_and_nothing_joins_over_it() -> None:
    piles = _split("R1", "R2", "|", "R3", "R4")
    assert _shown(piles) == [(1, "R", [0, 1], "split.file"), (2, "R", [3, 4], "split.alone")]
    assert _shown(_split("R1", "R2", "|", "R1"))[1][3] == "split.separator"


def test_that_another_name_begins_a_record() -> None:
    piles = _split("T1a", "T2", "T1b", "T2", "T1b")
    assert [(row[0], row[3]) for row in _shown(piles)] == [
        (1, "split.file"),
        (2, "split.patient"),
        (2, "split.first"),
    ]


def test_that_a_page_left_behind_never_joins_the_patient_before() -> None:
    piles = _split("R1a", "R2", "T1b", "T2", "R3", "R4")
    assert _shown(piles)[-1][2] == [4, 5]
    assert _shown(piles)[-1][3] == "split.alone"
    assert piles[-1].placed[0].doubt


def test_that_pages_apart_within_a_record_are_joined_and_it_is_told() -> None:
    piles = _split("R1a", "R2", "T1a", "T2", "R3", "R4")
    assert [row[2] for row in _shown(piles)] == [[0, 1, 4, 5], [2, 3]]
    assert _problems(piles) == ["split.apart"]


def test_that_pages_that_fit_two_documents_join_neither() -> None:
    piles = _split("T1a", "R1a", "T1a", "R2", "R3", "R4", "T2")
    assert [row[2] for row in _shown(piles) if row[1] == "T"] == [[0], [2], [6]]
    assert "split.several" in _problems(piles)


def test_that_a_second_cover_of_nobody_known_begins_a_record() -> None:
    piles = _split("R1", "R2", "R3", "R4", "R1", "R2", "R3", "R4")
    assert [(row[0], row[3]) for row in _shown(piles)] == [(1, "split.file"), (2, "split.cover")]


def test_that_the_sheets_written_on_a_record_are_counted() -> None:
    duplex = ("R1a", "R2", "R3", "R4=4", "T1a", "_", "T1a", "_")
    assert _problems(_split(*duplex)) == []
    assert _problems(_split(*duplex[:6])) == ["record.sheets"]
    assert _problems(_split(*(each.replace("=4", "=5") for each in duplex))) == ["record.sheets"]


def test_that_a_page_nobody_read_is_paper_of_the_record() -> None:
    assert _problems(_split("R1a", "R2", "R3", "R4=3", "?", "_")) == []


def test_that_sheets_are_a_span_where_nobody_knows_whether_backs_were_scanned() -> None:
    assert sheets_of([(0, False), (1, False), (2, False)], 4) == Sheets(2, 3)
    assert sheets_of([(0, False), (1, True), (2, False), (3, False)], 4) == Sheets(2, 2)
    assert sheets_of([(0, False), (0, False), (0, True)], 1) == Sheets(1, 2)


def test_that_a_page_of_a_stored_document_goes_on_with_its_record() -> None:
    collator = Collator(FORMS)
    collator.add_placed(_page("T1a", 0), Placed(3, "split.separator"))
    collator.add(_page("T1a", 2))
    collator.add(_page("T1b", 4))
    assert [pile.placed[0].record for pile in collator.complete(None)] == [3, 4]


def test_that_a_new_thick_file_is_a_new_record_unless_it_is_the_same_patients() -> None:
    for whose, records in (("", [1, 2]), ("a", [1, 1]), ("b", [1, 2])):
        collator = Collator(FORMS)
        collator.add(_page("T1a", 0))
        collator.add(_page("T2", 1))
        collator.add(_page(f"T1{whose}", 0, file="next"))
        done = sorted(collator.complete(None), key=lambda pile: pile.placed[0].record)
        assert [pile.placed[0].record for pile in done] == records


@given(
    st.lists(
        st.sampled_from(["R1a", "R1b", "R2", "R3", "R4", "T1a", "T1b", "T1", "T2", "|", "_", "?"]),
        max_size=24,
    )
)
def test_that_no_page_is_lost_doubled_or_put_with_another_name(told: list[str]) -> None:
    piles = _split(*told)
    found = sorted(page.page.source.index for pile in piles for page in pile.pages)
    assert found == [at for at, each in enumerate(told) if each not in {"|", "_", "?"}]
    for pile in piles:
        assert len(pile.placed) == len(pile.pages)
        names = {f.value.text for page in pile.pages for f in page.fields if f.field_id == "patient.name"}
        assert len(names) < 2
        separators = {told[: page.page.source.index].count("|") for page in pile.pages}
        assert len(separators) == 1
        assert len({placed.record for placed in pile.placed}) == 1
