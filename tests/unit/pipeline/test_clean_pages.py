"""A page comes out upright, straight and evenly lit, and every pixel leads back to the scan."""

from __future__ import annotations

import math

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFont

from formscan.model.page import Page, Source
from formscan.paths import resources_dir
from formscan.pipeline.blankness import is_blank
from formscan.pipeline.clean import clean, straightened

DPI = 150.0
HEIGHT, WIDTH = 1754, 1240
LINES = (
    "Họ và tên người bệnh (chữ in hoa): . . . . . . . . . . . . . . . . .",
    "Sinh ngày: . . . . / . . . . / . . . . . . . .  Giới: nam  nữ  khác",
    "Nghề nghiệp: . . . . . . . . . . . .  Dân tộc: . . . . . . . . . . .",
    "Địa chỉ: số nhà, thôn, phố, xã, phường, tỉnh, thành phố . . . . . .",
    "Quá trình bệnh lý: khởi phát, diễn biến, chẩn đoán, điều trị của",
    "tuyến dưới. Tiền sử bệnh: những bệnh đã mắc, dị ứng, thói quen.",
    "Bảo hiểm y tế giá trị đến ngày . . . . . . . Đối tượng hưởng . . . .",
)


def form(seed: int = 0) -> np.ndarray:
    """A page of print with rules and boxes; uint8 (1754, 1240)."""
    image = Image.new("L", (WIDTH, HEIGHT), 255)
    pen = ImageDraw.Draw(image)
    face = str(resources_dir() / "fonts" / "LiberationSerif-Regular.ttf")
    font, head = ImageFont.truetype(face, 25), ImageFont.truetype(face, 38)
    pen.text((300, 90), "Bệnh án nội khoa", font=head, fill=10)
    rng = np.random.default_rng(seed)
    for row in range(30):
        pen.text((90, 170 + row * 42), LINES[int(rng.integers(len(LINES)))], font=font, fill=20)
    pen.rectangle((85, 1450, 1150, 1650), outline=0, width=2)
    for x in range(200, 1150, 150):
        pen.line((x, 1450, x, 1650), fill=0, width=2)
    return np.asarray(image, np.uint8)


def scanned(pixels: np.ndarray, dpi: float = DPI) -> Page:
    return Page(Source("p", ""), np.ascontiguousarray(pixels), dpi)


def turned_by(pixels: np.ndarray, deg: float, paper: int = 255) -> np.ndarray:
    """The content turned clockwise."""
    height, width = pixels.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), -deg, 1.0)
    return np.asarray(cv2.warpAffine(pixels, turn, (width, height), flags=cv2.INTER_CUBIC, borderValue=paper))


def noisy(pixels: np.ndarray, seed: int = 1, sigma: float = 6.0) -> np.ndarray:
    rough = pixels + np.random.default_rng(seed).normal(0, sigma, pixels.shape)
    return np.clip(rough, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("deg", [-14.0, -3.3, -0.7, -0.12, 0.0, 0.25, 1.0, 2.9, 7.4, 15.0])
def test_that_skew_is_found_to_a_tenth_of_a_degree_positive_clockwise(deg: float) -> None:
    found = clean(scanned(noisy(turned_by(form(), deg))))
    assert found.skew_deg == pytest.approx(deg, abs=0.1)
    assert found.turned == 0


@pytest.mark.parametrize("quarters", [0, 1, 2, 3])
@pytest.mark.parametrize("deg", [-2.0, 0.0, 3.5])
def test_that_a_page_is_put_upright_from_any_side(quarters: int, deg: float) -> None:
    lying = np.rot90(turned_by(form(quarters), deg), quarters)
    found = clean(scanned(noisy(lying)))
    assert found.turned == quarters * 90
    again = clean(scanned(found.grey))
    assert again.turned == 0
    assert abs(again.skew_deg) < 0.1


@settings(max_examples=25, deadline=None)
@given(
    turned=st.sampled_from([0, 90, 180, 270]),
    deg=st.floats(-15, 15),
    x=st.integers(40, 340),
    y=st.integers(40, 560),
)
def test_that_every_place_leads_back_to_the_scan(turned: int, deg: float, x: int, y: int) -> None:
    page = np.full((600, 380), 255, np.uint8)
    page[y - 4 : y + 5, x - 4 : x + 5] = 0
    out, back = straightened(page, turned, deg)
    rows, cols = np.nonzero(out < 255)
    dark = 255.0 - out[rows, cols]
    place = back @ (np.average(cols, weights=dark), np.average(rows, weights=dark), 1.0)
    assert place[:2] == pytest.approx((x, y), abs=0.1)


@settings(max_examples=40, deadline=None)
@given(turned=st.sampled_from([0, 90, 180, 270]), deg=st.floats(-20, 20), wide=st.integers(50, 300))
def test_that_nothing_of_the_page_falls_off_the_canvas(turned: int, deg: float, wide: int) -> None:
    page = np.full((211, wide), 255, np.uint8)
    out, back = straightened(page, turned, deg)
    forth = np.linalg.inv(back)
    for corner in ((0, 0), (wide - 1, 0), (0, 210), (wide - 1, 210)):
        x, y, _ = forth @ (*corner, 1.0)
        assert -0.51 <= x <= out.shape[1] - 0.49
        assert -0.51 <= y <= out.shape[0] - 0.49


def test_that_a_page_already_straight_is_not_resampled() -> None:
    page = form()
    found = clean(scanned(page))
    assert found.grey.shape == page.shape
    assert np.array_equal(found.to_source, np.eye(3))


def test_that_uneven_light_is_evened_and_noted() -> None:
    shade = np.linspace(0.55, 1.0, WIDTH)[None, :] * np.linspace(0.9, 1.0, HEIGHT)[:, None]
    found = clean(scanned(noisy((form() * shade).astype(np.uint8), sigma=2)))
    paper = [
        float(np.median(found.grey[y : y + 60, x : x + 30])) for y in (20, 1670) for x in (10, 600, 1190)
    ]
    assert min(paper) > 245
    assert "light.uneven" in found.notes
    assert float((found.grey < 100).mean()) == pytest.approx(float((form() < 100).mean()), rel=0.35)


def test_that_faint_pencil_survives() -> None:
    page = np.full((HEIGHT, WIDTH), 230, np.uint8)
    cv2.putText(page, "38.5", (300, 600), cv2.FONT_HERSHEY_SIMPLEX, 1.5, 178.0, 2)
    found = clean(scanned(noisy(page, sigma=2)))
    assert not found.blank
    assert int((found.grey[540:620, 280:440] < 225).sum()) > 200


def test_that_black_rims_and_punched_holes_are_painted_white_and_print_is_not() -> None:
    page = turned_by(form(), 2.0, paper=12)
    for y in (500, 970):
        cv2.circle(page, (62, y), round(3 * DPI / 25.4), 15, -1)
    page[:, :30] = 10
    found = clean(scanned(noisy(page)))
    assert found.skew_deg == pytest.approx(2.0, abs=0.1)
    assert "edge.foreign" in found.notes
    assert float((found.grey[:, :60] < 128).mean()) < 0.01
    forth = np.linalg.inv(found.to_source)
    for y in (500, 970):
        x, at, _ = forth @ (62.0, float(y), 1.0)
        assert found.grey[round(at), round(x)] == 255
    assert float((found.grey < 100).sum()) > 0.8 * float((form() < 100).sum())


def bleeding(strength: float) -> np.ndarray:
    """The back of a printed sheet: the front mirrored, blurred and faint."""
    through = cv2.GaussianBlur(form()[:, ::-1], (0, 0), 1.6).astype(np.float32)
    return np.asarray(244 - (255 - through) * strength, np.uint8)


@pytest.mark.parametrize("strength", [0.0, 0.05, 0.10])
def test_that_the_back_of_a_sheet_with_dust_and_holes_is_blank(strength: float) -> None:
    rng = np.random.default_rng(5)
    page = bleeding(strength)
    for _ in range(40):
        place = (int(rng.integers(WIDTH)), int(rng.integers(HEIGHT)))
        cv2.circle(page, place, int(rng.integers(1, 3)), float(rng.integers(40, 160)), -1)
    for y in (500, 970):
        cv2.circle(page, (72, y), round(3 * DPI / 25.4), 15, -1)
    assert clean(scanned(noisy(page, sigma=3))).blank


@pytest.mark.parametrize("darkness", [60, 120, 170])
def test_that_one_line_of_writing_makes_a_page_not_blank(darkness: int) -> None:
    page = np.full((HEIGHT, WIDTH), 240, np.uint8)
    cv2.putText(page, "stable", (400, 800), cv2.FONT_HERSHEY_SCRIPT_SIMPLEX, 1.4, float(darkness), 2)
    assert not clean(scanned(noisy(page, sigma=3))).blank


def test_that_an_empty_page_is_left_as_it_lies() -> None:
    found = clean(scanned(np.full((HEIGHT, WIDTH), 250, np.uint8)))
    assert found.blank
    assert (found.turned, found.skew_deg) == (0, 0.0)
    assert is_blank(np.full((20, 20), 255, np.uint8), 100)


def test_that_colour_and_other_resolutions_are_taken() -> None:
    colour = np.repeat(turned_by(form(), 1.5)[..., None], 3, axis=2)
    assert clean(scanned(colour)).skew_deg == pytest.approx(1.5, abs=0.1)
    large = cv2.resize(turned_by(form(), -1.5), None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
    found = clean(scanned(np.asarray(large), 300.0))
    assert found.skew_deg == pytest.approx(-1.5, abs=0.1)
    assert found.dpi == 150.0
    assert math.hypot(*found.to_source[:2, 0]) == pytest.approx(2.0)
    corner = found.to_source @ (found.grey.shape[1] / 2 - 0.5, found.grey.shape[0] / 2 - 0.5, 1.0)
    assert corner[:2] == pytest.approx((large.shape[1] / 2 - 0.5, large.shape[0] / 2 - 0.5), abs=0.51)


def test_that_the_whole_chain_returns_a_mark_to_its_place() -> None:
    page = np.rot90(turned_by(form(), -2.5), 1).copy()
    found = clean(scanned(page))
    angle = math.degrees(math.atan2(found.to_source[1, 0], found.to_source[0, 0]))
    assert (angle + found.turned - found.skew_deg) % 360 == pytest.approx(0, abs=1e-6) or (
        angle + found.turned - found.skew_deg
    ) % 360 == pytest.approx(360, abs=1e-6)
    again = cv2.warpAffine(
        found.grey,
        np.linalg.inv(found.to_source)[:2],
        page.shape[::-1],
        flags=cv2.WARP_INVERSE_MAP,
        borderValue=255,
    )
    inner = (slice(100, -100), slice(100, -100))
    assert float(np.corrcoef(again[inner].ravel(), page[inner].ravel())[0, 1]) > 0.93
