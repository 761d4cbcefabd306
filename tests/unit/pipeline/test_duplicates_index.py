"""Second scans are named; other copies of the same form are not."""

from __future__ import annotations

import io

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from formscan.model.page import Page, Source
from formscan.pipeline.duplicates import DuplicateIndex, NearIndex, fingerprint
from formscan.pipeline.sheets import sheet_of

DPI = 150.0
SIZE = (1240, 1754)
NAMES = ("Nguyen Van An", "Tran Thi Bich", "Le Hoang Long", "Pham Minh Duc", "Hoang Thu Ha", "Vu Ngoc Lan")


def copy_of_form(seed: int) -> np.ndarray:
    """One form, filled in by another hand at every seed."""
    rng = np.random.default_rng(seed)
    image = Image.new("L", SIZE, 250)
    pen = ImageDraw.Draw(image)
    font = ImageFont.load_default(22)
    for row in range(34):
        pen.text(
            (90, 120 + row * 45),
            f"{row + 1}. Question about the patient: . . . . . . . . .",
            font=font,
            fill=15,
        )
        if rng.random() < 0.5:
            words = NAMES[int(rng.integers(len(NAMES)))]
            pen.text(
                (560 + int(rng.integers(60)), 112 + row * 45), words, font=ImageFont.load_default(28), fill=70
            )
    return np.asarray(image, np.uint8)


def scan(paper: np.ndarray, seed: int) -> np.ndarray:
    rng = np.random.default_rng(1000 + seed)
    height, width = paper.shape
    turn = cv2.getRotationMatrix2D(
        (width / 2, height / 2), rng.uniform(-1.5, 1.5), 1 + rng.uniform(-0.003, 0.003)
    )
    turn = turn + np.pad(rng.uniform(-8, 8, (2, 1)), ((0, 0), (2, 0)))
    out = cv2.warpAffine(paper, turn, (width, height), flags=cv2.INTER_CUBIC, borderValue=250)
    rough = cv2.GaussianBlur(out, (0, 0), 0.6) * rng.uniform(0.9, 1.0) + rng.normal(0, 4, out.shape)
    coded = io.BytesIO()
    Image.fromarray(np.clip(rough, 0, 255).astype(np.uint8)).save(
        coded, "JPEG", quality=int(rng.integers(50, 90))
    )
    return np.asarray(Image.open(coded), np.uint8)


def page(pixels: np.ndarray, name: str) -> Page:
    return Page(Source(name, ""), pixels, DPI, fingerprint=fingerprint(pixels))


def seen(index: NearIndex, page: Page) -> str | None:
    """Name of the page this one is a second scan of."""
    sheet = sheet_of(page)
    known = None if sheet is None else index.seen(page.source, sheet)
    return known.name if known else None


def test_that_the_same_pixels_are_an_exact_duplicate_under_any_name() -> None:
    index, pixels = DuplicateIndex(), scan(copy_of_form(0), 0)
    assert index.seen(page(pixels, "a")) is None
    again = index.seen(page(pixels.copy(), "b"))
    assert again is not None
    assert again.exact
    assert again.of.name == "a"


def test_that_second_scans_are_found_and_other_copies_are_not() -> None:
    index = NearIndex()
    papers = [copy_of_form(n) for n in range(6)]
    assert [seen(index, page(scan(p, n), f"copy {n}")) for n, p in enumerate(papers)] == [None] * 6
    for number, paper in enumerate(papers):
        assert seen(index, page(scan(paper, 50 + number), "again")) == f"copy {number}"


def test_that_one_more_cross_makes_another_page() -> None:
    index, paper = NearIndex(), copy_of_form(0)
    assert seen(index, page(scan(paper, 0), "a")) is None
    crossed = paper.copy()
    cv2.line(crossed, (1130, 600), (1150, 620), 60.0, 3)
    cv2.line(crossed, (1150, 600), (1130, 620), 60.0, 3)
    assert seen(index, page(scan(crossed, 1), "b")) is None


def test_that_pages_with_nothing_on_them_are_not_near_duplicates() -> None:
    index = NearIndex()
    rng = np.random.default_rng(0)
    for name in ("a", "b"):
        paper = rng.normal(245, 3, SIZE[::-1]).clip(0, 255).astype(np.uint8)
        assert seen(index, page(paper, name)) is None


def test_that_memory_for_near_duplicates_is_bounded() -> None:
    index = NearIndex(kept=1)
    papers = [copy_of_form(n) for n in range(2)]
    for number, paper in enumerate(papers):
        assert seen(index, page(scan(paper, number), str(number))) is None
    assert seen(index, page(scan(papers[1], 9), "second")) == "1"
    assert seen(index, page(scan(papers[0], 9), "first")) is None


def test_that_the_fingerprint_changes_little_with_the_scan() -> None:
    paper = copy_of_form(3)
    other = scan(paper, 1)
    apart = (fingerprint(paper) ^ fingerprint(other)).bit_count()
    assert 0 <= apart <= 16
    assert 0 <= fingerprint(paper) < 2**64
