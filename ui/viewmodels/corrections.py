"""Corrections on the supervisor's desk, and those that came back to a clerk."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from formscan.model.people import Person
from formscan.model.reading import FieldState, FieldValue
from formscan.model.supervision import Correction, Word
from formscan.model.template import FormTemplate
from ui.speech import Speech, source
from ui.tasks import TaskRunner
from ui.viewmodels.naming import Naming, when
from ui.viewmodels.rows_table import Line, RowsTable
from ui.viewmodels.supervising import Supervising

COLUMNS = (source("Time"), source("Clerk"), source("Field"), source("Read"), source("Keyed"), source("Word"))
BACK_COLUMNS = (source("Time"), source("Supervisor"), source("Field"), source("Keyed"), source("Word"))


@dataclass(frozen=True, slots=True)
class _Load:
    made: Sequence[Correction]
    people: Sequence[Person]
    forms: Sequence[FormTemplate]


class CorrectionsModel(QObject):
    """What waits for a word, or for its author.

    Args:
        backend: The core.
        database: Its thread.
        speech: Sentences.
        returned: Show those that came back to whoever sits here instead of those that wait.
        parent: Qt parent.
    """

    loaded = Signal()
    said = Signal(str)
    """A word was said (``approved``, ``returned``) or a correction answered (``answered``)."""
    failed = Signal(object)

    def __init__(
        self,
        backend: Supervising,
        database: TaskRunner,
        speech: Speech,
        *,
        returned: bool = False,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._backend, self._database, self._returned = backend, database, returned
        self.naming = Naming(speech)
        self._speech = speech
        self.everything = False
        self.table: RowsTable[Correction] = RowsTable(BACK_COLUMNS if returned else COLUMNS, (), self)

    def load(self) -> None:
        """Read them again; ``loaded`` or ``failed`` follows."""
        self._database.run(self._read, self._show, self.failed.emit)

    def _read(self) -> _Load:
        desk = self._backend.supervisor
        made = desk.returned() if self._returned else desk.corrections(everything=self.everything)
        return _Load(made, desk.people(), desk.forms())

    def _show(self, found: _Load) -> None:
        self.naming.know(found.people, found.forms)
        self._made = tuple(found.made)
        self.fill()
        self.loaded.emit()

    def fill(self) -> None:
        """Write the rows, also in another language."""
        self.table.take([self._line(made) for made in getattr(self, "_made", ())])

    def _line(self, made: Correction) -> Line[Correction]:
        naming, opinion = self.naming, made.opinion
        field = naming.field(made.place.form_id, made.key.field_id)
        if self._returned and opinion is not None:
            who, keyed = naming.person(opinion.person), self.shown(made, made.keyed)
            return Line((when(opinion.at), who, field, keyed, opinion.said), made, ((4, "warn"),))
        word = self._speech.messages.told(f"correction.{opinion.word}").say if opinion else ""
        tones = ((5, "warn" if opinion.word is Word.RETURNED else "ok"),) if opinion else ()
        read, keyed = self.shown(made, made.read), self.shown(made, made.keyed)
        return Line((when(made.at), naming.person(made.person), field, read, keyed, word), made, tones)

    def shown(self, made: Correction, value: FieldValue | None) -> str:
        """A value of a correction's field as it is shown."""
        return self.naming.value(value, made.place.form_id, made.key.field_id)

    # -- what is said --------------------------------------------------------------------------

    def approve(self, made: Correction) -> None:
        """Stand behind it."""
        self._do(lambda: self._backend.supervisor.approve(made.key), "approved")

    def give_back(self, made: Correction, word: str) -> None:
        """Return it with a word."""
        self._do(lambda: self._backend.supervisor.give_back(made.key, word), "returned")

    def answer(self, made: Correction, text: str, reason: str, state: FieldState | None = None) -> None:
        """Write what the paper says into a new version."""
        self._do(lambda: self._backend.supervisor.answer(made, text, reason, state), "answered")

    def _do(self, work: Callable[[], object], what: str) -> None:
        def done(_result: object) -> None:
            self.said.emit(what)
            self.load()

        self._database.run(work, done, self.failed.emit)
