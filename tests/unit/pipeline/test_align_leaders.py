"""Pages that are mostly rows of dots, where a dot is easily taken for its neighbour."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
import pytest

from formscan.errors import UnknownFormError
from formscan.model.geometry import Area
from formscan.model.page import FRAME_DPI, CleanPage, Grey, Identification, Page, Source
from formscan.model.template import FontStyle, FormTemplate, PageTemplate, PrintedText
from formscan.pipeline.align import PITCH_MM, AlignLimits, align_page
from formscan.templates import render_page

SCALE = FRAME_DPI / 72
LABELS = "Thần kinh:", "Tai mũi họng:", "Răng hàm mặt:", "Nội tiết:", "Cơ xương khớp:", "Tóm tắt bệnh án:"


def _form() -> FormTemplate:
    texts = [PrintedText(200, 40, 200, 16, FontStyle.BOLD, "III. BỆNH ÁN THEO DÕI")]
    for row in range(38):
        y, start = 66 + row * 19.5, 20.0
        if row % 3 == 0:
            texts.append(PrintedText(20, y, 90, 12, FontStyle.REGULAR, LABELS[row // 3 % len(LABELS)]))
            start = 112.5
        dots = int((570 - start) / 2.5)
        texts.append(PrintedText(start, y, dots * 2.5, 10, FontStyle.REGULAR, "." * dots))
    return FormTemplate(
        "L", "1", "L", "L", "L", "", "", (PageTemplate(1, 595.0, 842.0, tuple(texts)),), (), ()
    )


FORM = _form()
PLACES = np.array([[x, 66 + row * 19.5 - 4] for row in range(1, 38, 3) for x in (60, 180, 300, 420, 540)])


@lru_cache
def _blank() -> Grey:
    return render_page(FORM, 1, FRAME_DPI)


def _drawn_to(crease_px: float, kink_mm: float, wave_px: float) -> tuple[Grey, np.ndarray]:
    """A scan folded lengthwise, both halves drawn to the crease; and the true places of ``PLACES`` on it."""
    height, width = _blank().shape

    def lies(x: np.ndarray) -> np.ndarray:
        away = x - crease_px
        kink = kink_mm / 25.4 * FRAME_DPI
        moved = wave_px * np.sin(x / 420) - np.sign(away) * (1 - np.exp(-np.abs(away) / 60)) * kink
        return np.asarray(x + moved)

    x = np.arange(width, dtype=np.float64)
    source = np.interp(x, lies(x), x).astype(np.float32)
    rows = np.arange(height, dtype=np.float32)
    scan = cv2.remap(
        _blank(),
        np.repeat(source[None], height, axis=0),
        np.repeat(rows[:, None], width, axis=1),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=255,
    )
    noisy = cv2.GaussianBlur(scan, (0, 0), 1.2) + np.random.default_rng(0).normal(0, 6, scan.shape)
    exact = PLACES * SCALE - 0.5
    exact[:, 0] = lies(exact[:, 0])
    return np.asarray(np.clip(noisy, 0, 255), np.uint8), exact


def _laid(scan: Grey) -> tuple[CleanPage, Identification]:
    page = CleanPage(
        Page(Source("p.png", "0"), scan, FRAME_DPI), scan, FRAME_DPI, 0, 0.0, np.eye(3), blank=False
    )
    to_page = np.array([[SCALE, 0, -0.5], [0, SCALE, -0.5], [0, 0, 1]])
    return page, Identification(FORM, 1, 1.0, 0.0, to_page)


def test_that_dots_beside_a_fold_are_not_taken_for_their_neighbours() -> None:
    scan, exact = _drawn_to(1500.0, 0.15, 3.0)
    aligned = align_page(*_laid(scan), _blank())
    off = np.hypot(*(aligned.to_source_points(PLACES * SCALE - 0.5) - exact).T)
    assert off.max() <= 4.0
    assert aligned.worst_mm < 0.5


def test_that_a_place_taken_for_its_neighbour_is_never_silent() -> None:
    """Bent so much between the words that dots alone cannot tell which of them is which."""
    scan, exact = _drawn_to(1500.0, 0.3, 9.0)
    aligned = align_page(*_laid(scan), _blank(), AlignLimits(residual_mm=9.0, worst_mm=9.0))
    off = np.hypot(*(aligned.to_source_points(PLACES * SCALE - 0.5) - exact).T) / FRAME_DPI * 25.4
    told = np.array([aligned.residual_near(Area(x - 20, y - 5, x + 20, y + 5)) for x, y in PLACES])
    assert off.max() > 0.5, "else this page is too easy for what it is to show"
    assert not ((off > 0.35) & (told < 0.2)).any()
    assert not ((off > 1.0) & (told < 1.0)).any()


def test_that_rows_whose_dots_stand_between_two_of_the_template_are_told() -> None:
    scan = _blank().copy()
    shift = round(PITCH_MM / 2 / 25.4 * FRAME_DPI)
    band = slice(round(300 * SCALE), round(330 * SCALE)), slice(round(250 * SCALE), round(420 * SCALE))
    scan[band] = np.roll(scan[band], shift, axis=1)
    aligned = align_page(*_laid(scan), _blank(), AlignLimits(residual_mm=9.0, worst_mm=9.0))
    assert aligned.residual_near(Area(300, 305, 360, 315)) >= 0.3
    assert aligned.residual_near(Area(30, 585, 100, 592)) < 0.2
    with pytest.raises(UnknownFormError, match=r"align\.residual"):
        align_page(*_laid(scan), _blank())
