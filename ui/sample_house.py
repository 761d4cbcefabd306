"""A house with people and work behind it, invented: for pictures of the desks, measurements and tests."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final

from formscan.app import Application
from formscan.model.people import Person, Role
from formscan.model.reading import FieldState, Severity
from formscan.model.record import Draft
from formscan.model.template import FieldKind, FormTemplate
from formscan.model.visits import all_typed
from formscan.paths import forms_dir
from formscan.review.memory import MemoryJournal
from formscan.review.session import ReviewSession
from formscan.settings import Settings
from formscan.store import Store
from formscan.templates import TemplateLibrary
from ui.sample import ANSWERS, SampleBackend, written_page

PASSWORD: Final = "rừng tràm trà sư"
LAN: Final = Person("lan", "Lê Thị Lan", frozenset({Role.REVIEWING_CLERK}))
HANH: Final = Person("hanh", "Đỗ Hạnh", frozenset({Role.REVIEWING_CLERK}))
MINH: Final = Person("minh", "Trần Quang Minh", frozenset({Role.SUPERVISOR}))
DUC: Final = Person("duc", "Ngô Đức", frozenset({Role.ADMINISTRATOR}))
PEOPLE: Final = (DUC, MINH, LAN, HANH)
START: Final = datetime(2026, 3, 9, 1, 0, tzinfo=UTC)
TYPED: Final = "Trần Văn Đức (con trai)"
"""What is typed where nobody stands behind a text."""
KEYED: Final = {
    "patient.name": "NGUYỄN THỊ HỒNG NHƯNG",
    "stay.bed": "17",
    "patient.address.street": "Đường Nguyễn Trải",
    "facility.department": "Nội tổng quát",
    "vital.temperature": "38,9",
}
"""What clerks made of some fields instead of what was read."""


def furnish(settings: Settings, *, entries: int = 6, drafts: int = 2, dpi: float = 100.0) -> tuple[str, ...]:
    """Fill an empty folder: released entries by two clerks, open drafts, then accounts for everybody.

    The entries are released before the first account, when one person works alone; so no second key is
    asked for and the house is made quickly.

    Returns:
        Ids of the open drafts.
    """
    settings.home.mkdir(parents=True, exist_ok=True)
    form = TemplateLibrary.load(forms_dir()).get("01-BV1")
    page = written_page(form, 1, ANSWERS, dpi)
    backend = SampleBackend([form])
    made = [backend.add_pages(form, {1: page}, dpi, name=f"quet-{n:04}.pdf") for n in range(entries + drafts)]
    with Store.open(settings.database_url, settings.images) as store:
        for data in backend.images.values():
            store.put_image(data, "image/png")
        for draft in made:
            store.add_draft(draft)
        for number, draft in enumerate(made[:entries]):
            _release(store, form, draft, (LAN, HANH)[number % 2], number)
        _hire(store, PEOPLE)
    return tuple(draft.id for draft in made[entries:])


def signed_in(settings: Settings, name: str) -> Application:
    """The core with somebody in it."""
    core = Application(settings)
    core.sign_in(name, PASSWORD)
    return core


def _hire(store: Store, people: Sequence[Person]) -> None:
    first = people[0].id
    for person in people:
        store.accounts.add(person, PASSWORD, first)


def _release(store: Store, form: FormTemplate, draft: Draft, clerk: Person, number: int) -> None:
    from formscan.pipeline.check import check_value

    ticks = iter(range(10_000))
    begun = START + timedelta(days=number // 2, minutes=10 * number)
    journal = MemoryJournal([draft])  # the store takes all decisions in one step, which is quicker
    session = ReviewSession(
        draft,
        form,
        journal,
        clerk,
        partial(check_value, form),
        lambda: begun + timedelta(seconds=next(ticks)),
    )
    changed = sorted(KEYED)[number % len(KEYED)]
    for spec in session.fields:
        why = "trên giấy ghi vậy"
        proposal = session.proposal(spec.id).value
        if spec.id == changed:
            session.correct(spec.id, KEYED[spec.id], why)
        elif spec.kind is FieldKind.CHOICE and number == 1 and spec.id == "patient.sex":
            session.correct(spec.id, "male", why)
        elif proposal.state is FieldState.UNVERIFIED:
            session.correct(spec.id, TYPED, why, touched=all_typed(TYPED, begun))
        else:
            hard = any(flag.severity is Severity.HARD for flag in session.flags(spec.id))
            session.confirm(spec.id, why if hard else "")
    for field_id in session.blockers():
        session.give_reason(field_id, "trên giấy ghi vậy")
    store.record_step(draft.id, journal.decisions(draft.id))
    flags = {spec.id: session.flags(spec.id) for spec in session.fields}
    store.release(draft.id, clerk.id, begun + timedelta(seconds=next(ticks)), flags)
