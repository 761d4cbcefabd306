"""Cut every field of an aligned page out, with its blank twin and the places of its cells."""

from __future__ import annotations

from typing import Final

from formscan.model.geometry import MM_PER_INCH, Area, Box
from formscan.model.page import AlignedPage
from formscan.model.reading import Crop
from formscan.model.template import FieldKind, FieldSpec

MARGIN_MM: Final[dict[FieldKind, tuple[float, float]]] = {
    FieldKind.TEXT: (1.5, 1.5),
    FieldKind.COMB: (1.5, 1.5),
    FieldKind.MARK: (2.5, 2.5),
    FieldKind.CHOICE: (2.5, 2.5),
    FieldKind.CODE: (2.0, 2.0),
    FieldKind.SIGNATURE: (0.0, 0.0),
    FieldKind.DRAWING: (0.0, 0.0),
}
"""Margin (x, y) around a field: writing leaves its line, a tick leaves its box, a code needs its rest."""


def locate(page: AlignedPage) -> list[Crop]:
    """Cut out all fields of the page, in reading order."""
    fields = page.template.fields_of(page.number)
    areas = [area for field in fields for area in (field.area, *(cell.area for cell in field.cells))]
    boxes = iter(page.source_boxes(areas))
    return [_crop(page, field, [next(boxes) for _ in range(len(field.cells) + 1)]) for field in fields]


def _crop(page: AlignedPage, field: FieldSpec, boxes: list[Box]) -> Crop:
    """A crop of a field whose box and cells lie in ``boxes`` in the page as scanned."""
    height, width = page.image.shape
    box = crop_box(field, (width, height), page.dpi)
    cells = tuple(_relative(cell.area, box, page.dpi) for cell in field.cells)
    rows, columns = slice(box.top, box.bottom), slice(box.left, box.right)
    return Crop(
        field=field,
        image=page.image[rows, columns].copy(),
        blank=page.blank[rows, columns].copy(),
        cells=cells,
        dpi=page.dpi,
        page_box=boxes[0],
        residual_mm=page.residual_near(field.area),
        cell_boxes=tuple(boxes[1:]),
    )


def crop_box(field: FieldSpec, size: tuple[int, int], dpi: float) -> Box:
    """What is cut out for a field, its margin included, in pixels of a frame of ``size`` (width, height)."""
    box = field.area.at_dpi(dpi)
    x, y = (round(side / MM_PER_INCH * dpi) for side in MARGIN_MM[field.kind])
    return Box(box.left - x, box.top - y, box.right + x, box.bottom + y).clipped(*size)


def _relative(area: Area, within: Box, dpi: float) -> Box:
    """A cell in pixels of the crop, at least one pixel of it inside."""
    cell = area.at_dpi(dpi).moved(-within.left, -within.top)
    left, top = min(max(cell.left, 0), within.width - 1), min(max(cell.top, 0), within.height - 1)
    right, bottom = (
        min(max(cell.right, left + 1), within.width),
        min(max(cell.bottom, top + 1), within.height),
    )
    return Box(left, top, right, bottom)
