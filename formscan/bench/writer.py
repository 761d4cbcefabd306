"""Puts answers into the fields of one page, with the pens of one document."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Final

import numpy as np

from formscan.bench.answers import Answer
from formscan.bench.damage import CANVAS_DPI, MM
from formscan.bench.hand import RealInk
from formscan.bench.paper import Paper
from formscan.bench.pens import LEAST, Pen, RealHand, Written
from formscan.bench.strokes import SHAPE_SHARES, SHAPES, mark, signature, strike
from formscan.bench.truth import FieldTruth, Source
from formscan.model.geometry import POINTS_PER_INCH, Area
from formscan.model.reading import FieldState
from formscan.model.template import FieldKind, FieldSpec, PageTemplate, ValueType

_TALL_PT: Final = 26.0
"""A single writing place taller than this is written over in several lines."""
_PITCH_PT: Final = 16.0
_STRUCK_SHARE: Final = 0.015
_ABOVE_PT: Final = 4.0
"""Dots higher in a place than this are the line before's: what is written on them lies outside the place."""


class Writer:
    """Writes one page's fields."""

    def __init__(
        self,
        paper: Paper,
        page: PageTemplate,
        ink: RealInk,
        pens: tuple[Pen, Pen],
        darkness: float,
        rng: np.random.Generator,
    ) -> None:
        self._paper, self._ink, self._rng = paper, ink, rng
        self._leaders = [t for t in page.texts if t.text.count(".") + 3 * t.text.count("…") >= 3]
        self._first, self._rest = pens
        self._darkness = darkness
        self._shape = SHAPES[int(rng.choice(len(SHAPES), p=np.array(SHAPE_SHARES)))]

    def field(self, spec: FieldSpec, told: Answer | None) -> FieldTruth:
        """Put an answer on paper; what is true of the field afterwards."""
        self._paper.lift()
        if told is None:
            return _truth(spec, FieldState.BLANK, "", "", ("",) * len(spec.cells), Source.NONE, ())
        if spec.kind in {FieldKind.MARK, FieldKind.CHOICE}:
            return self._marked(spec, told)
        if spec.kind in {FieldKind.SIGNATURE, FieldKind.DRAWING}:
            return self._signed(spec)
        pen = (
            self._first
            if spec.section in {"", "head", "patient", "admin"} or self._early(spec)
            else self._rest
        )
        if spec.type is ValueType.PERSON_NAME and isinstance(pen, RealHand):
            pen = pen.beside
        cells, sources = (
            self._comb(spec, told, pen) if spec.kind is FieldKind.COMB else self._text(spec, told, pen)
        )
        return self._written(spec, told, cells, sources)

    def _early(self, spec: FieldSpec) -> bool:
        return spec.id.startswith(("patient", "hospital", "record", "stay"))

    def _written(
        self, spec: FieldSpec, told: Answer, cells: tuple[str, ...], sources: list[Source]
    ) -> FieldTruth:
        joined = _joined(spec, cells)
        if not any(cells):
            return _truth(spec, FieldState.BLANK, "", "", cells, Source.NONE, ())
        source = next((s for s in (Source.HAND, Source.FONT) if s in sources), Source.PRINT)
        source = Source.FONT if Source.FONT in sources else source
        state = FieldState.VALUE
        if source is not Source.PRINT and self._rng.random() < _STRUCK_SHARE:
            self._strike()
            state = FieldState.STRUCK_OUT
        whole = "".join(cells) == "".join(t for _, t in told.parts) or joined == told.text
        normalised = told.normalised if whole else ""
        true = _truth(spec, state, joined, normalised, cells, source, self._paper.touched())
        each = tuple(s.value for s in sources) if spec.kind is FieldKind.COMB else ()
        return replace(true, cell_sources=each)

    def _text(self, spec: FieldSpec, told: Answer, pen: Pen) -> tuple[tuple[str, ...], list[Source]]:
        named = dict(told.parts)
        sources: list[Source] = []
        rest, cells = told.text, []
        for place, cell in enumerate(spec.cells, 1):
            lines = []
            for area in _lines_of(cell.area, single=len(spec.cells) == 1):
                wanted = named.get(cell.name, "") if named else rest
                more = not named and place < len(spec.cells)
                written = self._line(area, wanted, pen, 0.97 if more else LEAST) if wanted else None
                if written is None:
                    continue
                lines.append(written.text)
                sources.append(written.source)
                rest = "" if written.source is Source.HAND else rest[len(written.text) :].strip()
                if written.source is Source.HAND and not named and self._rng.random() < 0.5:
                    rest = wanted
            cells.append("\n".join(lines))
        return tuple(cells), sources

    def _line(self, area: Area, text: str, pen: Pen, least: float) -> Written | None:
        box = area.at_dpi(CANVAS_DPI)
        inset = min(8, box.width // 12)
        height = min(box.height, round(16 / POINTS_PER_INCH * CANVAS_DPI))
        written = pen.line(text, box.width - 2 * inset, height, self._rng, least)
        if written is None:
            return None
        spare = box.width - 2 * inset - written.ink.alpha.shape[1]
        x = box.left + inset + int(self._rng.uniform(0, min(spare, 60)) if spare > 0 else spare / 2)
        lift = float(np.clip(self._rng.normal(1.2, 0.8), -0.8, 3.0))
        base = round((self._ruled(area) - lift) / POINTS_PER_INCH * CANVAS_DPI)
        self._paper.put(written.ink.alpha, x, base - written.ink.baseline, self._darkness)
        return written

    def _ruled(self, area: Area) -> float:
        """Height in points of the dots one writes on, or where they would be."""
        near = [
            (min(area.right, t.x + t.width) - max(area.left, t.x), t.y)
            for t in self._leaders
            if area.top + _ABOVE_PT < t.y < area.bottom + 2
        ]
        overlap, y = max(near, default=(0.0, 0.0))
        return y if overlap > 3 else area.bottom - 2.5

    def _comb(self, spec: FieldSpec, told: Answer, pen: Pen) -> tuple[tuple[str, ...], list[Source]]:
        groups = _dealt(_numbers(spec, told) if spec.choices else told.text, spec)
        cells: list[str] = []
        sources: list[Source] = []
        for cell, chars in zip(spec.cells, groups, strict=True):
            box = cell.area.at_dpi(CANVAS_DPI)
            if len(chars) > 1:
                written = pen.line(chars, box.width - 6, box.height, self._rng)
            else:
                written = pen.glyph(chars, box.width - 6, box.height, self._rng) if chars.strip() else None
            cells.append(written.text if written else "")
            sources.append(written.source if written else Source.NONE)
            if written is None:
                continue
            alpha = written.ink.alpha
            x = box.left + (box.width - alpha.shape[1]) / 2 + self._rng.normal(0, 2.0)
            y = box.top + (box.height - alpha.shape[0]) / 2 + self._rng.normal(0, 2.0)
            self._paper.put(alpha, round(x), round(y), self._darkness)
        return tuple(cells), sources

    def _marked(self, spec: FieldSpec, told: Answer) -> FieldTruth:
        chosen = set(told.chosen)
        cells, source = [], Source.MARK
        for cell in spec.cells:
            marked = cell.name in chosen if spec.kind is FieldKind.CHOICE else True
            cells.append(("true" if spec.kind is FieldKind.MARK else cell.name) if marked else "")
            if marked:
                source = self._mark(cell.area)
        text = ";".join(c for c in cells if c)
        state = FieldState.VALUE if text else FieldState.BLANK
        return _truth(spec, state, text, text, tuple(cells), source, self._paper.touched())

    def _mark(self, area: Area) -> Source:
        box = area.at_dpi(CANVAS_DPI)
        if self._rng.random() < 0.35:
            real = self._ink.mark(box.width, box.height, self._rng)
            if real is not None:
                self._paper.put(real[0], box.left + real[1][0], box.top + real[1][1], self._darkness)
                return Source.REAL_MARK
        alpha, (dx, dy) = mark(self._shape, box.width, box.height, self._rng)
        self._paper.put(alpha, box.left + dx, box.top + dy, self._darkness)
        return Source.MARK

    def _signed(self, spec: FieldSpec) -> FieldTruth:
        box = spec.cells[0].area.at_dpi(CANVAS_DPI)
        width = round(min(box.width * 0.9, self._rng.uniform(25, 45) * MM))
        height = round(min(box.height * 0.95, self._rng.uniform(8, 16) * MM))
        alpha, (dx, dy) = signature(width, height, self._rng)
        x = box.left + int(self._rng.uniform(0, max(1, box.width - width)))
        y = box.top + (box.height - height) // 2
        self._paper.put(alpha, x + dx, y + dy, self._darkness)
        return _truth(spec, FieldState.VALUE, "present", "", ("present",), Source.MARK, self._paper.touched())

    def _strike(self) -> None:
        left, top, right, bottom = (v * CANVAS_DPI / POINTS_PER_INCH for v in self._paper.touched())
        alpha, (dx, dy) = strike(max(8, round(right - left)), max(8, round(bottom - top)), self._rng)
        self._paper.put(alpha, round(left) + dx, round(top) + dy, self._darkness)


def _truth(
    spec: FieldSpec,
    state: FieldState,
    text: str,
    normalised: str,
    cells: tuple[str, ...],
    source: Source,
    box: tuple[float, ...],
) -> FieldTruth:
    return FieldTruth(spec.id, spec.kind.value, spec.type.value, state, text, normalised, cells, source, box)


def _joined(spec: FieldSpec, cells: tuple[str, ...]) -> str:
    """The cells in the form of ``Reading.text``."""
    if spec.kind is FieldKind.COMB and spec.choices:
        numbers = cells if spec.multiple else ("".join(cells),)
        return ";".join(choice.value for choice in spec.choices if choice.code in numbers)
    if spec.kind is FieldKind.COMB:
        whole = "".join(cell or "_" for cell in cells)
        return whole.strip("_") if spec.type.value != "date" else whole.rstrip("_")
    named = [cell.name for cell in spec.cells]
    split = len(cells) > 1 and not any(name.startswith("line") or not name for name in named)
    return "|".join(cells) if split else "\n".join(cell for cell in cells if cell)


def _lines_of(area: Area, *, single: bool) -> list[Area]:
    """A tall writing place as lines; others as they are."""
    if not single or area.height <= _TALL_PT:
        return [area]
    count = max(1, math.floor((area.height - 2) / _PITCH_PT))
    return [
        Area(area.left, area.top + k * _PITCH_PT, area.right, area.top + (k + 1) * _PITCH_PT)
        for k in range(count)
    ]


def _numbers(spec: FieldSpec, told: Answer) -> list[str]:
    """What stands in the boxes of a question that is answered by numbers, one a box or one over all."""
    codes = [choice.code or "" for choice in spec.choices if choice.value in told.chosen]
    return (codes if spec.multiple else list("".join(codes)))[: len(spec.cells)]


def _dealt(text: str | list[str], spec: FieldSpec) -> list[str]:
    """Characters for each cell; more characters than cells are dealt in runs by the cells' widths."""
    count = len(spec.cells)
    if isinstance(text, list):
        return [*text, *[""] * (count - len(text))]
    if len(text) <= count:
        return list(text.ljust(count))
    widths = np.array([cell.area.width for cell in spec.cells])
    ends = np.rint(np.cumsum(widths) / widths.sum() * len(text)).astype(int)
    return [text[start:end] for start, end in zip([0, *ends[:-1]], ends, strict=True)]
