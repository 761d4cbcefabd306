"""The composer's geometry is exact: what is drawn at a point is found where the mapping says."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from formscan.bench.damage import CANVAS_DPI, Damage, Fold, mapping_for
from formscan.bench.presets import Severity, draw
from formscan.bench.scanner import scan
from formscan.model.geometry import POINTS_PER_INCH

A4 = (595.0, 842.0)
PLACES = np.array(
    [[60.0, 70.0], [300.0, 200.5], [520.3, 410.0], [100.7, 640.2], [297.5, 421.0], [500.0, 780.0]]
)

BENT = Damage(
    dpi=240,
    turn=90,
    skew_deg=2.0,
    scale=(0.99, 1.01),
    corners_mm=((2.0, 1.0), (-2.0, 3.0), (1.0, -2.0), (0.0, 0.0)),
    waves=((0.03, 0.01, 0.4, 0.4, -0.3), (0.0, 0.04, 1.0, -0.2, 0.5)),
    folds=(Fold(0.5, 1.0, 0.3, 4.0, 0.1, shadow=0.0),),
    margin_mm=6.0,
)


def blob_page(places: np.ndarray) -> np.ndarray:
    """A white page with a soft black dot exactly at each place (points)."""
    scale = CANVAS_DPI / POINTS_PER_INCH
    height, width = round(A4[1] * scale), round(A4[0] * scale)
    page = np.full((height, width), 255.0)
    for x, y in places * scale - 0.5:
        ys, xs = np.mgrid[int(y) - 20 : int(y) + 22, int(x) - 20 : int(x) + 22]
        page[ys, xs] -= 250 * np.exp(-((xs - x) ** 2 + (ys - y) ** 2) / (2 * 4.0**2))
    return page.astype(np.uint8)


def found_near(image: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Centre of mass of the dark near a place."""
    x, y = round(float(at[0])), round(float(at[1]))
    part = 255.0 - image[y - 14 : y + 15, x - 14 : x + 15].astype(float)
    ys, xs = np.mgrid[y - 14 : y + 15, x - 14 : x + 15]
    return np.asarray(np.array([(xs * part).sum(), (ys * part).sum()]) / part.sum())


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
@pytest.mark.parametrize("dpi", [150.0, 300.0])
def test_that_a_dot_is_found_where_the_truth_says_in_any_turn(turn: int, dpi: float) -> None:
    image, mapping = scan(blob_page(PLACES), Damage(dpi=dpi, turn=turn, skew_deg=1.3, margin_mm=3.0))
    for true in mapping.to_image(PLACES):
        assert np.abs(found_near(image, true) - true).max() < 0.1


def test_that_a_dot_is_found_where_the_truth_says_on_bent_folded_paper() -> None:
    image, mapping = scan(blob_page(PLACES), BENT)
    for true in mapping.to_image(PLACES):
        assert np.abs(found_near(image, true) - true).max() < 0.3


def test_that_the_mapping_and_its_inverse_undo_each_other() -> None:
    mapping = mapping_for(BENT, A4)
    assert np.abs(mapping.to_points(mapping.to_image(PLACES)) - PLACES).max() < 1e-6


def test_that_random_damage_of_any_severity_stays_invertible() -> None:
    rng = np.random.default_rng(7)
    grid = np.stack(np.meshgrid(np.linspace(10, 585, 9), np.linspace(10, 832, 9)), axis=-1).reshape(-1, 2)
    for number in range(60):
        mapping = mapping_for(draw(list(Severity)[number % 3], rng), A4)
        assert np.abs(mapping.to_points(mapping.to_image(grid)) - grid).max() < 1e-5


def test_that_the_same_seed_gives_the_same_scan() -> None:
    pages = [scan(blob_page(PLACES), draw(Severity.HARD, np.random.default_rng(3)))[0] for _ in range(2)]
    assert np.array_equal(pages[0], pages[1])


def test_that_scale_is_that_of_the_resolution() -> None:
    mapping = mapping_for(Damage(dpi=150.0), A4)
    assert np.allclose(mapping.scale_at(PLACES), 0.5)


def test_that_a_scan_in_colour_keeps_its_shape() -> None:
    colour = np.asarray(cv2.cvtColor(blob_page(PLACES), cv2.COLOR_GRAY2RGB), dtype=np.uint8)
    image, mapping = scan(colour, Damage(dpi=150.0, stamps=((100.0, 100.0, 15.0, 0.7),), jpeg=70))
    assert image.shape == (*mapping.shape, 3)
