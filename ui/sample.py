"""Invented drafts on real forms, kept in memory: for pictures of the window, for measuring, for tests.

Nothing of it is a patient's: the names and values below are made up, the writing is a font.
"""

from __future__ import annotations

import hashlib
import io
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cached_property, partial
from pathlib import Path
from typing import Final

from PIL import Image, ImageDraw, ImageFont

from formscan.errors import NotFoundError
from formscan.model.geometry import POINTS_PER_INCH, Area
from formscan.model.page import Held, Source
from formscan.model.people import Person, Role
from formscan.model.question import Question
from formscan.model.reading import Alternative, CheckedField, FieldState, FieldValue, Flag, Reading
from formscan.model.record import Draft, DraftPage, DraftSummary, Problem, wrong_expected
from formscan.model.template import FieldKind, FieldSpec, FontStyle, FormTemplate, ValueType
from formscan.review.completion import Completer, Lists, Suggestion
from formscan.review.groups import GroupSession, Tile, tiles_of
from formscan.review.memory import MemoryJournal
from formscan.review.session import ReviewSession
from ui.sample_ink import cross, scrawl
from ui.viewmodels.backend import Digitised

WRITING_DPI: Final = 200.0
AT: Final = datetime(2026, 3, 9, 7, 30, tzinfo=UTC)
ANSWERS: Final[Mapping[str, str]] = {
    "facility.department_of_health": "Sở Y tế Cần Thơ",
    "facility.name": "BV Đa khoa Ninh Kiều",
    "facility.department": "Nội tổng hợp",
    "stay.bed": "12",
    "record.archive_number": "26/0417",
    "patient.name": "NGUYỄN THỊ HỒNG NHUNG",
    "patient.birth_date": "12/03/1957",
    "patient.age": "68",
    "patient.sex": "female",
    "patient.occupation": "Hưu trí",
    "patient.occupation_code": "03",
    "patient.ethnicity": "Kinh",
    "patient.ethnicity_code": "01",
    "patient.address.house": "27/4",
    "patient.address.street": "Đường Nguyễn Trãi",
    "patient.address.ward": "Phường Cái Khế",
    "patient.address.province": "Cần Thơ",
    "patient.workplace": "Nghỉ hưu",
    "payer.kind": "insurance",
    "insurance.number": "HT3929201234567",
    "insurance.valid_to": "31/12/2026",
    "relative.name_address": "Trần Văn Đức (con trai), cùng địa chỉ",
    "relative.phone": "0913 456 789",
    "admission.at": "08:15 02/03/2026",
    "admission.via": "clinic",
    "stay.1.department": "Nội tổng hợp",
    "stay.1.at": "09:00 02/03/2026",
    "discharge.at": "10:00 09/03/2026",
    "discharge.kind": "discharged",
    "stay.total_days": "7",
    "diagnosis.admission": "Viêm phổi cộng đồng",
    "diagnosis.admission.code": "J189",
    "diagnosis.discharge.main": "Viêm phổi thùy dưới phải, tăng huyết áp",
    "diagnosis.discharge.main.code": "J181",
    "treatment.procedure": "true",
    "outcome": "improved",
    "signature.department_head": "true",
    "complaint.reason": "Ho, sốt, khó thở",
    "complaint.day_of_illness": "4",
    "vital.pulse": "96",
    "vital.temperature": "38,4",
    "vital.blood_pressure": "150/90",
    "vital.respiratory_rate": "24",
    "vital.weight": "52,5",
}
"""Invented answers by field id; fields that are not named are blank."""
UNREAD: Final = frozenset({"relative.name_address", "diagnosis.discharge.main", "complaint.reason"})
"""Free handwriting no reader stands behind."""
OTHERS: Final[Mapping[str, str]] = {
    "patient.name": "NGUYỄN THI HỒNG NHUNG",
    "patient.birth_date": "12/03/1967",
    "vital.temperature": "38,9",
    "stay.bed": "17",
}
"""What a second reader made of it."""
CLERK: Final = Person("lan", "Lê Thị Lan", frozenset({Role.REVIEWING_CLERK}))
Check = Callable[[FormTemplate, FieldSpec, str], tuple[FieldValue, tuple[Flag, ...]]]
Draw = Callable[[FormTemplate, int, float], Image.Image]


def written_page(form: FormTemplate, number: int, answers: Mapping[str, str], dpi: float) -> Image.Image:
    """A page of the form with the answers written on it, grey."""
    from formscan.templates.render import render_page

    return write_on(Image.fromarray(render_page(form, number, dpi)), form, number, answers, dpi)


def write_on(
    page: Image.Image, form: FormTemplate, number: int, answers: Mapping[str, str], dpi: float
) -> Image.Image:
    """Write the answers at their places."""
    draw = ImageDraw.Draw(page)
    for spec in form.fields_of(number):
        if spec.id in answers:
            _write(draw, spec, answers[spec.id], dpi / POINTS_PER_INCH)
    return page


def sample_draft(
    form: FormTemplate,
    image_of: Mapping[int, tuple[str, int, int]],
    check: Check,
    *,
    answers: Mapping[str, str] = ANSWERS,
    unread: frozenset[str] = UNREAD,
    name: str = "quet-0301.pdf",
    dpi: float = WRITING_DPI,
    at: datetime = AT,
) -> Draft:
    """A draft as the line would make it of written pages.

    Args:
        form: The form.
        image_of: Page number to (SHA-256 of the image, width, height).
        check: Understands texts and tells broken rules.
        answers: By field id.
        unread: Fields nobody could read.
        name: File name the pages came from.
        dpi: Of the images.
        at: When it was made.
    """
    sha = hashlib.sha256(name.encode()).hexdigest()
    pages = tuple(
        DraftPage(
            number,
            Source(name, sha, place, len(image_of)),
            image,
            "image/png",
            width,
            height,
            dpi,
            turned=0,
            skew_deg=0.0,
            score=0.97,
            residual_mm=0.11,
            worst_mm=0.3,
        )
        for place, (number, (image, width, height)) in enumerate(sorted(image_of.items()))
    )
    fields = tuple(
        _checked(form, spec, answers, unread, check, dpi) for spec in form.fields if spec.page in image_of
    )
    missing = tuple(
        Problem("pages.missing", page.number) for page in form.pages if page.number not in image_of
    )
    identity = hashlib.sha256(f"{form.key}{name}{sorted(image_of)}".encode()).hexdigest()[:32]
    return Draft(identity, form.id, form.version, form.digest, pages, fields, missing, at)


class SampleBackend:
    """A core in memory with the real review session.

    Args:
        forms: Templates.
        check: Understands texts; the rules of the program where left out.
        journal: Where decisions go.
    """

    def __init__(
        self,
        forms: Sequence[FormTemplate],
        check: Check | None = None,
        journal: MemoryJournal | None = None,
    ) -> None:
        self.person = CLERK
        self.forms = tuple(forms)
        self.journal = journal or MemoryJournal()
        self.refused: list[Held] = []
        self.asked: list[Question] = []
        self.images: dict[str, bytes] = {}
        self._drafts: dict[str, Draft] = {}
        self._check = check

    def add_pages(
        self, form: FormTemplate, pages: Mapping[int, Image.Image], dpi: float = WRITING_DPI, **more: object
    ) -> Draft:
        """Keep pages as a draft; further arguments are those of ``sample_draft``."""
        kept = {number: (self._keep(image), image.width, image.height) for number, image in pages.items()}
        draft = sample_draft(form, kept, self.check, dpi=dpi, **more)  # type: ignore[arg-type]
        self._drafts[draft.id] = draft
        self.journal.add(draft)
        return draft

    def _keep(self, image: Image.Image) -> str:
        out = io.BytesIO()
        image.save(out, "PNG", compress_level=1)
        sha = hashlib.sha256(out.getvalue()).hexdigest()
        self.images[sha] = out.getvalue()
        return sha

    def form(self, form_id: str, version: str) -> FormTemplate | None:
        """See ``Backend``."""
        return next((form for form in self.forms if form.key == (form_id, version)), None)

    def drafts(self) -> list[DraftSummary]:
        """See ``Backend``."""
        return [self._summary(d) for d in self._drafts.values() if d.id not in self.journal.entries]

    def get_draft(self, draft_id: str) -> Draft:
        """See ``Backend``."""
        if draft_id not in self._drafts:
            raise NotFoundError("store.no_such_draft", draft=draft_id)
        return self._drafts[draft_id]

    def open_session(self, draft_id: str) -> ReviewSession:
        """See ``Backend``."""
        draft = self.get_draft(draft_id)
        form = self.form(draft.form_id, draft.form_version)
        if form is None:
            raise NotFoundError("template.not_found", form=draft.form_id)
        return ReviewSession(draft, form, self.journal, self.person, partial(self.check, form))

    def ask_supervisor(self, draft_id: str, field_id: str, text: str) -> Question:
        """See ``ui.viewmodels.asking.Askable``."""
        asked = Question(len(self.asked) + 1, draft_id, field_id, self.person.id, AT, text)
        self.asked.append(asked)
        return asked

    def answer_question(self, number: int, text: str) -> Question:
        """See ``ui.viewmodels.asking.Askable``."""
        told = replace(self.asked[number - 1], answer=text, answered_by=self.person.id, answered_at=AT)
        self.asked[number - 1] = told
        return told

    def questions(self, draft_id: str) -> list[Question]:
        """See ``ui.viewmodels.asking.Askable``."""
        return [one for one in self.asked if one.draft_id == draft_id]

    def waiting_questions(self) -> list[Question]:
        """See ``ui.viewmodels.asking.Askable``."""
        return [one for one in self.asked if not one.answer]

    def group_tiles(self, draft_id: str) -> Sequence[Tile]:
        """See ``Backend``."""
        draft = self.get_draft(draft_id)
        form = self.form(draft.form_id, draft.form_version)
        return tiles_of(draft, form, self.journal.decisions(draft_id)) if form else ()

    def open_groups(self) -> GroupSession:
        """See ``Backend``."""
        forms = {form.key: form for form in self.forms}
        return GroupSession(self.journal, self.person, lambda key: partial(self.check, forms[key]))

    def image(self, sha256: str) -> bytes:
        """See ``Backend``."""
        if sha256 not in self.images:
            raise NotFoundError("store.no_such_image")
        return self.images[sha256]

    def held(self) -> list[Held]:
        """See ``Backend``."""
        return self.refused

    def check(self, form: FormTemplate, spec: FieldSpec, text: str) -> tuple[FieldValue, tuple[Flag, ...]]:
        """See ``Backend``."""
        if self._check is not None:
            return self._check(form, spec, text)
        from formscan.pipeline.check import check_value

        return check_value(form, spec, text)

    def suggest(self, spec: FieldSpec, text: str, around: Mapping[str, str]) -> Sequence[Suggestion]:
        """See ``Backend``."""
        return self._completer.suggest(spec, text, around)

    def learn(self, spec: FieldSpec, text: str) -> None:
        """See ``Backend``."""
        self._completer.learn(spec, text)

    @cached_property
    def _completer(self) -> Completer:
        if self._check is not None:
            return Completer(Lists(family=("Nguyễn", "Trần"), given=("Văn", "Đức")))
        from formscan.app import new_completer

        return new_completer()

    def digitise(
        self, paths: Sequence[Path], progress: Callable[[int, str], None], cancelled: Callable[[], bool]
    ) -> Digitised:
        """See ``Backend``: nothing here can read pages, so every file is held with that reason."""
        refused = []
        for place, path in enumerate(paths):
            if cancelled():
                break
            progress(place + 1, path.name)
            refused.append(Held(Source(path.name, "0" * 64), "identify", "identify.no_form"))
        self.refused.extend(refused)
        return Digitised(len(refused), 0, tuple(refused), cancelled())

    def close(self) -> None:
        """See ``Backend``."""

    def _summary(self, draft: Draft) -> DraftSummary:
        return DraftSummary(
            draft.id,
            draft.form_id,
            draft.form_version,
            draft.created_at,
            draft.state,
            len(draft.pages),
            len(draft.fields),
            len({decision.field_id for decision in self.journal.decisions(draft.id)}),
            sum(bool(field.flags) for field in draft.fields),
            len(draft.problems),
            draft.pages[0].source.name,
            expected=wrong_expected(draft.fields),
        )


def sample_backend(root: Path, journal: MemoryJournal | None = None) -> SampleBackend:
    """The forms under ``root`` with a handful of drafts and some files that were not read."""
    from formscan.templates import TemplateLibrary

    forms = TemplateLibrary.load(root).forms
    backend = SampleBackend(forms, journal=journal)
    for place, (form, pages) in enumerate(((forms[0], (1, 2)), (forms[1], (1, 2)), (forms[-1], (1,)))):
        drawn = {number: written_page(form, number, ANSWERS, WRITING_DPI) for number in pages}
        name, at = f"quet-03{place + 1:02d}.pdf", AT + timedelta(minutes=11 * place)
        backend.add_pages(form, drawn, name=name, at=at)
    backend.refused = [
        Held(Source("IMG_2041.jpg", "1" * 64), "identify", "identify.no_form"),
        Held(Source("quet-0302.pdf", "2" * 64, 4, 6), "identify", "identify.no_form"),
        Held(Source("benh-an-cu.tif", "3" * 64), "acquire", "acquire.truncated", quarantined=True),
    ]
    return backend


def crowd_backend(root: Path, count: int = 10, journal: MemoryJournal | None = None) -> SampleBackend:
    """The first page of one form, filled by many: look-alikes to be decided together."""
    from formscan.templates import TemplateLibrary
    from formscan.templates.render import render_page

    form = TemplateLibrary.load(root).forms[0]
    backend = SampleBackend([form], journal=journal)
    blank = Image.fromarray(render_page(form, 1, WRITING_DPI))
    chance = random.Random(11)
    for n in range(count):
        answers = dict(ANSWERS) | {
            "patient.age": str(chance.randint(18, 89)),
            "patient.sex": chance.choice(("male", "female")),
            "treatment.surgery": "true",
        }
        drawn = write_on(blank.copy(), form, 1, answers, WRITING_DPI)
        name, at = f"quet-04{n + 1:02d}.pdf", AT + timedelta(minutes=7 * n)
        backend.add_pages(form, {1: drawn}, answers=answers, name=name, at=at)
    return backend


def _checked(
    form: FormTemplate,
    spec: FieldSpec,
    answers: Mapping[str, str],
    unread: frozenset[str],
    check: Check,
    dpi: float,
) -> CheckedField:
    said = answers.get(spec.id)
    flags: tuple[Flag, ...] = ()
    readings: tuple[Reading, ...]
    if said is None:
        value = FieldValue(FieldState.BLANK)
        readings = (Reading("", FieldState.BLANK, 0.99, "ink 1"),)
    elif spec.id in unread:
        value = FieldValue(FieldState.UNVERIFIED)
        readings = (_offered(said),)
    else:
        value, flags = check(form, spec, said)
        other = (Alternative(OTHERS[spec.id], 0.31),) if spec.id in OTHERS else ()
        sure = 0.64 if other else 0.97
        readings = (Reading(said, FieldState.VALUE, sure, "tesseract 5.5", alternatives=other),)
    box = spec.area.grown(1.5).at_dpi(dpi)
    cells = tuple(cell.area.at_dpi(dpi) for cell in spec.cells)
    crop = hashlib.sha256(spec.id.encode()).hexdigest()
    return CheckedField(
        spec.id, spec.page, value, readings[0].confidence, readings, flags, crop, box, cells, 0.12
    )


def _offered(said: str) -> Reading:
    """A text no reader stands behind, some of its words read unsurely."""
    count = len(said.split())
    words = tuple(0.62 if place % 3 == 1 else 0.98 for place in range(count)) if count > 1 else ()
    offered = (Alternative(said, 0.4),)
    return Reading("", FieldState.UNVERIFIED, 0.2, "lines 1", alternatives=offered, words=words)


def _write(draw: ImageDraw.ImageDraw, spec: FieldSpec, text: str, scale: float) -> None:
    areas = [cell.area for cell in spec.cells]
    if spec.kind in {FieldKind.CHOICE, FieldKind.MARK}:
        chosen = text.split(";")
        for cell in spec.cells:
            if cell.name in chosen or spec.kind is FieldKind.MARK:
                cross(draw, cell.area, scale)
    elif spec.kind is FieldKind.SIGNATURE:
        scrawl(draw, areas[0], scale)
    elif spec.kind is FieldKind.COMB:
        signs = text.replace("/", "").replace(" ", "")
        for area, sign in zip(areas, signs.rjust(len(areas)), strict=False):
            _put(draw, area, sign, scale)
    elif spec.type is ValueType.INSURANCE_NUMBER and len(areas) > 1:
        ends = (0, 2, 3, 5, 7, len(text))
        for area, start, end in zip(areas, ends, ends[1:], strict=False):
            _put(draw, area, text[start:end], scale)
    elif spec.type in {ValueType.DATE, ValueType.DATETIME, ValueType.BLOOD_PRESSURE} and len(areas) > 1:
        for area, part in zip(areas, text.replace(":", " ").replace("/", " ").split(), strict=False):
            _put(draw, area, part, scale)
    else:
        for area, line in zip(areas, _lines(text, len(areas)), strict=False):
            _put(draw, area, line, scale)


def _lines(text: str, count: int) -> list[str]:
    words, per_line = text.split(" "), max(1, -(-len(text.split(" ")) // count))
    return [" ".join(words[at : at + per_line]) for at in range(0, len(words), per_line)]


def _put(draw: ImageDraw.ImageDraw, area: Area, text: str, scale: float) -> None:
    from formscan.templates.fonts import font_file

    size = min(14.0, area.height * 0.95) * scale
    font = ImageFont.truetype(str(font_file(FontStyle.ITALIC)), max(6, round(size)))
    while font.getlength(text) > area.width * scale and font.size > 6:
        font = font.font_variant(size=font.size - 1)
    at = ((area.left + 1) * scale, area.bottom * scale - 1.5)
    draw.text(at, text, fill=45, font=font, anchor="ls")
