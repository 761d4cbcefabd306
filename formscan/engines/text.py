"""Fields on lines: the line reader, for numbers the glyph reader too, Tesseract where print is in doubt."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar, Final

import numpy as np
import numpy.typing as npt

from formscan.engines.address import decoded
from formscan.engines.ctc import explained
from formscan.engines.glyphs import GlyphNet
from formscan.engines.grammar import strings
from formscan.engines.ink import Ink, Presence, measure
from formscan.engines.language import word_prior
from formscan.engines.letters import known
from formscan.engines.lift import lifted_within, window_around
from formscan.engines.line_guess import OTHERS, PRINT, Written, guessed, narrowed
from formscan.engines.line_ink import Lines, alien, lines_of
from formscan.engines.line_net import LineNet, own_net
from formscan.engines.line_picture import picture_of
from formscan.engines.line_sureness import sureness
from formscan.engines.numbers import (
    best_run,
    characters_at,
    comma_lost,
    complete,
    only,
    signs_of,
    well_formed,
)
from formscan.engines.ocr import Ocr, framed, open_ocr
from formscan.engines.printed import print_likelihood
from formscan.engines.second_reader import confirmed
from formscan.engines.second_thoughts import likelier
from formscan.engines.segment import lattice
from formscan.engines.struck import struck_through
from formscan.model.geometry import Box
from formscan.model.reading import Alternative, CellReading, Crop, FieldState, Reading
from formscan.model.template import CODED, FieldKind, FieldSpec, ValueType
from formscan.paths import resources_dir

_OFFERED: Final = 0.7
"""Below this probability a text is offered, one key away, and not put forward (docs/decisions/143)."""
_ASK_PRINT: Final = (0.3, 0.8)
"""Between these probabilities Tesseract is asked about a line of print."""
_SAME_TEXT: Final = 0.25
"""What is left of the doubt about a text Tesseract reads as well (113 of 122 right)."""
_TRUST: Final = 4.0
"""Logarithm by which a text Tesseract read is likelier than one it did not: where they differed 65 of 120
came out right, against 28 by our own text and 48 by Tesseract's."""
_TWO_TEXTS: Final = 0.4
_THEY_ARE_SURE: Final = 80
_THEIRS: Final = 0.8
"""Tesseract's text explains the rows better and its score is high: 36 of 44 right."""
_SEEN: Final = 128
_SURE_BOTH: Final = 0.99
"""Both readers of a number read the same: 392 of 392 printed, 179 of 182 font, 148 of 153 written."""
_SURE_WRITTEN: Final = 0.96
_SURE_HALF: Final = 0.9
"""The same where one of them was not sure."""
_LINE_ON_PRINT: Final = 0.7
"""They differ: from this sureness on the line reader's number of print stands (docs/decisions/142)."""
_LINE_ALONE: Final = 0.9
"""The same of other ink."""
_CONTRADICTED: Final = 0.8
"""... but not where the glyph reader is so sure of as many other characters: of 13 by hand 9 were wrong."""
_SURE_ONE: Final = 0.95
_GLYPHS_ALONE: Final = 0.97
"""The line reader is lost and the glyph reader sure: 37 of 40 by hand."""
_LINE_LOST: Final = 0.5
_STRUCK: Final = 0.1
"""From this chance on that one of its characters is struck out nobody's number is put forward."""
_GLYPHS_SURE: Final = 0.88
_STRUCK_SURE: Final = 0.9
"""That a line with a stroke through it from end to end is struck out, all of it."""
_BLANK_SURE: Final = 0.995


@dataclass(frozen=True, slots=True)
class _Part:
    """What was read in one cell of a field."""

    text: str
    state: FieldState
    confidence: float
    others: tuple[Alternative, ...] = ()
    words: tuple[float, ...] = ()


_Cell = _Part | Written


class TextReader:
    """Reads text fields.

    Args:
        lines: Another line network than the one that ships.
        own: Reads what is not print; the network the hospital has adapted, if it has.
        glyphs: Another glyph network than the one that ships.
        ocr: Makes Tesseract, in process by default; started for the first doubtful line of print.
    """

    name: ClassVar[str] = "text"
    kinds: ClassVar[frozenset[FieldKind]] = frozenset({FieldKind.TEXT})

    def __init__(
        self,
        lines: LineNet | None = None,
        glyphs: GlyphNet | None = None,
        ocr: Callable[[Path], Ocr] = open_ocr,
        own: LineNet | None = None,
    ) -> None:
        self._lines = lines or LineNet()
        self._hand = own or own_net() or self._lines
        self._glyphs = glyphs or GlyphNet()
        self._make = ocr
        self._ocr: Ocr | None = None

    def read(self, crops: Sequence[Crop]) -> list[Reading]:
        """Read a batch; all its lines go through the network together, blank fields cost a comparison.

        Raises:
            EngineError: If a network or Tesseract cannot start.
        """
        cells = [_cells(crop) for crop in crops]
        written = [cell for field in cells for cell in field if isinstance(cell, Written)]
        for net in dict.fromkeys((self._hand, self._lines)):
            chosen = [cell for cell in written if self._net(cell) is net]
            for cell, rows in zip(chosen, net.rows([one.picture for one in chosen]), strict=True):
                cell.rows = rows
        return [self._field(crop, field) for crop, field in zip(crops, cells, strict=True)]

    def close(self) -> None:
        """Give Tesseract back; the next ``read`` starts it again."""
        if self._ocr is not None:
            self._ocr.close()
            self._ocr = None

    def _field(self, crop: Crop, cells: Sequence[_Cell]) -> Reading:
        if all(isinstance(cell, _Part) and cell.state is FieldState.BLANK for cell in cells):
            named = tuple(CellReading(c.name, "", FieldState.BLANK, _BLANK_SURE) for c in crop.field.cells)
            return Reading("", FieldState.BLANK, _BLANK_SURE, "ink 1", cells=named)
        numeric = crop.field.type in CODED
        parts: list[_Part] = []
        for cell in cells:
            if isinstance(cell, _Part):
                parts.append(cell)
            elif numeric:
                parts.append(self._number(crop, cell, sum(len(part.text) for part in parts)))
            else:
                parts.append(self._line(crop.field, cell))
                cell.again = None
        split = len(parts) > 1 and (_gaps(crop.field) or (numeric and not _lines(crop.field)))
        engine, model = (
            ("lines and glyphs 1", self._glyphs.digest) if numeric else ("lines 1", self._lines.digest)
        )
        reading = _joined(crop, parts, engine, model, "|" if split else "\n")
        lost = numeric and not complete(crop.field, [part.text for part in parts])
        if lost and reading.state is FieldState.VALUE:
            return _offered(reading)
        ink = [(cell.body, cell.printed) if isinstance(cell, Written) else None for cell in cells]
        return confirmed(crop, reading, ink, self._tesseract)

    def _line(self, field: FieldSpec, cell: Written) -> _Part:
        """Words: the best path where nothing is in doubt, else a beam with the prior of words."""
        if cell.printed < PRINT:  # one by one: kept for all lines of a page they take 14 MB
            (cell.again,) = self._hand.rows([narrowed(cell.picture)])
        guess = guessed(cell)
        texts, told = guess.texts, ""
        if not texts:
            return _Part("", FieldState.UNVERIFIED, 0.2)
        likely, sure = 1 - guess.doubt.hand, sureness(guess.doubt)
        if likely >= PRINT and _ASK_PRINT[0] < sure < _ASK_PRINT[1]:
            texts, sure, told = self._asked(cell, texts, sure)
        if "address" in field.id and sure < _ASK_PRINT[1]:
            meant = [address.text for address in decoded(cell.rows, texts[0], word_prior())]
            texts = list(dict.fromkeys([texts[0], *meant, *texts[1:]]))
        others = tuple(Alternative(text, (1 - sure) / (k + 2)) for k, text in enumerate(texts[1:OTHERS]))
        if (other := likelier(texts[0], listing=_names(field))) != texts[0]:
            offered = Alternative(other, _TWO_TEXTS), Alternative(texts[0], _TWO_TEXTS / 2)
            rest = [one for one in others if one.text != other]
            words = guess.words(cell, other, told)
            return _Part("", FieldState.UNVERIFIED, 0.1, (*offered, *rest[:2]), words)
        words = guess.words(cell, texts[0], told)
        if sure < _OFFERED or cell.faded:
            return _Part("", FieldState.UNVERIFIED, 0.1, (Alternative(texts[0], sure), *others), words)
        return _Part(texts[0], FieldState.VALUE, sure, others, words)

    def _asked(self, cell: Written, texts: list[str], sure: float) -> tuple[list[str], float, str]:
        """Tesseract's opinion on a line of print, and what it read.

        The same text makes it surer. Of two texts the one comes first that explains the line's rows better,
        words counted; ours is then only offered, Tesseract's stands where it is sure of it.
        """
        opinion = self._tesseract().line(framed(cell.body))
        told = known(opinion.text)
        if told == texts[0]:
            return texts, 1 - (1 - sure) * _SAME_TEXT, told
        if not told:
            return texts, sure, told
        rest = [text for text in texts[1:] if text != told]
        theirs, ours = explained(cell.rows, [told, texts[0]], word_prior())
        if theirs + _TRUST > ours:
            sure = _THEIRS if opinion.score >= _THEY_ARE_SURE else _TWO_TEXTS
            return [told, texts[0], *rest], sure, texts[0]
        return [texts[0], told, *rest], _TWO_TEXTS, told

    def _number(self, crop: Crop, cell: Written, place: int) -> _Part:
        """Digits of a gap or a short line, by both readers; what they differ on is only offered."""
        second, least = self._second(crop, cell, place)
        run = lattice(np.asarray(255 - cell.body, dtype=np.uint8), crop.dpi)
        if run is None:
            offered = (Alternative(second, 0.3),) if well_formed(crop.field, second) and second else ()
            return _Part("", FieldState.UNVERIFIED, 0.2, offered)
        rows = self._glyphs.probabilities([segment.glyph for segment in run.segments])
        found = best_run(run, rows, characters_at(crop.field, place), signs_of(crop.field))
        ranked = strings(found)
        best = ranked[0]
        told = [text for text in (second, best.text) if text and well_formed(crop.field, text)]
        doubtful = cell.faded or any(one.struck > _STRUCK for one in found)
        stand = [text for text in told if not (doubtful or comma_lost(crop.field, text))]
        fits = best.text in stand
        odd = any(one.other > 0.5 or one.nothing > 0.5 for one in found)
        likely = cell.printed
        if second == best.text and fits:
            sure = _agreed(best.confidence, least, odd=odd, printed=likely >= PRINT)
            return _Part(best.text, FieldState.VALUE, sure, tuple(ranked[1:4]))
        others = tuple(Alternative(text, 0.4 / (k + 1)) for k, text in enumerate(dict.fromkeys(told)))
        against = len(second) == len(best.text) and not odd and best.confidence >= _CONTRADICTED
        wanted = _LINE_ON_PRINT if likely >= PRINT else _LINE_ALONE
        if second in stand and least >= wanted and not against:
            return _Part(second, FieldState.VALUE, _SURE_ONE, others[1:])
        if fits and not odd and best.confidence >= _GLYPHS_ALONE and least < _LINE_LOST:
            return _Part(best.text, FieldState.VALUE, _GLYPHS_SURE, tuple(ranked[1:4]))
        return _Part("", FieldState.UNVERIFIED, 0.2, others)

    def _second(self, crop: Crop, cell: Written, place: int) -> tuple[str, float]:
        """The line reader's text of a number and how sure its least sure step is."""
        return only(crop.field, place).read(cell.rows)

    def _net(self, cell: Written) -> LineNet:
        return self._hand if cell.printed < PRINT else self._lines

    def _tesseract(self) -> Ocr:
        if self._ocr is None:
            self._ocr = self._make(resources_dir() / "models" / "tessdata")
        return self._ocr


def written_in(crop: Crop) -> list[Written | None]:
    """The writing of each cell of a text field, lifted off the print; None for a blank or doubtful cell."""
    return [cell if isinstance(cell, Written) else None for cell in _cells(crop)]


def _agreed(glyphs: float, least: float, *, odd: bool, printed: bool) -> float:
    """Probability of a number both readers read."""
    if glyphs <= 0.5 or least <= 0.4 or odd:
        return _SURE_HALF
    return _SURE_BOTH if printed else _SURE_WRITTEN


def _cells(crop: Crop) -> list[_Cell]:
    """What is in each cell: blank, doubtful, or writing lifted off the print."""
    ink = measure(crop)
    if ink.presence(crop.cells) is Presence.BLANK:
        return [_Part("", FieldState.BLANK, _BLANK_SURE) for _ in crop.cells]
    lines = lines_of(ink, crop.cells)
    return [_cell(crop, ink, lines, index) for index in range(len(crop.cells))]


def _cell(crop: Crop, ink: Ink, lines: Lines, index: int) -> _Cell:
    own = lines == index
    presence = _presence(ink, own, crop.cells[index])
    if presence is Presence.BLANK:
        return _Part("", FieldState.BLANK, _BLANK_SURE)
    if presence is Presence.DOUBT:
        return _Part("", FieldState.UNVERIFIED, 0.5)
    boxes = [piece.box for piece in (*ink.strokes, *ink.specks) if piece.label and own[piece.label]]
    faint = _faded(ink, crop.cells[index], boxes)
    window = window_around([*boxes, *faint], ink.labels.shape, crop.dpi)
    labels = ink.labels[window.slices]
    body = lifted_within(crop, ink, window, own[labels], alien(ink, lines, index)[labels])
    within = window.left > 0 and window.right < ink.mask.shape[1]  # folds and shadows run on
    if within and struck_through(body, crop.dpi):
        return _Part("", FieldState.STRUCK_OUT, _STRUCK_SURE)
    return Written(
        body,
        print_likelihood(body, body < _SEEN),
        picture_of(body, crop.dpi, clean=True),
        np.zeros((0, 0), np.float32),
        bool(faint),
    )


def _faded(ink: Ink, cell: Box, plain: Sequence[Box]) -> list[Box]:
    """Pale strokes in which the line of the plain ones goes on; none where they are too short to matter.

    Part of what was written is all but lost there, and what is left alone would be read as all of it.
    """
    top, bottom = min(box.top for box in plain), max(box.bottom for box in plain)
    left, right = min(box.left for box in plain), max(box.right for box in plain)
    pale = [stroke.box for stroke in ink.strokes if stroke.faint and ink.owns(cell, stroke)]
    found = [box for box in pale if top <= box.centre[1] < bottom and not left <= box.centre[0] < right]
    return found if ink.mm(sum(box.width for box in found)) >= ink.limits.stroke_mm else []


def _gaps(field: FieldSpec) -> bool:
    """Whether the cells are named gaps of one printed line, not lines below each other."""
    return not _lines(field) and all(cell.name for cell in field.cells)


def _names(field: FieldSpec) -> bool:
    """Whether names and places stand in a field, one after the other."""
    return field.type is ValueType.PERSON_NAME or any(part in field.id for part in ("address", "name"))


def _lines(field: FieldSpec) -> bool:
    """Whether the cells are lines below each other."""
    return any(cell.name.startswith("line") for cell in field.cells)


def _presence(ink: Ink, own: npt.NDArray[np.bool_], cell: Box) -> Presence:
    """Whether a line has writing, by the strokes it owns (``own``, by label) and the faint ones in it."""
    return ink.verdict(
        [s for s in ink.strokes if (s.label and own[s.label]) or (s.faint and ink.owns(cell, s))]
    )


def _joined(crop: Crop, parts: Sequence[_Part], engine: str, model: str, glue: str) -> Reading:
    """One reading of a field's parts; unverified as soon as one part is, or is struck out beside others."""
    cells = tuple(
        CellReading(spec.name, part.text, part.state, part.confidence)
        for spec, part in zip(crop.field.cells, parts, strict=True)
    )
    written = [part for part in parts if part.state is not FieldState.BLANK]
    if not written:
        return Reading("", FieldState.UNVERIFIED, 0.5, engine, model, cells=cells)
    kept = parts if glue == "|" else written
    others = _others(kept, glue)
    if {part.state for part in written} == {FieldState.STRUCK_OUT}:
        return Reading("", FieldState.STRUCK_OUT, _STRUCK_SURE, engine, model, cells=cells)
    if any(part.state is not FieldState.VALUE for part in written):
        words = _words(kept, others[0].text if others else "")
        return Reading("", FieldState.UNVERIFIED, 0.0, engine, model, others, cells, words)
    sure, text = float(np.prod([part.confidence for part in parts])), glue.join(part.text for part in kept)
    return Reading(text, FieldState.VALUE, sure, engine, model, others, cells, _words(kept, text))


def _words(parts: Sequence[_Part], text: str) -> tuple[float, ...]:
    """Probabilities of the words of a field; empty where not each of its parts told them."""
    found = tuple(sure for part in parts for sure in part.words)
    return found if len(found) == len(text.split()) else ()


def _offered(reading: Reading) -> Reading:
    """A reading nobody stands behind, what it said as the first alternative."""
    others = (Alternative(reading.text, reading.confidence), *reading.alternatives)[:4]
    return replace(reading, text="", state=FieldState.UNVERIFIED, confidence=0.0, alternatives=others)


def _others(parts: Sequence[_Part], glue: str) -> tuple[Alternative, ...]:
    """Texts with one part changed for its next best, or the best guess of parts nobody stands behind."""
    texts = [part.text or (part.others[0].text if part.others else "") for part in parts]
    sure = [_sureness(part) for part in parts]
    base = float(np.prod(sure))
    found: dict[str, float] = {}
    unread = any(part.state is FieldState.UNVERIFIED for part in parts) and any(texts)
    if unread:
        found[glue.join(texts)] = base
    for index, part in enumerate(parts):
        for other in part.others:
            text = glue.join([*texts[:index], other.text, *texts[index + 1 :]])
            found.setdefault(text, base * other.confidence / sure[index])
    first, most = (glue.join(texts), base) if unread else ("", 1.0)  # the words told are those of the first
    ranked = sorted(found.items(), key=lambda pair: (pair[0] != first, -pair[1]))[:4]
    return tuple(Alternative(text, min(most, value)) for text, value in ranked)


def _sureness(part: _Part) -> float:
    """How probable the text is that stands for a part among the alternatives, above 0."""
    offered = part.others[0].confidence if part.others and not part.text else part.confidence
    return max(offered, 0.01)
