"""Pages become documents only where that is certain, and everything odd is named."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from formscan.model.geometry import Area
from formscan.model.page import Held, Source
from formscan.model.record import DraftPage, ReadPage
from formscan.model.template import Cell, FieldKind, FieldSpec, FormTemplate, PageTemplate, ValueType
from formscan.pipeline.collate import Collator, collate, draft_of

AT = datetime(2026, 1, 2, tzinfo=UTC)


def _form(form_id: str, pages: int, fieldless: tuple[int, ...] = ()) -> FormTemplate:
    fields = tuple(
        FieldSpec(f"f{n}", n, FieldKind.TEXT, ValueType.TEXT, "x", "x", (Cell(Area(10, 10, 50, 20)),))
        for n in range(1, pages + 1)
        if n not in fieldless
    )
    made = tuple(PageTemplate(n, 595, 842) for n in range(1, pages + 1))
    return FormTemplate(form_id, "1", form_id, "t", "t", "e", "s", made, (), fields)


FORMS = {form.key: form for form in (_form("A", 4), _form("B", 2, fieldless=(2,)))}


def _page(
    form: str, number: int, file: str = "stack", index: int = 0, same: tuple[str, ...] = ()
) -> ReadPage:
    source = Source(f"{file}.pdf", file, index, 10)
    sha = f"{file}-{index}-{form}-{number}"
    page = DraftPage(number, source, sha, "image/png", 10, 10, 300.0, 0, 0.0, 1.0, 0.1, 0.2)
    return ReadPage(page, form, "1", "d", (), same)


def _stack(*pages: tuple[str, int]) -> list[ReadPage | Held]:
    return [_page(form, number, index=place) for place, (form, number) in enumerate(pages)]


def _numbers(read: list[ReadPage | Held]) -> list[list[int]]:
    return [[page.number for page in draft.pages] for draft in collate(read, FORMS, AT).drafts]


def test_that_pages_in_order_make_one_document() -> None:
    drafts = collate(_stack(("A", 1), ("A", 2), ("A", 3), ("A", 4)), FORMS, AT).drafts
    assert [page.number for page in drafts[0].pages] == [1, 2, 3, 4]
    assert drafts[0].problems == ()


def test_that_a_new_first_page_opens_a_new_document() -> None:
    assert _numbers(_stack(("A", 1), ("A", 2), ("A", 1), ("A", 2))) == [[1, 2], [1, 2]]


def test_that_a_missing_page_is_named() -> None:
    draft = collate(_stack(("A", 1), ("A", 2), ("A", 4)), FORMS, AT).drafts[0]
    assert [(p.code, p.page) for p in draft.problems] == [("pages.missing", 3)]


def test_that_a_missing_page_without_fields_is_no_problem() -> None:
    assert collate(_stack(("B", 1)), FORMS, AT).drafts[0].problems == ()


def test_that_a_double_page_does_not_hide_in_a_document() -> None:
    assert _numbers(_stack(("A", 1), ("A", 2), ("A", 2), ("A", 3))) == [[1, 2], [2, 3]]


def test_that_pages_in_wrong_order_are_put_in_order_and_it_is_said() -> None:
    draft = collate(_stack(("A", 1), ("A", 3), ("A", 2), ("A", 4)), FORMS, AT).drafts[0]
    assert [page.number for page in draft.pages] == [1, 2, 3, 4]
    assert "pages.order" in {problem.code for problem in draft.problems}


def test_that_a_first_page_never_joins_pages_of_another_file() -> None:
    read: list[ReadPage | Held] = [_page("A", 2, "one"), _page("A", 1, "two")]
    assert _numbers(read) == [[2], [1]]


def test_that_a_page_after_another_form_in_another_file_does_not_join() -> None:
    read: list[ReadPage | Held] = [_page("A", 1, "one"), _page("B", 1, "two"), _page("A", 2, "three")]
    assert _numbers(read) == [[1], [1], [2]]


def test_that_a_page_which_looks_like_another_forms_needs_the_page_before_it() -> None:
    alone = collate([_page("A", 4, same=("C",))], FORMS, AT)
    assert alone.drafts == ()
    assert [held.reason for held in alone.held] == ["collate.no_context"]
    read: list[ReadPage | Held] = [*_stack(("A", 1), ("A", 2), ("A", 3)), _page("A", 4, index=3, same=("C",))]
    assert _numbers(read) == [[1, 2, 3, 4]]


def test_that_a_near_duplicate_is_named() -> None:
    page = _page("A", 1)
    noted = replace(page, page=replace(page.page, notes=("duplicate.near:old.jpg",)))
    problems = collate([noted], FORMS, AT).drafts[0].problems
    assert ("pages.near_duplicate", 1) in {(p.code, p.page) for p in problems}


def test_that_the_same_pages_always_give_the_same_draft() -> None:
    first, second = (collate(_stack(("A", 1), ("A", 2)), FORMS, AT).drafts[0].id for _ in range(2))
    assert first == second
    assert first != collate(_stack(("A", 1), ("A", 3)), FORMS, AT).drafts[0].id


@given(
    st.lists(st.tuples(st.sampled_from("AB"), st.integers(1, 2), st.sampled_from(["x", "y"])), max_size=20)
)
def test_that_no_page_is_ever_lost_or_doubled(pages: list[tuple[str, int, str]]) -> None:
    read: list[ReadPage | Held] = [_page(f, n, file, i) for i, (f, n, file) in enumerate(pages)]
    result = collate(read, FORMS, AT)
    found = [page.image_sha256 for draft in result.drafts for page in draft.pages]
    assert len(found) == len(set(found))
    assert len(found) + len(result.held) == len(read)
    for draft in result.drafts:
        numbers = [page.number for page in draft.pages]
        assert numbers == sorted(set(numbers))


@given(
    st.lists(
        st.tuples(st.sampled_from("AB"), st.integers(1, 4), st.sampled_from("xyz"), st.booleans()),
        max_size=14,
    )
)
def test_that_documents_closed_as_pages_come_are_those_of_the_whole_stack(
    told: list[tuple[str, int, str, bool]],
) -> None:
    told = sorted(told, key=lambda each: each[2])  # pages of a file come together
    pages = [
        _page(form, number if form == "A" else 1 + number % 2, file, at, ("C",) if odd else ())
        for at, (form, number, file, odd) in enumerate(told)
    ]
    whole = collate(pages, FORMS, AT)
    collator, done = Collator(FORMS), []
    for page in pages:
        done += collator.complete(page.page.source.sha256)
        collator.add(page)
    done += collator.complete(None)
    made = [draft_of(pile, FORMS[pile.form], AT).id for pile in done if pile.held is None]
    assert set(made) == {draft.id for draft in whole.drafts}
    assert len(done) == len(whole.drafts) + len(whole.held)
