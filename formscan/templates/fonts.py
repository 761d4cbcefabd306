"""The serif the forms are printed in: Liberation Serif, of the same widths as Times New Roman."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Final

from PIL import ImageFont

from formscan.model.template import FontStyle
from formscan.paths import resources_dir

FILES: Final = {
    FontStyle.REGULAR: "LiberationSerif-Regular.ttf",
    FontStyle.BOLD: "LiberationSerif-Bold.ttf",
    FontStyle.ITALIC: "LiberationSerif-Italic.ttf",
    FontStyle.BOLD_ITALIC: "LiberationSerif-BoldItalic.ttf",
}

_NOBODYS: Final = "\U0010fffe"
"""A code point no font may have."""


def font_file(style: FontStyle) -> Path:
    """The TrueType file of a cut."""
    return resources_dir() / "fonts" / FILES[style]


@lru_cache(maxsize=256)
def font(style: FontStyle, size_px: float) -> ImageFont.FreeTypeFont:
    """A cut at a size in pixels of the em, laid out without a shaping engine, so the same everywhere."""
    return ImageFont.truetype(str(font_file(style)), size=size_px, layout_engine=ImageFont.Layout.BASIC)


@lru_cache(maxsize=2048)
def has_glyph(style: FontStyle, letter: str) -> bool:
    """Whether a cut has a letter; one it has not is drawn as the empty box of missing letters."""
    face = font(style, 32.0)
    return letter == " " or bytes(face.getmask(letter)) != bytes(face.getmask(_NOBODYS))
