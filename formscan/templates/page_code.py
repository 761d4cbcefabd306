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

from formscan.model.geometry import Area
from formscan.model.template import FormTemplate, PageTemplate

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
    page = form.page(number)
    taken = _taken(page) + [field.area.grown(_CLEAR) for field in form.fields_of(number)]
    spots, whole = np.array(list(_spots(page))), SIDE_PT + 2 * QUIET_PT
    areas = np.array([(a.left, a.top, a.right, a.bottom) for a in taken]).reshape(-1, 4)
    x, y = spots[:, :1], spots[:, 1:]
    meets = (x < areas[:, 2]) & (areas[:, 0] < x + whole) & (y < areas[:, 3]) & (areas[:, 1] < y + whole)
    free = np.flatnonzero(~meets.any(axis=1))
    if not len(free):
        return None
    left, top = (float(side) + QUIET_PT for side in spots[free[0]])
    return Area(left, top, left + SIDE_PT, top + SIDE_PT)


def corner_marks(form: FormTemplate, number: int) -> list[tuple[Area, Area]]:
    """The two bars of each corner mark, in points; corners where something stands are left out."""
    page = form.page(number)
    taken = _taken(page) + [field.area for field in form.fields_of(number)]
    found = []
    for right in (False, True):
        for low in (False, True):
            x = page.width - EDGE_PT - ARM_PT if right else EDGE_PT
            y = page.height - EDGE_PT - ARM_PT if low else EDGE_PT
            if any(_meet(Area(x, y, x + ARM_PT, y + ARM_PT).grown(_CLEAR), area) for area in taken):
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


def _taken(page: PageTemplate) -> list[Area]:
    """Where something is printed; of a box only its outline."""
    found = [Area(t.x, t.y - t.size, t.x + max(t.width, 1), t.y + 0.35 * t.size) for t in page.texts]
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
        Area(min(x0, x1) - 1, min(y0, y1) - 1, max(x0, x1) + 1, max(y0, y1) + 1) for x0, y0, x1, y1 in lines
    ]
    return found


def _meet(one: Area, other: Area) -> bool:
    return (
        one.left < other.right
        and other.left < one.right
        and one.top < other.bottom
        and other.top < one.bottom
    )
