"""Where the rooms are put together: one object a window or a command works with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

from formscan.model.page import Held
from formscan.model.people import Person, Role
from formscan.model.record import Draft, DraftSummary
from formscan.paths import forms_dir
from formscan.review import ReviewSession
from formscan.settings import Settings
from formscan.store import Store
from formscan.templates import TemplateLibrary

if TYPE_CHECKING:  # the engines take a second to load; the window must not wait for them
    from formscan.batch.engine import Engine
    from formscan.batch.report import NightReport


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

    The store is opened on first use, in the thread that uses it; close it with ``close`` or a ``with``.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.person = Person(
            settings.person, settings.person, frozenset({Role.SCANNING_CLERK, Role.REVIEWING_CLERK})
        )

    def __enter__(self) -> Application:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @cached_property
    def form_folders(self) -> tuple[Path, ...]:
        """Folders templates are loaded from."""
        own = self.settings.forms
        return (forms_dir(),) if own is None else (forms_dir(), own)

    @cached_property
    def library(self) -> TemplateLibrary:
        """All templates."""
        return TemplateLibrary.load(*self.form_folders)

    @cached_property
    def store(self) -> Store:
        """The memory."""
        return self._open_store()

    def close(self) -> None:
        """Close the store if it was opened."""
        store = self.__dict__.pop("store", None)
        if store is not None:
            store.close()

    def drafts(self) -> list[DraftSummary]:
        """Open drafts, the most urgent first."""
        from formscan.review.queue import ordered

        return list(ordered(self.store.drafts()))

    def get_draft(self, draft_id: str) -> Draft:
        """A draft with all its fields.

        Raises:
            NotFoundError: If there is none of that id.
        """
        return self.store.get_draft(draft_id)

    def open_session(self, draft_id: str, person: Person | None = None) -> ReviewSession:
        """Begin or resume the review of a draft; what was decided before is there."""
        from formscan.pipeline.check import check_value, cross_check

        draft = self.store.get_draft(draft_id)
        template = self.library.get(draft.form_id, draft.form_version)
        return ReviewSession(
            draft,
            template,
            self.store,
            person or self.person,
            partial(check_value, template),
            cross_check=partial(cross_check, template),
        )

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
        from formscan.batch.stack import Stack, digitise

        forms = {form.key: form for form in self.library.forms}
        stack = Stack(order.paths, self.person.id, order.form_id or "", order.priority, order.alone)
        with self._open_store() as store:
            return digitise(stack, store, self.engine(order), forms, progress, cancelled)

    def engine(self, order: StackOrder) -> Engine:
        """The workers an order asks for; enter it before use."""
        from formscan.batch.cluster import Cluster
        from formscan.batch.engine import Inline
        from formscan.batch.orders import PageLimits
        from formscan.batch.processes import Processes
        from formscan.batch.worker import CrewSetup

        limits = PageLimits()
        setup = CrewSetup(self.settings.image_store, self.settings.forms, limits.page_s)
        if order.cluster is not None:
            return Cluster(setup, order.cluster, order.workers, limits)
        if order.workers < 1:
            return Inline(replace(setup, page_s=0.0))
        return Processes(setup, order.workers, limits)

    def held(self) -> list[Held]:
        """Files and pages that were not read and wait for a person."""
        return [held for _, held in self.store.ledger.held()] + self.store.held()

    def _open_store(self) -> Store:
        self.settings.home.mkdir(parents=True, exist_ok=True)
        return Store.open(self.settings.database_url, self.settings.image_store)
