"""What is proposed for one field of a blank form."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from formscan.model.geometry import Area, Box
from formscan.model.template import ValueType


class PlaceKind(StrEnum):
    """How a place is to be filled, told from its print alone."""

    TEXT_LINE = "text_line"
    TEXT_AREA = "text_area"
    """Several lines to write on, or an open space with a label."""
    COMB = "comb"
    TICK = "tick"
    CHOICE = "choice"
    TABLE_CELL = "table_cell"
    SIGNATURE = "signature"
    DRAWING = "drawing"
    CODE = "code"


@dataclass(frozen=True, slots=True)
class ProposedCell:
    """One writing place: the box as it is printed (a line's dots as high as a word) and where one writes.

    Attributes:
        printed: Points; a comb cell, a tick box, a table cell, or the dots of a line.
        writing: Points; for a line from under the line above to 3 pt under its own dots.
        name: ``day``, ``line2``, a choice's value; empty where there is but one.
        label: What is printed beside a tick box of a choice.
    """

    printed: Area
    writing: Area
    name: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True)
class ProposedField:
    """A field found on a blank page.

    Attributes:
        page: 1-based.
        area: Encloses the printed places of all cells, points of the (straightened) page.
        box: The same in pixels of the picture looked at, ``dpi``; for a PDF of its page at ``dpi``.
        cells: In reading order.
        label: Printed words tied to it, without the item's number; empty where none was found.
        id: Dotted ASCII, unique within the form.
        type: What the value means.
        order: Place in reading order of the page, from 0.
        confidence: 0..1, how sure kind, label and type are together; not a probability.
        groups: Runs of a comb, e.g. (2, 2, 4).
        unit: Unit printed behind it.
        section: Heading it stands under, as printed.
        row: Label of the table row a cell stands in.
        column: Label of the table column.
        answers: Words of numbered answers whose numbers are written into the places.
    """

    page: int
    kind: PlaceKind
    area: Area
    box: Box
    dpi: float
    cells: tuple[ProposedCell, ...]
    label: str
    id: str
    type: ValueType
    order: int
    confidence: float
    groups: tuple[int, ...] = ()
    unit: str | None = None
    section: str = ""
    row: str = ""
    column: str = ""
    answers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """A field on its way: geometry and label, before it has a meaning."""

    kind: PlaceKind
    cells: tuple[ProposedCell, ...]
    label: str = ""
    groups: tuple[int, ...] = ()
    after: str = ""
    section: str = ""
    row: str = ""
    column: str = ""
    sure: float = 0.8
    parent: str = ""
    answers: tuple[str, ...] = ()
