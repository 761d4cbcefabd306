"""Fields on lines: machine print by Tesseract, numbers by the glyph network, free handwriting by people."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Final

import cv2
import numpy as np
import numpy.typing as npt

from formscan.engines.glyphs import GlyphNet
from formscan.engines.grammar import strings
from formscan.engines.ink import Ink, Presence, Stroke, measure, px
from formscan.engines.lift import lifted
from formscan.engines.numbers import NUMERIC, best_run, characters_at, comma_lost, signs_of, well_formed
from formscan.engines.ocr import Ocr, OcrLine, open_ocr
from formscan.engines.printed import print_likelihood
from formscan.engines.segment import lattice
from formscan.model.geometry import Box
from formscan.model.page import Grey
from formscan.model.reading import Alternative, CellReading, Crop, FieldState, Reading
from formscan.model.template import FieldKind, FieldSpec
from formscan.paths import resources_dir

_PRINT: Final = 0.5
"""From this likelihood on a line is taken for machine print."""
_MAYBE: Final = 0.15
"""Below it Tesseract is not even asked: it read none of 120 real handwritten lines right."""
_ENOUGH: Final = 50
"""Tesseract's score of its least sure word below which a text is only offered."""
_CERTAIN: Final = 93
"""From this score on a line that looks a little like handwriting is taken for print after all."""
_HOPELESS: Final = 35
_DOUBTED: Final = 90
"""Below it a line is read a second time at another size."""
_SMALL: Final = 0.6
_INKED: Final = 128
_SCORES: Final = (0, 60, 75, 85, 90, 93, 95, 97, 100)
_RIGHT: Final = (0.0, 0.1, 0.25, 0.45, 0.75, 0.88, 0.93, 0.95, 0.95)
"""Share of whole lines right at a score, on 591 composed lines of print, most over dotted leaders."""
_ALONE: Final = 0.93
"""From this probability on the network's number stands alone (229 of 234 composed ones right)."""
_AGREED: Final = 0.97
"""Network and Tesseract read the same: 428 of 436 right."""
_TESSERACT_ALONE: Final = 0.75
"""They differ and Tesseract is sure of print: 63 of 73 print right, of handwriting few. That is offered,
one key away, and not put forward: a wrong value that stands there already is waved through."""
_SECOND: Final = 85
_SHAPED: Final = 35
"""The same for a day with a clock time, whose shape speaks for itself."""
_CLOCK: Final = len("00:00")
_COMMA_FOUND: Final = 0.85
_COMMA_LOST: Final = 0.4
_GLYPHS: Final = "glyphs 1"
_BLANK_SURE: Final = 0.995


@dataclass(frozen=True, slots=True)
class _Part:
    """What was read in one cell of a field."""

    text: str
    state: FieldState
    confidence: float
    others: tuple[Alternative, ...] = ()


class TesseractReader:
    """Reads text fields.

    Args:
        ocr: Makes the engine; the one in process by default.
        net: Another glyph network than the one that ships.
    """

    name: ClassVar[str] = "tesseract"
    kinds: ClassVar[frozenset[FieldKind]] = frozenset({FieldKind.TEXT})

    def __init__(self, ocr: Callable[[Path], Ocr] = open_ocr, net: GlyphNet | None = None) -> None:
        self._make = ocr
        self._ocr: Ocr | None = None
        self._net = net or GlyphNet()

    def read(self, crops: Sequence[Crop]) -> list[Reading]:
        """Read a batch; blank fields cost a comparison with the blank and nothing else.

        Raises:
            EngineError: If Tesseract or the network cannot start.
        """
        return [self._field(crop) for crop in crops]

    def close(self) -> None:
        """Give the engine back; the next ``read`` starts it again."""
        if self._ocr is not None:
            self._ocr.close()
            self._ocr = None

    def _field(self, crop: Crop) -> Reading:
        ink = measure(crop)
        if ink.presence(crop.cells) is Presence.BLANK:
            cells = tuple(CellReading(c.name, "", FieldState.BLANK, _BLANK_SURE) for c in crop.field.cells)
            return Reading("", FieldState.BLANK, _BLANK_SURE, "ink 1", cells=cells)
        numeric = crop.field.type in NUMERIC
        owners = line_owners(ink, crop.cells)
        parts: list[_Part] = []
        for index in range(len(crop.cells)):
            place = sum(len(part.text) for part in parts)
            parts.append(self._cell(crop, ink, owners, index, place if numeric else -1))
        split = len(parts) > 1 and (numeric or _gaps(crop.field))
        engine = _GLYPHS if numeric else self._engine().name
        model = self._net.digest if numeric else "vie_best"
        return _joined(crop, parts, engine, model, "|" if split else "\n")

    def _cell(self, crop: Crop, ink: Ink, owners: npt.NDArray[np.int32], index: int, place: int) -> _Part:
        own = owners == index
        presence = _presence(ink, own, crop.cells[index])
        if presence is Presence.BLANK:
            return _Part("", FieldState.BLANK, _BLANK_SURE)
        if presence is Presence.DOUBT:
            return _Part("", FieldState.UNVERIFIED, 0.5)
        body = lifted(crop, ink, own, alien(ink, owners, index))
        return self._line(body) if place < 0 else self._number(crop, body, place)

    def _number(self, crop: Crop, body: Grey, place: int) -> _Part:
        """Digits of a gap or a short line."""
        run = lattice(np.asarray(255 - body, dtype=np.uint8), crop.dpi)
        if run is None:
            return _Part("", FieldState.UNVERIFIED, 0.2)
        rows = self._net.probabilities([segment.glyph for segment in run.segments])
        found = best_run(run, rows, characters_at(crop.field, place), signs_of(crop.field))
        ranked = strings(found)
        best = ranked[0]
        odd = any(one.other > 0.5 or one.nothing > 0.5 for one in found)
        if comma_lost(crop.field, best.text):
            return self._comma(body, ranked)
        if not odd and best.confidence >= _ALONE and well_formed(crop.field, best.text):
            return _Part(best.text, FieldState.VALUE, 0.97 * best.confidence, tuple(ranked[1:4]))
        return self._second(crop, body, ranked, odd=odd)

    def _comma(self, body: Grey, ranked: Sequence[Alternative]) -> _Part:
        """A decimal of three digits and more: never stands high, as its comma may be lost."""
        told = re.sub(r"\s", "", self._engine().line(_framed(body), "0123456789,").text)
        digits = ranked[0].text
        if told.replace(",", "") == digits and told.count(",") == 1 and "," in told[1:-1]:
            return _Part(told, FieldState.VALUE, _COMMA_FOUND, (Alternative(digits, 0.1),))
        with_comma = Alternative(f"{digits[:-1]},{digits[-1]}", _COMMA_LOST)
        return _Part(
            digits, FieldState.VALUE, min(_COMMA_LOST, ranked[0].confidence), (with_comma, *ranked[1:3])
        )

    def _second(self, crop: Crop, body: Grey, ranked: Sequence[Alternative], *, odd: bool) -> _Part:
        """Tesseract's opinion on a run the network is not sure of."""
        letters = any(character.isalpha() for character in ranked[0].text)
        gap = " " if " " in signs_of(crop.field) else ""
        only = "" if letters or gap else "0123456789" + signs_of(crop.field)
        told = self._engine().line(_framed(_sharpened(body)), only)
        text = re.sub(r"\s+", gap, told.text)
        fits = well_formed(crop.field, text) and bool(text)
        if fits and text == ranked[0].text:
            return _Part(text, FieldState.VALUE, _AGREED, tuple(ranked[1:3]))
        enough = _SHAPED if gap and len(text) > _CLOCK else _SECOND
        if fits and told.score > enough and len(text) > 1 and print_likelihood(body, body < 128) >= _PRINT:
            rest = [other for other in ranked[:2] if well_formed(crop.field, other.text)]
            others = (Alternative(text, _TESSERACT_ALONE), *rest)
            return _Part("", FieldState.UNVERIFIED, 0.2, others)
        best = ranked[0]
        if odd or best.confidence < 0.25 or not well_formed(crop.field, best.text):
            others = (Alternative(text, 0.3), *ranked[:2]) if fits else tuple(ranked[:3])
            return _Part("", FieldState.UNVERIFIED, 0.2, others)
        return _Part(best.text, FieldState.VALUE, 0.9 * best.confidence, tuple(ranked[1:4]))

    def _line(self, body: Grey) -> _Part:
        """One line: print is read, handwriting goes to a person."""
        likely = print_likelihood(body, body < _INKED)
        if likely < _MAYBE:
            return _Part("", FieldState.UNVERIFIED, 0.0)
        found, other = self._twice(body)
        text = _one_line(found.text)
        sure = probability(found.score)
        others = (Alternative(other, 0.5 * sure),) if other not in {"", text} else ()
        printed = likely >= _PRINT or found.score >= _CERTAIN
        if not printed or found.score < _ENOUGH or not text:
            guesses = (Alternative(text, 0.3 * sure), *others) if text else ()
            return _Part("", FieldState.UNVERIFIED, 0.1, guesses)
        return _Part(text, FieldState.VALUE, sure, others)

    def _twice(self, body: Grey) -> tuple[OcrLine, str]:
        """The line read small and, where a word is doubtful, again large; the surer one, the other's text."""
        sharp = _sharpened(body)
        small = self._engine().line(
            _framed(cv2.resize(sharp, None, fx=_SMALL, fy=_SMALL, interpolation=cv2.INTER_AREA))
        )
        if small.score >= _DOUBTED or small.score < _HOPELESS:
            return small, ""
        large = self._engine().line(_framed(sharp, 4))
        if large.score > small.score:
            return large, _one_line(small.text)
        return small, _one_line(large.text)

    def _engine(self) -> Ocr:
        if self._ocr is None:
            self._ocr = self._make(resources_dir() / "models" / "tessdata")
        return self._ocr


def _gaps(field: FieldSpec) -> bool:
    """Whether the cells are named gaps of one printed line, not lines below each other."""
    return not any(cell.name.startswith("line") or not cell.name for cell in field.cells)


def _framed(body: npt.NDArray[Any], margin: int = 12) -> Grey:
    """A line picture with the white margin Tesseract wants."""
    sides = (margin,) * 4
    return np.asarray(cv2.copyMakeBorder(body, *sides, cv2.BORDER_CONSTANT, value=(255,)), np.uint8)


def _sharpened(body: Grey) -> Grey:
    """Unsharp masking: accents of scans at 200 dpi come apart again."""
    return np.asarray(
        cv2.addWeighted(body, 1.8, cv2.GaussianBlur(body, (0, 0), 1.5), -0.8, 0), dtype=np.uint8
    )


def _one_line(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def probability(score: int) -> float:
    """Tesseract's score as a modest probability that a whole line is right."""
    return float(np.interp(score, _SCORES, _RIGHT))


def line_owners(ink: Ink, cells: Sequence[Box]) -> npt.NDArray[np.int32]:
    """int32 (height, width): the line each ink pixel belongs to, -1 for none.

    A stroke belongs to the line it was written in (``Ink.owns``), between two to the one whose middle is
    nearer; small strokes beside those, accents above and dots below, go with them.
    """
    chosen = np.full(int(ink.labels.max()) + 1, -1, np.int32)
    own: list[list[Stroke]] = [[] for _ in cells]
    rest: list[Stroke] = []
    for stroke in ink.strokes:
        if not stroke.label:
            continue
        lines = [index for index, cell in enumerate(cells) if ink.owns(cell, stroke)]
        if not lines:
            rest.append(stroke)
            continue
        line = min(lines, key=lambda index: abs(stroke.box.centre[1] - cells[index].centre[1]))
        chosen[stroke.label] = line
        own[line].append(stroke)
    for stroke in (*rest, *ink.specks):
        chosen[stroke.label] = _companion(stroke, own, ink)
    return np.asarray(chosen[ink.labels], dtype=np.int32)


def alien(ink: Ink, owners: npt.NDArray[np.int32], index: int) -> npt.NDArray[np.bool_]:
    """Mask (height, width): ink of other lines, and strokes of none; specks of none may be this line's."""
    strokes = np.zeros(int(ink.labels.max()) + 1, bool)
    strokes[[stroke.label for stroke in ink.strokes]] = True
    strokes[0] = False
    return np.asarray((owners != index) & ((owners >= 0) | strokes[ink.labels]), dtype=np.bool_)


def _companion(stroke: Stroke, own: Sequence[Sequence[Stroke]], ink: Ink) -> int:
    """The line of the stroke a small mark stands next to; -1 if none is near or the crop's rim cuts it."""
    box, reach = stroke.box, px(0.9, ink.dpi)
    rim = box.top <= 1 or box.bottom >= ink.mask.shape[0] - 1
    if rim or box.height > 2 * reach:
        return -1
    for line, strokes in enumerate(own):
        for other in strokes:
            near = other.box.grown(reach)
            if (
                box.left < near.right
                and box.right > near.left
                and box.top < near.bottom
                and box.bottom > near.top
            ):
                return line
    return -1


def _presence(ink: Ink, own: npt.NDArray[np.bool_], cell: Box) -> Presence:
    """Whether a line has writing, by the strokes that it owns and the faint ones in it."""
    labels = {int(label) for label in np.unique(ink.labels[own])}
    return ink.verdict(
        [s for s in ink.strokes if (s.label in labels and s.label) or (s.faint and ink.owns(cell, s))]
    )


def _joined(crop: Crop, parts: Sequence[_Part], engine: str, model: str, glue: str) -> Reading:
    """One reading of a field's parts; unverified as soon as one part is."""
    cells = tuple(
        CellReading(spec.name, part.text, part.state, part.confidence)
        for spec, part in zip(crop.field.cells, parts, strict=True)
    )
    written = [part for part in parts if part.state is not FieldState.BLANK]
    if not written:
        return Reading("", FieldState.UNVERIFIED, 0.5, engine, model, cells=cells)
    kept = parts if glue == "|" else written
    others = _others(kept, glue)
    if any(part.state is FieldState.UNVERIFIED for part in written):
        return Reading("", FieldState.UNVERIFIED, 0.0, engine, model, others, cells)
    sure = float(np.prod([part.confidence for part in parts]))
    return Reading(
        glue.join(part.text for part in kept), FieldState.VALUE, sure, engine, model, others, cells
    )


def _others(parts: Sequence[_Part], glue: str) -> tuple[Alternative, ...]:
    """Texts with one part changed for its next best, or the best guess of parts nobody stands behind."""
    texts = [part.text or (part.others[0].text if part.others else "") for part in parts]
    sure = [_sureness(part) for part in parts]
    base = float(np.prod(sure))
    found: dict[str, float] = {}
    if any(part.state is FieldState.UNVERIFIED for part in parts) and any(texts):
        found[glue.join(texts)] = base
    for index, part in enumerate(parts):
        for other in part.others:
            text = glue.join([*texts[:index], other.text, *texts[index + 1 :]])
            found.setdefault(text, base * other.confidence / sure[index])
    ranked = sorted(found.items(), key=lambda pair: -pair[1])[:4]
    return tuple(Alternative(text, min(1.0, value)) for text, value in ranked)


def _sureness(part: _Part) -> float:
    """How probable the text is that stands for a part among the alternatives, above 0."""
    offered = part.others[0].confidence if part.others and not part.text else part.confidence
    return max(offered, 0.01)
