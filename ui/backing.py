"""The window's core: ``formscan.app.Application`` behind the ``Backend`` seam, loaded when first used."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from formscan.model.ledger import PageKey
from formscan.model.page import Held
from formscan.model.people import Permission, Person
from formscan.model.question import Question
from formscan.model.reading import FieldValue, Flag
from formscan.model.record import Draft, DraftSummary
from formscan.model.template import FieldSpec, FormTemplate
from formscan.review.completion import Completer, Suggestion
from formscan.review.groups import GroupSession, Tile
from formscan.review.session import ReviewSession
from formscan.settings import Settings
from ui.viewmodels.backend import Digitised

if TYPE_CHECKING:  # SQLAlchemy takes half a second to load; the window must not wait for it
    from formscan.app import Application
    from formscan.batch.files_room import FilesRoom
    from formscan.batch.gate_room import GateRoom
    from formscan.batch.morning.room import NightRoom
    from formscan.batch.versions_room import VersionsRoom
    from formscan.designer.detect import BlankPage
    from formscan.learning.room import LearningRoom
    from formscan.scanner.room import ScanRoom
    from formscan.supervision import SupervisorDesk


T = TypeVar("T")


class ApplicationBackend:
    """Makes the application of the first call, in the thread of that call: the database's.

    Args:
        settings: Where things lie.
        application: Makes the application of the settings; ``formscan.app.Application`` where left out.
    """

    def __init__(
        self, settings: Settings, application: Callable[[Settings], Application] | None = None
    ) -> None:
        self._settings = settings
        self._make = application or _application
        self._made: Application | None = None
        self._person = Person(settings.person, settings.person, frozenset())
        self.alone = True
        self.lock_minutes = settings.lock_minutes

    @property
    def person(self) -> Person:
        """See ``Backend``."""
        return self._person  # of the last call in the database thread: this one is asked in the window's

    @property
    def _core(self) -> Application:
        if self._made is None:
            self._made = self._make(self._settings)
        return self._made

    def form(self, form_id: str, version: str) -> FormTemplate | None:
        """See ``Backend``."""
        known = (*self._core.library.forms, *self._core.library.loose)
        return next((form for form in known if form.key == (form_id, version)), None)

    def drafts(self) -> Sequence[DraftSummary]:
        """See ``Backend``."""
        self._look()
        if not (self.alone or self._person.may(Permission.REVIEW)):
            return ()  # an empty inbox; such a person works at desks
        return self._core.drafts()

    def get_draft(self, draft_id: str) -> Draft:
        """See ``Backend``."""
        return self._core.get_draft(draft_id)

    def open_session(self, draft_id: str) -> ReviewSession:
        """See ``Backend``."""
        return self._core.open_session(draft_id)

    def jot(self, draft_id: str, texts: Mapping[str, str]) -> None:
        """See ``ui.viewmodels.jotting.Jotting``."""
        self._core.store.jottings.keep(draft_id, self._core.person.id, texts)

    def jotted(self, draft_id: str) -> Mapping[str, str]:
        """See ``ui.viewmodels.jotting.Jotting``."""
        return self._core.store.jottings.of(draft_id, self._core.person.id)

    def ask_supervisor(self, draft_id: str, field_id: str, text: str) -> Question:
        """See ``ui.viewmodels.asking.Askable``."""
        return self._core.ask_supervisor(draft_id, field_id, text)

    def answer_question(self, number: int, text: str) -> Question:
        """See ``ui.viewmodels.asking.Askable``."""
        return self._core.answer_question(number, text)

    def questions(self, draft_id: str) -> Sequence[Question]:
        """See ``ui.viewmodels.asking.Askable``."""
        return self._core.store.questions.of_draft(draft_id)

    def waiting_questions(self) -> Sequence[Question]:
        """See ``ui.viewmodels.asking.Askable``."""
        return self._core.store.questions.waiting()

    def group_tiles(self, draft_id: str) -> Sequence[Tile]:
        """See ``Backend``."""
        return self._core.group_tiles(draft_id)

    def open_groups(self) -> GroupSession:
        """See ``Backend``."""
        return self._core.open_groups()

    @property
    def own_forms(self) -> Path:
        """Folder of the hospital's own templates; see ``ui.viewmodels.studio_room``."""
        return self._core.own_forms

    def known_forms(self) -> Sequence[FormTemplate]:
        """All templates."""
        return self._core.library.forms

    def offer_page(self, key: PageKey) -> None:
        """Put a held page up for the template studio."""
        self._core.free_pages.offer(key)

    def take_offered(self) -> BlankPage | None:
        """See ``ui.viewmodels.studio_room``."""
        return self._core.free_pages.take_offered()

    def forms_changed(self) -> None:
        """A template was saved."""
        self._core.forms_changed()

    @cached_property
    def versions(self) -> VersionsRoom:
        """See ``ui.viewmodels.studio_room``."""
        from formscan.batch.versions_room import VersionsRoom

        core = self._core
        return VersionsRoom(core.store, lambda: core.person, core.need)

    @property
    def supervisor(self) -> SupervisorDesk:
        """See ``ui.viewmodels.supervising.Supervising``."""
        return self._core.supervisor

    @property
    def gate(self) -> GateRoom:
        """See ``ui.viewmodels.gating.Gating``."""
        return self._core.gate

    @property
    def learning(self) -> LearningRoom:
        """See ``ui.viewmodels.learning.Learner``."""
        from formscan.learning.room import LearningRoom

        return LearningRoom(self._settings.home / "models", self._core.need)

    @cached_property
    def scan_room(self) -> ScanRoom:
        """See ``ui.viewmodels.scanning.Scanning``."""
        from formscan.scanner.room import ScanRoom

        return ScanRoom(self._settings.home / "scans")

    @property
    def files(self) -> FilesRoom:
        """See ``ui.viewmodels.filing.Filing``."""
        return self._core.files

    @property
    def night(self) -> NightRoom:
        """See ``ui.viewmodels.nightly.Nightly``."""
        return self._core.night

    def image(self, sha256: str) -> bytes:
        """See ``Backend``."""
        return self._core.image(sha256)

    def held(self) -> Sequence[Held]:
        """See ``Backend``."""
        return self._core.held()

    def check(self, form: FormTemplate, spec: FieldSpec, text: str) -> tuple[FieldValue, tuple[Flag, ...]]:
        """See ``Backend``."""
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
        from formscan.app import new_completer

        return new_completer()

    def digitise(
        self, paths: Sequence[Path], progress: Callable[[int, str], None], cancelled: Callable[[], bool]
    ) -> Digitised:
        """See ``Backend``; the application opens a store of its own for it."""
        from formscan.app import StackOrder

        order = StackOrder(tuple(paths), self._settings.workers)
        report = self._core.digitise(order, progress, cancelled)
        return Digitised(report.taken_in, report.drafts, tuple(report.refused), report.cancelled)

    def ask(self, work: Callable[[Application], T]) -> T:
        """See ``House``."""
        try:
            return work(self._core)
        finally:
            self._look()

    def must_sign_in(self) -> bool:
        """See ``House``."""
        self._look()
        return not self._person.id

    def leave_draft(self) -> None:
        """See ``House``."""
        if self._made is not None:
            self._made.leave()

    def keep_leases(self) -> None:
        """See ``House``."""
        if self._made is not None and self._person.id:
            self._made.store.leases.renew(self._made.window)

    def lock(self) -> Person:
        """See ``House``."""
        return self.ask(lambda core: core.lock())

    def _look(self) -> None:
        """Remember who is here, for the window's thread."""
        self.alone, self._person = self._core.alone, self._core.person

    def close(self) -> None:
        """See ``Backend``."""
        if self._made is not None:
            self._made.close()
            self._made = None


def _application(settings: Settings) -> Application:
    from formscan.app import Application

    return Application(settings)
