"""Questions a clerk leaves at a field, and the answers that came back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from PySide6.QtCore import QObject, Signal

from formscan.model.question import Question
from ui.tasks import TaskRunner
from ui.viewmodels.backend import Backend


@runtime_checkable
class Askable(Protocol):
    """What a core has that keeps questions; called in the database thread."""

    def ask_supervisor(self, draft_id: str, field_id: str, text: str) -> Question:
        """Leave a question at a field."""

    def answer_question(self, number: int, text: str) -> Question:
        """Answer one."""

    def questions(self, draft_id: str) -> Sequence[Question]:
        """All about a draft, oldest first."""

    def waiting_questions(self) -> Sequence[Question]:
        """Those nobody answered, oldest first."""


class Asking(QObject):
    """The questions of the draft that is open.

    Args:
        backend: The core.
        database: The thread of the store.
        parent: Qt parent.
    """

    asked = Signal(str)
    """A question about this field is kept."""
    failed = Signal(object)
    changed = Signal()

    def __init__(self, backend: Backend, database: TaskRunner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._core = backend if isinstance(backend, Askable) else None
        self._database = database
        self._draft = ""
        self._kept: list[Question] = []

    @property
    def possible(self) -> bool:
        """Questions can be kept here."""
        return self._core is not None

    def open(self, draft_id: str) -> None:
        """Fetch the questions of a draft."""
        self._draft, self._kept = draft_id, []
        core = self._core
        if core is not None:
            self._database.run(lambda: core.questions(draft_id), lambda found: self._take(draft_id, found))

    def ask(self, field_id: str, text: str) -> None:
        """Keep a question about a field of the open draft."""
        core, draft_id = self._core, self._draft
        if core is None:
            return

        def kept(question: Question) -> None:
            if draft_id == self._draft:
                self._kept.append(question)
            self.asked.emit(field_id)

        self._database.run(lambda: core.ask_supervisor(draft_id, field_id, text), kept, self.failed.emit)

    def about(self, field_id: str) -> Question | None:
        """The last question about a field."""
        return next((one for one in reversed(self._kept) if one.field_id == field_id), None)

    def _take(self, draft_id: str, found: Sequence[Question]) -> None:
        if draft_id == self._draft:
            self._kept = list(found)
            self.changed.emit()
