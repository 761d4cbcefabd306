"""Everything that can be done to a template under construction: each step named, each a pure function.

An operation knows its ``name`` (what is counted) and makes the next document of one; the studio keeps the
documents, so that every step can be taken back.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final, Protocol

from formscan.designer.fold import slug
from formscan.designer.studio.document import StudioDocument, StudioField
from formscan.errors import StudioError
from formscan.model.geometry import Area
from formscan.model.template import (
    Cell,
    Choice,
    FieldKind,
    FieldSpec,
    Section,
    ValueType,
)

ASPECTS: Final = {
    "rename": ("id",),
    "label": ("label_vi",),
    "translate": ("label_en",),
    "retype": ("kind", "type", "unit"),
    "resize": ("cells",),
    "page": ("page",),
    "section": ("section",),
    "choices": ("choices", "multiple"),
    "groups": ("groups",),
    "rules": ("rules",),
    "code": ("catalogue", "fhir"),
    "flags": ("critical", "required"),
    "table": ("table", "row", "column"),
}
"""Names of edits and the attributes of a field each of them changes."""


class Operation(Protocol):
    """One step of a person at the studio."""

    @property
    def name(self) -> str:
        """What the step is counted as."""
        ...

    def apply(self, document: StudioDocument) -> StudioDocument:
        """The next document.

        Raises:
            StudioError: If the step cannot be taken; the document stays as it is.
        """
        ...


@dataclass(frozen=True, slots=True)
class Accept:
    """Take proposals as they stand."""

    handles: tuple[str, ...]

    @property
    def name(self) -> str:
        """``accept``."""
        return "accept"

    def apply(self, document: StudioDocument) -> StudioDocument:
        """The fields of the handles count as accepted."""
        for handle in self.handles:
            document = document.with_field(handle, replace(document.field(handle), accepted=True))
        return document


@dataclass(frozen=True, slots=True)
class Remove:
    """Reject a proposal, or delete a field that was accepted or drawn."""

    handle: str
    drawn: bool = False

    @property
    def name(self) -> str:
        """``reject``, or ``delete`` for what stood already."""
        return "delete" if self.drawn else "reject"

    def apply(self, document: StudioDocument) -> StudioDocument:
        """The document without the field."""
        return document.without([self.handle])


@dataclass(frozen=True, slots=True)
class Edit:
    """Change one aspect of one field; the aspect gives the step its name."""

    handle: str
    aspect: str
    spec: FieldSpec

    @property
    def name(self) -> str:
        """The aspect: ``rename``, ``label``, ``retype``, ``resize`` ..."""
        return self.aspect

    def apply(self, document: StudioDocument) -> StudioDocument:
        """The field with that aspect of ``spec``, and accepted.

        Raises:
            StudioError: ``studio.id_taken`` for an id another field has.
        """
        field = document.field(self.handle)
        wanted = {name: getattr(self.spec, name) for name in ASPECTS[self.aspect]}
        taken = {f.spec.id for f in document.fields if f.handle != self.handle}
        if self.aspect == "rename" and self.spec.id in taken:
            raise StudioError("studio.id_taken", id=self.spec.id)
        return document.with_field(
            self.handle, replace(field, spec=replace(field.spec, **wanted), accepted=True)
        )


@dataclass(frozen=True, slots=True)
class Reshape:
    """Change a property of a field with everything that follows from it, taken back in one step.

    Attributes:
        name: What it is counted as: the aspect the person changed.
        spec: The field afterwards; its id is left as it is.
    """

    handle: str
    name: str
    spec: FieldSpec

    def apply(self, document: StudioDocument) -> StudioDocument:
        """The field as ``spec`` says, and accepted."""
        field = document.field(self.handle)
        spec = replace(self.spec, id=field.spec.id)
        return document.with_field(self.handle, replace(field, spec=spec, accepted=True))


@dataclass(frozen=True, slots=True)
class Move:
    """Move a field with all its cells, points."""

    handle: str
    dx: float
    dy: float

    @property
    def name(self) -> str:
        """``move``."""
        return "move"

    def apply(self, document: StudioDocument) -> StudioDocument:
        """The field ``dx`` to the right and ``dy`` down."""
        field = document.field(self.handle)
        cells = tuple(replace(c, area=_moved(c.area, self.dx, self.dy)) for c in field.spec.cells)
        spec = replace(field.spec, cells=cells)
        return document.with_field(self.handle, replace(field, spec=spec, accepted=True))


@dataclass(frozen=True, slots=True)
class Merge:
    """Make one field of several: the first keeps its name, the cells follow each other."""

    handles: tuple[str, ...]

    @property
    def name(self) -> str:
        """``merge``."""
        return "merge"

    def apply(self, document: StudioDocument) -> StudioDocument:
        """The document with the fields as one.

        Raises:
            StudioError: ``studio.merge`` if fewer than two are named or they stand on different pages.
        """
        fields = [document.field(handle) for handle in self.handles]
        if len(fields) < 2 or len({f.spec.page for f in fields}) > 1:
            raise StudioError("studio.merge", fields=len(fields))
        first = fields[0]
        cells = tuple(c for f in fields for c in f.spec.cells)
        groups = tuple(n for f in fields for n in f.spec.groups or (len(f.spec.cells),))
        spec = first.spec
        if spec.kind is FieldKind.COMB:
            spec = replace(spec, cells=tuple(Cell(c.area) for c in cells), groups=groups)
        else:
            spec = replace(spec, cells=named_cells(cells), choices=())
        merged = replace(first, spec=spec, accepted=True)
        return document.without(self.handles[1:]).with_field(first.handle, merged)


@dataclass(frozen=True, slots=True)
class Split:
    """Cut a field in two before one of its cells; the second part gets a handle and an id of its own."""

    handle: str
    at: int

    @property
    def name(self) -> str:
        """``split``."""
        return "split"

    def apply(self, document: StudioDocument) -> StudioDocument:
        """The document with both parts.

        Raises:
            StudioError: ``studio.split`` if one part would be empty.
        """
        field = document.field(self.handle)
        if not 0 < self.at < len(field.spec.cells):
            raise StudioError("studio.split", cells=len(field.spec.cells))
        parts = [field.spec.cells[: self.at], field.spec.cells[self.at :]]
        ids = {f.spec.id for f in document.fields}
        made = []
        for letter, cells in zip(("", "b"), parts, strict=True):
            spec = replace(field.spec, cells=named_cells(cells), groups=())
            if spec.kind is FieldKind.COMB:
                spec = replace(spec, cells=tuple(Cell(c.area) for c in cells))
            if spec.kind is FieldKind.CHOICE:
                spec = _choice_part(field.spec, cells)
            if letter:
                spec = replace(spec, id=free_id(f"{spec.id}.{letter}", ids))
            made.append(replace(field, handle=field.handle + letter, spec=spec, accepted=True))
        return document.with_field(self.handle, *made)


def _choice_part(whole: FieldSpec, cells: Sequence[Cell]) -> FieldSpec:
    if len(cells) == 1:
        label = next((c for c in whole.choices if c.value == cells[0].name), None)
        spec = replace(whole, kind=FieldKind.MARK, type=ValueType.BOOLEAN, choices=(), multiple=False)
        spec = replace(spec, cells=(Cell(cells[0].area),))
        return replace(spec, label_vi=label.label_vi, label_en=label.label_en) if label else spec
    names = {c.name for c in cells}
    return replace(whole, cells=tuple(cells), choices=tuple(c for c in whole.choices if c.value in names))


@dataclass(frozen=True, slots=True)
class Group:
    """Make one question of several tick boxes; each becomes one of its answers."""

    handles: tuple[str, ...]

    @property
    def name(self) -> str:
        """``group``."""
        return "group"

    def apply(self, document: StudioDocument) -> StudioDocument:
        """The document with the boxes as one choice in the place of the first.

        Raises:
            StudioError: ``studio.group`` if a field is neither mark nor choice, or they stand apart.
        """
        fields = [document.field(handle) for handle in self.handles]
        kinds = {f.spec.kind for f in fields}
        apart = len({f.spec.page for f in fields}) > 1
        if not kinds <= {FieldKind.MARK, FieldKind.CHOICE} or apart or not fields:
            raise StudioError("studio.group", fields=len(fields))
        cells: list[Cell] = []
        choices: list[Choice] = []
        for answer, area in (pair for f in fields for pair in _answers(f.spec)):
            value = free_id(answer.value, {c.value for c in choices})
            choices.append(replace(answer, value=value))
            cells.append(Cell(area, value))
        first = fields[0]
        spec = replace(first.spec, kind=FieldKind.CHOICE, type=ValueType.CHOICE, cells=tuple(cells))
        spec = replace(spec, choices=tuple(choices))
        made = replace(first, spec=spec, accepted=True)
        return document.without(self.handles[1:]).with_field(first.handle, made)


def _answers(spec: FieldSpec) -> Iterator[tuple[Choice, Area]]:
    if spec.kind is FieldKind.CHOICE:
        known = {choice.value: choice for choice in spec.choices}
        for cell in spec.cells:
            yield known.get(cell.name, Choice(cell.name, cell.name, cell.name)), cell.area
    else:
        value = slug(spec.label_vi, 24) or "answer"
        yield Choice(value, spec.label_vi, spec.label_en), spec.cells[0].area


@dataclass(frozen=True, slots=True)
class Add:
    """Draw a field the proposals miss; it stands behind another one, or first on its page."""

    handle: str
    spec: FieldSpec
    after: str = ""

    @property
    def name(self) -> str:
        """``add``."""
        return "add"

    def apply(self, document: StudioDocument) -> StudioDocument:
        """The document with the field.

        Raises:
            StudioError: ``studio.id_taken`` for an id that is there.
        """
        if any(self.spec.id == f.spec.id or self.handle == f.handle for f in document.fields):
            raise StudioError("studio.id_taken", id=self.spec.id)
        if self.after:
            place = document.at(self.after) + 1
        else:
            place = sum(f.spec.page < self.spec.page for f in document.fields)
        drawn = StudioField(self.handle, self.spec, accepted=True)
        return replace(document, fields=(*document.fields[:place], drawn, *document.fields[place:]))


@dataclass(frozen=True, slots=True)
class Reorder:
    """Read a field right after another one, or first where ``after`` is empty."""

    handle: str
    after: str = ""

    @property
    def name(self) -> str:
        """``reorder``."""
        return "reorder"

    def apply(self, document: StudioDocument) -> StudioDocument:
        """The document in the new order."""
        field = document.field(self.handle)
        rest = document.without([self.handle])
        place = rest.at(self.after) + 1 if self.after else 0
        return replace(rest, fields=(*rest.fields[:place], field, *rest.fields[place:]))


@dataclass(frozen=True, slots=True)
class Adopt:
    """Take over what a page has in common with a page of a form that is done (``studio.kin``).

    Attributes:
        source: That page, e.g. ``01-BV1/2023.1 p.1``.
        fields: All fields of the page afterwards, taken over or left as they were.
        sections: Headings the taken over fields stand under.
    """

    page: int
    source: str
    fields: tuple[StudioField, ...]
    sections: tuple[Section, ...]

    @property
    def name(self) -> str:
        """``adopt``."""
        return "adopt"

    def apply(self, document: StudioDocument) -> StudioDocument:
        """The document with these fields on that page."""
        before = tuple(f for f in document.fields if f.spec.page < self.page)
        after = tuple(f for f in document.fields if f.spec.page > self.page)
        known = {s.id for s in document.sections}
        new = tuple(s for s in self.sections if s.id not in known)
        return replace(document, fields=(*before, *self.fields, *after), sections=(*document.sections, *new))


def edits(handle: str, old: FieldSpec, new: FieldSpec) -> list[Edit]:
    """The steps from one state of a field to another, one an aspect."""
    return [
        Edit(handle, aspect, new)
        for aspect, names in ASPECTS.items()
        if any(getattr(old, name) != getattr(new, name) for name in names)
    ]


def named_cells(cells: Sequence[Cell]) -> tuple[Cell, ...]:
    """Cells of writing with the names the form's rules want: none for one, unique ones for several."""
    if len(cells) == 1:
        return (Cell(cells[0].area),)
    names = [c.name for c in cells]
    if all(names) and len(set(names)) == len(names):
        return tuple(cells)
    below = [b.area.top > a.area.top + 6 for a, b in itertools.pairwise(cells)]
    word = "line" if all(below) else "part"
    return tuple(Cell(c.area, f"{word}{n}") for n, c in enumerate(cells, start=1))


def free_id(wanted: str, taken: set[str]) -> str:
    """An id nobody has: the wanted one, or with a number behind it."""
    candidate, n = wanted, 2
    while candidate in taken:
        candidate, n = f"{wanted}_{n}", n + 1
    return candidate


def _moved(area: Area, dx: float, dy: float) -> Area:
    edges = (area.left + dx, area.top + dy, area.right + dx, area.bottom + dy)
    return Area(*(round(edge, 2) for edge in edges))
