"""Where the rooms are put together: one object a window or a command works with."""

from __future__ import annotations

import platform
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

from formscan.errors import RefusedError
from formscan.model.people import NOBODY, SYSTEM, Permission, Person, Role
from formscan.model.planted import Plant
from formscan.model.reading import Flag
from formscan.model.record import Draft, DraftSummary, EmrEntry
from formscan.model.review import ReviewedField
from formscan.model.template import FormTemplate
from formscan.paths import forms_dir
from formscan.review import Journal, ReviewSession
from formscan.review.completion import Completer, Lists
from formscan.review.groups import GroupSession, Tile, tiles_of
from formscan.review.planted import choose, disguised
from formscan.review.planted_journal import PlantedJournal
from formscan.settings import Settings
from formscan.store import Store
from formscan.store.leases import DRAFT, Lease, new_window
from formscan.templates import TemplateLibrary

if TYPE_CHECKING:
    from formscan.model.patient import PatientQuery
    from formscan.review.patient_match import Candidate

if TYPE_CHECKING:  # the engines take a second to load; the window must not wait for them
    from formscan.batch.morning.room import NightRoom
    from formscan.batch.report import NightReport
    from formscan.supervision import SupervisorDesk


def new_completer() -> Completer:
    """Suggestions out of the lists that ship; making it takes about a second."""
    from formscan.pipeline import lexicon

    return Completer(
        Lists(
            tuple(lexicon.code_list("family_names")),
            (*lexicon.code_list("middle_names"), *lexicon.code_list("given_names")),
            lexicon.places(),
            lexicon.icd10(),
            {name: lexicon.code_list(name) for name in ("ethnic", "occupation")},
            tuple(lexicon.code_list("drugs")),
        )
    )


@dataclass(frozen=True, slots=True)
class StackOrder:
    """What is to be digitised and how.

    Attributes:
        paths: Files, folders, archives in stack order.
        workers: Processes; 0 works in the calling thread.
        form_id: Try only this form's templates.
    """

    paths: tuple[Path, ...]
    workers: int
    form_id: str | None = None


class LeasedJournal:
    """The journal of a session: writes only while its window has the draft.

    Args:
        store: Where decisions go.
        lease: The window's.
    """

    def __init__(self, store: Store, lease: Lease) -> None:
        self._store, self._lease = store, lease

    def decisions(self, draft_id: str) -> list[ReviewedField]:
        """See ``Journal``."""
        return self._store.decisions(draft_id)

    def record(self, draft_id: str, decision: ReviewedField) -> None:
        """See ``Journal``."""
        self._store.record(draft_id, decision, lease=self._lease)

    def record_step(self, draft_id: str, decisions: Sequence[ReviewedField]) -> None:
        """See ``Journal``."""
        self._store.record_step(draft_id, decisions, lease=self._lease)

    def undo_step(self, draft_id: str, person: str) -> tuple[ReviewedField, ...]:
        """See ``Journal``."""
        return self._store.undo_step(draft_id, person, lease=self._lease)

    def release(
        self,
        draft_id: str,
        person: str,
        at: datetime,
        flags: Mapping[str, tuple[Flag, ...]] | None = None,
    ) -> EmrEntry:
        """See ``Journal``."""
        return self._store.release(draft_id, person, at, flags, lease=self._lease)


class Application:
    """The core with its parts, as the command line and the window use it.

    Args:
        settings: Where things lie.

    The store is opened on first use, in the thread that uses it; close it with ``close`` or a ``with``.

    While the database has no account, one person works with it under the name of the settings (``alone``).
    From the first account on nobody is there until ``sign_in``.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.window = new_window(platform.node())
        self._person: Person | None = None

    def __enter__(self) -> Application:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @cached_property
    def form_folders(self) -> tuple[Path, ...]:
        """Folders templates are loaded from: those that ship and the hospital's own, where there are any."""
        return (forms_dir(), self.own_forms) if self.own_forms.is_dir() else (forms_dir(),)

    @property
    def own_forms(self) -> Path:
        """Folder the hospital's own templates are kept in; made when the first one is saved."""
        return self.settings.forms or self.settings.home / "forms"

    def forms_changed(self) -> None:
        """Load templates anew when they are next asked for: one was saved."""
        self.__dict__.pop("form_folders", None)
        self.__dict__.pop("library", None)

    @cached_property
    def library(self) -> TemplateLibrary:
        """All templates."""
        return TemplateLibrary.load(*self.form_folders)

    @cached_property
    def store(self) -> Store:
        """The memory."""
        return self._open_store()

    def close(self) -> None:
        """Give back what this window works on and close the store, if it was opened."""
        self.__dict__.pop("supervisor", None)
        store = self.__dict__.pop("store", None)
        if store is not None:
            try:
                store.leases.give_back(self.window)
            finally:
                store.close()

    # -- who is here ---------------------------------------------------------------------------

    @property
    def alone(self) -> bool:
        """There are no accounts: one person works with this database, and nobody else looks."""
        return not self.store.accounts.exist()

    @property
    def person(self) -> Person:
        """Who is here: the one person, who signed in, or ``NOBODY``."""
        if self._person is None:
            alone = frozenset({Role.SCANNING_CLERK, Role.REVIEWING_CLERK, Role.ADMINISTRATOR})
            name = self.settings.person
            self._person = Person(name, name, alone) if self.alone else NOBODY
        return self._person

    def sign_in(self, name: str, password: str, code: str = "") -> Person:
        """Let somebody in; see ``Accounts.sign_in``."""
        self._person = self.store.accounts.sign_in(name, password, code)
        return self._person

    def sign_out(self) -> None:
        """Nobody is here any more; what was worked on is free for others."""
        self.store.leases.give_back(self.window)
        if self.person.id and not self.alone:
            self.store.accounts.note(self.person.id, "signed_out")
        self._person = None

    def need(self, permission: Permission) -> None:
        """Refuse at once what the store would refuse anyway.

        Raises:
            RefusedError: ``access.refused``.
        """
        if not self.person.may(permission) and not self.alone:
            raise RefusedError("access.refused", person=self.person.id, permission=permission.value)

    @cached_property
    def night(self) -> NightRoom:
        """What there is to see and to do about the night."""
        from formscan.batch.morning.room import NightRoom

        where, hospital = self.settings.home, self.settings.organisation
        return NightRoom(self.store, self.library, where, lambda: self.person, self.need, hospital)

    def drafts(self) -> list[DraftSummary]:
        """Open drafts, the most urgent first."""
        from formscan.review.queue import ordered

        return list(ordered(self.store.drafts()))

    def get_draft(self, draft_id: str) -> Draft:
        """A draft with all its fields.

        Raises:
            NotFoundError: If there is none of that id.
        """
        self.need(Permission.REVIEW)
        return self.store.get_draft(draft_id)

    def open_session(self, draft_id: str, person: Person | None = None) -> ReviewSession:
        """Begin or resume the review of a draft; what was decided before is there.

        Raises:
            NotFoundError: If there is none of that id.
            LeaseError: ``lease.held`` where somebody else works on it now.
            RefusedError: Where the person may not review.
        """
        from formscan.pipeline.check import check_value, cross_check

        who = person or self.person
        lease = self.store.leases.take_draft(draft_id, who.id, self.window)
        draft = self.store.get_draft(draft_id)
        template = self.library.get(draft.form_id, draft.form_version)
        plants = self._planted(draft, template, who.id)
        journal: Journal = LeasedJournal(self.store, lease)
        return ReviewSession(
            disguised(draft, plants),
            template,
            PlantedJournal(journal, self.store.plants, plants) if plants else journal,
            who,
            partial(check_value, template),
            cross_check=partial(cross_check, template),
        )

    def _planted(self, draft: Draft, template: FormTemplate, person: str) -> tuple[Plant, ...]:
        """Wrong values this person is shown in a draft; chosen when she opens an untouched one first.

        Critical fields are left out: they have the second key, which must not wait for the end of a test.
        """
        from formscan.pipeline.check import check_value

        policy = self.store.plants.policy()
        chosen: tuple[Plant, ...] = ()
        if policy.rate > 0 and not self.alone:
            chosen = choose(
                draft, template, person, policy, partial(check_value, template), lambda spec: spec.critical
            )
        return self.store.plants.keep(draft.id, person, chosen, datetime.now(UTC))

    @cached_property
    def supervisor(self) -> SupervisorDesk:
        """The supervisor's desk, for whoever is here."""
        from formscan.pipeline.check import check_value
        from formscan.supervision import SupervisorDesk

        return SupervisorDesk(self.store, lambda: self.person, self.library, check_value)

    def leave(self, draft_id: str) -> None:
        """The review of a draft is put aside: others may go on with it."""
        self.store.leases.give_back(self.window, Lease(DRAFT, draft_id, self.person.id, self.window))

    def group_tiles(self, draft_id: str) -> tuple[Tile, ...]:
        """The open fields of a draft that may be decided among look-alikes of other drafts.

        Raises:
            RefusedError: Where the person may not review.
        """
        self.need(Permission.REVIEW)
        draft = self.store.get_draft(draft_id)
        template = self.library.get(draft.form_id, draft.form_version)
        return tiles_of(draft, template, self.store.decisions(draft_id))

    def open_groups(self) -> GroupSession:
        """Begin to decide look-alikes; a draft somebody works on is left to that person."""
        from formscan.pipeline.check import check_value

        return GroupSession(
            self.store, self.person, lambda form: partial(check_value, self.library.get(*form))
        )

    # -- patients ------------------------------------------------------------------------------

    def find_patients(self, query: PatientQuery) -> tuple[Candidate, ...]:
        """Who in the index may be meant, the likeliest first, with reasons; nothing is linked by this."""
        from formscan.review.patient_match import ranked

        return ranked(query, self.store.patients.find(query, self.person.id))

    def query_of(self, entry_id: str) -> PatientQuery:
        """What an entry says about its patient, to be looked for in the index."""
        from formscan.review.patient_match import query_of

        return query_of(self.store.get_entry(entry_id, person=self.person.id))

    def image(self, sha256: str) -> bytes:
        """The stored bytes of a page image."""
        return self.store.get_image(sha256)

    def digitise(
        self,
        order: StackOrder,
        progress: Callable[[int, str], None] = lambda _done, _label: None,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> NightReport:
        """Digitise a stack into drafts; opens a store of its own and may run in any thread."""
        from formscan.batch.crew import Crew, CrewSetup
        from formscan.batch.night import Stack, digitise

        setup = CrewSetup(self.settings.images, self.form_folders, order.form_id)
        forms = {form.key: form for form in self.library.forms}
        run = f"{datetime.now(UTC).isoformat(timespec='seconds')}-{secrets.token_hex(4)}"
        if self.person.id:
            self.need(Permission.SCAN)
        stack = Stack(order.paths, self.person.id or SYSTEM, run)
        with self._open_store() as store, Crew(setup, order.workers) as crew:
            return digitise(stack, store, crew, forms, progress, cancelled)

    def _open_store(self) -> Store:
        self.settings.home.mkdir(parents=True, exist_ok=True)
        return Store.open(self.settings.database_url, self.settings.images)
