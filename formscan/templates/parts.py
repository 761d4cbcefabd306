"""The parts of a form.toml as nouns: pages with their print, fields, tables, sections."""

from __future__ import annotations

from dataclasses import replace

from formscan.model.geometry import Area
from formscan.model.template import (
    Cell,
    Choice,
    FhirItem,
    FieldKind,
    FieldSpec,
    FontStyle,
    FormTemplate,
    PageTemplate,
    PrintedBox,
    PrintedRule,
    PrintedText,
    Section,
    ValueType,
)
from formscan.templates import node as toml
from formscan.templates.critical import critical_by_default
from formscan.templates.node import BadValueError, Node, numbers

Placed = tuple[toml.Path, FieldSpec]
"""A field with the path of its table in the document: ``("fields", 3)``, ``("tables", 0, "columns", 2)``."""


def form_from(root: Node, digest: str) -> FormTemplate:
    """The whole form.

    Raises:
        BadValueError: If anything in it is wrong or unknown.
    """
    title_vi, title_en = _label(root, "title")
    pages = tuple(_page(node) for node in root.nodes("pages"))
    fields = [field for _, field in fields_from(root)]
    form = FormTemplate(
        id=root.text("id"),
        version=root.text("version"),
        code=root.text("code"),
        title_vi=title_vi,
        title_en=title_en,
        edition=root.text("edition"),
        source=root.text("source"),
        pages=pages,
        sections=tuple(_section(node) for node in root.nodes("sections")),
        fields=tuple(sorted(fields, key=lambda f: f.page)),
        digest=digest,
    )
    root.done()
    return form


def fields_from(root: Node) -> list[Placed]:
    """All fields in reading order, those of tables behind the field named by the table's ``after``."""
    fields = [(node.path, _field(node)) for node in root.nodes("fields")]
    for node in root.nodes("tables"):
        after = node.text_or_none("after")
        at = next((at for at, (_, field) in enumerate(fields, start=1) if field.id == after), None)
        if after is not None and at is None:
            raise BadValueError("template.unknown_field", (*node.path, "after"), value=after)
        place = len(fields) if at is None else at
        fields[place:place] = _table(node)
    return fields


def _label(node: Node, key: str = "label") -> tuple[str, str]:
    label = node.node(key)
    vi, en = label.text("vi"), label.text("en")
    label.done()
    return vi, en


def _section(node: Node) -> Section:
    section = Section(node.text("id"), *_label(node))
    node.done()
    return section


def _page(node: Node) -> PageTemplate:
    size = [toml.as_number(item, path) for path, item in node.items("size")]
    if len(size) != 2 or min(size) <= 0:
        raise BadValueError("template.wrong_length", (*node.path, "size"), wanted="2")
    page = PageTemplate(
        number=node.whole("number"),
        width=size[0],
        height=size[1],
        texts=tuple(_text(item, path) for path, item in node.items("texts")),
        rules=tuple(PrintedRule(*numbers(item, path, 5, 6)) for path, item in node.items("rules")),
        boxes=tuple(_box(item, path) for path, item in node.items("boxes")),
        anchors=tuple(_area(item, path) for path, item in node.items("anchors")),
    )
    node.done()
    return page


def _text(value: object, path: toml.Path) -> PrintedText:
    *lengths, style, text = toml.row(value, path, 6)
    if not isinstance(text, str):
        raise BadValueError("template.not_text", path)
    if style not in set(FontStyle):
        raise BadValueError("template.unknown_word", path, value=style)
    x, y, width, size = (toml.as_number(item, path) for item in lengths)
    return PrintedText(x, y, width, size, FontStyle(str(style)), text)


def _box(value: object, path: toml.Path) -> PrintedBox:
    *edges, width = numbers(value, path, 5)
    return PrintedBox(_area(edges, path), width)


def _area(value: object, path: toml.Path) -> Area:
    edges = numbers(value, path, 4)
    try:
        return Area(*edges)
    except ValueError as error:
        raise BadValueError("template.empty_area", path) from error


def _cell(value: object, path: toml.Path) -> Cell:
    parts = toml.row(value, path, 4, 5)
    name = parts[4] if len(parts) == 5 else ""
    if not isinstance(name, str):
        raise BadValueError("template.not_text", path)
    return Cell(_area(parts[:4], path), name)


def _field(node: Node) -> FieldSpec:
    spec = _spec(
        node,
        field_id=node.text("id"),
        page=node.whole("page"),
        section=node.text("section"),
        cells=tuple(_cell(item, path) for path, item in node.items("cells")),
    )
    node.done()
    return spec


def _spec(node: Node, *, field_id: str, page: int, section: str, cells: tuple[Cell, ...]) -> FieldSpec:
    label_vi, label_en = _label(node)
    kind, catalogue = node.kind("type", ValueType), node.text_or_none("catalogue")
    fhir = _fhir(node.node("fhir")) if node.has("fhir") else None
    unsaid = critical_by_default(kind, fhir.target if fhir else None, catalogue)
    return FieldSpec(
        id=field_id,
        page=page,
        section=section,
        cells=cells,
        kind=node.kind("kind", FieldKind),
        type=kind,
        label_vi=label_vi,
        label_en=label_en,
        unit=node.text_or_none("unit"),
        catalogue=catalogue,
        rules=node.texts("rules"),
        choices=tuple(_choice(item) for item in node.nodes("choices")),
        critical=node.flag("critical") if node.has("critical") else unsaid,
        required=node.flag("required"),
        multiple=node.flag("multiple"),
        groups=_groups(node),
        fhir=fhir,
    )


def _groups(node: Node) -> tuple[int, ...]:
    out = []
    for path, item in node.items("groups"):
        if isinstance(item, bool) or not isinstance(item, int) or item < 1:
            raise BadValueError("template.not_whole", path)
        out.append(item)
    return tuple(out)


def _choice(node: Node) -> Choice:
    vi, en = _label(node)
    choice = Choice(node.text("value"), vi, en, node.text_or_none("code"))
    node.done()
    return choice


def _fhir(node: Node) -> FhirItem:
    item = FhirItem(
        node.text("target"),
        node.text_or_none("code"),
        node.text_or_none("system"),
        node.text_or_none("unit"),
    )
    node.done()
    return item


def _table(node: Node) -> list[Placed]:
    """The fields of a table, row by row: ``<table>.<row>.<column>``."""
    table, page, section = node.text("id"), node.whole("page"), node.text("section")
    rows = [(path, numbers(item, path, 2)) for path, item in node.items("rows")]
    columns = list(node.nodes("columns"))
    out: list[Placed] = []
    for number, (path, (top, bottom)) in enumerate(rows, start=1):
        for column in columns:
            name = column.text("id")
            area = _area([column.number("left"), top, column.number("right"), bottom], path)
            spec = _spec(
                column,
                field_id=f"{table}.{number}.{name}",
                page=page,
                section=section,
                cells=(Cell(area),),
            )
            out.append((column.path, replace(spec, table=table, row=number, column=name)))
            column.done()
    node.done()
    return out
