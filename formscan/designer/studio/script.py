"""The steps at the studio as lines of text: what a person did can be read, kept and done again.

One step or one field a line; ``#`` starts a comment. A field is named by its handle (``2.14``) or its id::

    form 02-BV1 2023.1 | 02/BV-01 | Bệnh án nhi khoa | Paediatric record | TT 32/2023/TT-BYT | source
    section admin | HÀNH CHÍNH | Administrative data
    adopt 01-BV1 15-BV1                      take over what pages of these forms have
    accept 0.8                               take the proposals at least that sure
    in exam                                  section of the fields below; ``in`` alone: their own
    2.14 vital.height | Chiều cao | Height | type=decimal unit=cm fhir=Observation:8302-2:cm
    2.15 exam.ent                            known from other forms: label, type, rules, codes as there
    - 1.30 1.31                              reject or delete
    & 1.29 1.30                              merge
    / 2.9 1                                  cut before its second place; the second part is 2.9b
    * 1.69 1.70                              make one question of tick boxes
    > 1.44 1.43                              read 1.44 right after 1.43
    ~ 1.80 5 0                               move, points
    + a1 4 documents.listed | Hồ sơ | Papers | kind=text type=text cells=10,20,200,35 after=4.3
    tidy                                     no field covers another
    table notes 9 85,191,556,741 | at;Ngày;Date;type=datetime | text;Diễn biến;Course
                                             fields inside a frame as one table, column by column
    table notes 8 50,82,558,744 32 | at;Ngày;Date;cells=50,82,110,744
                                             the same with 32 rows drawn, columns as wide as their cells
    anchor 2 "A- BỆNH ÁN" "II. Hỏi bệnh:"    words that stand on one line and tell the page

Settings of a field: ``kind type unit cat rules crit req multi groups names choices cells fhir after``;
``at=10,20;30,20`` points at printed places instead of giving ``cells``, ``dots=`` at dotted lines, as a
person clicks on them.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any, Final

from formscan.designer.studio.document import FormHead
from formscan.designer.studio.form_operations import (
    Anchor,
    DefineSections,
    Describe,
    Erase,
    Print,
    Tidy,
)
from formscan.designer.studio.kin import adoptions
from formscan.designer.studio.operations import (
    Add,
    Group,
    Merge,
    Move,
    Operation,
    Remove,
    Reorder,
    Split,
    edits,
)
from formscan.designer.studio.print_places import dotted_line, printed_phrase
from formscan.designer.studio.shaping import fhir_of, with_answers
from formscan.designer.studio.studio import Studio
from formscan.designer.studio.table_operation import MakeTable
from formscan.errors import StudioError
from formscan.model.geometry import Area
from formscan.model.template import (
    Cell,
    Choice,
    FieldKind,
    FieldSpec,
    FontStyle,
    FormTemplate,
    PrintedBox,
    PrintedRule,
    PrintedText,
    Section,
    ValueType,
)

_KNOWN: Final = (
    "label_vi",
    "label_en",
    "unit",
    "catalogue",
    "rules",
    "critical",
    "required",
    "fhir",
)


@dataclass(slots=True)
class _Run:
    studio: Studio
    forms: Mapping[str, FormTemplate]
    known: dict[str, FieldSpec] = field(default_factory=dict)
    section: str = ""
    places: list[tuple[int, Area]] = field(default_factory=list)


def run_script(
    studio: Studio,
    lines: Iterable[str],
    forms: Iterable[FormTemplate],
    places: Iterable[tuple[int, Area]] = (),
) -> None:
    """Do the steps of a script.

    Args:
        studio: Where they are done; each is counted and can be taken back.
        lines: The script.
        forms: Forms that are done, for ``adopt`` and for fields known by their id; the first form that has
            an id tells what it is.
        places: Printed places that can be pointed at besides the proposals, with their pages, points.

    Raises:
        StudioError: ``studio.script`` with line and reason; the steps before it stand.
    """
    run = _Run(studio, {form.id: form for form in forms})
    start = studio.document
    run.places += places
    run.places += [(f.spec.page, c.area) for f in start.fields for c in f.spec.cells]
    run.places += [(page.number, box.area) for page in start.pages for box in page.boxes]
    for form in run.forms.values():
        for spec in form.fields:
            run.known.setdefault(spec.id, spec)
    for number, line in enumerate(lines, start=1):
        text = line.split(" #", 1)[0].strip()
        if not text or text.startswith("#"):
            continue
        try:
            _step(run, text)
        except (StudioError, ValueError, KeyError) as error:
            raise StudioError("studio.script", line=number, reason=repr(error)) from error


def _step(run: _Run, text: str) -> None:
    word, _, rest = text.partition(" ")
    steps: dict[str, Callable[[_Run, str], None]] = {
        "form": _form,
        "section": _section,
        "adopt": _adopt,
        "accept": _accept,
        "in": _in,
        "anchor": _anchor,
        "tidy": lambda run, _: run.studio.do(Tidy()),
        "print": _print,
        "box": _print_boxes,
        "line": _print_line,
        "erase": _erase,
        "-": _remove,
        "&": lambda run, rest: run.studio.do(Merge(tuple(_handle(run, w) for w in rest.split()))),
        "*": lambda run, rest: run.studio.do(Group(tuple(_handle(run, w) for w in rest.split()))),
        "/": _split,
        ">": _reorder,
        "~": _move,
        "+": _add,
        "table": _table,
    }
    if word in steps:
        steps[word](run, rest.strip())
    else:
        _change(run, word, rest)


def _handle(run: _Run, word: str) -> str:
    """A handle, or the handle of the field of that id."""
    fields = run.studio.document.fields
    return next((f.handle for f in fields if word in {f.handle, f.spec.id}), word)


def _form(run: _Run, rest: str) -> None:
    name, *told = (part.strip() for part in rest.split("|"))
    form_id, version = name.split()
    code, title, title_en, edition, source = told
    run.studio.do(Describe(FormHead(form_id, version, code, title, title_en, edition, source)))


def _section(run: _Run, rest: str) -> None:
    name, vi, en = (part.strip() for part in rest.split("|"))
    kept = [s for s in run.studio.document.sections if s.id != name]
    run.studio.do(DefineSections((*kept, Section(name, vi, en))))


def _adopt(run: _Run, rest: str) -> None:
    for step in adoptions(run.studio.document, [run.forms[name] for name in rest.split()]):
        run.studio.do(step)


def _accept(run: _Run, rest: str) -> None:
    run.studio.accept_above(float(rest))


def _in(run: _Run, rest: str) -> None:
    known = {s.id for s in run.studio.document.sections}
    if rest and rest not in known:
        section = next((s for f in run.forms.values() for s in f.sections if s.id == rest), None)
        if section is None:
            raise StudioError("studio.no_such_section", section=rest)
        run.studio.do(DefineSections((*run.studio.document.sections, section)))
    run.section = rest


def _anchor(run: _Run, rest: str) -> None:
    number, *phrases = shlex.split(rest)
    page = next(p for p in run.studio.document.pages if p.number == int(number))
    run.studio.do(Anchor(page.number, tuple(printed_phrase(page, phrase) for phrase in phrases)))


def _print(run: _Run, rest: str) -> None:
    """``print 1 9.6 regular 407.8,107.9,9.6:Số 420.3,107.9,14.8:vào``: size and cut, then the words."""
    page, size, cut, *words = shlex.split(rest)
    texts = []
    for word in words:
        place, _, text = word.partition(":")
        x, y, width = (float(v) for v in place.split(","))
        texts.append(PrintedText(x, y, width, float(size), FontStyle(cut), text))
    run.studio.do(Print(int(page), tuple(texts)))


def _print_boxes(run: _Run, rest: str) -> None:
    """``box 1 0.75 10,20,24,34 30,20,44,34``: width of the line, then the boxes."""
    page, width, *places = rest.split()
    boxes = []
    for place in places:
        left, top, right, bottom = (float(v) for v in place.split(","))
        boxes.append(PrintedBox(Area(left, top, right, bottom), float(width)))
    run.studio.do(Print(int(page), boxes=tuple(boxes)))


def _print_line(run: _Run, rest: str) -> None:
    """``line 4 1.15 10,20 30,25 40,40``: width, then the points one straight piece after the other joins."""
    page, width, *points = rest.split()
    ends = [tuple(float(v) for v in point.split(",")) for point in points]
    rules = (PrintedRule(a[0], a[1], b[0], b[1], float(width)) for a, b in pairwise(ends))
    run.studio.do(Print(int(page), rules=tuple(rules)))


def _erase(run: _Run, rest: str) -> None:
    """``erase 10 □``: page, then the words that are taken out of its print."""
    page, *words = shlex.split(rest)
    run.studio.do(Erase(int(page), tuple(words)))


def _table(run: _Run, rest: str) -> None:
    head, *columns = (part.strip() for part in rest.split("|"))
    name, page, frame, *rows = head.split()
    specs = []
    for column in columns:
        key, vi, en, *settings = (part.strip() for part in column.split(";"))
        spec = FieldSpec(key, int(page), FieldKind.TEXT, ValueType.TEXT, vi, en, (), run.section)
        for setting in settings:
            spec = _with(spec, *setting.split("=", 1))
        specs.append(spec)
    area = Area(*(float(v) for v in frame.split(",")))
    run.studio.do(MakeTable(name, int(page), area, tuple(specs), int(rows[0]) if rows else 0))


def _remove(run: _Run, rest: str) -> None:
    for word in rest.split():
        handle = _handle(run, word)
        run.studio.do(Remove(handle, run.studio.document.field(handle).accepted))


def _split(run: _Run, rest: str) -> None:
    word, at = rest.split()
    run.studio.do(Split(_handle(run, word), int(at)))


def _reorder(run: _Run, rest: str) -> None:
    words = [_handle(run, w) for w in rest.split()]
    run.studio.do(Reorder(words[0], words[1] if len(words) > 1 else ""))


def _move(run: _Run, rest: str) -> None:
    word, dx, dy = rest.split()
    run.studio.do(Move(_handle(run, word), float(dx), float(dy)))


def _add(run: _Run, rest: str) -> None:
    handle, page, rest = rest.split(maxsplit=2)
    new_id, told = _told(rest)
    words, settings = _labels(told)
    blank = FieldSpec(new_id, int(page), FieldKind.TEXT, ValueType.TEXT, "", "", (), run.section)
    spec = _set(run, blank, new_id, words, settings)
    after = _handle(run, settings["after"]) if "after" in settings else ""
    if not spec.section and after:
        spec = replace(spec, section=run.studio.document.field(after).spec.section)
    run.studio.do(Add(f"+{handle}", spec, after))


def _change(run: _Run, word: str, rest: str) -> None:
    new_id, told = _told(rest)
    words, settings = _labels(told)
    handle = _handle(run, word)
    if all(f.handle != handle for f in run.studio.document.fields):
        handle = _handle(run, new_id)  # taken over from a known form before the line came to it
    old = run.studio.document.field(handle).spec
    new = _set(run, old, new_id or old.id, words, settings)
    if run.section and new.section != run.section:
        new = replace(new, section=run.section)
    steps: list[Operation] = [*edits(handle, old, new)]
    for step in steps:
        run.studio.do(step)
    if not run.studio.document.field(handle).accepted:
        run.studio.accept((handle,))


def _told(rest: str) -> tuple[str, list[str]]:
    name, *told = [part.strip() for part in rest.split("|")]
    if "=" in name:
        return "", [name]
    return name, told


def _labels(told: list[str]) -> tuple[list[str], dict[str, str]]:
    """Labels, and the settings in the last part."""
    if told and "=" in told[-1].split(" ")[0]:
        pairs = (word.partition("=") for word in shlex.split(told[-1]))
        return told[:-1], {key: value for key, _, value in pairs}
    return told, {}


def _set(run: _Run, old: FieldSpec, new_id: str, words: list[str], settings: Mapping[str, str]) -> FieldSpec:
    spec = replace(old, id=new_id)
    known = run.known.get(new_id)
    if known is not None and known.table is None:
        spec = _changed(spec, {name: getattr(known, name) for name in _KNOWN})
        if known.kind is spec.kind:
            spec = replace(spec, type=known.type, multiple=known.multiple)
            spec = _as_known(spec, known)
    for name, value in zip(("label_vi", "label_en"), words, strict=False):
        spec = _changed(spec, {name: value}) if value else spec
    if "at" in settings:
        spec = replace(spec, cells=_pointed_at(run, spec, settings["at"]))
    if "dots" in settings:
        spec = replace(spec, cells=_dotted(run, spec, settings["dots"]))
    for key, value in settings.items():
        spec = spec if key in {"at", "dots"} else _with(spec, key, value)
    if spec.kind is not FieldKind.COMB:
        spec = replace(spec, groups=())
    numbered = spec.kind is FieldKind.COMB and spec.type is ValueType.CHOICE
    return spec if numbered or spec.kind is FieldKind.CHOICE else replace(spec, choices=(), multiple=False)


def _pointed_at(run: _Run, spec: FieldSpec, value: str) -> tuple[Cell, ...]:
    """The smallest printed place around each point."""
    cells = []
    names = [c.name for c in spec.cells]
    points = [tuple(float(v) for v in part.split(",")) for part in value.split(";")]
    for at, (x, y) in enumerate(points):
        here = [
            a
            for page, a in run.places
            if page == spec.page and a.left <= x <= a.right and a.top <= y <= a.bottom
        ]
        if not here:
            raise ValueError(f"nothing at {x:g},{y:g}")
        name = names[at] if len(names) == len(points) else ""
        cells.append(Cell(min(here, key=lambda a: a.width * a.height), name))
    return tuple(cells)


def _dotted(run: _Run, spec: FieldSpec, value: str) -> tuple[Cell, ...]:
    """The dotted lines at points, each as long as its dots go on, from a word's height above it."""
    page = next(p for p in run.studio.document.pages if p.number == spec.page)
    names = [c.name for c in spec.cells]
    points = [tuple(float(v) for v in part.split(",")) for part in value.split(";")]
    areas = [dotted_line(page, x, y) for x, y in points]
    same = len(names) == len(points)
    return tuple(Cell(area, names[at] if same else "") for at, area in enumerate(areas))


def _changed(spec: FieldSpec, changes: dict[str, Any]) -> FieldSpec:
    return replace(spec, **changes)


def _as_known(spec: FieldSpec, known: FieldSpec) -> FieldSpec:
    """Names of places and answers as in the known field, where there are as many."""
    if len(spec.cells) == len(known.cells):
        cells = tuple(Cell(c.area, k.name) for c, k in zip(spec.cells, known.cells, strict=True))
        return replace(spec, cells=cells, choices=known.choices, groups=known.groups)
    return spec


def _with(spec: FieldSpec, key: str, value: str) -> FieldSpec:
    """A field with one setting of the script."""
    simple: dict[str, Callable[[], dict[str, Any]]] = {
        "kind": lambda: {"kind": FieldKind(value)},
        "type": lambda: {"type": ValueType(value)},
        "unit": lambda: {"unit": value or None},
        "cat": lambda: {"catalogue": value or None},
        "rules": lambda: {"rules": tuple(r for r in value.split(",") if r)},
        "crit": lambda: {"critical": value == "1"},
        "req": lambda: {"required": value == "1"},
        "multi": lambda: {"multiple": value == "1"},
        "groups": lambda: {"groups": tuple(int(n) for n in value.split(",") if n)},
        "page": lambda: {"page": int(value)},
        "fhir": lambda: {"fhir": fhir_of(value)},
        "cells": lambda: {"cells": _cells(spec, value)},
        "after": dict,
    }
    if key in simple:
        return _changed(spec, simple[key]())
    if key == "names":
        names = value.split(",")
        cells = tuple(replace(c, name=n) for c, n in zip(spec.cells, names, strict=True))
        return replace(spec, cells=cells)
    if key == "choices":
        return _with_choices(spec, value)
    raise ValueError(key)


def _with_choices(spec: FieldSpec, value: str) -> FieldSpec:
    """``male:Nam:Male;female:Nữ:Female``: the answers in the order of the tick boxes.

    A comb takes the numbers of its answers: the third word after the value, or their place in the order.
    """
    kind = FieldKind.COMB if spec.kind is FieldKind.COMB else FieldKind.CHOICE
    return with_answers(replace(spec, kind=kind), [Choice(*part.split(":")) for part in value.split(";")])


def _cells(spec: FieldSpec, value: str) -> tuple[Cell, ...]:
    """``left,top,right,bottom[,name];...``; names stay where there are as many places as before."""
    rows = [part.split(",") for part in value.split(";")]
    names = [c.name for c in spec.cells] if len(spec.cells) == len(rows) else [""] * len(rows)
    return tuple(
        Cell(Area(*(float(v) for v in row[:4])), row[4] if len(row) > 4 else name)
        for row, name in zip(rows, names, strict=True)
    )
