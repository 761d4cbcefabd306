"""The studio without a screen: steps are named, counted, taken back, and refused where they make no sense."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from formscan.designer.studio.compare import ChangeKind, compare
from formscan.designer.studio.document import FormHead, StudioDocument, StudioField
from formscan.designer.studio.kin import adoptions
from formscan.designer.studio.operations import Group, Merge, Move, Remove, Split
from formscan.designer.studio.saving import save
from formscan.designer.studio.script import run_script
from formscan.designer.studio.studio import Studio
from formscan.errors import StudioError
from formscan.model.geometry import Area
from formscan.model.template import (
    Cell,
    FieldKind,
    FieldSpec,
    FontStyle,
    FormTemplate,
    PageTemplate,
    PrintedRule,
    PrintedText,
    Section,
    ValueType,
)
from formscan.paths import forms_dir
from formscan.templates import TemplateLibrary, load_form

TEXT, MARK, COMB = FieldKind.TEXT, FieldKind.MARK, FieldKind.COMB


def _field(field_id: str, left: float, top: float, kind: FieldKind = TEXT, cells: int = 1) -> FieldSpec:
    wide = 12.0 if kind is not TEXT else 90.0
    places = tuple(
        Cell(Area(left + at * (wide + 4), top, left + at * (wide + 4) + wide, top + 12))
        for at in range(cells)
    )
    kinds = {MARK: ValueType.BOOLEAN, COMB: ValueType.INTEGER}
    return FieldSpec(
        field_id,
        1,
        kind,
        kinds.get(kind, ValueType.TEXT),
        f"Mục {field_id}",
        f"Item {field_id}",
        places,
        "page",
    )


@pytest.fixture
def studio() -> Studio:
    """A line, a comb, three tick boxes."""
    specs = (
        _field("room", 40, 40),
        _field("code", 40, 70, COMB, 4),
        _field("one", 40, 100, MARK),
        _field("two", 80, 100, MARK),
        _field("three", 120, 100, MARK),
    )
    words = tuple(
        PrintedText(200, 40 + 20 * n, 60, 11, FontStyle.REGULAR, word)
        for n, word in enumerate(("Phiếu", "mượn", "đồ", "vải", "sạch"))
    )
    page = PageTemplate(1, 400, 300, texts=words, anchors=(Area(190, 25, 270, 45),))
    fields = tuple(StudioField(f"1.{n}", spec, confidence=0.5 + 0.1 * n) for n, spec in enumerate(specs))
    head = FormHead("99-X", "1.0", "99/X", "Phiếu", "Slip", "none", "drawn")
    return Studio(StudioDocument(head, (page,), (Section("page", "Trang", "Page"),), fields))


def test_that_proposals_above_a_confidence_are_accepted_in_one_step(studio: Studio) -> None:
    assert studio.accept_above(0.65) == 3
    assert [f.spec.id for f in studio.document.waiting()] == ["room", "code"]
    assert studio.counts == {"accept": 1}


def test_that_every_step_can_be_taken_back_and_done_again(studio: Studio) -> None:
    before = studio.document
    studio.do(Move("1.0", 3.0, -2.0))
    studio.do(Group(("1.2", "1.3", "1.4")))
    after = studio.document
    assert studio.undo()
    assert studio.undo()
    assert not studio.undo()
    assert studio.document == before
    assert studio.counts == {}
    assert studio.redo()
    assert studio.redo()
    assert studio.document == after
    studio.undo()
    studio.do(Remove("1.1"))
    assert not studio.redo()


def test_that_tick_boxes_become_one_question_and_one_again_a_box(studio: Studio) -> None:
    studio.do(Group(("1.2", "1.3", "1.4")))
    question = studio.document.field("1.2").spec
    assert question.kind is FieldKind.CHOICE
    assert [c.name for c in question.cells] == [c.value for c in question.choices]
    studio.do(Split("1.2", 2))
    assert studio.document.field("1.2b").spec.kind is MARK
    assert len(studio.document.field("1.2").spec.choices) == 2


def test_that_merged_combs_keep_their_runs(studio: Studio) -> None:
    studio.do(Split("1.1", 2))
    studio.do(Merge(("1.1", "1.1b")))
    assert studio.document.field("1.1").spec.groups == (2, 2)


@pytest.mark.parametrize(
    ("step", "code"),
    [
        (Merge(("1.0",)), "studio.merge"),
        (Group(("1.0", "1.2")), "studio.group"),
        (Split("1.0", 1), "studio.split"),
        (Remove("7.7"), "studio.no_such_field"),
    ],
)
def test_that_a_step_without_sense_is_refused_and_changes_nothing(
    studio: Studio, step: Merge | Group | Split | Remove, code: str
) -> None:
    before = studio.document
    with pytest.raises(StudioError) as refused:
        studio.do(step)
    assert refused.value.code == code
    assert studio.document is before
    assert studio.counts == {}


def test_that_a_script_does_names_and_counts_its_steps(studio: Studio, tmp_path: Path) -> None:
    run_script(
        studio,
        [
            "# what a person did",
            'anchor 1 "Phiếu"',
            "1.0 stay.room | Phòng | Room",
            "1.1 linen.code | Mã đồ vải | Code of the linen | groups=2,2 crit=1",
            "* 1.2 1.3 1.4",
            "1.2 linen.kind | Loại | Kind | choices=a:Chăn:Blanket;b:Màn:Curtain;c:Khác:Other",
            "+ n1 1 note | Ghi chú | Note | kind=text type=text cells=40,140,180,156 after=1.2",
            "> +n1 1.0",
        ],
        (),
    )
    assert [f.spec.id for f in studio.document.fields] == ["stay.room", "note", "linen.code", "linen.kind"]
    assert studio.counts["rename"] == 3
    assert studio.counts["reorder"] == 1
    path, problems = save(studio.document, tmp_path)
    assert problems == []
    assert load_form(path).field("linen.kind").choices[1].label_en == "Curtain"


def test_that_boxes_take_the_numbers_of_answers_in_a_script(studio: Studio, tmp_path: Path) -> None:
    steps = [
        "- 1.0 1.2 1.3 1.4",
        "1.1 linen | Đồ vải | Linen | multi=1 choices=a:Chăn:Blanket;m:Màn:Curtain:7",
    ]
    run_script(studio, steps, ())
    path, problems = save(studio.document, tmp_path)
    assert problems == []
    linen = load_form(path).field("linen")
    assert (linen.kind, linen.type, linen.multiple) == ("comb", "choice", True)
    assert [(c.value, c.code) for c in linen.choices] == [("a", "1"), ("m", "7")]
    run_script(studio, ["linen | | | choices=a:Chăn:Blanket:100;m:Màn:Curtain"], ())
    assert [problem.code for problem in save(studio.document, tmp_path)[1]] == ["choice.no_number"]


def test_that_a_drawing_of_the_paper_is_printed_as_lines_from_point_to_point(studio: Studio) -> None:
    before = studio.document.pages[0].rules
    run_script(studio, ["line 1 1.15 10,20 30,25 40,40"], ())
    drawn = (PrintedRule(10.0, 20.0, 30.0, 25.0, 1.15), PrintedRule(30.0, 25.0, 40.0, 40.0, 1.15))
    assert studio.document.pages[0].rules == (*before, *drawn)


def test_that_a_character_of_the_print_gives_way_to_a_drawn_box_and_comes_back(studio: Studio) -> None:
    run_script(studio, ["print 1 12 regular 40,50,7:□ 60,50,20:Có 90,50,7:□"], [])
    before = studio.document.pages[0]
    run_script(studio, ["erase 1 □", "box 1 0.45 41,44.5,46,49.5"], [])
    page = studio.document.pages[0]
    assert [text.text for text in page.texts] == [t.text for t in before.texts if t.text != "□"]
    assert len(page.texts) == len(before.texts) - 2
    assert [box.area for box in page.boxes][-1] == Area(41, 44.5, 46, 49.5)
    assert studio.undo()
    assert studio.undo()
    assert studio.document.pages[0] == before
    with pytest.raises(StudioError, match=r"studio\.script"):
        run_script(studio, ["erase 1 ☐"], [])


def test_that_a_wrong_line_of_a_script_is_named(studio: Studio) -> None:
    with pytest.raises(StudioError) as refused:
        run_script(studio, ["1.0 stay.room | Phòng | Room", "", "- 5.5"], ())
    assert refused.value.facts["line"] == "3"


def test_that_a_page_takes_over_what_it_shares_with_a_known_one() -> None:
    """The known page again, everything lower and further left, with proposals that know no names."""
    known = TemplateLibrary.load(forms_dir()).get("36-BV2")
    shift = (-6.0, 9.0)
    page = _shifted(known.pages[0], *shift)
    fields = tuple(
        StudioField(f"1.{n}", replace(_moved(spec, *shift), id=f"field_{n}", label_vi="", label_en=""))
        for n, spec in enumerate(known.fields_of(1))
        if spec.table is None
    )
    document = StudioDocument(FormHead("99-X"), (page,), (), fields)
    for step in adoptions(document, [known]):
        document = step.apply(document)
    taken = {f.spec.id: f.spec for f in document.fields if f.accepted}
    wanted = [spec for spec in known.fields if spec.table is None]
    assert len(taken) >= 0.9 * len(wanted)
    for spec in wanted:
        if spec.id in taken:
            assert taken[spec.id].area.left == pytest.approx(spec.area.left + shift[0], abs=1.5)
            assert taken[spec.id].type is spec.type


def _shifted(page: PageTemplate, dx: float, dy: float) -> PageTemplate:
    texts = tuple(replace(t, x=t.x + dx, y=t.y + dy) for t in page.texts)
    return replace(page, texts=texts, rules=(), boxes=(), anchors=())


def _moved(spec: FieldSpec, dx: float, dy: float) -> FieldSpec:
    cells = tuple(
        Cell(Area(c.area.left + dx, c.area.top + dy, c.area.right + dx, c.area.bottom + dy), c.name)
        for c in spec.cells
    )
    return replace(spec, cells=cells)


def test_that_two_editions_are_told_apart_in_words() -> None:
    old = TemplateLibrary.load(forms_dir()).get("36-BV2")
    first, second, third, *rest = old.fields
    new: FormTemplate = replace(
        old,
        fields=(
            replace(first, id="facility.title"),
            _moved(second, 5.0, 0.0),
            replace(third, type=ValueType.TEXT, kind=TEXT),
            *rest[1:],
            replace(rest[0], id="brand.new", cells=(Cell(Area(500, 800, 560, 815)),)),
        ),
    )
    found = {(c.kind, c.field_id) for c in compare(old, new)}
    assert found == {
        (ChangeKind.RENAMED, "facility.title"),
        (ChangeKind.MOVED, second.id),
        (ChangeKind.RETYPED, third.id),
        (ChangeKind.ADDED, "brand.new"),
        (ChangeKind.REMOVED, rest[0].id),
    }
    assert compare(old, old) == []
