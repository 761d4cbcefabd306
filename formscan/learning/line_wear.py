"""What happens to a written line before it is read: dots and rules of the form, neighbours, the scanner."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from formscan.engines.ink import Presence, measure
from formscan.engines.lift import lifted
from formscan.engines.line_picture import picture_of
from formscan.model.geometry import Area, Box
from formscan.model.page import Grey
from formscan.model.reading import Crop
from formscan.model.template import Cell, FieldKind, FieldSpec, ValueType

_DPI: Final = 300.0
_FIELD: Final = FieldSpec("line", 1, FieldKind.TEXT, ValueType.TEXT, "", "", (Cell(Area(0, 0, 1, 1), ""),))


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """Where a line stands.

    Attributes:
        print: uint8, 0 paper to 255 print: dots, rules, box borders, bits of labels.
        ink: uint8 of the same shape, 0 paper to 255 ink: the line.
        other: uint8 of the same shape: ink that is none of the line's.
    """

    print: Grey
    ink: Grey
    other: Grey


def worn(ink: Grey, size: int, rng: np.random.Generator, *, hand: bool) -> Grey | None:
    """The picture a reader gets of a line; uint8 (HEIGHT, width), or None where nothing is left of it.

    Args:
        ink: uint8, 0 paper to 255 ink, the line with blank margins.
        size: Font size in pixels.
        rng: Source of all chance.
        hand: Written, not printed: neighbours and shaded paper are likelier.
    """
    tight = trimmed(ink)
    if tight is None:
        return None
    draw = rng.random()
    if draw < (0.45 if hand else 0.5):
        return picture_of(alone(tight, size, rng), _DPI, clean=True)
    sheet = sheet_of(tight, size, rng, hand=hand)
    if draw < (0.62 if hand else 0.9):
        return _lifted(sheet, size, rng)
    return picture_of(on_paper(sheet, rng), 0.0)


def trimmed(ink: Grey) -> Grey | None:
    """The line without its blank margins; None where there is no ink."""
    rows, cols = np.flatnonzero((ink > 60).any(axis=1)), np.flatnonzero((ink > 60).any(axis=0))
    if not rows.size:
        return None
    return ink[rows[0] : rows[-1] + 1, cols[0] : cols[-1] + 1]


def sheet_of(tight: Grey, size: int, rng: np.random.Generator, *, hand: bool) -> Sheet:
    """The line on a form: in a box, on dots or on a rule, with neighbours above and below."""
    height, width = tight.shape
    above, below = (int(v) for v in rng.integers(max(4, size // 6), size, 2))
    left, right = (int(v) for v in rng.integers(12, 60, 2))
    shape = (height + above + below, width + left + right)
    ink, printed, other = (np.zeros(shape, np.uint8) for _ in range(3))
    ink[above : above + height, left : left + width] = tight
    base = above + height - round(size * rng.uniform(0.0, 0.3))
    draw = rng.random()
    if draw < 0.6:
        _dots(printed, base, rng)
    elif draw < 0.78:
        cv2.line(
            printed,
            (0, base),
            (shape[1], base + int(rng.normal(0, 1.5))),
            color=255,
            thickness=int(rng.integers(1, 4)),
        )
    if rng.random() < (0.5 if hand else 0.3):
        _neighbour(other, size, above, base, rng)
    return Sheet(printed, ink, other)


def _dots(printed: Grey, row: int, rng: np.random.Generator) -> None:
    """A dotted leader as word processors set it at 300 dpi."""
    pitch, radius = rng.uniform(9, 16), rng.uniform(1.4, 3.2)
    start = rng.uniform(0, pitch)
    for x in np.arange(start, printed.shape[1], pitch):
        centre = (round(x * 8), round(row * 8 + rng.normal(0, 2)))
        cv2.circle(printed, centre, round(radius * 8), color=255, thickness=-1, lineType=cv2.LINE_AA, shift=3)


def _neighbour(other: Grey, size: int, above: int, base: int, rng: np.random.Generator) -> None:
    """Tails of the line above, heads of the one below, or a stroke that comes in from the side."""
    height, width = other.shape
    pen = int(rng.integers(2, 6))
    for _ in range(int(rng.integers(1, 6))):
        x = int(rng.integers(0, width))
        draw = rng.random()
        if draw < 0.45:
            tip = (x + int(rng.normal(0, size / 5)), int(min(above * 0.9, rng.uniform(2, size / 2))))
            cv2.line(other, (x, 0), tip, color=255, thickness=pen, lineType=cv2.LINE_AA)
        elif draw < 0.9:
            top = int(max(base + size * 0.25, height - rng.uniform(2, size / 2)))
            cv2.line(
                other,
                (x, height),
                (x + int(rng.normal(0, size / 5)), top),
                color=255,
                thickness=pen,
                lineType=cv2.LINE_AA,
            )
        else:
            cv2.line(
                other,
                (0, int(rng.integers(0, height))),
                (int(rng.integers(3, 18)), int(rng.integers(0, height))),
                color=255,
                thickness=pen,
                lineType=cv2.LINE_AA,
            )


def _lifted(sheet: Sheet, size: int, rng: np.random.Generator) -> Grey | None:
    """What the line's own lifting of print leaves, blank and all."""
    blank = np.asarray(255 - sheet.print, dtype=np.uint8)
    slip = np.array([[1.0, 0.0, rng.normal(0, 0.7)], [0.0, 1.0, rng.normal(0, 0.6)]])
    printed = cv2.warpAffine(sheet.print, slip, (blank.shape[1], blank.shape[0]), flags=cv2.INTER_LINEAR)
    image = _together(np.asarray(printed, dtype=np.uint8), sheet, rng)
    image = _scanner(image, rng)
    height, width = image.shape
    cell = Box(4, 2, width - 4, height - 2)
    crop = Crop(_FIELD, image, blank, (cell,), _DPI, Box(0, 0, width, height), 0.05)
    ink = measure(crop)
    if ink.presence(crop.cells) is Presence.BLANK or not ink.mask.any():
        return None
    own = ink.mask.copy()
    wrong = (sheet.other > 60) & ~(sheet.ink > 60)
    own[cv2.dilate(wrong.view(np.uint8), np.ones((3, 3), np.uint8)) > 0] = False
    if rng.random() < 0.35:
        own = ink.mask.copy()
    if not own.any():
        return None
    body = lifted(crop, ink, own, np.asarray(ink.mask & ~own, dtype=np.bool_))
    return picture_of(body, _DPI, clean=True)


def _together(printed: Grey, sheet: Sheet, rng: np.random.Generator) -> Grey:
    """Print and ink multiply: both take away light."""
    dark, pale = rng.uniform(0.55, 1.0), rng.uniform(0.6, 1.0)
    light = (1 - sheet.ink / 255.0 * dark) * (1 - sheet.other / 255.0 * dark) * (1 - printed / 255.0 * pale)
    return np.asarray(255 * light, dtype=np.uint8)


def _scanner(image: Grey, rng: np.random.Generator) -> Grey:
    """Blur, another resolution, noise, compression, a threshold at times."""
    out = image
    if rng.random() < 0.35:
        share = rng.uniform(0.5, 0.85)
        small = cv2.resize(out, None, fx=share, fy=share, interpolation=cv2.INTER_AREA)
        out = np.asarray(
            cv2.resize(small, (out.shape[1], out.shape[0]), interpolation=cv2.INTER_LINEAR), dtype=np.uint8
        )
    out = np.asarray(cv2.GaussianBlur(out, (0, 0), rng.uniform(0.3, 1.3)), dtype=np.uint8)
    if rng.random() < 0.07:
        return np.asarray(np.where(out < rng.uniform(110, 190), 0, 255), dtype=np.uint8)
    noise = rng.normal(0, rng.uniform(0, 9), out.shape).astype(np.float32)
    out = np.asarray(np.clip(out + noise, 0, 255), dtype=np.uint8)
    if rng.random() < 0.3:
        _, packed = cv2.imencode(".jpg", out, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(30, 85))])
        out = np.asarray(cv2.imdecode(packed, cv2.IMREAD_GRAYSCALE), dtype=np.uint8)
    return out


def alone(tight: Grey, size: int, rng: np.random.Generator) -> Grey:
    """The line alone on white, with the crumbs and gaps that subtraction of print leaves."""
    room = max(6, size // 5)
    ink = cv2.copyMakeBorder(tight, room, room, room, room, cv2.BORDER_CONSTANT)
    out = np.asarray(255 - ink, dtype=np.uint8)
    height, width = out.shape
    if rng.random() < 0.3:
        row = height - room - round(size * rng.uniform(0, 0.35))
        for x in np.arange(rng.uniform(0, 14), width, rng.uniform(10, 16)):
            if rng.random() < 0.5:
                value = 255 if rng.random() < 0.6 else int(rng.integers(0, 160))
                cv2.circle(out, (int(x), row), int(rng.integers(1, 4)), color=value, thickness=-1)
    if rng.random() < 0.15:
        cv2.line(
            out, (0, height - room), (width, height - room), color=255, thickness=int(rng.integers(1, 4))
        )
    return _scanner(out, rng)


def on_paper(sheet: Sheet, rng: np.random.Generator) -> Grey:
    """The line as a camera or scanner shows it, paper, print and all."""
    whole = _together(sheet.print, sheet, rng).astype(np.float32)
    height, width = whole.shape
    shade = cv2.resize(rng.uniform(rng.uniform(0.55, 0.95), 1.0, (2, 4)).astype(np.float32), (width, height))
    image = np.asarray(np.clip(whole * shade, 0, 255), dtype=np.uint8)
    if rng.random() < 0.4:
        thick, dark = int(rng.integers(1, 5)), int(rng.integers(0, 90))
        for row in (int(rng.integers(0, 8)), height - 1 - int(rng.integers(0, 8))):
            cv2.line(image, (0, row), (width, row + int(rng.normal(0, 2))), color=dark, thickness=thick)
        if rng.random() < 0.5:
            side = int(rng.choice([1, width - 3]))
            cv2.line(image, (side, 0), (side, height), color=dark, thickness=thick)
    return _scanner(image, rng)
