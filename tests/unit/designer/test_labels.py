"""Labels of places on small pages laid out for the purpose: where their words start, end and go on."""

from __future__ import annotations

import numpy as np
import pytest

from formscan.designer.detect import fields_of
from formscan.designer.phrases import last_part
from formscan.designer.places import carried_on, places_of
from formscan.designer.printed import Leader, PrintedSheet, Word
from formscan.designer.proposed import Place, PlaceKind, ProposedCell
from formscan.designer.rows import label_of, number_of, text_of
from formscan.model.geometry import Area
from formscan.model.template import ValueType

SIZE = 11.0


class Sheet:
    """A page that is set from the top left, points; letters are 5 pt wide."""

    def __init__(self) -> None:
        self.words: list[Word] = []
        self.lines: list[Leader] = []
        self.cells: list[Area] = []

    def text(self, x: float, y: float, text: str) -> float:
        for word in text.split():
            wide = 5.0 * len(word)
            self.words.append(Word(Area(x, y - 8, x + wide, y + 2), y, SIZE, word))
            x += wide + 3.0
        return x

    def dots(self, x: float, y: float, right: float) -> float:
        self.lines.append(Leader(Area(x, y - 8, right, y + 2), y, SIZE, ((x, right),)))
        return right

    def boxes(self, x: float, y: float, count: int = 1, side: float = 14.0) -> float:
        self.cells += [Area(x + n * side, y - 11, x + (n + 1) * side, y + 3) for n in range(count)]
        return x + count * side

    def sheet(self, number: int = 1) -> PrintedSheet:
        return PrintedSheet(
            number, 595.0, 842.0, tuple(self.words), tuple(self.lines), tuple(self.cells), (), np.eye(3)
        )

    def labels(self) -> list[str]:
        return [place.label for place in places_of(self.sheet())]


def test_that_an_item_that_goes_on_in_the_next_row_names_the_places_of_all_its_rows() -> None:
    page = Sheet()
    page.text(100, 80, "Khoa")
    page.text(262, 80, "Số ngày")
    for y, words in ((100, "16. Chuyển"), (118, ""), (136, "")):
        if words:
            page.text(30, y, words)
        page.boxes(100, y, 1, 40)
        page.dots(150, y, 200)
        page.boxes(260, y, 2)
    page.text(50, 118, "Khoa")
    assert set(page.labels()) == {"Chuyển khoa", "Chuyển khoa: Số ngày"}
    assert page.labels().count("Chuyển khoa: Số ngày") == 3


def test_that_items_with_a_colon_keep_their_rows_apart() -> None:
    page = Sheet()
    for y, words in ((100, "7. Số nhà:"), (118, "Huyện")):
        end = page.text(30, y, words)
        page.dots(end, y, 200)
        page.dots(240, y, 300)
    assert "Huyện" in page.labels()
    assert not any("huyện" in label for label in page.labels())


def test_that_answers_under_a_question_are_about_its_item() -> None:
    page = Sheet()
    end = page.text(30, 100, "6. Bụng: Biểu hiện: 1. Có 2. Không")
    page.boxes(end + 20, 101)
    end = page.text(60, 116, "1. Đau 2. Sôi 3. Khác")
    page.boxes(end + 20, 117, 2)
    second = [p for p in places_of(page.sheet()) if p.answers[:1] == ("Đau",)]
    assert [p.label for p in second] == ["Bụng"]


def test_that_a_second_row_of_answers_has_the_question_of_the_first() -> None:
    page = Sheet()
    page.dots(page.text(30, 80, "26. Tình hình: "), 80, 200)
    for y, words in ((100, ("1. Do bệnh", "2. Khác")), (120, ("1. Trong ngày", "2. Sau"))):
        x = 30.0
        for answer in words:
            x = page.boxes(page.text(x, y, answer) + 30, y) + 12
    assert page.labels() == ["Tình hình"] * 3


def test_that_answers_under_tick_boxes_ask_about_all_of_them() -> None:
    page = Sheet()
    x = page.boxes(page.text(30, 100, "- Tai biến:") + 4, 100)
    page.boxes(page.text(x + 40, 100, "- Biến chứng:") + 4, 100)
    x = page.boxes(page.text(30, 120, "1.Do mổ") + 4, 120)
    page.boxes(page.text(x + 12, 120, "2.Khác") + 4, 120)
    assert page.labels() == ["Tai biến", "Biến chứng", "Tai biến, Biến chứng"]


def test_that_answers_under_one_another_are_one_question() -> None:
    page = Sheet()
    page.text(30, 100, "- Hô hấp")
    page.boxes(page.text(140, 100, "Tốt") + 4, 100)
    page.boxes(page.text(140, 122, "Có bệnh") + 4, 122)
    (place,) = places_of(page.sheet())
    assert (place.kind, place.label) == (PlaceKind.CHOICE, "Hô hấp")
    assert [cell.label for cell in place.cells] == ["Tốt", "Có bệnh"]


def test_that_answers_in_frames_of_their_own_are_no_one_question() -> None:
    page = Sheet()
    page.cells += [Area(20, 80, 200, 140), Area(200, 80, 400, 140)]
    page.boxes(page.text(30, 110, "1. Khỏi") + 4, 110)
    page.boxes(page.text(210, 110, "2. Khác") + 4, 110)
    assert len(page.labels()) == 2


def test_that_a_label_starts_in_the_row_above_where_its_own_starts_with_a_small_letter() -> None:
    page = Sheet()
    page.text(30, 100, "3. Phương pháp điều")
    page.dots(page.text(30, 116, "trị :"), 116, 300)
    assert page.labels() == ["Phương pháp điều trị"]


def test_that_words_in_brackets_belong_to_the_item_above() -> None:
    page = Sheet()
    page.dots(page.text(30, 100, "+ Bệnh chính: (tổn thương) "), 100, 300)
    page.dots(page.text(30, 120, "(nguyên nhân): "), 120, 300)
    assert page.labels() == ["Bệnh chính: (tổn thương)", "Bệnh chính (nguyên nhân)"]


def test_that_a_label_has_what_stands_behind_its_line_as_long_as_it_is_no_unit() -> None:
    page = Sheet()
    x = page.dots(page.text(30, 100, "Vào ngày thứ "), 100, 150)
    page.text(x + 2, 100, "của bệnh")
    x = page.dots(page.text(30, 130, "Mạch "), 130, 150)
    page.text(x + 2, 130, "lần/ph")
    assert page.labels() == ["Vào ngày thứ ... của bệnh", "Mạch"]


def test_that_the_unit_of_the_line_before_is_no_part_of_a_label() -> None:
    page = Sheet()
    x = page.dots(page.text(30, 100, "- Tia xạ: "), 100, 150)
    page.text(x + 2, 100, "Gy")
    page.dots(page.text(x + 27, 100, "Tại hạch: "), 100, 340)
    assert page.labels() == ["Tia xạ", "Tại hạch"]


def test_that_pieces_of_a_line_have_its_label_and_leave_the_line_above_alone() -> None:
    page = Sheet()
    for y, words in ((100, "21. Nơi chuyển đến:"), (114, "22. Cấp cứu:")):
        x = page.dots(page.text(30, y, words), y, 180)
        page.text(x, y, "..")
        page.boxes(page.dots(x + 11, y, 240) + 2, y, 1, 40)
    assert page.labels() == ["Nơi chuyển đến"] * 2 + ["Nơi chuyển đến (mã)"] + ["Cấp cứu"] * 2 + [
        "Cấp cứu (mã)"
    ]


def test_that_lines_beside_a_column_of_headings_have_those_at_their_height() -> None:
    page = Sheet()
    page.cells += [Area(20, 80, 120, 180), Area(120, 80, 400, 180)]
    page.text(30, 100, "2. Nhãn áp")
    page.text(30, 130, "3. Vận nhãn")
    page.dots(130, 100, 380)
    page.dots(130, 130, 380)
    lines = [p.label for p in places_of(page.sheet()) if p.kind is PlaceKind.TEXT_LINE]
    assert lines == ["Nhãn áp", "Vận nhãn"]


def test_that_lines_under_a_heading_of_a_table_have_its_words() -> None:
    page = Sheet()
    page.cells += [Area(20, 80, 220, 105), Area(20, 105, 220, 300)]
    page.text(30, 98, "DIỄN BIẾN")
    page.dots(30, 125, 210)
    page.dots(30, 145, 210)
    assert [p.label for p in places_of(page.sheet()) if p.cells[0].printed.top > 105] == ["DIỄN BIẾN"]


def test_that_a_note_in_brackets_is_no_heading_of_a_column() -> None:
    page = Sheet()
    for top in (80.0, 100.0, 120.0):
        page.cells += [Area(20, top, 120, top + 20), Area(120, top, 320, top + 20)]
    page.text(130, 94, "Thời gian (tháng)")
    page.text(30, 114, "- Dị ứng")
    page.text(130, 114, "(dị nguyên)")
    page.text(30, 134, "- Rượu")
    assert "Rượu: Thời gian (tháng)" in page.labels()


def test_that_a_row_of_a_table_may_start_with_a_line_to_write_on() -> None:
    page = Sheet()
    for top in (80.0, 100.0):
        page.cells += [Area(20, top, 120, top + 20), Area(120, top, 200, top + 20)]
    page.text(130, 94, "Số tờ")
    page.dots(page.text(30, 114, "- Khác"), 114, 110)
    assert "Khác: Số tờ" in page.labels()


def test_that_lines_at_the_top_of_a_page_go_on_with_the_last_ones_of_the_page_before() -> None:
    first, second = Sheet(), Sheet()
    first.dots(first.text(30, 800, "+ Tiêu hoá: "), 800, 300)
    second.dots(30, 40, 300)
    second.dots(second.text(30, 80, "+ Thần kinh: "), 80, 300)
    fields = fields_of([first.sheet(1), second.sheet(2)])
    assert [f.label for f in fields] == ["Tiêu hoá", "Tiêu hoá (tiếp theo)", "Thần kinh"]


def test_that_lines_under_words_start_anew_on_their_page() -> None:
    cell = ProposedCell(Area(30, 90, 300, 100), Area(30, 85, 300, 103))
    place = Place(PlaceKind.TEXT_LINE, (cell,))
    last = Place(PlaceKind.TEXT_LINE, (cell,), "Tiêu hoá")
    over = Word(Area(30, 40, 80, 50), 48.0, SIZE, "KHÁM")
    assert carried_on([place], last, [over])[0].label == ""
    assert carried_on([place], last, [])[0].label == "Tiêu hoá (tiếp theo)"
    assert carried_on([place], None, [])[0].label == ""


def test_that_words_of_another_frame_are_no_specks_in_a_line_that_runs_into_it() -> None:
    page = Sheet()
    page.cells.append(Area(300, 80, 500, 140))
    page.dots(page.text(30, 100, "Hạch: "), 100, 330)
    page.dots(page.text(305, 101, "Mạch "), 101, 450)
    assert sorted(page.labels()) == ["Hạch", "Mạch"]


def test_that_boxes_of_numbered_answers_far_from_their_words_are_theirs() -> None:
    page = Sheet()
    x = 30.0
    for answer in ("1. Do bệnh", "2. Do tai biến", "3. Khác"):
        x = page.boxes(page.text(x, 100, answer) + 50, 100) + 10
    (place,) = places_of(page.sheet())
    assert [cell.label for cell in place.cells] == ["Do bệnh", "Do tai biến", "Khác"]


def test_that_a_question_before_an_answer_without_a_dot_is_its_question() -> None:
    page = Sheet()
    x = page.boxes(page.text(30, 100, "9. Đối tượng: 1 BHYT") + 4, 100)
    page.boxes(page.text(x + 14, 100, "2.Thu phí") + 4, 100)
    (field,) = fields_of([page.sheet()])
    assert (field.label, field.type) == ("Đối tượng", ValueType.CHOICE)


@pytest.mark.parametrize(
    ("printed", "label"),
    [("1.1. Tiếng nói:", "Tiếng nói"), ("1.3.Ho", "Ho"), ("02 - Ma tuý", "Ma tuý"), ("4.2 Khám", "Khám")],
)
def test_that_numbers_of_items_are_no_part_of_a_label(printed: str, label: str) -> None:
    assert label_of(printed) == label


def test_that_the_number_of_a_row_is_no_answer() -> None:
    assert number_of("02 - Ma tuý") is None
    assert number_of("2. Nữ") == 2


def test_that_letters_set_apart_are_words() -> None:
    x, words = 30.0, []
    for letter in "Tuần hoàn":
        if letter != " ":
            words.append(Word(Area(x, 92, x + 5, 102), 100.0, SIZE, letter))
        x += 8.0
    assert text_of(words) == "Tuần hoàn"
    assert text_of(words[:3]) == "T u ầ"


@pytest.mark.parametrize(
    ("label", "part"),
    [
        ("Địa chỉ: Số nhà", "Số nhà"),
        ("Bản thân: (những bệnh: lao, hen", "Bản thân: (những bệnh: lao, hen"),
        ("Bệnh lý: (khởi phát)", "Bệnh lý: (khởi phát)"),
    ],
)
def test_that_a_label_is_cut_at_colons_outside_brackets(label: str, part: str) -> None:
    assert last_part(label) == part
