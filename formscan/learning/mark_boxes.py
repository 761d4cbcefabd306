"""Tick boxes drawn by rule, with all that happens to them on paper, to train the mark reader on.

Nothing of a data set is in them: shapes are strokes with a shaky hand, print is set from the program's fonts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from formscan.learning.mark_wear import scanned
from formscan.learning.pen import draw, known, smooth
from formscan.model.geometry import Area, Box
from formscan.model.page import Grey
from formscan.model.reading import Crop
from formscan.model.template import Cell, FieldKind, FieldSpec, ValueType
from formscan.paths import resources_dir

DPI: Final = 300.0
_SIZE: Final = 240
_FIELD: Final = FieldSpec(
    "mark", 1, FieldKind.MARK, ValueType.BOOLEAN, "", "", (Cell(Area(0, 0, 14.4, 14.4), "true"),)
)
_SHARES: Final = (0.36, 0.36, 0.14, 0.14)
"""Of empty, marked, struck out and unclear boxes, as in ``formscan.engines.marks.CLASSES``."""
_FONTS: Final = ("LiberationSerif-Regular", "LiberationSerif-Italic", "LiberationSans-Regular")
_WORDS: Final = [
    "Có",
    "Không",
    "Nam",
    "Nữ",
    "Khác",
    "1.",
    "2.",
    "3.",
    "4.",
    "Thu",
    "phí",
    "Miễn",
    "BHYT",
    "Tự",
    "đến",
    "Cấp",
    "cứu",
    "KKB",
    "Sau",
    "24",
    "giờ",
    "Nặng",
    "hơn",
]

Points = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Hand:
    """How one person marks: pen in pixels, how unsteady, how dark."""

    pen: int
    loose: float
    dark: float

    @classmethod
    def drawn(cls, rng: np.random.Generator) -> Hand:
        """Most write with a ball pen of 0.25 to 0.6 mm; some with a marker, some faintly."""
        pen = int(rng.integers(3, 8) if rng.random() < 0.65 else rng.integers(8, 18))
        dark = rng.uniform(0.6, 1.0) if rng.random() < 0.85 else rng.uniform(0.33, 0.6)
        return cls(pen, float(rng.uniform(0.02, 0.12)), float(dark))


def sample(rng: np.random.Generator) -> tuple[Crop, int]:
    """A printed box with a drawn mark or none, and its class (index into ``engines.marks.CLASSES``)."""
    side = int(rng.integers(40, 68))
    height = side if rng.random() < 0.85 else int(side * rng.uniform(0.6, 1.3))
    width = side if rng.random() < 0.93 else int(side * rng.uniform(1.2, 2.6))
    left, top = (_SIZE - width) // 2, (_SIZE - height) // 2
    cell = Box(left, top, left + width, top + height)
    frame = _FRAMES[int(rng.choice(len(_FRAMES), p=_FRAME_SHARES))]
    blank, neighbours = _printed(cell, frame, rng)
    kind, hand = int(rng.choice(4, p=_SHARES)), Hand.drawn(rng)
    ink = np.zeros_like(blank)
    drawers = {"box": (_empty, _marked, _struck, _unclear), "number": _ON_NUMBER, "bubble": _ON_BUBBLE}
    for other in neighbours:
        if rng.random() < 0.4:
            drawers[frame][1](ink, other, hand, rng)
    if rng.random() < 0.3:
        _passing_by(ink, cell, rng)
    drawers[frame][kind](ink, cell, hand, rng)
    image = scanned(blank, ink * np.float32(hand.dark), _back(blank, rng), rng)
    seen = _cut(cell, rng)
    part = (slice(seen.top, seen.bottom), slice(seen.left, seen.right))
    inside = cell.moved(-seen.left, -seen.top)
    return Crop(_FIELD, image[part].copy(), blank[part].copy(), (inside,), DPI, seen, 0.1), kind


def _cut(cell: Box, rng: np.random.Generator) -> Box:
    """What is cut out around a box: 2.5 mm, or more where its field goes on."""
    sides = [int(rng.integers(27, 36) if rng.random() < 0.6 else rng.integers(36, 90)) for _ in range(4)]
    grown = Box(cell.left - sides[0], cell.top - sides[1], cell.right + sides[2], cell.bottom + sides[3])
    return grown.clipped(_SIZE, _SIZE)


def _back(blank: Grey, rng: np.random.Generator) -> Grey:
    """A mark on the other side."""
    back = np.zeros_like(blank)
    place = Box(70, 70, 170, 170).moved(*(int(v) for v in rng.integers(-50, 50, 2)))
    _marked(back, place, Hand.drawn(rng), rng)
    return back


_FRAMES: Final = ("box", "number", "bubble")
"""A box to tick, a printed number to ring, a circle or oval to fill."""
_FRAME_SHARES: Final = (0.74, 0.13, 0.13)


def _printed(cell: Box, frame: str, rng: np.random.Generator) -> tuple[Grey, list[Box]]:
    """The blank: one of ``_FRAMES``, words and other frames around it; and those other places."""
    page = Image.new("L", (_SIZE, _SIZE), 255)
    pencil = ImageDraw.Draw(page)
    path = resources_dir() / "fonts" / f"{_FONTS[int(rng.integers(len(_FONTS)))]}.ttf"
    font = ImageFont.truetype(str(path), int(rng.integers(36, 54)))
    grey, line = int(rng.integers(0, 90)), int(rng.integers(2, 5))
    boxes: list[Box] = []
    dx, dy = cell.width + int(rng.integers(0, 60)), cell.height + int(rng.choice([0, 3, 8, 20, 40]))
    for x, y, chance in ((0, -dy, 0.3), (0, dy, 0.3), (-dx, 0, 0.15), (dx, 0, 0.15)):
        if rng.random() < chance:
            boxes.append(cell.moved(x, y))
    _words_around(pencil, cell, grey, font, rng)
    letter = str(rng.choice(list("ABCDE0123456789")))
    if frame == "number":
        pencil.rectangle((cell.left, cell.top, cell.right, cell.bottom), fill=255)
        pencil.text(cell.centre, letter, grey, font, anchor="mm")
    blank = np.array(page, dtype=np.uint8)
    inscribed = bool(rng.random() < 0.6)
    for box in boxes if frame == "number" else [cell, *boxes]:
        if frame == "bubble":
            _bubble(blank, box, grey, line, letter if inscribed else "", rng)
            continue
        inner = blank[max(0, box.top) : max(0, box.bottom), max(0, box.left) : max(0, box.right)]
        inner[:] = 255
        corners = (box.left, box.top), (box.right - 1, box.bottom - 1)
        cv2.rectangle(blank, *corners, color=(grey,), thickness=line)
    return blank, boxes


def _words_around(
    pencil: ImageDraw.ImageDraw, cell: Box, grey: int, font: ImageFont.FreeTypeFont, rng: np.random.Generator
) -> None:
    """Print to the left and right of a box, and in the lines above and below."""
    words = [_WORDS[int(rng.integers(len(_WORDS)))] for _ in range(4)]
    if rng.random() < 0.7:
        pencil.text((cell.left - int(rng.integers(6, 30)), cell.centre[1]), words[0], grey, font, anchor="rm")
    if rng.random() < 0.5:
        pencil.text(
            (cell.right + int(rng.integers(8, 40)), cell.centre[1]), words[1], grey, font, anchor="lm"
        )
    for level in (cell.top - int(rng.integers(16, 60)), cell.bottom + int(rng.integers(18, 60))):
        if rng.random() < 0.35:
            text = words[2] + "." * 20 if rng.random() < 0.5 else " ".join(words[2:] * 3)
            pencil.text((int(rng.integers(-60, 20)), level), text, grey, font, anchor="lm")


def _bubble(blank: Grey, box: Box, grey: int, line: int, letter: str, rng: np.random.Generator) -> None:
    """A circle or oval as wide and high as the box, empty or with a letter in it."""
    middle = round(box.centre[0]), round(box.centre[1])
    axes = box.width // 2 - 1, box.height // 2 - 1
    cv2.ellipse(blank, middle, axes, 0, 0, 360, (255,), -1)
    cv2.ellipse(blank, middle, axes, 0, 0, 360, (grey,), line, cv2.LINE_AA)
    if letter:
        scale = 0.5 * box.height / 22
        (wide, high), _ = cv2.getTextSize(letter, cv2.FONT_HERSHEY_SIMPLEX, scale, 2)
        at = middle[0] - wide // 2, middle[1] + high // 2
        cv2.putText(blank, letter, at, cv2.FONT_HERSHEY_SIMPLEX, scale, (grey,), 2, cv2.LINE_AA)


def _stroke(ink: Grey, points: Points, hand: Hand, rng: np.random.Generator, pen: int | None = None) -> None:
    path = np.round(points * 8).astype(np.int32)[:, None]
    thick = max(1, (pen or hand.pen) + int(rng.integers(-1, 2)))
    cv2.polylines(ink, [path], isClosed=False, color=(255,), thickness=thick, lineType=cv2.LINE_AA, shift=3)


def _spot(cell: Box, rng: np.random.Generator, spread: float = 0.13) -> Points:
    return np.array(cell.centre) + rng.normal(0, spread, 2) * (cell.width, cell.height)


def _curve(shape: list[tuple[float, float]], hand: Hand, rng: np.random.Generator) -> Points:
    points = np.array(shape) + rng.normal(0, hand.loose, (len(shape), 2))
    return smooth(points) if len(points) > 2 and rng.random() < 0.6 else points


_TICKS: Final = (
    [(-0.6, -0.05), (-0.15, 0.5), (0.9, -0.8)],
    [(-0.45, -0.35), (-0.1, 0.45), (0.35, -0.5)],
    [(-0.35, 0.0), (-0.1, 0.4), (0.4, -0.3), (1.3, -0.9)],
    [(-0.5, -0.1), (-0.3, 0.35), (-0.05, 0.5), (0.5, -0.1), (0.9, -0.5)],
    [(-0.1, -0.4), (-0.05, 0.5), (0.6, -0.1)],
    [(0.5, -0.5), (-0.1, 0.5), (-0.5, -0.4)],
)
_CROSSES: Final = (
    ([(-0.6, -0.6), (0.6, 0.6)], [(0.6, -0.6), (-0.6, 0.6)]),
    ([(-0.4, -0.8), (0.4, 0.8)], [(0.4, -0.8), (-0.4, 0.8)]),
    ([(-0.5, -0.5), (0.0, 0.05), (0.5, 0.5)], [(0.55, -0.55), (0.0, 0.0), (-0.55, 0.45)]),
    ([(-0.9, -0.5), (0.9, 0.5)], [(0.8, -0.6), (-0.8, 0.55)]),
    ([(0.0, -0.6), (0.0, 0.6)], [(-0.6, 0.0), (0.6, 0.0)]),
)


def _marked(ink: Grey, cell: Box, hand: Hand, rng: np.random.Generator) -> None:
    """A tick, a cross, one line, a curl, a box filled or half filled, a character in it, neat or sloppy."""
    size = np.array([cell.height if rng.random() < 0.7 else cell.width, cell.height])
    centre, reach = _spot(cell, rng, 0.13 if rng.random() < 0.85 else 0.2), size * rng.uniform(0.5, 1.15)
    choice = rng.random()
    if choice < 0.3:
        shape = _TICKS[int(rng.integers(len(_TICKS)))]
        _pressed(ink, centre + _curve(shape, hand, rng) * reach, hand, rng)
    elif choice < 0.58:
        for shape in _CROSSES[int(rng.integers(len(_CROSSES)))]:
            _pressed(ink, centre + _curve(list(shape), hand, rng) * reach, hand, rng)
        if rng.random() < 0.1:
            _stroke(
                ink, centre + _curve([(-0.6, 0.5), (0.0, 0.0), (0.6, -0.6)], hand, rng) * reach, hand, rng
            )
    elif choice < 0.75:
        _one_line(ink, cell, hand, rng)
    elif choice < 0.8:
        _curl(ink, cell, hand, rng)
    elif choice < 0.87:
        _hatch(ink, cell, hand, rng, rng.uniform(0.55, 0.98), int(rng.integers(4, 14)))
    elif choice < 0.94:
        _half_filled(ink, cell, hand, rng)
    else:
        _character(ink, cell, rng)


def _pressed(ink: Grey, points: Points, hand: Hand, rng: np.random.Generator) -> None:
    """A stroke, now and then broader at one of its ends, as a soft pen makes it."""
    _stroke(ink, points, hand, rng)
    if rng.random() < 0.25:
        half = max(2, len(points) // 2)
        _stroke(
            ink, points[:half] if rng.random() < 0.5 else points[-half:], hand, rng, round(hand.pen * 1.7)
        )


def _one_line(ink: Grey, cell: Box, hand: Hand, rng: np.random.Generator) -> None:
    """A slash at any angle, mostly rising, that ends within half a box of the box."""
    turn = rng.choice(
        [rng.normal(-0.8, 0.25), rng.normal(0.8, 0.2), rng.uniform(0, np.pi)], p=[0.6, 0.15, 0.25]
    )
    way = np.array([np.cos(turn), np.sin(turn)])
    ends = np.array([-rng.uniform(0.35, 0.95), 0.0, rng.uniform(0.35, 0.95)])[:, None] * way
    ends = ends + rng.normal(0, hand.loose * 0.7, (3, 2))
    path = smooth(ends) if rng.random() < 0.6 else ends
    _pressed(ink, _spot(cell, rng, 0.1) + path * cell.height, hand, rng)


def _curl(ink: Grey, cell: Box, hand: Hand, rng: np.random.Generator) -> None:
    """A loop with a tail, or any line that wanders about in the box."""
    points = rng.uniform(-0.5, 0.5, (int(rng.integers(3, 7)), 2))
    if rng.random() < 0.5:
        t = np.linspace(0, rng.uniform(1.2, 2.2) * np.pi, 8) + rng.uniform(0, 2 * np.pi)
        points = np.stack([np.cos(t), np.sin(t)], 1) * np.linspace(0.2, 0.55, 8)[:, None]
    _stroke(ink, _spot(cell, rng, 0.08) + smooth(points) * cell.height, hand, rng)


def _half_filled(ink: Grey, cell: Box, hand: Hand, rng: np.random.Generator) -> None:
    """Ink that covers a good part of the box, not all of it, in one place."""
    width, height = rng.uniform(0.45, 0.9) * cell.width, rng.uniform(0.45, 0.9) * cell.height
    x = cell.left + rng.uniform(-0.1, 1.1) * (cell.width - width)
    y = cell.top + rng.uniform(-0.1, 1.1) * (cell.height - height)
    part = Box(round(x), round(y), round(x + width), round(y + height))
    broad = Hand(max(hand.pen, 5), hand.loose, hand.dark)
    _hatch(ink, part, broad, rng, rng.uniform(0.7, 1.0), int(rng.integers(4, 9)))


def _character(ink: Grey, cell: Box, rng: np.random.Generator) -> None:
    """A digit or capital written into the box."""
    keys = sorted(known()) if rng.random() < 0.3 else list("XVXV1237SLYN")
    glyph = draw(keys[int(rng.integers(len(keys)))], int(cell.height * rng.uniform(0.6, 1.0)), rng)
    left = max(0, cell.left + (cell.width - glyph.shape[1]) // 2)
    top = max(0, cell.top + (cell.height - glyph.shape[0]) // 2)
    place = ink[top : top + glyph.shape[0], left : left + glyph.shape[1]]
    np.maximum(place, glyph[: place.shape[0], : place.shape[1]], out=place)


def _hatch(ink: Grey, cell: Box, hand: Hand, rng: np.random.Generator, share: float, turns: int) -> None:
    """A scribble to and fro over ``share`` of the box's width and most of its height, at any angle."""
    along = np.linspace(-0.5, 0.5, turns * 2) * share
    across = np.where(np.arange(turns * 2) % 2, -0.42, 0.42) + rng.normal(0, 0.06, turns * 2)
    path = np.stack([along + rng.normal(0, 0.03, turns * 2), across], 1)
    turn = rng.choice([0.0, np.pi / 2, rng.uniform(0, np.pi)])
    path = path @ np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    if rng.random() < 0.5:
        path = smooth(path, 5)
    _stroke(ink, path * (cell.width, cell.height) + _spot(cell, rng, 0.04), hand, rng)


def _struck(ink: Grey, cell: Box, hand: Hand, rng: np.random.Generator) -> None:
    """A mark that was taken back: blackened or scribbled beyond the box, or struck through many times."""
    _marked(ink, cell, hand, rng)
    grown = cell.grown(round(cell.height * rng.uniform(0.08, 0.3)))
    choice = rng.random()
    if choice < 0.35:
        firm = Hand(max(hand.pen, 5), hand.loose, hand.dark)
        _hatch(ink, grown, firm, rng, rng.uniform(0.85, 1.05), int(rng.integers(8, 16)))
        if rng.random() < 0.5:
            _hatch(ink, grown, firm, rng, rng.uniform(0.85, 1.05), int(rng.integers(8, 16)))
    elif choice < 0.75:
        for _ in range(int(rng.integers(2, 4))):
            _hatch(ink, grown, hand, rng, rng.uniform(0.8, 1.1), int(rng.integers(6, 14)))
    elif choice < 0.88:
        t = np.linspace(0, rng.uniform(6, 14) * np.pi, 120)
        radius = np.stack([np.cos(t), np.sin(t)], 1) * rng.uniform(0.45, 0.75)
        wander = np.cumsum(rng.normal(0, 0.02, (120, 2)), axis=0)
        _stroke(ink, _spot(cell, rng, 0.05) + (radius + wander) * (cell.width, cell.height), hand, rng)
    else:
        for _ in range(int(rng.integers(3, 7))):
            level, tilt = rng.uniform(-0.35, 0.35), rng.normal(0, 0.15)
            ends = np.array([[-0.75, level - tilt], [0.75, level + tilt]]) * (cell.width, cell.height)
            _stroke(ink, np.array(cell.centre) + ends, hand, rng)


def _empty(ink: Grey, cell: Box, hand: Hand, rng: np.random.Generator) -> None:
    """Nothing, dust, or the tip of a neighbour's stroke that just enters."""
    for _ in range(int(rng.integers(0, 4)) if rng.random() < 0.4 else 0):
        place = rng.integers(4, _SIZE - 4, 2)
        cv2.circle(ink, (int(place[0]), int(place[1])), int(rng.integers(1, 4)), color=(255,), thickness=-1)
    if rng.random() < 0.15:
        x, depth = rng.uniform(cell.left, cell.right), rng.uniform(-0.1, 0.12) * cell.height
        edge, out = (cell.top + depth, -1) if rng.random() < 0.5 else (cell.bottom - depth, 1)
        tip = np.array([[x, edge], [x + rng.normal(0, 15), edge + out * rng.uniform(20, 60)]])
        _stroke(ink, tip, hand, rng, int(rng.integers(2, 6)))


def _unclear(ink: Grey, cell: Box, hand: Hand, rng: np.random.Generator) -> None:
    """Only touched, a dot, a ring around it, beside it, or a line that merely passes through."""
    choice = rng.random()
    if choice < 0.2:
        at = _spot(cell, rng, 0.2)
        cv2.circle(ink, (int(at[0]), int(at[1])), int(rng.integers(4, 8)), color=(255,), thickness=-1)
    elif choice < 0.4:
        x, y = cell.right + rng.uniform(-10, 2), cell.top + rng.uniform(0, cell.height)
        _stroke(ink, np.array([[x, y], [x + rng.uniform(15, 45), y + rng.normal(0, 25)]]), hand, rng)
    elif choice < 0.55:
        _ring(ink, cell, hand, rng, 1.0)
        if rng.random() < 0.5:
            _marked(ink, cell, hand, rng)
    elif choice < 0.75:
        off = np.array([[1, 0], [-1, 0], [0, 1], [0, -1]])[int(rng.integers(4))] * rng.uniform(0.55, 0.8)
        beside = cell.moved(round(off[0] * cell.width), round(off[1] * cell.height))
        _marked(ink, beside, hand, rng)
    else:
        turn = rng.choice([0.0, rng.normal(0, 0.15), rng.uniform(0, np.pi)])
        way = np.array([np.cos(turn), np.sin(turn)]) * _SIZE
        middle = _spot(cell, rng, 0.25)
        _stroke(ink, np.array([middle - way, middle + way]), hand, rng)


def _ring(ink: Grey, cell: Box, hand: Hand, rng: np.random.Generator, size: float) -> None:
    t = np.linspace(rng.uniform(-2, 0), 2 * np.pi + rng.uniform(-0.6, 0.4), 30)
    radius = rng.uniform(0.6, 0.95) * size * np.array([1.0, rng.uniform(0.75, 1.1)])
    wobble = np.cumsum(rng.normal(0, 0.008, (30, 2)), axis=0)
    ring = np.stack([np.cos(t), np.sin(t)], 1) * radius + wobble
    _stroke(ink, _spot(cell, rng, 0.06) + ring * cell.height, hand, rng)


def _number_marked(ink: Grey, cell: Box, hand: Hand, rng: np.random.Generator) -> None:
    """Ringed, or crossed."""
    if rng.random() < 0.75:
        _ring(ink, cell, hand, rng, 0.9)
        return
    for shape in _CROSSES[int(rng.integers(len(_CROSSES) - 1))]:
        _stroke(ink, _spot(cell, rng) + _curve(list(shape), hand, rng) * cell.height * 0.7, hand, rng)


def _number_struck(ink: Grey, cell: Box, hand: Hand, rng: np.random.Generator) -> None:
    """Ringed, then scribbled over."""
    _ring(ink, cell, hand, rng, 0.9)
    for _ in range(2):
        _hatch(ink, cell.grown(6), hand, rng, 1.0, int(rng.integers(7, 14)))


def _number_unclear(ink: Grey, cell: Box, hand: Hand, rng: np.random.Generator) -> None:
    """Grazed, dotted, or passed through by a line; a ring is none of that here."""
    if rng.random() < 0.6:
        _half_ring(ink, cell, hand, rng)
        return
    turn = rng.uniform(0, np.pi)
    way = np.array([np.cos(turn), np.sin(turn)]) * _SIZE
    middle = _spot(cell, rng, 0.25)
    _stroke(ink, np.array([middle - way, middle + way]), hand, rng)


def _half_ring(ink: Grey, cell: Box, hand: Hand, rng: np.random.Generator) -> None:
    """An arc or an underline beside a number."""
    start = rng.uniform(0, 2 * np.pi)
    t = np.linspace(start, start + rng.uniform(0.6, 2.2), 14)
    arc = np.stack([np.cos(t), np.sin(t)], 1) * rng.uniform(0.6, 0.9) * cell.height
    _stroke(ink, np.array(cell.centre) + arc, hand, rng)


def _bubble_marked(ink: Grey, cell: Box, hand: Hand, rng: np.random.Generator) -> None:
    """Filled or hatched, well or badly; now and then ticked or crossed."""
    if rng.random() < 0.2:
        _marked(ink, cell, hand, rng)
        return
    grown = rng.uniform(0.7, 1.1)
    t = np.linspace(0, rng.uniform(8, 24) * np.pi, 160)
    spiral = np.stack([np.cos(t), np.sin(t)], 1) * np.linspace(0.05, 0.46 * grown, 160)[:, None]
    if rng.random() < 0.5:
        _stroke(ink, _spot(cell, rng, 0.05) + spiral * (cell.width, cell.height), hand, rng)
    else:
        inner = cell.grown(-round(cell.height * 0.08))
        _hatch(ink, inner, hand, rng, rng.uniform(0.7, 1.0) * grown, int(rng.integers(5, 12)))


def _bubble_struck(ink: Grey, cell: Box, hand: Hand, rng: np.random.Generator) -> None:
    """Filled, then crossed out far beyond the circle."""
    _bubble_marked(ink, cell, hand, rng)
    for shape in _CROSSES[int(rng.integers(len(_CROSSES) - 1))]:
        _stroke(ink, _spot(cell, rng, 0.05) + _curve(list(shape), hand, rng) * cell.height * 1.5, hand, rng)


_ON_NUMBER: Final = (_empty, _number_marked, _number_struck, _number_unclear)
_ON_BUBBLE: Final = (_empty, _bubble_marked, _bubble_struck, _unclear)


def _passing_by(ink: Grey, cell: Box, rng: np.random.Generator) -> None:
    """Writing around the box that has nothing to do with it: it may graze the border, not enter."""
    above = rng.random() < 0.5
    height = rng.uniform(8, 30)
    clear = rng.uniform(-4, 30) + height
    level = cell.top - clear if above else cell.bottom + clear
    x = np.arange(rng.uniform(-60, 60), _SIZE + 20, rng.uniform(6, 14))
    path = np.stack([x + rng.normal(0, 3, len(x)), level + rng.uniform(-height, height, len(x))], 1)
    hand = Hand(int(rng.integers(2, 7)), 0.05, 1.0)
    if len(path) > 3:
        _stroke(ink, smooth(path, 6), hand, rng)
