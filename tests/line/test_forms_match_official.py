"""The forms that ship against the official PDFs they were redrawn from (development data only)."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from formscan.batch.trial import try_form
from formscan.bench.official import OfficialPage, render
from formscan.bench.studio import finished, replay
from formscan.designer.detect import BlankPage, take_apart
from formscan.designer.proposed_layer import layer_of
from formscan.designer.vector import read_pages
from formscan.model.geometry import POINTS_PER_INCH, Area
from formscan.model.page import Grey
from formscan.model.template import FieldKind, FormTemplate, PageTemplate, PrintedText
from formscan.paths import forms_dir
from formscan.templates import TemplateLibrary, render_page

DPI = 300.0
SCALE = DPI / POINTS_PER_INCH
REACH_PX = 8
OFFICIAL = {
    "01-BV1": ("1benh_an_noi_khoa_21820258.pdf", (1, 2, 3, 4)),
    "15-BV1": ("15_benh_an_ngoai_tru_chung_21820259.pdf", (1, 2)),
    "36-BV2": ("36_phieu_theo_doi_dieu_tri_218202510.pdf", (1, 2)),
    "02-BV1": ("2benh_an_nhi_khoa_21820259.pdf", (1, 2, 3, 4)),
    "03-BV2": ("3_giay_khamchua_benh_theo_yeu_cau_218202510.pdf", (1,)),
    "04-BV1": ("4_benh_an_phu_khoa_21820259.pdf", (1, 2, 3, 4, 5)),
    "06-BV1": ("6_benh_an_so_sinh_21820259.pdf", (1, 2, 3, 4)),
    "06-BV2": ("6_phieu_phau_thuat_thu_thuat_218202510.pdf", (1, 2)),
    "07-BV1": ("7_benh_an_tam_than_21820259.pdf", (1, 2, 3, 4, 5, 6)),
    "12-BV1": ("12_benh_an_ung_buou_21820259.pdf", (1, 2, 3, 4)),
    "13-BV1": ("13_benh_an_rang_ham_mat_21820259.pdf", (1, 2, 3, 4)),
    "17-BV1": ("17_benh_an_danh_cho_tuyen_xa_phuong_21820259.pdf", (1, 2)),
    "18-BV1": ("18_benh_an_noi_tru_yhct_21820259.pdf", (1, 2, 3, 4, 5, 6, 7, 8)),
    "20-BV1": ("20_benh_an_noi_tru_nhi_yhct_21820259.pdf", (1, 2, 3, 4, 5, 6, 7, 8)),
    "22-BV1": ("22_benh_an_mat_ban_phan_truoc_21820259.pdf", tuple(range(1, 11))),
    "27-BV1": ("27_benh_an_phuc_hoi_chuc_nang_218202510.pdf", (1, 2, 3, 4, 5, 6, 7, 8, 9)),
}
PICTURES = {
    ("06-BV2", 1),
    ("04-BV1", 1),
    ("13-BV1", 1),
    ("18-BV1", 4),
    ("18-BV1", 5),
    ("18-BV1", 8),
    ("20-BV1", 1),
    ("22-BV1", 1),
    ("22-BV1", 4),
    ("27-BV1", 1),
}
"""Pages whose file holds (part of) the print as a picture; their words and boxes were drawn by hand."""
DRAWN = {("22-BV1", 10): "□"}
"""Characters that our typeface has in another size; they are drawn as boxes."""
MEASURED = ("01-BV1", "15-BV1", "36-BV2")
"""Forms whose print is measured on pixels; that of the others is compared as data."""
LOOK_ALIKES = [
    ("01-BV1", 1, "12_benh_an_ung_buou_21820259.pdf", 1),
    ("01-BV1", 1, "15_benh_an_ngoai_tru_chung_21820259.pdf", 1),
    ("01-BV1", 2, "12_benh_an_ung_buou_21820259.pdf", 2),
    ("01-BV1", 2, "13_benh_an_rang_ham_mat_21820259.pdf", 2),
    ("01-BV1", 3, "2benh_an_nhi_khoa_21820259.pdf", 3),
    ("01-BV1", 4, "2benh_an_nhi_khoa_21820259.pdf", 4),
    ("01-BV1", 4, "7_benh_an_tam_than_21820259.pdf", 6),
    ("15-BV1", 1, "15_benh_an_ngoai_tru_chung_21820259.pdf", 3),
    ("15-BV1", 2, "15_benh_an_ngoai_tru_chung_21820259.pdf", 5),
    ("15-BV1", 2, "13_benh_an_rang_ham_mat_21820259.pdf", 4),
]
LIBRARY = TemplateLibrary.load(forms_dir())
PAGES = pytest.mark.parametrize(
    ("form", "number"),
    [(form, page.number) for form, page in LIBRARY.pages() if form.id in MEASURED],
    ids=[f"{form.id}-{page.number}" for form, page in LIBRARY.pages() if form.id in MEASURED],
)


@pytest.fixture(scope="module")
def official(shared_data: Path) -> Path:
    """The folder of the official forms."""
    return shared_data / "vn_moh_forms"


@lru_cache(maxsize=4)
def _extracted(path: Path, numbers: tuple[int, ...]) -> tuple[PageTemplate, ...]:
    return read_pages(path, numbers)


@pytest.mark.parametrize("form", LIBRARY.forms, ids=lambda form: form.id)
def test_that_the_print_of_a_form_is_what_the_official_file_holds(form: FormTemplate, official: Path) -> None:
    name, numbers = OFFICIAL[form.id]
    for page, source in zip(form.pages, _extracted(official / name, numbers), strict=True):
        if len(source.texts) < 5:  # a page of one line is looked at as a picture
            continue
        assert (page.width, page.height) == (source.width, source.height)
        if (form.id, page.number) in PICTURES:
            drawn = _drawable(source)
            assert set(drawn.texts) <= set(page.texts)
            assert set(drawn.boxes) <= set(page.boxes)
            continue
        drawn, glyph = _drawable(source), DRAWN.get((form.id, page.number), "")
        words = tuple(text for text in drawn.texts if text.text != glyph)
        boxes = page.boxes[len(drawn.boxes) :]
        assert page.texts == words
        assert page.rules == drawn.rules
        assert page.boxes[: len(drawn.boxes)] == drawn.boxes
        assert len(boxes) == len(drawn.texts) - len(words)


def _drawable(source: PageTemplate) -> PageTemplate:
    """The print without letters no font has and what lies off the page, as new forms are taken in."""
    sheet = take_apart(BlankPage(source.number, None, 200.0, source))
    return layer_of(BlankPage(source.number, None, 200.0, source), sheet)


@pytest.mark.parametrize("form_id", ["06-BV2", "17-BV1"])
def test_that_the_steps_at_the_studio_make_the_form_again(form_id: str, official: Path) -> None:
    form = LIBRARY.get(form_id)
    steps = forms_dir() / form_id / form.version / "studio.steps"
    studio = replay(steps, official / OFFICIAL[form_id][0], len(form.pages), LIBRARY)
    assert not studio.document.waiting()
    assert replace(studio.document.template(), digest=form.digest) == form


def test_that_a_form_set_by_hand_comes_out_of_the_proposals_step_by_step(official: Path) -> None:
    form = LIBRARY.get("15-BV1")
    studio = finished(form, official / OFFICIAL["15-BV1"][0])
    assert {f.spec.id: f.spec for f in studio.document.fields} == {f.id: f for f in form.fields}
    assert not studio.document.waiting()


def test_that_boxes_drawn_for_characters_are_as_large_as_the_official_ones(official: Path) -> None:
    """Each side within 0.1 pt, measured on pixels at 900 dpi; the glyph of our typeface is 1.6 pt higher."""
    form, number, dpi = LIBRARY.get("22-BV1"), 10, 900.0
    theirs = render(OfficialPage(official / OFFICIAL[form.id][0], number), dpi)
    ours = render_page(form, number, dpi)
    boxes = form.page(number).boxes
    assert len(boxes) == 2
    for box in boxes:
        assert np.abs(_sides(theirs, box.area, dpi) - _sides(ours, box.area, dpi)).max() <= 0.1


def test_that_boxes_drawn_for_characters_are_read_empty_and_ticked_on_official_paper(
    official: Path, tmp_path: Path
) -> None:
    form = LIBRARY.get("22-BV1")
    empty = render(OfficialPage(official / OFFICIAL[form.id][0], 10), 200.0)
    box = form.page(10).boxes[1].area.at_dpi(200.0)
    ticked = cv2.line(empty.copy(), (box.left, box.top), (box.right, box.bottom), 40, 2)
    cv2.line(ticked, (box.left, box.bottom), (box.right, box.top), 40, 2)
    scans = [tmp_path / "empty.png", tmp_path / "ticked.png"]
    for scan, page in zip(scans, (empty, ticked), strict=True):
        Image.fromarray(page).save(scan, dpi=(200, 200))
    read = [
        next((f.state, f.text) for f in page.fields if f.field_id == "summary.treatment.kind")
        for page in try_form(form, scans)
    ]
    assert read == [("blank", ""), ("value", "procedure")]


def _sides(page: Grey, area: Area, dpi: float) -> npt.NDArray[np.float64]:
    """Left, top, right and bottom of the ink about a box, points."""
    scale, rim = dpi / POINTS_PER_INCH, 1.8
    left, top = int((area.left - rim) * scale), int((area.top - rim) * scale)
    right, bottom = int((area.right + rim) * scale), int((area.bottom + rim) * scale)
    ink = page[top:bottom, left:right] < 128
    ys, xs = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    return np.array([left + xs[0], top + ys[0], left + xs[-1] + 1, top + ys[-1] + 1]) / scale


@PAGES
def test_that_words_and_boxes_lie_where_the_official_file_prints_them(
    form: FormTemplate, number: int, official: Path, tmp_path: Path
) -> None:
    """At least 95 of 100 words within 0.3 pt, every box within 0.2 pt, measured on pixels at 300 dpi."""
    theirs, ours = _both(form, number, official, tmp_path)
    page = form.page(number)
    words = [_moved(theirs, ours, area) for area in _words(page)]
    known = np.array([w for w in words if w is not None])
    assert len(known) > 0.95 * len(words)
    assert (np.hypot(known[:, 0], known[:, 1]) <= 0.3).mean() >= 0.95
    boxes = [_moved(theirs, ours, area) for area in _boxes(form, page)]
    for moved in boxes:
        assert moved is not None
        assert np.hypot(*moved) <= 0.2


@PAGES
def test_that_nothing_is_missing_and_nothing_is_added(
    form: FormTemplate, number: int, official: Path, tmp_path: Path
) -> None:
    """Ink of one that has none of the other within 1 pt: marks over letters, drawn a little apart."""
    theirs, ours = _both(form, number, official, tmp_path)
    for one, other in ((theirs, ours), (ours, theirs)):
        near = cv2.dilate((other > 60).astype(np.uint8), np.ones((9, 9), np.uint8))
        dark = one > 120
        alone = (dark & (near == 0)).astype(np.uint8)
        assert alone.sum() <= 0.01 * dark.sum()
        largest = cv2.connectedComponentsWithStats(alone)[2][1:, cv2.CC_STAT_AREA]
        assert largest.max(initial=0) <= (2.5 * SCALE) ** 2


@pytest.mark.parametrize(("form_id", "number", "name", "other"), LOOK_ALIKES)
def test_that_the_anchors_tell_a_page_from_its_look_alikes(
    form_id: str, number: int, name: str, other: int, official: Path
) -> None:
    page = LIBRARY.get(form_id).page(number)
    (foreign,) = _extracted(official / name, (other,))
    own = [text for text in page.texts if text.text.strip(".…")]
    groups = [[t for t in own if _within(t, anchor)] for anchor in page.anchors]
    assert all(groups)
    assert all(_all_found(groups, own, shift) for shift in [(0.0, 0.0)])
    theirs = [text for text in foreign.texts if text.text.strip(".…")]
    shifts = {(b.x - a.x, b.y - a.y) for group in groups for a in group for b in theirs if a.text == b.text}
    assert not any(_all_found(groups, theirs, shift) for shift in shifts)


def _within(text: PrintedText, anchor: Area) -> bool:
    inside = anchor.left <= text.x and text.x + text.width <= anchor.right
    return inside and anchor.top <= text.y <= anchor.bottom


def _all_found(
    groups: list[list[PrintedText]], texts: list[PrintedText], shift: tuple[float, float], slack: float = 3.0
) -> bool:
    """Whether most words of every anchor stand at their place, moved by ``shift``."""
    return all(
        sum(
            any(
                a.text == b.text and abs(b.x - a.x - shift[0]) < slack and abs(b.y - a.y - shift[1]) < slack
                for b in texts
            )
            for a in group
        )
        >= 0.7 * len(group)
        for group in groups
    )


def _both(form: FormTemplate, number: int, official: Path, folder: Path) -> tuple[Grey, Grey]:
    """Ink (0 paper, 255 ink) of the official page and of ours, slightly smoothed, of one size."""
    if shutil.which("pdftoppm") is None:
        pytest.skip("pdftoppm is not here")
    name, numbers = OFFICIAL[form.id]
    page, out = str(numbers[number - 1]), folder / "page"
    command = ["pdftoppm", "-r", str(DPI), "-gray", "-f", page, "-l", page, "-singlefile"]
    subprocess.run([*command, str(official / name), str(out)], check=True, timeout=60)
    theirs = cv2.imread(f"{out}.pgm", cv2.IMREAD_GRAYSCALE)
    assert theirs is not None
    ours = render_page(form, number, DPI)
    height, width = min(theirs.shape[0], ours.shape[0]), min(theirs.shape[1], ours.shape[1])
    return _smoothed(theirs[:height, :width]), _smoothed(ours[:height, :width])


def _smoothed(page: npt.NDArray[np.generic]) -> Grey:
    ink = 255 - np.asarray(page, np.uint8)
    return np.asarray(cv2.GaussianBlur(ink, (0, 0), 1.0), np.uint8)


def _words(page: PageTemplate) -> Iterator[Area]:
    for t in page.texts:
        if len(t.text) > 1 and t.text.strip("./…"):
            yield Area(t.x - 1, t.y - 0.8 * t.size, t.x + t.width + 1, t.y + 0.25 * t.size)


def _boxes(form: FormTemplate, page: PageTemplate) -> Iterator[Area]:
    yield from (box.area.grown(2) for box in page.boxes)
    for field in form.fields_of(page.number):
        if field.kind in {FieldKind.COMB, FieldKind.CHOICE, FieldKind.MARK}:
            yield from (cell.area.grown(2) for cell in field.cells)


def _moved(theirs: Grey, ours: Grey, area: Area) -> tuple[float, float] | None:
    """How far their print lies from ours in an area, in points; ``None`` where there is none of ours."""
    box = area.at_dpi(DPI)
    height, width = ours.shape
    left, top = max(box.left, REACH_PX), max(box.top, REACH_PX)
    right, bottom = min(box.right, width - REACH_PX), min(box.bottom, height - REACH_PX)
    patch = ours[top:bottom, left:right]
    if patch.std() < 5:
        return None
    around = theirs[top - REACH_PX : bottom + REACH_PX, left - REACH_PX : right + REACH_PX]
    score = cv2.matchTemplate(around, patch, cv2.TM_CCOEFF_NORMED)
    _, best, _, (x, y) = cv2.minMaxLoc(score)
    if best < 0.5:
        return None
    dx = x - REACH_PX + _peak(score[y, :], x)
    dy = y - REACH_PX + _peak(score[:, x], y)
    return dx / SCALE, dy / SCALE


def _peak(scores: npt.NDArray[np.generic], at: int) -> float:
    """Where between pixels the peak of a parabola through three scores lies, relative to the middle one."""
    if not 0 < at < len(scores) - 1:
        return 0.0
    before, here, after = (float(v) for v in scores[at - 1 : at + 2])
    bend = before - 2 * here + after
    return 0.0 if bend >= 0 else 0.5 * (before - after) / bend
