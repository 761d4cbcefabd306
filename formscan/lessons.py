"""Learning from the hospital's own archive: confirmed lines become training lines, overnight, on the CPU."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from formscan.engines.letters import known
from formscan.engines.line_picture import STEP
from formscan.engines.text import PRINT, written_in
from formscan.errors import InputError, UnknownFormError
from formscan.learning.adapt_lines import Effort, adapt, compare
from formscan.learning.line_data import Line, Recipe, drawn, fonts_in, steps_needed
from formscan.learning.shelf import Lesson, WeightShelf
from formscan.model.page import Page
from formscan.model.people import SYSTEM
from formscan.model.reading import Crop, FieldState
from formscan.model.record import DraftPage, EmrEntry
from formscan.model.template import CODED, FieldKind
from formscan.paths import resources_dir
from formscan.pipeline.acquire import decode
from formscan.pipeline.run import Line as PageLine
from formscan.pipeline.run import single_thread
from formscan.store import Store

_HELD_SHARE: Final = 0.2
_LEAST: Final = 40
"""Confirmed lines, and held-out ones a fifth of them, below which nothing can be told."""
_DRAWN: Final = 600


@dataclass(frozen=True, slots=True)
class Confirmed:
    """Confirmed lines to learn from, and those of documents held out."""

    learn: tuple[Line, ...]
    held: tuple[Line, ...]


def confirmed_lines(
    store: Store, pages: PageLine, person: str, told: Callable[[int, int], bool]
) -> Confirmed:
    """Written lines of words people have released, cut out of their pages again.

    Print is left out: it is read by the weights that ship, whatever is learned. A document is held out by
    the hash of its id, so that it always is. Only lines whose field has one written cell, or as many lines
    as were released, are taken.

    Args:
        store: Of the hospital.
        pages: The line; nothing is read, only cut out.
        person: Who asks; reading the entries is audited under that name.
        told: Is given documents done and documents; False stops.
    """
    single_thread()
    learn: list[Line] = []
    held: list[Line] = []
    entries = store.entries()
    for number, summary in enumerate(entries):
        entry = store.get_entry(summary.id, person=person)
        lines = list(_lines_of(entry, store, pages))
        (held if _held_out(entry.id) else learn).extend(lines)
        if not told(number + 1, len(entries)):
            break
    return Confirmed(tuple(learn), tuple(held))


def learn(
    store: Store,
    pages: PageLine,
    shelf: WeightShelf,
    person: str,
    told: Callable[[str, float], bool] = lambda _what, _share: True,
    effort: Effort | None = None,
) -> Lesson | None:
    """Collect confirmed lines, adapt the line reader, install it if it is better.

    Returns:
        What came of it; None where it was stopped.

    Raises:
        InputError: ``learn.too_few`` with facts ``lines`` and ``wanted``.
        ImportError: Without the extra ``train``.
    """
    found = confirmed_lines(store, pages, person, lambda done, of: told("collect", done / max(1, of)))
    if len(found.learn) < _LEAST or len(found.held) < _LEAST * _HELD_SHARE:
        raise InputError("learn.too_few", lines=str(len(found.learn)), wanted=str(_LEAST))
    start = shelf.in_use or resources_dir() / "models" / "lines.onnx"
    with tempfile.TemporaryDirectory() as folder:
        new = Path(folder) / "lines.onnx"
        adapt(start, found.learn, replay(), new, effort, lambda share: told("learn", share))
        if not new.is_file():
            return None
        result = compare(start, new, found.held, len(found.learn))
        return shelf.keep(new, result, person, datetime.now(UTC))


def replay() -> list[Line]:
    """Printed lines drawn from what ships, so that print is not forgotten."""
    recipe = Recipe(resources_dir() / "lexicons", fonts_in([resources_dir() / "fonts"]), (), 11)
    return drawn(recipe, 0, _DRAWN)


def _held_out(entry_id: str) -> bool:
    return int.from_bytes(hashlib.sha256(entry_id.encode()).digest()[:4]) < _HELD_SHARE * 2**32


def _lines_of(entry: EmrEntry, store: Store, pages: PageLine) -> Iterator[Line]:
    values = {field.field_id: field.value for field in entry.fields}
    for page in entry.pages:
        for crop in _crops(store.get_image(page.image_sha256, person=SYSTEM), page, pages):
            value = values.get(crop.field.id)
            if value is not None and value.state is FieldState.VALUE and _of_words(crop):
                yield from _taken(crop, value.text)


def _of_words(crop: Crop) -> bool:
    return crop.field.kind is FieldKind.TEXT and crop.field.type not in CODED


def _crops(data: bytes, page: DraftPage, pages: PageLine) -> list[Crop]:
    """Fields of a stored page; none where it does not fit the templates of today any more."""
    try:
        return pages.crops(Page(page.source, decode(data), page.dpi, notes=page.notes))
    except UnknownFormError:
        return []


def _taken(crop: Crop, text: str) -> Iterator[Line]:
    """Lines of a field whose released text can be told apart by lines."""
    written = [cell for cell in written_in(crop) if cell is not None]
    texts = [known(part) for part in text.splitlines()]
    if len(written) != len(texts):
        return
    for cell, part in zip(written, texts, strict=True):
        written_by_hand = cell.printed < PRINT
        if part and written_by_hand and steps_needed(part) <= cell.picture.shape[1] // STEP:
            yield Line(cell.picture, part)
