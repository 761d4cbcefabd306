"""Whole pages of other people with tick boxes and bubbles, and what was marked on them."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
import numpy.typing as npt
from pdf2image import convert_from_path

from formscan.bench.desk import DPI, spec
from formscan.bench.intervals import wilson
from formscan.engines.marks import MarkReader
from formscan.model.geometry import Box
from formscan.model.page import Grey
from formscan.model.reading import Crop, FieldState, Reading
from formscan.model.template import FieldKind, ValueType

_BOX: Final = 56
"""Side to which a box of unknown resolution is brought, pixels."""
_ROOM: Final = 40
_RENDERED_DPI: Final = 200


@dataclass(frozen=True, slots=True, eq=False)
class _Patch:
    """A box of a page with its surroundings, at ``_BOX``; uint8 grey."""

    image: Grey
    marked: bool


def checkbox_pages(folder: Path, weights: Path | None = None) -> dict[str, Any]:
    """Boxes and pages right; the blank of a box is the median of the page's other empty boxes."""
    found = []
    for truth in sorted(folder.glob("*.gt.json")):
        picture = truth.with_name(truth.name.removesuffix(".gt.json") + ".jpg")
        told = json.loads(truth.read_text("utf-8"))
        found.append((_grey(picture), [(Place(*box), state > 0.5) for state, *box in told]))
    return _of_pages(found, weights)


def irs_filled(folder: Path, weights: Path | None = None) -> dict[str, Any]:
    """The same for tax forms filled on screen, and one by hand and scanned; of each the first page."""
    found = []
    for truth in sorted(folder.glob("*.gt.json")):
        told = json.loads(truth.read_text("utf-8"))
        boxes = [
            (_around(one["words"][0][1]), one["text"] == "selected")
            for one in told.values()
            if one["text"] in {"selected", "unselected"}
        ]
        found.append((_grey(truth.with_name(truth.name.removesuffix(".gt.json"))), boxes))
    return _of_pages(found, weights)


@dataclass(frozen=True, slots=True)
class Place:
    """A box of a page, middle and size as shares of the page."""

    x: float
    y: float
    width: float
    height: float


def _around(corners: list[float]) -> Place:
    """The place between the corners (x, y, x, y, ...)."""
    x, y = corners[0::2], corners[1::2]
    middle = (min(x) + max(x)) / 2, (min(y) + max(y)) / 2
    return Place(*middle, max(x) - min(x), max(y) - min(y))


def _grey(path: Path) -> Grey:
    """A picture, or the first page of a PDF at 200 dpi."""
    if path.suffix == ".pdf":
        (page,) = convert_from_path(path, _RENDERED_DPI, last_page=1, grayscale=True, timeout=60)
        return np.array(page, dtype=np.uint8)
    return np.asarray(cv2.imread(str(path), cv2.IMREAD_GRAYSCALE), dtype=np.uint8)


def _of_pages(found: list[tuple[Grey, list[tuple[Place, bool]]]], weights: Path | None) -> dict[str, Any]:
    """Boxes and pages right, of pages with the places of their boxes and whether they are marked."""
    reader, boxes, pages = MarkReader(weights), Counter[str](), Counter[str]()
    for image, places in found:
        patches = _patches(image, places)
        outcomes = [_outcome(reader, patches, index) for index in range(len(patches))]
        read = [outcome for outcome in outcomes if outcome != "no blank"]
        boxes.update(outcomes)
        if read:
            pages["wrong" if "wrong" in read else "asked" if "asked" in read else "right"] += 1
    return {"boxes": shares(boxes), "no_blank": boxes["no blank"], "pages": dict(pages)}


def shares(boxes: Counter[str]) -> dict[str, Any]:
    """Right with its 95 % interval, asked and wrong of ``boxes``."""
    n = boxes["right"] + boxes["wrong"] + boxes["asked"]
    low, high = wilson(boxes["right"], n)
    return {
        "n": n,
        "right": [boxes["right"], round(low, 4), round(high, 4)],
        "asked": boxes["asked"],
        "wrong": boxes["wrong"],
    }


def _patches(image: Grey, places: list[tuple[Place, bool]]) -> list[_Patch]:
    high, wide = image.shape
    white = float(np.percentile(image, 85))
    image = np.asarray(cv2.convertScaleAbs(image, alpha=255.0 / white), dtype=np.uint8)
    found = []
    for place, marked in places:
        side = (place.width * wide + place.height * high) / 2
        scale = _BOX / side
        reach = side * (0.5 + _ROOM / _BOX)
        size = _BOX + 2 * _ROOM
        onto = np.array(
            [[scale, 0, -(place.x * wide - reach) * scale], [0, scale, -(place.y * high - reach) * scale]]
        )
        patch = cv2.warpAffine(image, onto, (size, size), flags=cv2.INTER_CUBIC, borderValue=(255.0,))
        found.append(_Patch(np.asarray(patch, dtype=np.uint8), marked))
    return found


def _outcome(reader: MarkReader, patches: list[_Patch], index: int) -> str:
    others = [patch.image for k, patch in enumerate(patches) if k != index and not patch.marked]
    if len(others) < 2:
        return "no blank"
    cell = Box(_ROOM, _ROOM, _ROOM + _BOX, _ROOM + _BOX)
    moved = [_onto(other, patches[index].image) for other in others[:25]]
    blank = np.asarray(np.median(moved, axis=0), dtype=np.uint8)
    told = spec(FieldKind.MARK, ValueType.BOOLEAN, ["true"])
    (reading,) = reader.read([Crop(told, patches[index].image, blank, (cell,), DPI, cell, 0.3)])
    return _said(reading, "true" if patches[index].marked else "")


def _said(reading: Reading, truth: str) -> str:
    if reading.state is FieldState.UNVERIFIED:
        return "asked"
    state = FieldState.VALUE if truth else FieldState.BLANK
    return "right" if reading.state is state and reading.text == truth else "wrong"


def _onto(image: Grey, target: Grey) -> Grey:
    """A patch moved by up to six pixels so that its box lies on the other's."""
    reach = 6
    inner = image[reach:-reach, reach:-reach]
    score = cv2.matchTemplate(target, inner, cv2.TM_CCOEFF_NORMED)
    _, _, _, (x, y) = cv2.minMaxLoc(score)
    move = np.array([[1.0, 0.0, x - reach], [0.0, 1.0, y - reach]])
    moved = cv2.warpAffine(image, move, image.shape[::-1], borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(moved, dtype=np.uint8)


# The answer sheet with 75 questions, in a frame between the middles of its four corner squares (0..1).
_SIZE: Final = (2000, 2700)
_ANSWERS: Final = "ABCDE"
_ROWS: Final = 15
_EDGE: Final = 22
"""Pixels of the sheet around a row of bubbles."""
_ASKED_FOR: Final = 24
"""Questions whose answers are told; the others of the sheet are left blank."""


@dataclass(frozen=True, slots=True)
class _Grid:
    """Middles of the first bubble, pitch of bubbles, of rows and of the five columns of questions, pixels."""

    left: float
    top: float
    bubble: float
    row: float
    block: float
    side: int

    def cell(self, question: int, answer: int) -> Box:
        """The bubble's box; questions and answers from 0."""
        x = self.left + (question // _ROWS) * self.block + answer * self.bubble
        y = self.top + (question % _ROWS) * self.row
        half = self.side / 2
        return Box(round(x - half), round(y - half), round(x - half) + self.side, round(y - half) + self.side)


GRID: Final = _Grid(left=139.7, top=1826.9, bubble=55.6, row=56.3, block=388.7, side=32)


def omr_sheets(folder: Path, weights: Path | None = None) -> dict[str, Any]:
    """Bubbles, questions and sheets of the 75-question sheet; the blank is the median of unused rows."""
    paths = [path for path in sorted(folder.glob("75q*")) if path.suffix in {".png", ".jpg"}]
    sheets = [(path, sheet) for path in paths if (sheet := _squared(path)) is not None]
    blank = _blank_row([sheet for _, sheet in sheets])
    reader, bubbles, questions, whole = MarkReader(weights), Counter[str](), Counter[str](), Counter[str]()
    for path, sheet in sheets:
        told = json.loads(Path(f"{path}.gt.json").read_text("utf-8"))
        crops = [_question(sheet, blank, number) for number in range(5 * _ROWS)]
        outcomes = []
        for number, reading in enumerate(reader.read(crops)):
            answer = told.get(f"Q{number + 1}", "") if number < _ASKED_FOR else ""
            outcomes.append(_said(reading, answer))
            for cell in reading.cells:
                states = {FieldState.VALUE: True, FieldState.BLANK: False}
                truth, said = cell.name in answer, states.get(cell.state)
                right = "right" if said is truth else "wrong"
                bubbles["asked" if cell.state is FieldState.UNVERIFIED else right] += 1
        questions.update(outcomes)
        whole["wrong" if "wrong" in outcomes else "asked" if "asked" in outcomes else "right"] += 1
    return {
        "sheets": len(sheets),
        "not_found": len(paths) - len(sheets),
        "bubbles": shares(bubbles),
        "questions": shares(questions),
        "whole_sheets": dict(whole),
    }


def _squared(path: Path) -> Grey | None:
    """The sheet between its four corner squares, or None where they are not found."""
    image = np.asarray(cv2.imread(str(path), cv2.IMREAD_GRAYSCALE), dtype=np.uint8)
    corners = _corners(image)
    if corners is None:
        return None
    wide, high = _SIZE
    target = np.array([[0, 0], [wide, 0], [wide, high], [0, high]], np.float32)
    onto = cv2.getPerspectiveTransform(corners, target)
    return np.asarray(cv2.warpPerspective(image, onto, _SIZE, flags=cv2.INTER_AREA), dtype=np.uint8)


def _corners(image: Grey) -> npt.NDArray[np.float32] | None:
    """Outer corners of the squares, clockwise from the upper left."""
    dark = (cv2.GaussianBlur(image, (0, 0), 3) < 140).astype(np.uint8)
    opened = cv2.morphologyEx(dark, cv2.MORPH_OPEN, np.ones((25, 25), np.uint8))
    count, _, stats, _ = cv2.connectedComponentsWithStats(np.asarray(opened, dtype=np.uint8))
    high, wide = image.shape
    found = []
    for right, low in ((0, 0), (1, 0), (1, 1), (0, 1)):
        near = (wide * (0.08 + 0.84 * right), high * (0.08 + 0.86 * low))
        squares = [stats[k] for k in range(1, count) if 900 < stats[k][4] < 12000]
        if not squares:
            return None
        best = min(
            squares, key=lambda s: np.hypot(s[0] + s[2] * right - near[0], s[1] + s[3] * low - near[1])
        )
        found.append((best[0] + best[2] * right, best[1] + best[3] * low))
    return np.array(found, np.float32) if len(set(found)) == 4 else None


def _strip(question: int) -> tuple[Box, tuple[Box, ...]]:
    """The part of a sheet a question is on, and its bubbles in it."""
    first = GRID.cell(question, 0)
    wide = round((len(_ANSWERS) - 1) * GRID.bubble) + GRID.side + 2 * _EDGE
    crop = Box(first.left - _EDGE, first.top - _EDGE, first.left - _EDGE + wide, first.bottom + _EDGE)
    lefts = [_EDGE + round(answer * GRID.bubble) for answer in range(len(_ANSWERS))]
    return crop, tuple(Box(x, _EDGE, x + GRID.side, _EDGE + GRID.side) for x in lefts)


def _blank_row(sheets: list[Grey]) -> Grey:
    """A row of bubbles nobody filled: the median over the last thirty questions of all sheets."""
    strips = [_cut(sheet, _strip(number)[0]) for sheet in sheets for number in range(45, 75)]
    return np.asarray(np.median([_onto(strip, strips[0]) for strip in strips], axis=0), dtype=np.uint8)


def _cut(sheet: Grey, part: Box) -> Grey:
    return sheet[part.top : part.bottom, part.left : part.right]


def _question(sheet: Grey, blank: Grey, number: int) -> Crop:
    part, cells = _strip(number)
    told = spec(FieldKind.CHOICE, ValueType.CHOICE, list(_ANSWERS))
    image = _onto(_cut(sheet, part), blank)
    return Crop(told, image, blank, cells, 230.0, part, 0.2)
