"""Rules, boxes and dots out of pixels, on pictures with known places."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from formscan.designer.cells import iou
from formscan.designer.dots import Blobs, leaders_of
from formscan.designer.fitting import fitted
from formscan.designer.from_pixels import read_pixels
from formscan.designer.meaning import meaning_of
from formscan.designer.proposed import Place, PlaceKind, ProposedCell, ProposedField
from formscan.designer.straighten import skew_of, straightened
from formscan.model.geometry import Area, Box
from formscan.model.page import Grey
from formscan.model.template import ValueType

DPI = 200.0
SCALE = DPI / 72


def paper(width: float = 400, height: float = 300) -> Grey:
    return np.full((round(height * SCALE), round(width * SCALE)), 255, np.uint8)


def draw_box(page: Grey, area: Area, ink: int = 0) -> None:
    corners = [round(v * SCALE) for v in (area.left, area.top, area.right, area.bottom)]
    cv2.rectangle(page, (corners[0], corners[1]), (corners[2], corners[3]), ink, 2)


def draw_dots(page: Grey, left: float, right: float, y: float, step: float = 2.75) -> None:
    for x in np.arange(left, right, step):
        cv2.circle(page, (round(x * SCALE), round(y * SCALE)), 1, 0, -1)


def test_that_boxes_beside_each_other_are_cells_of_their_own() -> None:
    page = paper()
    wanted = [Area(50 + 15 * n, 60, 65 + 15 * n, 75) for n in range(4)]
    for area in wanted:
        draw_box(page, area)
    cells = read_pixels(page, DPI).cells
    assert len(cells) == 4
    assert all(max(iou(a, c) for c in cells) > 0.8 for a in wanted)


def test_that_a_box_over_a_frame_is_found_whole() -> None:
    page = paper()
    frame, box = Area(30, 60, 350, 200), Area(100, 53, 115, 68)
    draw_box(page, frame)
    draw_box(page, box)
    cells = read_pixels(page, DPI).cells
    assert max(iou(box, c) for c in cells) > 0.75
    assert max(iou(frame, c) for c in cells) > 0.9


def test_that_faint_hairlines_under_noise_still_close_a_box() -> None:
    page = paper()
    box = Area(100, 60, 116, 76)
    draw_box(page, box, ink=175)
    cv2.putText(page, "dark print", (40, 300), cv2.FONT_HERSHEY_SIMPLEX, 2.0, 0, 6)
    noisy = np.clip(page + np.random.default_rng(1).normal(0, 4, page.shape), 0, 255).astype(np.uint8)
    cells = read_pixels(noisy, DPI).cells
    assert max((iou(box, c) for c in cells), default=0) > 0.7


def test_that_finely_dotted_borders_part_rows_but_leaders_do_not() -> None:
    page = paper()
    draw_box(page, Area(40, 40, 340, 120))
    row = page[round(80 * SCALE)]
    row[round(40 * SCALE) : round(340 * SCALE) : 3] = 0
    row[round(40 * SCALE) + 1 : round(340 * SCALE) : 3] = 0
    draw_dots(page, 60, 320, 104)
    sheet = read_pixels(page, DPI)
    assert len(sheet.cells) == 2
    assert len(sheet.leaders) == 1


@pytest.mark.parametrize("degrees", [-4.0, -1.3, 0.0, 0.7, 3.1])
def test_that_skew_is_measured_and_taken_out(degrees: float) -> None:
    page = paper()
    for y in range(40, 280, 20):
        draw_dots(page, 40, 360, y)
    middle = ((page.shape[1] - 1) / 2, (page.shape[0] - 1) / 2)
    turn = cv2.getRotationMatrix2D(middle, -degrees, 1.0)  # positive skew is clockwise
    skewed = np.asarray(cv2.warpAffine(page, turn, page.shape[::-1], borderValue=(255.0,)), np.uint8)
    straight, back, found = straightened(skewed, DPI)
    assert found == pytest.approx(degrees, abs=0.06)
    assert abs(skew_of(np.where(straight < 128, 255, 0).astype(np.uint8))) < 0.06
    corner = back @ np.array([40 * SCALE, 40 * SCALE, 1.0])
    there = turn @ np.array([40 * SCALE, 40 * SCALE, 1.0])
    assert corner[:2] == pytest.approx(there, abs=1.0)


def blobs(points: list[tuple[float, float]], size: float = 1.2) -> Blobs:
    return np.array([(x, y - size, x + size, y) for x, y in points])


def test_that_a_colon_before_the_dots_is_no_part_of_the_line() -> None:
    dots = [(100 + 2.75 * n, 80.0) for n in range(20)]
    (line,) = leaders_of(blobs([(94.5, 80.0), (94.5, 75.5), *dots]))
    assert line.area.left > 98
    assert line.size == pytest.approx(11.0, abs=0.3)


def test_that_a_slash_parts_a_line() -> None:
    dots = [(100 + 2.75 * n, 80.0) for n in range(8)] + [(128 + 2.75 * n, 80.0) for n in range(8)]
    slash = np.array([[123.0, 72.0, 126.0, 80.5]])
    (line,) = leaders_of(np.vstack([blobs(dots), slash]))
    assert len(line.parts) == 2


def test_that_three_full_stops_far_apart_are_no_line() -> None:
    assert leaders_of(blobs([(100, 80), (160, 80), (240, 80), (103, 95), (106, 95)])) == []


def field(kind: PlaceKind, *areas: Area) -> ProposedField:
    cells = tuple(ProposedCell(a, a) for a in areas)
    return ProposedField(1, kind, areas[0], Box(0, 0, 1, 1), DPI, cells, "x", "x", ValueType.TEXT, 0, 0.5)


def test_that_lines_give_way_to_boxes() -> None:
    line, box = (
        field(PlaceKind.TEXT_LINE, Area(20, 40, 200, 60)),
        field(PlaceKind.TICK, Area(150, 45, 165, 59)),
    )
    left = fitted([line, box], 300, 300)
    assert left[1] == [(0, Area(150, 45, 165, 59))]
    assert left[0] == [(0, Area(20, 40, 150, 60))]


@pytest.mark.parametrize(
    ("label", "kind", "wanted", "name"),
    [
        ("Số căn cước công dân", PlaceKind.TEXT_LINE, ValueType.CITIZEN_ID, "patient.citizen_id"),
        ("Điện thoại số", PlaceKind.TEXT_LINE, ValueType.PHONE, "relative.phone"),
        ("Dân tộc (mã)", PlaceKind.COMB, ValueType.CATALOGUE, "patient.ethnicity.code"),
        ("Huyết áp", PlaceKind.TEXT_LINE, ValueType.BLOOD_PRESSURE, "vital.blood_pressure"),
        ("Tình trạng người bệnh ra viện", PlaceKind.TEXT_AREA, ValueType.TEXT, "summary.condition"),
        ("07 ngày", PlaceKind.TEXT_LINE, ValueType.TEXT, "item_07_ngay"),
    ],
)
def test_that_labels_mean_what_they_say(label: str, kind: PlaceKind, wanted: ValueType, name: str) -> None:
    cell = ProposedCell(Area(0, 0, 10, 10), Area(0, 0, 10, 10))
    meant = meaning_of(Place(kind, (cell, cell, cell), label))
    assert (meant.type, meant.id) == (wanted, name)
