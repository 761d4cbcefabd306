"""Fields found on small blanks drawn for the purpose: places, labels, types, order."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from reportlab.pdfbase.pdfmetrics import registerFont  # type: ignore[import-untyped]
from reportlab.pdfbase.ttfonts import TTFont  # type: ignore[import-untyped]
from reportlab.pdfgen.canvas import Canvas  # type: ignore[import-untyped]

from formscan.designer.detect import detect, detect_document
from formscan.designer.fold import fold
from formscan.designer.propose import FormHead, propose
from formscan.designer.proposed import PlaceKind, ProposedField
from formscan.errors import InputError
from formscan.model.template import ValueType
from formscan.paths import resources_dir
from formscan.templates import check_form, load_form

WIDTH, HEIGHT = 400.0, 500.0
Draw = Callable[["Pen"], None]


class Pen:
    """Draws in points from the top left in the serif the forms are printed in."""

    def __init__(self, path: Path) -> None:
        self.canvas = Canvas(str(path), pagesize=(WIDTH, HEIGHT))
        font = next((resources_dir() / "fonts").rglob("LiberationSerif-Regular.ttf"))
        registerFont(TTFont("Blank", font))

    def text(self, x: float, y: float, words: str, size: float = 11) -> float:
        self.canvas.setFont("Blank", size)
        self.canvas.drawString(x, HEIGHT - y, words)
        return float(x + self.canvas.stringWidth(words, "Blank", size))

    def box(self, left: float, top: float, side: float = 14, high: float = 14) -> None:
        self.canvas.setLineWidth(0.6)
        self.canvas.rect(left, HEIGHT - top - high, side, high)

    def rule(self, x0: float, y0: float, x1: float, y1: float) -> None:
        self.canvas.setLineWidth(0.6)
        self.canvas.line(x0, HEIGHT - y0, x1, HEIGHT - y1)


def blank(folder: Path, draw: Draw) -> Path:
    path = folder / "blank.pdf"
    pen = Pen(path)
    pen.text(120, 30, "PHIẾU THỬ NGHIỆM", 16)
    pen.text(300, 480, "trang một")
    draw(pen)
    pen.canvas.save()
    return path


def found(folder: Path, draw: Draw, *, pixels: bool) -> tuple[ProposedField, ...]:
    return detect(blank(folder, draw), 300.0, pixels_only=pixels)


BOTH = pytest.mark.parametrize("pixels", [False, True], ids=["vector", "pixels"])


@BOTH
def test_that_a_dotted_line_is_tied_to_the_words_before_it(tmp_path: Path, pixels: bool) -> None:
    def draw(pen: Pen) -> None:
        end = pen.text(30, 80, "1. Họ và tên người bệnh: ")
        pen.text(end, 80, "." * 60)

    (field,) = found(tmp_path, draw, pixels=pixels)
    assert field.kind is PlaceKind.TEXT_LINE
    assert field.label == "Họ và tên người bệnh"
    assert field.type is ValueType.PERSON_NAME
    assert field.id == "patient.name"
    assert field.area.right - field.area.left == pytest.approx(60 * 11 * 0.25, abs=5)


@BOTH
def test_that_boxes_in_two_two_four_are_a_date(tmp_path: Path, pixels: bool) -> None:
    def draw(pen: Pen) -> None:
        pen.text(30, 80, "2. Sinh ngày:")
        x = 120.0
        for run in (2, 2, 4):
            for _ in range(run):
                pen.box(x, 68)
                x += 14
            x += 5

    (field,) = found(tmp_path, draw, pixels=pixels)
    assert (field.kind, field.type, field.groups) == (PlaceKind.COMB, ValueType.DATE, (2, 2, 4))
    assert len(field.cells) == 8
    assert field.label == "Sinh ngày"


@BOTH
def test_that_numbered_boxes_are_answers_of_one_question(tmp_path: Path, pixels: bool) -> None:
    def draw(pen: Pen) -> None:
        pen.text(30, 80, "3. Giới:")
        pen.text(100, 80, "1. Nam")
        pen.box(145, 68)
        pen.text(200, 80, "2. Nữ")
        pen.box(235, 68)

    (field,) = found(tmp_path, draw, pixels=pixels)
    assert (field.kind, field.type) == (PlaceKind.CHOICE, ValueType.CHOICE)
    assert field.label == "Giới"
    assert [cell.name for cell in field.cells] == ["nam", "nu"]


@BOTH
def test_that_a_date_on_dots_is_one_field_with_parts(tmp_path: Path, pixels: bool) -> None:
    def draw(pen: Pen) -> None:
        end = pen.text(30, 80, "Vào viện: ")
        for word in (" giờ ", " phút  ngày ", " tháng ", " năm "):
            end = pen.text(end, 80, "........" + word)
        pen.text(end, 80, "........")

    (field,) = found(tmp_path, draw, pixels=pixels)
    assert field.type is ValueType.DATETIME
    assert [cell.name for cell in field.cells] == ["hour", "minute", "day", "month", "year"]
    assert field.label == "Vào viện"


@BOTH
def test_that_lines_under_a_labelled_line_go_on_with_it(tmp_path: Path, pixels: bool) -> None:
    def draw(pen: Pen) -> None:
        end = pen.text(30, 80, "Tiền sử: ")
        pen.text(end, 80, "." * 100)
        pen.text(30, 98, "." * 115)
        pen.text(30, 116, "." * 115)
        end = pen.text(30, 150, "Mạch: ")
        end = pen.text(end, 150, "." * 20)
        pen.text(end, 150, " lần/ph")

    area, pulse = found(tmp_path, draw, pixels=pixels)
    assert area.kind is PlaceKind.TEXT_AREA
    assert [cell.name for cell in area.cells] == ["line1", "line2", "line3"]
    assert (pulse.type, pulse.unit) == (ValueType.INTEGER, "lần/ph")


@BOTH
def test_that_empty_cells_take_the_words_over_and_beside_them(tmp_path: Path, pixels: bool) -> None:
    def draw(pen: Pen) -> None:
        for y in (100, 125, 150, 175):
            pen.rule(40, y, 340, y)
        for x in (40, 140, 340):
            pen.rule(x, 100, x, 175)
        pen.text(60, 117, "Loại phim")
        pen.text(200, 117, "Số tờ")
        pen.text(60, 142, "Siêu âm")
        pen.text(60, 167, "Xét nghiệm")

    first, second = found(tmp_path, draw, pixels=pixels)
    assert {first.kind, second.kind} == {PlaceKind.TABLE_CELL}
    assert (fold(first.row), fold(first.column)) == ("sieu am", "so to")
    assert fold(second.label) == "xet nghiem: so to"
    assert second.type is ValueType.INTEGER


def test_that_the_white_under_a_signer_is_a_place_to_sign(tmp_path: Path) -> None:
    def draw(pen: Pen) -> None:
        pen.text(220, 300, "Bác sỹ điều trị")
        end = pen.text(200, 380, "Họ và tên: ")
        pen.text(end, 380, "." * 40)

    signature, name = found(tmp_path, draw, pixels=False)
    assert (signature.kind, signature.type) == (PlaceKind.SIGNATURE, ValueType.PRESENCE)
    assert 300 < signature.area.top < signature.area.bottom < 375
    assert name.label == "Bác sỹ điều trị: Họ và tên"
    assert name.type is ValueType.PERSON_NAME


def test_that_headings_and_underlines_are_no_fields(tmp_path: Path) -> None:
    def draw(pen: Pen) -> None:
        end = pen.text(60, 200, "HHHH BBBB DDDD OOOO", 22)
        pen.rule(60, 203, end, 203)

    assert found(tmp_path, draw, pixels=True) == ()


def test_that_fields_come_in_reading_order_with_ids_of_their_own(tmp_path: Path) -> None:
    def draw(pen: Pen) -> None:
        for y, words in ((140, "Ghi chú khác: "), (80, "Ghi chú: "), (110, "Ghi chú: ")):
            pen.text(pen.text(30, y, words), y, "." * 50)

    fields = found(tmp_path, draw, pixels=False)
    assert [f.order for f in fields] == [0, 1, 2]
    assert [f.id for f in fields] == ["ghi_chu", "ghi_chu.2", "ghi_chu_khac"]


def test_that_a_proposal_passes_the_check_of_forms(tmp_path: Path) -> None:
    def draw(pen: Pen) -> None:
        for y in (80, 92, 104):  # lines nearer than a writing place is high
            pen.text(pen.text(30, y, "Bệnh chính: "), y, "." * 60)
        pen.text(30, 140, "Dị ứng")
        pen.box(80, 128)
        pen.text(30, 180, "Mã")
        for at in range(4):
            pen.box(60 + 14 * at, 168)

    folder = tmp_path / "forms" / "99-X" / "1.0"
    folder.mkdir(parents=True)
    path = folder / "form.toml"
    path.write_text(propose(blank(tmp_path, draw), FormHead("99-X")), encoding="utf-8")
    assert check_form(path) == []
    form = load_form(path)
    assert form.title_vi == "PHIẾU THỬ NGHIỆM"
    assert len(form.fields) == 5
    assert "# review:" in path.read_text(encoding="utf-8")


def test_that_the_document_of_the_command_line_holds_pixels(tmp_path: Path) -> None:
    def draw(pen: Pen) -> None:
        pen.text(30, 80, "Dị ứng")
        pen.box(80, 68)

    document = detect_document(blank(tmp_path, draw), 144.0)
    (page,) = document["pages"]
    assert (page["width"], page["height"], page["dpi"]) == (800, 1000, 144.0)
    (field,) = page["fields"]
    assert field["box"] == pytest.approx([160, 136, 188, 164], abs=2)
    assert field["kind"] == "tick"


@pytest.mark.parametrize("name", ["broken.pdf", "broken.png", "missing.pdf"])
def test_that_a_file_that_is_no_blank_is_refused(tmp_path: Path, name: str) -> None:
    if not name.startswith("missing"):
        (tmp_path / name).write_bytes(b"nothing of the kind")
    with pytest.raises(InputError):
        detect(tmp_path / name)
