"""Hand-marked ballots against their blanks: ovals filled, crossed and ticked by people."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np

from formscan.bench.desk import DPI, spec
from formscan.bench.mark_pages import shares
from formscan.engines.marks import MarkReader
from formscan.model.geometry import Box
from formscan.model.page import Grey
from formscan.model.reading import Crop, FieldState
from formscan.model.template import FieldKind, ValueType

MARKED: Final[dict[str, tuple[int, ...]]] = {
    "p1": (2, 13, 17),
    "p2": (10, 22, 26, 29),
    "p3": (0, 8, 13, 18, 21, 22, 24, 25, 29, 30),
    "p4": (0, 3, 4, 7),
    "p5": (0, 3, 4),
    "p5-yesno-overvote": (0, 1, 3, 4),
}
"""Which ovals of each page are marked, told by eye; numbered by columns from the upper left."""
_PICTURED: Final = {"p1": (0, 1)}
"""Ovals in the pictures that say how to vote."""
_ROOM: Final = 30
"""Pixels around an oval, 2.5 mm as around a mark of a form."""


def ballots(folder: Path, weights: Path | None = None) -> dict[str, Any]:
    """Ovals read right, each by itself; the blank is the ballot nobody filled."""
    reader, counts = MarkReader(weights), Counter[str]()
    told = spec(FieldKind.MARK, ValueType.BOOLEAN, ["true"])
    for name, marked in MARKED.items():
        blank = _enlarged(folder / f"blank-{name[:2]}.jpg")
        seen = _laid_over(blank, folder / f"filled-in-{name}.jpg")
        for index, oval in enumerate(_ovals(blank)):
            if index in _PICTURED.get(name, ()):
                continue
            part = oval.grown(_ROOM)
            rows, columns = slice(part.top, part.bottom), slice(part.left, part.right)
            cell = oval.moved(-part.left, -part.top)
            crop = Crop(
                told, seen[rows, columns].copy(), blank[rows, columns].copy(), (cell,), DPI, part, 0.2
            )
            (reading,) = reader.read([crop])
            state = FieldState.VALUE if index in marked else FieldState.BLANK
            asked = reading.state is FieldState.UNVERIFIED
            counts["asked" if asked else "right" if reading.state is state else "wrong"] += 1
    return {"ovals": shares(counts)}


def _enlarged(path: Path) -> Grey:
    """A blank of 150 dpi at 300 dpi."""
    image = np.asarray(cv2.imread(str(path), cv2.IMREAD_GRAYSCALE), dtype=np.uint8)
    return np.asarray(cv2.resize(image, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC), dtype=np.uint8)


def _laid_over(blank: Grey, path: Path) -> Grey:
    """A scan in the frame of its blank."""
    image = np.asarray(cv2.imread(str(path), cv2.IMREAD_GRAYSCALE), dtype=np.uint8)
    orb = cv2.ORB.create(3000)
    ours, here = orb.detectAndCompute(_half(blank), None)
    theirs, there = orb.detectAndCompute(_half(image), None)
    pairs = cv2.BFMatcher(cv2.NORM_HAMMING, crossCheck=True).match(there, here)
    best = sorted(pairs, key=lambda pair: pair.distance)[:800]
    source = np.array([theirs[pair.queryIdx].pt for pair in best], np.float32) * 2
    target = np.array([ours[pair.trainIdx].pt for pair in best], np.float32) * 2
    onto, _ = cv2.findHomography(source, target, cv2.RANSAC, 4.0)
    return np.asarray(
        cv2.warpPerspective(image, onto, blank.shape[::-1], borderValue=(255.0,)), dtype=np.uint8
    )


def _half(image: Grey) -> Grey:
    return np.asarray(cv2.resize(image, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _ovals(blank: Grey) -> list[Box]:
    """The empty ovals of a blank, column by column: white inside an outline, as large as an ellipse there."""
    dark = (blank < 150).astype(np.uint8)
    outlines, nested = cv2.findContours(dark, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    found = []
    for outline, (_, _, _, outer) in zip(outlines, nested[0], strict=True):
        left, top, width, height = cv2.boundingRect(outline)
        full = cv2.contourArea(outline) / (np.pi / 4 * width * height)
        if outer >= 0 and 45 < width < 80 and 1.35 < width / height < 2.1 and abs(full - 1) < 0.12:
            found.append(Box(left, top, left + width, top + height))
    return sorted(found, key=lambda box: (round(box.left / 80), box.top))
