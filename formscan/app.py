"""Where the rooms are put together: one object a window or a command works with."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

from formscan.errors import RefusedError
from formscan.leased_journal import LeasedJournal
from formscan.model.page import Held
from formscan.model.people import NOBODY, SYSTEM, Permission, Person, Role
from formscan.model.planted import Plant
from formscan.model.question import Question
from formscan.model.record import Draft, DraftSummary
from formscan.model.template import FormTemplate
from formscan.paths import forms_dir
from formscan.review import Journal, ReviewSession
from formscan.review.completion import Completer, Lists
from formscan.review.groups import GroupSession, Tile, tiles_of
from formscan.review.planted import choose, disguised
from formscan.review.planted_journal import PlantedJournal
from formscan.settings import Settings
from formscan.store import Store
from formscan.store.leases import DRAFT, LOOK, new_window
from formscan.store.unit_of_work import LOST_S, NIGHT_LOST_S
from formscan.templates import TemplateLibrary

if TYPE_CHECKING:  # the engines take a second to load; the window must not wait for them
    from formscan.batch.engine import Engine
    from formscan.batch.files_room import FilesRoom
    from formscan.batch.free_pages import FreePages
    from formscan.batch.gate_room import GateRoom
    from formscan.batch.morning.room import NightRoom
    from formscan.batch.night import Tally
    from formscan.batch.report import NightReport
    from formscan.batch.watch.guard import Guard
    from formscan.batch.watch.moment import NightOrder
    from formscan.batch.watch.run import WatchOrder
    from formscan.batch.watch.status import NightStatus
    from formscan.model.patient import PatientQuery
    from formscan.review.patient_match import Candidate
    from formscan.supervision import SupervisorDesk


def new_completer() -> Completer:
    """Suggestions out of the lists that ship; the first of a kind takes about 0.2 s."""
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
        cluster: Address of a Dask scheduler; empty for Dask on this machine, ``None`` for plain processes.
        priority: Higher goes before what waits already.
        alone: Leave other work that waits in the database to others.
    """

    paths: tuple[Path, ...]
    workers: int
    form_id: str | None = None
    cluster: str | None = None
    priority: int = 0
    alone: bool = True


class Application:
    """The core with its parts, as the command line and the window use it.

    Args:
        settings: Where things lie.
        lost_s: How long a database server is waited for that is gone; the night's is ``NIGHT_LOST_S``.

    The store is opened on first use, in the thread that uses it; close it with ``close`` or a ``with``.

    While the database has no account, one person works with it under the name of the settings (``alone``).
    From the first account on nobody is there until ``sign_in``.
    """

    def __init__(self, settings: Settings, lost_s: float = LOST_S) -> None:
        self.settings, self._lost_s = settings, lost_s
        os.environ.setdefault("FORMSCAN_MODELS", str(settings.home / "models"))
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
        for made in ("library", "files"):
            self.__dict__.pop(made, None)

    @cached_property
    def library(self) -> TemplateLibrary:
        """All templates."""
        own = self.own_forms / "pages"
        loose = TemplateLibrary.load(own).forms if own.is_dir() else ()
        return TemplateLibrary(TemplateLibrary.load(*self.form_folders).forms, loose)

    @cached_property
    def store(self) -> Store:
        """The memory."""
        store = self._open_store(self._lost_s)
        if self.settings.ldap_url:
            from formscan.signin import LdapSignIn

            asked = LdapSignIn(self.settings.ldap_url, self.settings.ldap_dn)
            store.accounts.trust(asked.source, asked.vouches)
        return store

    def close(self) -> None:
        """Give back what this window works on and close the store, if it was opened."""
        self.__dict__.pop("supervisor", None)
        self.__dict__.pop("gate", None)
        store = self.__dict__.pop("store", None)
        if store is not None:
            try:
                store.leases.give_back(self.window)
            finally:
                store.close()

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

    def let_in(self, person: Person) -> None:
        """Somebody came in without a password: ``formscan.signin_oidc.enter``."""
        self._person = person

    def lock(self) -> Person:
        """Nobody is here until somebody signs in again; what is open stays open behind the lock.

        Returns:
            Who was here; where there are no accounts she stays.
        """
        was = self.person
        if was.id and not self.alone:
            self.store.accounts.note(was.id, "locked")
            self._person = NOBODY
        return was

    def sign_out(self) -> None:
        """Nobody is here any more; what was worked on is free for others."""
        self.store.leases.give_back(self.window)
        if self.person.id and not self.alone:
            self.store.accounts.note(self.person.id, "signed_out")
        self._person = None

    def need(self, permission: Permission, *others: Permission) -> None:
        """Refuse at once what the store would refuse anyway; one of the permissions is enough.

        Raises:
            RefusedError: ``access.refused``.
        """
        if not any(self.person.may(each) for each in (permission, *others)) and not self.alone:
            raise RefusedError("access.refused", person=self.person.id, permission=permission.value)

    @cached_property
    def night(self) -> NightRoom:
        """What there is to see and to do about the night."""
        from formscan.batch.morning.room import NightRoom

        where, hospital = self.settings.home, self.settings.organisation
        room = NightRoom(self.store, self.library, where, lambda: self.person, self.need, hospital)
        room.files_page = self.free_pages.file
        return room

    @cached_property
    def free_pages(self) -> FreePages:
        """What can be done with held pages of no known form."""
        from formscan.batch.free_pages import FreePages

        return FreePages(
            self.store,
            lambda: self.library,
            self.own_forms,
            lambda: self.person,
            self.need,
            self.forms_changed,
        )

    @cached_property
    def files(self) -> FilesRoom:
        """How stacks fell apart into records and documents, and what people say about it."""
        from formscan.batch.files_room import FilesRoom

        forms = {form.key: form for form in (*self.library.forms, *self.library.loose)}
        return FilesRoom(self.store, forms, lambda: self.person, self.need)

    @cached_property
    def gate(self) -> GateRoom:
        """What is fitted, proven and switched at the release gate."""
        from formscan.batch.gate_room import GateRoom

        return GateRoom(self.store, {form.key: form for form in self.library.forms})

    def drafts(self) -> list[DraftSummary]:
        """Open drafts, the most urgent first.

        Raises:
            RefusedError: Where the person may not review.
        """
        from formscan.review.queue import ordered

        self.need(Permission.REVIEW)
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
            gated = {decision.field_id for decision in self.store.decisions(draft.id)}
            check = partial(check_value, template)
            chosen = choose(
                draft, template, person, policy, check, lambda spec: spec.critical or spec.id in gated
            )
        return self.store.plants.keep(draft.id, person, chosen, datetime.now(UTC))

    @cached_property
    def supervisor(self) -> SupervisorDesk:
        """The supervisor's desk, for whoever is here."""
        from formscan.pipeline.check import check_value
        from formscan.supervision import SupervisorDesk

        return SupervisorDesk(self.store, lambda: self.person, self.library, check_value)

    def leave(self) -> None:
        """The draft this window works on is put aside: others may go on with it."""
        self.store.leases.give_back(self.window, DRAFT)

    def leave_looks(self) -> None:
        """Second keys and rulings this window holds are free for others."""
        self.store.leases.give_back(self.window, LOOK)

    def ask_supervisor(self, draft_id: str, field_id: str, text: str) -> Question:
        """Leave a question at a field for a supervisor; the field stays open."""
        return self.store.questions.ask(draft_id, field_id, self.person.id, text)

    def answer_question(self, number: int, text: str) -> Question:
        """Answer a clerk's question."""
        return self.store.questions.answer(number, self.person.id, text)

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
        """The stored bytes of a page image.

        Raises:
            RefusedError: Where the person may see no pages.
        """
        return self.store.get_image(sha256, person=self.person.id)

    def digitise(
        self,
        order: StackOrder,
        progress: Callable[[int, str], None] = lambda _done, _label: None,
        cancelled: Callable[[], bool] = lambda: False,
        night: NightOrder | None = None,
    ) -> NightReport:
        """Digitise a stack into drafts, as a night or for somebody who waits; may run in any thread."""
        from formscan.batch.stack import Stack, digitise

        forms = {form.key: form for form in self.library.forms}
        if self.person.id:
            self.need(Permission.SCAN)
        stack = Stack(order.paths, self.person.id or SYSTEM, order.form_id or "", order.priority, order.alone)
        with self._open_store(NIGHT_LOST_S) as store:
            moment = None if night is None else night.begins(store, self.settings.home, order.workers)
            return digitise(stack, store, self.engine(order), forms, progress, cancelled, moment)

    def take_in(self, order: StackOrder) -> list[str]:
        """Take the files of a stack in without reading them; ids of the files in the ledger."""
        from formscan.batch.intake import take_in
        from formscan.batch.stack import Stack, stand_of

        stack = Stack(order.paths, self.person.id or SYSTEM, order.form_id or "", order.priority, order.alone)
        return list(take_in(order.paths, self.store.ledger, self.store.images, stand_of(stack), stack.person))

    def engine(self, order: StackOrder) -> Engine:
        """The workers an order asks for; enter it before use."""
        from formscan.batch.cluster import Cluster
        from formscan.batch.engine import Inline
        from formscan.batch.index_place import keep_ready
        from formscan.batch.orders import CrewSetup, PageLimits
        from formscan.batch.processes import Processes

        limits = PageLimits(self.settings.page_s, self.settings.worker_mib * 2**20)
        own = self.own_forms if self.own_forms.is_dir() else None
        setup = CrewSetup(self.settings.image_store, own, limits.page_s)
        if order.workers < 1 and order.cluster is None:
            return Inline(replace(setup, page_s=0.0))
        keep_ready(self._library_of(order))
        if order.cluster is not None:
            return Cluster(setup, order.cluster, order.workers, limits)
        return Processes(setup, order.workers, limits)

    def _library_of(self, order: StackOrder) -> TemplateLibrary:
        """The templates an order is read with."""
        if order.form_id is None:
            return self.library
        return TemplateLibrary([form for form in self.library.forms if form.id == order.form_id])

    def watch(
        self,
        order: WatchOrder,
        told: Callable[[NightStatus], None] = lambda _status: None,
        stop: Callable[[], bool] = lambda: False,
        guard: Guard | None = None,
        cluster: str | None = None,
    ) -> Tally:
        """Watch folders and work off what comes in; opens a store of its own and may run in any thread."""
        from formscan.batch.watch.guard import Guard
        from formscan.batch.watch.run import watch
        from formscan.batch.watch.status import NightBoard

        forms = {form.key: form for form in self.library.forms}
        engine = self.engine(StackOrder((), order.workers, cluster=cluster))
        with self._open_store(NIGHT_LOST_S) as store:
            board, kept = NightBoard(self.settings.home), guard or Guard(self.settings.home)
            return watch(order, store, engine, forms, board, kept, told, stop)

    def held(self) -> list[Held]:
        """Files and pages that were not read and wait for a person."""
        return [held for _, held in self.store.ledger.held()] + self.store.held()

    def _open_store(self, lost_s: float) -> Store:
        self.settings.home.mkdir(parents=True, exist_ok=True)
        return Store.open(self.settings.database_url, self.settings.image_store, lost_s=lost_s)
