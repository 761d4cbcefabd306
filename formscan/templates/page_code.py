"""What paper printed from now on may carry besides the form: a QR code that names the page, and corner marks.

Forms are recognised without either. The code is a second witness: a page whose code names another page than
the print does is held, and of two forms printed alike it tells which one a sheet is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from formscan.model.geometry import Area
from formscan.model.template import FormTemplate, PageTemplate

Sides = npt.NDArray[np.float64]
"""float64 (n, 4): left, top, right, bottom in points; corners (n, 2)."""

SIDE_PT: Final = 38.0
"""Of the code, without its quiet zone (13 mm): modules of 0.4 mm, three pixels at 200 dpi."""
QUIET_PT: Final = 6.0
EDGE_PT: Final = 17.0
"""From the paper's edge: printers leave a margin."""
ARM_PT: Final = 11.0
"""Of a corner mark, which begins ``EDGE_PT`` from both edges."""
BAR_PT: Final = 2.0
_STEP: Final = 4.0
_CLEAR: Final = 2.0
_TEXT: Final = re.compile(r"formscan:([^:]+):([^:]+):(\d{1,3}):([0-9a-f]*)")


@dataclass(frozen=True, slots=True)
class PageCode:
    """What the code of a page says.

    Attributes:
        digest: First 8 hexadecimal digits of the form's digest; empty where the form had none.
    """

    form_id: str
    version: str
    number: int
    digest: str = ""

    @classmethod
    def of(cls, form: FormTemplate, number: int) -> PageCode:
        """The code of a page of a form."""
        return cls(form.id, form.version, number, form.digest[:8])

    @classmethod
    def told(cls, text: str) -> PageCode | None:
        """What a decoded text says; ``None`` where it is no code of ours."""
        found = _TEXT.fullmatch(text)
        return cls(found[1], found[2], int(found[3]), found[4]) if found else None

    @property
    def text(self) -> str:
        """As encoded."""
        return f"formscan:{self.form_id}:{self.version}:{self.number}:{self.digest}"

    def names(self, form: FormTemplate, number: int) -> bool:
        """Whether it is of that page of that edition."""
        return (self.form_id, self.version, self.number) == (form.id, form.version, number)


def code_place(form: FormTemplate, number: int) -> Area | None:
    """Where the code stands on a page, quiet zone left out, in points.

    The first free place from the right along the lower edge, then along the upper one, then up the right
    and the left edge; ``None`` where print and fields leave none.
    """
    spots = np.array(list(_spots(form.page(number))))
    free = np.flatnonzero(_free(spots, SIDE_PT + 2 * QUIET_PT, _taken(form, number, _CLEAR)))
    if not len(free):
        return None
    left, top = (float(side) + QUIET_PT for side in spots[free[0]])
    return Area(left, top, left + SIDE_PT, top + SIDE_PT)


def corner_marks(form: FormTemplate, number: int) -> list[tuple[Area, Area]]:
    """The two bars of each corner mark, in points; corners where something stands are left out."""
    page, taken = form.page(number), _taken(form, number, 0.0)
    found = []
    for right in (False, True):
        for low in (False, True):
            x = page.width - EDGE_PT - ARM_PT if right else EDGE_PT
            y = page.height - EDGE_PT - ARM_PT if low else EDGE_PT
            corner = np.array([[x - _CLEAR, y - _CLEAR]])
            if not _free(corner, ARM_PT + 2 * _CLEAR, taken)[0]:
                continue
            level = Area(x, y + (ARM_PT - BAR_PT if low else 0), x + ARM_PT, y + (ARM_PT if low else BAR_PT))
            edge = x + (ARM_PT - BAR_PT if right else 0)
            found.append((level, Area(edge, y, edge + BAR_PT, y + ARM_PT)))
    return found


def _spots(page: PageTemplate) -> Iterator[tuple[float, float]]:
    whole = SIDE_PT + 2 * QUIET_PT
    rim = EDGE_PT - QUIET_PT
    right, low = page.width - rim - whole, page.height - rim - whole
    for top in (low, rim):
        yield from ((right - step * _STEP, top) for step in range(int((right - rim) / _STEP) + 1))
    for left in (right, rim):
        yield from ((left, low - step * _STEP) for step in range(int((low - rim) / _STEP) + 1))


def _taken(form: FormTemplate, number: int, clear: float) -> Sides:
    """Where something is printed, of a box only its outline, and the fields with ``clear`` points around."""
    page = form.page(number)
    found = [(t.x, t.y - t.size, t.x + max(t.width, 1), t.y + 0.35 * t.size) for t in page.texts]
    lines = [(r.x0, r.y0, r.x1, r.y1) for r in page.rules]
    for box in page.boxes:
        a = box.area
        lines += [
            (a.left, a.top, a.right, a.top),
            (a.left, a.bottom, a.right, a.bottom),
            (a.left, a.top, a.left, a.bottom),
            (a.right, a.top, a.right, a.bottom),
        ]
    found += [
        (min(x0, x1) - 1, min(y0, y1) - 1, max(x0, x1) + 1, max(y0, y1) + 1) for x0, y0, x1, y1 in lines
    ]
    for field in form.fields_of(number):
        a = field.area
        found.append((a.left - clear, a.top - clear, a.right + clear, a.bottom + clear))
    return np.array(found, dtype=np.float64).reshape(-1, 4)


def _free(corners: Sides, side: float, taken: Sides) -> npt.NDArray[np.bool_]:
    """Which squares, by their upper left corners (n, 2), meet nothing that is taken."""
    x, y = corners[:, :1], corners[:, 1:]
    meets = (x < taken[:, 2]) & (taken[:, 0] < x + side) & (y < taken[:, 3]) & (taken[:, 1] < y + side)
    return np.asarray(~meets.any(axis=1), dtype=np.bool_)
