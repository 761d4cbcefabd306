"""The inspector's view of the trail: filter, check of the chain, giving it out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from formscan.model.people import Person
from formscan.model.record import AuditEvent
from formscan.model.trail import TrailQuery, TrailStretch
from ui.speech import Speech
from ui.tasks import TaskRunner
from ui.viewmodels.supervising import Supervising
from ui.viewmodels.trail_table import TrailTable

if TYPE_CHECKING:
    from formscan.store import AuditVerdict


class TrailModel(QObject):
    """What the view shows and what happens.

    Args:
        backend: The core.
        database: Its thread.
        speech: Sentences.
        parent: Qt parent.
    """

    verified = Signal(object)
    """An ``AuditVerdict``."""
    written = Signal(str, int)
    """A file was written, with so many lines."""
    failed = Signal(object)
    people_known = Signal()

    def __init__(
        self, backend: Supervising, database: TaskRunner, speech: Speech, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._backend, self._database, self._speech = backend, database, speech
        self.table = TrailTable(_Source(backend), database, speech, self)
        self.people: Sequence[Person] = ()
        self.verdict: AuditVerdict | None = None
        self.checking = False
        self.table.failed.connect(self.failed)

    def load(self, query: TrailQuery) -> None:
        """Show the lines of a query."""
        self._database.run(self._people, self._know_people, self.failed.emit)
        self.table.load(query)

    def _people(self) -> Sequence[Person]:
        return self._backend.supervisor.people()

    def _verify(self) -> AuditVerdict:
        return self._backend.supervisor.verify_trail()

    def _know_people(self, people: Sequence[Person]) -> None:
        self.people = people
        self.table.name_people({person.id: f"{person.name} ({person.id})" for person in people})
        self.people_known.emit()

    def verify(self) -> None:
        """Check the chain and the entries; ``verified`` follows."""
        self.checking = True
        self._database.run(self._verify, self._tell_verdict, self._fail)

    def _tell_verdict(self, verdict: AuditVerdict) -> None:
        self.checking, self.verdict = False, verdict
        self.verified.emit(verdict)

    def _fail(self, error: Exception) -> None:
        self.checking = False
        self.failed.emit(error)

    def write(self, path: Path) -> None:
        """Write the lines of the query as CSV or PDF, by the file's ending; ``written`` follows."""
        query, language = self.table.query, self._speech.language
        self._database.run(
            lambda: self._backend.supervisor.give_out_trail(query, path, language),
            lambda count: self.written.emit(str(path), count),
            self.failed.emit,
        )


class _Source:
    """Asks the desk of the core only in the database thread."""

    def __init__(self, backend: Supervising) -> None:
        self._backend = backend

    def trail_newest(self) -> int:
        return self._backend.supervisor.trail_newest()

    def trail_look(self, query: TrailQuery, below: int) -> TrailStretch:
        return self._backend.supervisor.trail_look(query, below)

    def trail_page(self, query: TrailQuery, first: int, last: int) -> Sequence[AuditEvent]:
        return self._backend.supervisor.trail_page(query, first, last)


def day_of(text: str, *, end: bool = False) -> datetime | None:
    """A day as it is typed (``02/03/2026``), at its begin or end in local time; ``None`` where it is none."""
    try:
        day = datetime.strptime(text.strip(), "%d/%m/%Y").astimezone()
    except ValueError:
        return None
    return day + timedelta(days=1) if end else day
