"""Makes one table of many places: rows and columns instead of a field a cell."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from formscan.designer.studio.document import StudioDocument, StudioField
from formscan.errors import StudioError
from formscan.model.geometry import Area
from formscan.model.template import Cell, FieldSpec

_SAME_ROW_PT: Final = 4.0


@dataclass(frozen=True, slots=True)
class MakeTable:
    """Take the fields inside a frame as the cells of a table.

    Attributes:
        table: Its id; the fields become ``<table>.<row>.<column>``.
        page: Where it stands.
        frame: Points; a field belongs to it when its middle lies inside.
        columns: One a column, from left to right: what every field of it is; its id is the column's.
            Where ``rows`` is given they carry one cell, whose sides are the column's.
        rows: Number of rows of the same height drawn instead of the fields inside the frame; 0 takes those.
    """

    table: str
    page: int
    frame: Area
    columns: tuple[FieldSpec, ...]
    rows: int = 0

    @property
    def name(self) -> str:
        """``table``."""
        return "table"

    def apply(self, document: StudioDocument) -> StudioDocument:
        """The document with the table in the place of its first field.

        Raises:
            StudioError: ``studio.table`` where there is no field, or a row has not one field a column.
        """
        inside = [f for f in document.fields if self._holds(f)]
        rows = self._drawn() if self.rows else _rows(inside)
        if not rows or any(len(row) != len(self.columns) for row in rows):
            raise StudioError("studio.table", rows=len(rows), columns=len(self.columns))
        at = (
            document.at(inside[0].handle)
            if inside
            else sum(f.spec.page <= self.page for f in document.fields)
        )
        rest = document.without([f.handle for f in inside])
        made = tuple(self._made(rows))
        return replace(rest, fields=(*rest.fields[:at], *made, *rest.fields[at:]))

    def _holds(self, field: StudioField) -> bool:
        area, frame = field.spec.area, self.frame
        x, y = (area.left + area.right) / 2, (area.top + area.bottom) / 2
        inside = frame.left < x < frame.right and frame.top < y < frame.bottom
        return inside and field.spec.page == self.page

    def _drawn(self) -> list[list[StudioField]]:
        """Fields for rows of the same height, with sides of the columns."""
        high = (self.frame.bottom - self.frame.top) / self.rows
        out: list[list[StudioField]] = []
        for number in range(1, self.rows + 1):
            top, bottom = (round(self.frame.top + n * high, 2) for n in (number - 1, number))
            row = []
            for column in self.columns:
                area = Area(column.area.left, top, column.area.right, bottom)
                spec = replace(column, cells=(Cell(area),))
                row.append(StudioField(f"{self.page}.{self.table}{number}.{column.id}", spec))
            out.append(row)
        return out

    def _made(self, rows: Sequence[Sequence[StudioField]]) -> Iterator[StudioField]:
        edges = [(f.spec.area.left, f.spec.area.right) for f in rows[0]]
        for number, row in enumerate(rows, start=1):
            top, bottom = row[0].spec.area.top, row[0].spec.area.bottom
            for field, column, (left, right) in zip(row, self.columns, edges, strict=True):
                spec = replace(
                    column,
                    id=f"{self.table}.{number}.{column.id}",
                    page=self.page,
                    cells=(Cell(Area(left, top, right, bottom)),),
                    table=self.table,
                    row=number,
                    column=column.id,
                )
                yield replace(field, spec=spec, accepted=True)


def _rows(fields: Sequence[StudioField]) -> list[list[StudioField]]:
    """Fields by rows from the top, each from the left."""
    rows: list[list[StudioField]] = []
    for field in sorted(fields, key=lambda f: f.spec.area.top):
        if rows and field.spec.area.top - rows[-1][0].spec.area.top < _SAME_ROW_PT:
            rows[-1].append(field)
        else:
            rows.append([field])
    return [sorted(row, key=lambda f: f.spec.area.left) for row in rows]
