"""A page of no known form filed with what is readable: its labels and values as a document of its own.

Labels and places are proposed from the page (``designer.pairs``); a template is made of them that no other
page is ever recognised by, and from there on the page is a document like any other: read, reviewed field by
field, released, exported.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import numpy as np

from formscan.designer.detect import BlankPage
from formscan.designer.fold import slug
from formscan.designer.form_toml import form_toml
from formscan.designer.pairs import Pair, pairs_of, read_filled, segments_of
from formscan.designer.printed import PrintedSheet
from formscan.engines.protocol import Reader
from formscan.errors import StoreError
from formscan.model.files import FREE_FORM
from formscan.model.geometry import POINTS_PER_INCH, Area
from formscan.model.ledger import PageKey, StoredPage
from formscan.model.page import CleanPage, Grey, Page
from formscan.model.people import SYSTEM, Permission, Person
from formscan.model.reading import CheckedField, FieldState, Reading
from formscan.model.record import Draft, DraftPage, Problem
from formscan.model.split import Placed
from formscan.model.template import (
    Cell,
    FhirItem,
    FieldKind,
    FieldSpec,
    FormTemplate,
    PageTemplate,
    Section,
    ValueType,
)
from formscan.pipeline.acquire import decode
from formscan.pipeline.check import check_fields
from formscan.pipeline.clean import clean
from formscan.pipeline.locate import locate
from formscan.pipeline.own_frame import as_it_lies, framed
from formscan.pipeline.read import load_readers, read
from formscan.store import Scope, Store
from formscan.templates import TemplateLibrary
from formscan.templates.load import load_form

FOLDER: Final = "pages"
"""Folder of such forms, within the hospital's own."""
LOOK_DPI: Final = 200.0
MOST: Final = 80
"""Fields of a page, at most; the least sure ones are left out."""
ROOM: Final = 0.3
"""Heights of a value that its place is drawn out by: boxes of words end at small letters."""
TITLES: Final = ("Trang không theo biểu mẫu đã biết", "Page of no known form")
_SINGLE: Final = frozenset(
    {
        ValueType.PERSON_NAME, ValueType.DATE, ValueType.INTEGER, ValueType.DECIMAL, ValueType.PHONE,
        ValueType.CITIZEN_ID, ValueType.INSURANCE_NUMBER, ValueType.BLOOD_PRESSURE,
    }
)  # fmt: skip
"""Types a place of one line can have; others are text."""
ALWAYS: Final = (
    ("document.title", "Tên tài liệu", "Title of the document", ValueType.TEXT),
    ("patient.name", "Họ và tên người bệnh", "Full name of the patient", ValueType.PERSON_NAME),
)
"""Fields every document has, whether the page names them or not."""
NOT_NAMED: Final = "patient.name"
"""What is read at a place nobody named is no name."""
PRINT_ENGINE: Final = "tesseract page"
PRINT_SURE: Final = 0.3


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """A held page made ready to be looked at.

    Attributes:
        page: As scanned.
        cleaned: Upright and straight.
        frame: uint8 grey at ``LOOK_DPI``, upright and straight.
        stored: Its image.
    """

    page: Page
    cleaned: CleanPage
    frame: Grey
    stored: StoredPage


def see(store: Store, key: PageKey) -> Seen:
    """Look at a held page.

    Raises:
        NotFoundError: ``store.no_such_page``.
        StoreError: ``store.image_missing`` where nothing of it was kept.
    """
    held = store.ledger.page(key)
    if held.stored is None:
        raise StoreError("store.image_missing", page=key.index)
    pixels = decode(store.get_image(held.stored.image_sha256))
    page = Page(held.source, pixels, held.stored.dpi, notes=held.stored.notes)
    cleaned = clean(page)
    return Seen(page, cleaned, framed(cleaned, LOOK_DPI), held.stored)


def template_of(seen: Seen, library: TemplateLibrary) -> tuple[FormTemplate, dict[str, str]]:
    """A form of this one page: its pairs of labels and values, and what every document has.

    Returns:
        The form, and what its print says in the places of pairs, by field.
    """
    sheet = read_filled(seen.frame, LOOK_DPI)
    height, width = seen.frame.shape
    size = width * POINTS_PER_INCH / LOOK_DPI, height * POINTS_PER_INCH / LOOK_DPI
    meant = {spec.id: spec.fhir for form in library.forms for spec in form.fields if spec.fhir}
    pairs = sorted(pairs_of(sheet), key=lambda pair: -pair.sure)[: MOST - len(ALWAYS)]
    pairs.sort(key=lambda pair: (round(pair.label_area.top / 6), pair.label_area.left))
    fields = list(_always(sheet, size, meant, {pair.name for pair in pairs}))
    used = {spec.id for spec in fields}
    own = [(_field(pair, sheet, size, meant, used), pair.value) for pair in pairs]
    fields += [spec for spec, _ in own]
    form = FormTemplate(
        f"{FREE_FORM}{seen.stored.image_sha256[:16]}",
        "1",
        "–",
        *TITLES,
        "–",
        "proposed from the page itself",
        (PageTemplate(1, round(size[0], 2), round(size[1], 2)),),
        (Section("page", "Trang", "Page"),),
        tuple(fields),
    )
    return form, {spec.id: value for spec, value in own if value}


def _always(
    sheet: PrintedSheet, size: tuple[float, float], meant: dict[str, FhirItem], there: set[str]
) -> Iterable[FieldSpec]:
    """Title and patient, where the page does not name them: a person keys them, or says they lack."""
    head = Area(0.05 * size[0], 0.02 * size[1], 0.95 * size[0], 0.12 * size[1])
    upper = [s for s in segments_of(sheet.words) if s.area.top < 0.35 * size[1] and s.words > 1]
    titles = [s for s in upper if not s.text.endswith(":")]
    title = max(titles, key=lambda s: s.height * (2.0 if s.text.isupper() else 1.0), default=None)
    for name, vi, en, kind in ALWAYS:
        if name in there:
            continue
        area = _inside(title.area, size, sheet) if title is not None and name == "document.title" else head
        yield FieldSpec(name, 1, FieldKind.TEXT, kind, vi, en, (Cell(area),), "page", fhir=meant.get(name))


def _field(
    pair: Pair, sheet: PrintedSheet, size: tuple[float, float], meant: dict[str, FhirItem], used: set[str]
) -> FieldSpec:
    base = pair.name or f"item.{slug(pair.label) or 'field'}"
    name, number = base, 2
    while name in used:
        name, number = f"{base}_{number}", number + 1
    used.add(name)
    kind = pair.type if pair.type in _SINGLE else ValueType.TEXT
    room = ROOM * pair.label_area.height
    place = pair.value_area
    area = Area(place.left - room, place.top - room, place.right + room, place.bottom + room)
    cells = (Cell(_inside(area, size, sheet)),)
    return FieldSpec(
        name, 1, FieldKind.TEXT, kind, pair.label, pair.label, cells, "page",
        fhir=meant.get(name) if name == base else None,
    )  # fmt: skip


def _inside(area: Area, size: tuple[float, float], sheet: PrintedSheet) -> Area:
    """An area of the sheet as one of the frame, within the page, in points with two places."""
    corners = sheet.source_corners(area) * (POINTS_PER_INCH / LOOK_DPI)
    left, top = np.maximum(corners.min(axis=0), 0.5)
    right, bottom = np.minimum(corners.max(axis=0), np.array(size) - 0.5)
    left, top = min(left, size[0] - 6.0), min(top, size[1] - 6.0)
    return Area(
        round(float(left), 2),
        round(float(top), 2),
        round(float(max(right, left + 5.0)), 2),
        round(float(max(bottom, top + 5.0)), 2),
    )


def read_fields(
    seen: Seen, form: FormTemplate, print_says: Mapping[str, str], readers: Sequence[Reader]
) -> tuple[CheckedField, ...]:
    """What is written in the places of such a form; nothing is subtracted, as there is no blank.

    A place the page does not name (``ALWAYS``) proposes nothing: a person keys it, or says it is missing.
    """
    crops = locate(as_it_lies(seen.cleaned, form))
    readings = [list(found) for found in read(crops, readers)]
    for crop, found in zip(crops, readings, strict=True):
        if crop.field.id == NOT_NAMED and crop.field.id not in print_says:
            found.clear()
    fields = check_fields(form, crops, readings)
    return tuple(_with_print(one, print_says.get(one.field_id, "")) for one in fields)


def _with_print(read_field: CheckedField, text: str) -> CheckedField:
    """The words of the page as a further reading where the readers of fields put nothing forward."""
    if not text or read_field.value.state is not FieldState.UNVERIFIED:
        return read_field
    seen = Reading(text.replace("\n", " "), FieldState.VALUE, PRINT_SURE, PRINT_ENGINE)
    return replace(read_field, readings=(*read_field.readings, seen))


class FreePages:
    """What can be done with held pages of no known form: a document of its own, or a template begun from it.

    Args:
        store: The memory.
        library: All templates as they are now.
        own_forms: Folder of the hospital's own templates.
        person: Who is here now.
        need: Refuses where that person may not.
        changed: Told when a form was added.
        readers: One or more readers a kind; loaded when first needed where left out.
    """

    def __init__(
        self,
        store: Store,
        library: Callable[[], TemplateLibrary],
        own_forms: Path,
        person: Callable[[], Person],
        need: Callable[[Permission], None],
        changed: Callable[[], None] = lambda: None,
        readers: Sequence[Reader] | None = None,
    ) -> None:
        self._store, self._library, self._folder = store, library, own_forms / FOLDER
        self._person, self._need, self._changed, self._readers = person, need, changed, readers
        self._offered: BlankPage | None = None

    def file(self, key: PageKey) -> str:
        """Make a document of a held page.

        Returns:
            Id of its draft; empty where the page is not held any more.

        Raises:
            RefusedError: The person may not scan.
            NotFoundError: ``store.no_such_page``.
            StoreError: ``store.image_missing``.
        """
        self._need(Permission.SCAN)
        if self._readers is None:
            self._readers = load_readers()
        person, seen = self._person().id or SYSTEM, see(self._store, key)
        made, print_says = template_of(seen, self._library())
        form = self._kept(made)
        draft = draft_of_page(seen, form, read_fields(seen, form, print_says, self._readers))
        placed = Placed(self._record_of(key), "split.by_hand", False, person)
        filed = self._store.ledger.file_page(key, draft, placed, person)
        self._changed()
        return draft.id if filed else ""

    def offer(self, key: PageKey) -> None:
        """Put a held page up for the template studio: in memory, upright and straight.

        Raises:
            NotFoundError: ``store.no_such_page``.
            StoreError: ``store.image_missing``.
        """
        self._offered = BlankPage(1, see(self._store, key).frame, LOOK_DPI)

    def take_offered(self) -> BlankPage | None:
        """The page that was put up for the template studio, once."""
        page, self._offered = self._offered, None
        return page

    def _kept(self, form: FormTemplate) -> FormTemplate:
        """The form as it is read back: durable before anything refers to it."""
        folder = self._folder / form.id / form.version
        folder.mkdir(parents=True, exist_ok=True)
        path, fresh = folder / "form.toml", folder / "form.toml.new"
        with fresh.open("w", encoding="utf-8", newline="\n") as file:
            file.write(form_toml(form))
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
        return load_form(path)

    def _record_of(self, key: PageKey) -> int:
        """The record the page lies in: that of the page before it, else of the one behind it."""
        stack = self._store.ledger.page(key).stack
        pages = self._store.ledger.pages(Scope(stack=stack))
        at = next(i for i, page in enumerate(pages) if page.key == key)
        near = [*reversed(pages[:at]), *pages[at:]]
        return next((page.placed.record for page in near if page.placed is not None), 1)


def draft_of_page(seen: Seen, form: FormTemplate, fields: Sequence[CheckedField]) -> Draft:
    """The draft of a page of no known form."""
    stored, cleaned = seen.stored, seen.cleaned
    page = DraftPage(
        1, stored.source, stored.image_sha256, stored.media_type, seen.page.width, seen.page.height,
        seen.page.dpi, cleaned.turned, cleaned.skew_deg, 0.0, 0.0, 0.0,
        tuple(dict.fromkeys((*stored.notes, *cleaned.notes))),
    )  # fmt: skip
    own = hashlib.sha256(f"{form.id}\n{form.digest}\n{stored.image_sha256}".encode()).hexdigest()[:32]
    problem = Problem("pages.unknown_form", 1)
    at = datetime.now(UTC)
    return Draft(own, form.id, form.version, form.digest, (page,), tuple(fields), (problem,), at)
