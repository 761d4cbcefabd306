"""Composed thick files on paper: plans hold what they promise; with perfect reading the split is perfect."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from formscan.bench.files import Figures, compare, split, told
from formscan.bench.files_plan import COUNTED, Kind, Mess, Side, plan_file
from formscan.model.geometry import Box
from formscan.model.page import Held, Source
from formscan.model.reading import CheckedField, FieldState, FieldValue, Reading
from formscan.model.record import DraftPage, ReadPage
from formscan.paths import forms_dir
from formscan.templates import TemplateLibrary

NAMES = ("Nguyễn Thị Hòa", "Trần Văn Bình", "Lê Quý Xuân Hương", "Đặng Phước Lộc", "Hoàng Kim Ngân")
FORMS = {form.key: form for form in TemplateLibrary.load(forms_dir()).forms}
VERSIONS = dict(FORMS.keys())


def _field(name: str, text: str, page: int) -> CheckedField:
    value, reading = FieldValue(FieldState.VALUE, text, text), Reading(text, FieldState.VALUE, 0.9, "x")
    return CheckedField(name, page, value, 0.9, (reading,), (), "0" * 64, Box(0, 0, 9, 9), (), 0.1)


def _read(plan: list[Side]) -> list[ReadPage | Held]:
    """What a reader without a fault would say."""
    found: list[ReadPage | Held] = []
    for index, side in enumerate(plan):
        source = Source("thick.pdf", "f", index, len(plan))
        if side.kind is Kind.FORM:
            fields = [_field(name, text, side.number) for name, text in side.told]
            if side.number == 1:
                fields.append(_field("patient.name", NAMES[side.record % len(NAMES)], 1))
            page = DraftPage(
                side.number, source, f"{index:064x}", "image/png", 9, 9, 300.0, 0, 0.0, 1.0, 0.1, 0.1
            )
            found.append(ReadPage(page, side.form, VERSIONS[side.form], "d", tuple(fields)))
        else:
            stage, reason = {
                Kind.BLANK: ("clean", "clean.blank_page"),
                Kind.SEPARATOR: ("separator", "separator.patch_t"),
            }.get(side.kind, ("identify", "identify.no_form"))
            found.append(Held(source, stage, reason))
    return found


def _figures(plan: list[Side]) -> Figures:
    read = _read(plan)
    return compare(plan, read, split(read, FORMS), FORMS)


@pytest.mark.parametrize("seed", range(6))
def test_that_a_plan_has_the_pages_and_documents_it_promises(seed: int) -> None:
    plan = plan_file(seed)
    assert len(plan) == 200
    documents = {side.document for side in plan if side.kind is Kind.FORM}
    assert documents == set(range(40))
    records = Counter(side.record for side in plan if side.kind is Kind.FORM)
    assert len(records) > 5
    assert all(side.patient == seed * 50 + side.record for side in plan if side.kind is Kind.FORM)


@pytest.mark.parametrize("seed", range(6))
def test_that_perfect_reading_is_split_perfectly(seed: int) -> None:
    figures = _figures(plan_file(seed))
    assert (figures.lost, figures.doubled, figures.held, figures.false_separators) == (0, 0, 0, 0)
    assert (figures.mixed_patients, figures.mixed_unflagged, figures.wrong_unflagged) == (0, 0, 0)
    assert figures.cuts[0] == figures.cuts[1] == figures.cuts[2]
    assert figures.exact == figures.documents == 40
    assert figures.separators[0] == figures.separators[1] > 0
    assert figures.counts_right == figures.counts


def test_that_the_figures_see_a_split_that_is_wrong() -> None:
    plan = plan_file(3)
    read = _read(plan)
    piles = split(read, FORMS)
    both = [pile for pile in piles if pile.form[0] == "36-BV2"][:2]
    both[0].pages += both[1].pages
    worse = compare(plan, read, [pile for pile in piles if pile is not both[1]], FORMS)
    assert worse.exact < 40
    assert worse.mixed == 1
    assert worse.cuts[1] < worse.cuts[2]


def test_that_a_page_lost_is_counted() -> None:
    plan = plan_file(3)
    read = _read(plan)
    figures = compare(plan, read, split(read, FORMS)[1:], FORMS)
    assert figures.lost > 0


def test_that_counted_covers_say_their_sheets() -> None:
    plan = plan_file(1, mess=Mess(miscount=0.0, separator=1.0))
    written = [side for side in plan if COUNTED.get(side.form) == side.number]
    assert written
    assert all(dict(side.told)["documents.all.sheets"].isdecimal() for side in written)


def test_that_too_many_documents_are_refused() -> None:
    with pytest.raises(ValueError, match="40"):
        plan_file(1, pages=60, documents=40)


def test_that_figures_of_files_add_up() -> None:
    one, two = _figures(plan_file(1)), _figures(plan_file(2))
    total = replace(one, cuts=list(one.cuts), separators=list(one.separators))
    total.add(two)
    assert total.documents == 80
    assert total.cuts[2] == one.cuts[2] + two.cuts[2]
    assert told(total)["cuts"]["f1"] == 1.0
