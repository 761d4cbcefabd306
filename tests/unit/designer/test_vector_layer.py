"""Print layers out of vector PDFs: words, leaders, rules and boxes where they were drawn."""

from __future__ import annotations

from pathlib import Path

import pytest
from reportlab.pdfgen.canvas import Canvas  # type: ignore[import-untyped]

from formscan.designer.layer import number, pages_toml
from formscan.designer.rulings import Stroke, as_rules, strokes_of_polygon
from formscan.designer.vector import read_pages
from formscan.model.geometry import Area
from formscan.model.template import FontStyle, PageTemplate, PrintedBox, PrintedRule
from formscan.templates import load_form

HEIGHT = 200.0


def _read(tmp_path: Path, draw: object) -> PageTemplate:
    canvas = Canvas(str(tmp_path / "a.pdf"), pagesize=(300, HEIGHT))
    draw(canvas)  # type: ignore[operator]
    canvas.save()
    (page,) = read_pages(tmp_path / "a.pdf")
    return page


def test_that_words_and_leaders_are_runs_of_their_own(tmp_path: Path) -> None:
    def draw(canvas: Canvas) -> None:
        canvas.setFont("Times-Bold", 12)
        canvas.drawString(20, HEIGHT - 50, "Ward name: ..........ward")

    page = _read(tmp_path, draw)
    assert [t.text for t in page.texts] == ["Ward", "name:", "..........", "ward"]
    assert {t.style for t in page.texts} == {FontStyle.BOLD}
    assert {t.y for t in page.texts} == {50.0}
    first, dots = page.texts[0], page.texts[2]
    assert first.x == 20.0
    assert dots.width == pytest.approx(10 * 12 * 0.25, abs=0.05)


def test_that_what_a_white_shape_hides_is_not_print(tmp_path: Path) -> None:
    def draw(canvas: Canvas) -> None:
        canvas.setFont("Times-Roman", 12)
        canvas.drawString(20, HEIGHT - 50, "hidden")
        canvas.drawString(120, HEIGHT - 50, "shown")
        canvas.setFillColorRGB(1, 1, 1)
        canvas.rect(10, HEIGHT - 60, 80, 30, stroke=0, fill=1)

    assert [t.text for t in _read(tmp_path, draw).texts] == ["shown"]


def test_that_boxes_painted_twice_are_one(tmp_path: Path) -> None:
    def draw(canvas: Canvas) -> None:
        canvas.setLineWidth(0.7)
        canvas.rect(20, HEIGHT - 60, 14, 14)
        canvas.rect(20.2, HEIGHT - 60.1, 14, 14)
        canvas.rect(34, HEIGHT - 60, 14, 14)

    page = _read(tmp_path, draw)
    assert page.boxes == (
        PrintedBox(Area(20, 46, 34, 60), 0.7),
        PrintedBox(Area(34, 46, 48, 60), 0.7),
    )
    assert page.rules == ()


def test_that_thin_filled_shapes_and_lines_are_rules(tmp_path: Path) -> None:
    def draw(canvas: Canvas) -> None:
        canvas.rect(20, HEIGHT - 50.5, 100, 0.5, stroke=0, fill=1)
        canvas.rect(120, HEIGHT - 50.5, 60, 0.5, stroke=0, fill=1)
        canvas.setLineWidth(0.48)
        canvas.setDash(0.48, 0.48)
        canvas.line(20, HEIGHT - 80, 100, HEIGHT - 80)

    assert _read(tmp_path, draw).rules == (
        PrintedRule(20.0, 50.25, 180.0, 50.25, 0.5, 0.0),
        PrintedRule(20.0, 80.0, 100.0, 80.0, 0.48, 0.48),
    )


def test_that_pages_come_in_the_order_asked_for(tmp_path: Path) -> None:
    canvas = Canvas(str(tmp_path / "a.pdf"), pagesize=(300, HEIGHT))
    for word in ("one", "two", "three"):
        canvas.drawString(20, 100, word)
        canvas.showPage()
    canvas.save()
    pages = read_pages(tmp_path / "a.pdf", [3, 1])
    assert [(p.number, p.texts[0].text) for p in pages] == [(1, "three"), (2, "one")]


def test_that_a_table_painted_in_pieces_becomes_whole_rules() -> None:
    pieces = [
        Stroke(10, 20, 10.5, 20.5),
        Stroke(10.5, 20, 50, 20.5),
        Stroke(50, 20, 50.5, 20.5),
        Stroke(50.5, 20, 90, 20.5),
        Stroke(90, 20, 90.5, 20.5),
        Stroke(10, 20.5, 10.5, 40),
        Stroke(10, 40, 10.5, 40.5),
        Stroke(10, 40.5, 10.5, 60),
        Stroke(10, 20, 10.5, 20.5),
    ]
    level = PrintedRule(10, 20.25, 90.5, 20.25, 0.5)
    upright = PrintedRule(10.25, 20, 10.25, 60, 0.5)
    assert set(as_rules(pieces)) == {level, upright}


def test_that_two_edges_of_one_rule_are_one_and_two_rules_stay_two() -> None:
    edges = [Stroke(10, 20, 10.24, 60), Stroke(10.48, 20, 10.72, 60)]
    assert as_rules(edges) == (PrintedRule(10.36, 20, 10.36, 60, 0.72),)
    apart = [Stroke(10, 20, 10.24, 60), Stroke(13.0, 20, 13.24, 60)]
    assert len(as_rules(apart)) == 2


def test_that_a_thin_frame_drawn_as_one_shape_is_cut_into_its_sides() -> None:
    shape = [(0.0, 0.0), (100, 0), (100, 50), (99, 50), (99, 1), (1, 1), (1, 50), (0, 50)]
    assert set(strokes_of_polygon(shape)) == {
        Stroke(0, 0, 100, 1),
        Stroke(0, 1, 1, 50),
        Stroke(99, 1, 100, 50),
    }


@pytest.mark.parametrize(("value", "text"), [(1.0, "1"), (0.1, "0.1"), (12.345, "12.35"), (-0.001, "-0")])
def test_that_lengths_are_written_short(value: float, text: str) -> None:
    assert number(value).lstrip("-") == text.lstrip("-")


def test_that_a_written_layer_loads_as_it_was_read(tmp_path: Path) -> None:
    def draw(canvas: Canvas) -> None:
        canvas.setFont("Times-Italic", 11)
        canvas.drawString(20.25, HEIGHT - 50.5, 'A "quoted" \\ word ....')
        canvas.rect(20, HEIGHT - 90, 14, 14)
        canvas.line(20, HEIGHT - 95, 200, HEIGHT - 95)

    page = _read(tmp_path, draw)
    names = {"id": '"a"', "version": '"1"', "code": '"a"', "edition": '"a"', "source": '"a"'}
    names |= {"title": '{ vi = "a", en = "a" }', "sections": "[]"}
    head = "".join(f"{key} = {value}\n" for key, value in names.items())
    path = tmp_path / "form.toml"
    path.write_text(f"{head}\n{pages_toml([page])}", encoding="utf-8")
    assert load_form(path).pages == (page,)
