"""A run of pages is cut where least must then be missing, and close calls are told."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from formscan.pipeline.runs import RunPage, cut_run, whole


def _cut(*numbers: int, pages: int = 4, files: str = "") -> list[list[int]]:
    run = [RunPage(n, files[at] if files else "f") for at, n in enumerate(numbers)]
    return [list(numbers[cut.start : cut.end]) for cut in cut_run(run, pages)]


def test_that_plain_documents_are_parted_at_each_first_page() -> None:
    assert _cut(1, 2, 3, 4, 1, 2, 3, 4) == [[1, 2, 3, 4], [1, 2, 3, 4]]


def test_that_a_page_left_over_before_a_whole_document_is_not_drawn_into_it() -> None:
    assert _cut(2, 1, 2, 3, 4) == [[2], [1, 2, 3, 4]]


def test_that_a_document_without_its_first_page_does_not_take_the_next_ones() -> None:
    assert _cut(2, 3, 4, 1, 2, 3, 4) == [[2, 3, 4], [1, 2, 3, 4]]
    assert _cut(2, 3, 4, 1) == [[2, 3, 4], [1]]


def test_that_a_stack_lying_last_page_first_stays_together() -> None:
    assert _cut(4, 3, 2, 1, 4, 3, 2, 1) == [[4, 3, 2, 1], [4, 3, 2, 1]]


def test_that_two_pages_exchanged_stay_in_their_document() -> None:
    assert _cut(1, 3, 2, 4) == [[1, 3, 2, 4]]


def test_that_pages_fall_back_only_within_a_file() -> None:
    assert _cut(2, 1, files="ab") == [[2], [1]]
    assert _cut(1, 2, files="ab") == [[1, 2]]


def test_that_pages_of_different_patients_are_never_put_together() -> None:
    run = [RunPage(1, "f"), RunPage(2, "f")]
    cuts = cut_run(run, 2, lambda one, other: {one, other} == {0, 1})
    assert [(cut.start, cut.end) for cut in cuts] == [(0, 1), (1, 2)]


def test_that_a_cut_which_could_as_well_be_elsewhere_is_doubtful() -> None:
    sure = [RunPage(n, "f") for n in (1, 2, 3, 4, 1, 2, 3, 4)]
    assert not any(cut.doubtful for cut in cut_run(sure, 4))
    close = [RunPage(n, "f") for n in (2, 1, 3, 2)]
    assert all(cut.doubtful for cut in cut_run(close, 4))


def test_that_nothing_more_is_waited_for_once_a_form_is_whole() -> None:
    assert whole([RunPage(n, "f") for n in (2, 1, 2)], 2)
    assert not whole([RunPage(n, "f") for n in (1, 2)], 3)
    assert not whole([RunPage(1, "f")], 0)


@given(st.lists(st.integers(1, 5), min_size=1, max_size=20), st.integers(0, 5))
def test_that_every_page_is_in_exactly_one_document(numbers: list[int], pages: int) -> None:
    cuts = cut_run([RunPage(n, "f") for n in numbers], pages)
    assert [place for cut in cuts for place in range(cut.start, cut.end)] == list(range(len(numbers)))
    for cut in cuts:
        part = numbers[cut.start : cut.end]
        assert len(set(part)) == len(part)
