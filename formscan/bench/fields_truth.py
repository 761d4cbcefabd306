"""What the official forms and the AcroForms say about their own fields."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pdfplumber
import pikepdf

from formscan.bench.official import OfficialPage
from formscan.designer.box_places import SMALL_PT, runs_of
from formscan.designer.cells import iou, overlap, size_of
from formscan.designer.vector import read_pages
from formscan.model.geometry import Area

TUNED: Final = ("1benh", "2benh", "4_benh", "6_phieu", "12_", "17_", "18_", "22_")
"""Starts of the names of the eight forms every number in ``designer`` was chosen on."""
LEAST_SIDE_PT: Final = 4.5
LEAST_LINE_PT: Final = 25.0
"""The truth holds no shorter fill-in line; those found shorter are not judged."""
_DOUBLED: Final = 0.75
_PUSH, _RADIO = 1 << 16, 1 << 15
_HIDDEN: Final = 0b100010


@dataclass(frozen=True, slots=True)
class PageTruth:
    """The truth of one official page, points.

    Attributes:
        boxes: Comb cells, tick boxes, table cells and frames; those drawn twice once, slivers between
            doubled borders left out.
        lines: Dotted fill-in lines of 25 pt and more.
        unjudged: Leaders the truth leaves out (grown together with letters) and pictures.
    """

    page: OfficialPage
    boxes: tuple[Area, ...]
    lines: tuple[Area, ...]
    unjudged: tuple[Area, ...]


def official_truth(data: Path, *, tuned: bool) -> Iterator[PageTruth]:
    """Pages of the eight forms tuned on, or of the other eight."""
    for path in sorted((data / "vn_moh_forms").glob("*.pdf")):
        if path.name.startswith(TUNED) is not tuned:
            continue
        told = json.loads(path.with_suffix("").with_suffix(".gt.json").read_text("utf-8"))
        layers = read_pages(path)
        pictures = _pictures(path)
        for number, page in enumerate(told, start=1):
            lines = [Area(*line) for line in page["lines"] if line[2] - line[0] >= LEAST_LINE_PT]
            leaders = [
                Area(t.x, t.y - 0.75 * t.size, t.x + max(t.width, 1), t.y + 0.25 * t.size)
                for t in layers[number - 1].texts
                if set(t.text) <= set(".…_/")
            ]
            loose = [a for a in leaders if not any(overlap(a, b) > 0.3 * size_of(a) for b in lines)]
            yield PageTruth(
                OfficialPage(path, number),
                tuple(_once(page["boxes"])),
                tuple(lines),
                (*loose, *pictures[number - 1]),
            )


def _once(boxes: Sequence[Sequence[float]]) -> list[Area]:
    kept: list[Area] = []
    for left, top, right, bottom in boxes:
        if min(right - left, bottom - top) < LEAST_SIDE_PT:
            continue
        area = Area(left, top, right, bottom)
        if not any(iou(area, k) > _DOUBLED for k in kept):
            kept.append(area)
    return kept


def _pictures(path: Path) -> list[list[Area]]:
    with pdfplumber.open(path) as pdf:
        return [
            [
                Area(float(i["x0"]), float(i["top"]), float(i["x1"]), float(i["bottom"]))
                for i in page.images
                if i["x1"] > i["x0"] and i["bottom"] > i["top"]
            ]
            for page in pdf.pages
        ]


def kinds_of(boxes: Sequence[Area]) -> list[str]:
    """``comb``, ``tick`` or ``cell`` for each box by its size and its neighbours alone."""
    small = [b for b in boxes if b.width <= SMALL_PT[0] and b.height <= SMALL_PT[1]]
    in_run = {id(b) for run in runs_of(small) if len(run.boxes) > 1 for b in run.boxes}
    small_ids = {id(b) for b in small}
    return ["comb" if id(b) in in_run else "tick" if id(b) in small_ids else "cell" for b in boxes]


@dataclass(frozen=True, slots=True)
class WidgetPage:
    """Widgets of one page of an AcroForm, points, origin top left."""

    path: Path
    number: int
    text: tuple[Area, ...]
    check: tuple[Area, ...]


def acroform_truth(data: Path, most_pages: int = 4) -> Iterator[WidgetPage]:
    """Unrotated pages with widgets, the first ``most_pages`` of every file."""
    for path in sorted((data / "acroforms").glob("*.pdf")):
        with pikepdf.open(path) as pdf:
            for number, page in enumerate(pdf.pages[:most_pages], start=1):
                found = _widgets(page)
                if found is not None and (found[0] or found[1]):
                    yield WidgetPage(path, number, tuple(found[0]), tuple(found[1]))


def _widgets(page: Any) -> tuple[list[Area], list[Area]] | None:
    if int(page.obj.get("/Rotate", 0)) % 360:
        return None
    box = [float(v) for v in page.cropbox]
    text: list[Area] = []
    check: list[Area] = []
    for note in page.obj.get("/Annots", []):
        if note.get("/Subtype") != "/Widget" or int(note.get("/F", 0)) & _HIDDEN:
            continue
        kind, flags = str(_inherited(note, "/FT") or ""), int(_inherited(note, "/Ff") or 0)
        x0, y0, x1, y1 = (float(v) for v in note["/Rect"])
        left, right, low, high = min(x0, x1), max(x0, x1), min(y0, y1), max(y0, y1)
        if right - left < 3 or high - low < 3:
            continue
        area = Area(left - box[0], box[3] - high, right - box[0], box[3] - low)
        if kind in {"/Tx", "/Ch"}:
            text.append(area)
        elif kind == "/Btn" and not flags & _PUSH:
            check.append(area)
    return text, check


def _inherited(note: Any, key: str) -> Any:
    for _ in range(8):
        if key in note:
            return note[key]
        if "/Parent" not in note:
            return None
        note = note["/Parent"]
    return None
