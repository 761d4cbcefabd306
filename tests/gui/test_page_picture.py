"""Pages as painted: what is decoded beside the keys shows what Qt itself would show."""

from __future__ import annotations

import io
import itertools

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image
from PySide6.QtGui import QImage

from ui.items.page_picture import LEVELS, PagePicture

SIZE = (333, 471)
"""Odd, and higher than a strip: nothing halves evenly."""


def _written() -> Image.Image:
    chance = np.random.default_rng(5)
    shades = np.add.outer(np.arange(SIZE[1]) % 97, np.arange(SIZE[0]) % 131).astype(np.uint8)
    return Image.fromarray(shades + chance.integers(0, 20, shades.shape, dtype=np.uint8))


def _coloured() -> Image.Image:
    page = _written().convert("RGB")
    page.paste((180, 30, 40), (40, 440, 90, 460))  # only a stamp at the foot is no grey
    return page


PAGES = {
    "grey": (_written(), "PNG", True),
    "colour": (_coloured(), "PNG", False),
    "colour, JPEG": (_coloured(), "JPEG", False),
    "grey kept as colour": (_written().convert("RGB"), "PNG", True),
    "black and white": (_written().convert("1"), "PNG", True),
    "sixteen bits": (Image.fromarray(np.asarray(_written()).astype(np.uint16) * 257), "PNG", True),
    "palette": (_coloured().quantize(16), "PNG", False),
    "see-through": (_coloured().convert("RGBA"), "PNG", False),
}


def _encoded(page: Image.Image, kind: str) -> bytes:
    out = io.BytesIO()
    page.save(out, kind)
    return out.getvalue()


def _pixels(image: QImage) -> npt.NDArray[np.uint8]:
    plain = image.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(plain.constBits(), np.uint8).reshape(plain.height(), plain.bytesPerLine())
    return rows[:, : 3 * plain.width()].copy()


@pytest.mark.parametrize("kind", PAGES)
def test_that_every_pixel_of_a_page_is_as_qt_reads_it(kind: str) -> None:
    page, coding, grey = PAGES[kind]
    data = _encoded(page, coding)
    whole = PagePicture.decode(data).levels[0]
    expected = QImage.Format.Format_Grayscale8 if grey else QImage.Format.Format_RGB32
    assert whole.format() == expected
    assert np.array_equal(_pixels(whole), _pixels(QImage.fromData(data).convertToFormat(expected)))


@pytest.mark.parametrize("kind", PAGES)
def test_that_each_pixel_of_a_level_is_the_mean_of_four_of_the_one_before(kind: str) -> None:
    page, coding, _grey = PAGES[kind]
    levels = PagePicture.decode(_encoded(page, coding)).levels
    assert len(levels) == LEVELS
    for whole, half in itertools.pairwise(levels):
        width, height = whole.width() // 2, whole.height() // 2
        assert (half.width(), half.height(), half.format()) == (width, height, whole.format())
        four = _pixels(whole)[: 2 * height, : 6 * width].reshape(height, 2, width, 2, 3)
        apart = np.abs(_pixels(half).reshape(height, width, 3) - four.mean(axis=(1, 3)))
        assert apart.max() <= 1


def test_that_a_page_of_one_pixel_keeps_one_at_every_level() -> None:
    picture = PagePicture.decode(_encoded(Image.new("L", (1, 1), 77), "PNG"))
    assert [(level.width(), level.height()) for level in picture.levels] == [(1, 1)] * LEVELS
    assert [level.pixelColor(0, 0).red() for level in picture.levels] == [77] * LEVELS


@pytest.mark.parametrize("data", [b"", b"no picture", _encoded(_written(), "PNG")[:60]])
def test_that_bytes_that_are_no_picture_are_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="not a picture"):
        PagePicture.decode(data)
