"""The learning curve as its desk sees it; every call is in the database thread."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol, cast

from PySide6.QtCore import QObject, Signal

from formscan.model.people import Permission, Person
from ui.speech import says, source
from ui.tasks import TaskRunner
from ui.viewmodels.backend import Backend
from ui.viewmodels.naming import Naming, when
from ui.viewmodels.rows_table import Line, RowsTable

if TYPE_CHECKING:  # the learning takes a second to load; the window must not wait for it
    from formscan.learning.room import Curve, LearningRoom
    from formscan.learning.shelf import Lesson

COLUMNS: Final = (
    source("Adapted"), source("Asked by"), source("Confirmed lines"), source("Held-out lines"),
    source("Errors before"), source("Errors after"), source("Outcome"), source("Weights"),
)  # fmt: skip


class Learner(Protocol):
    """A backend that learns."""

    @property
    def learning(self) -> LearningRoom:
        """The learning; made in the thread of the first call."""

    @property
    def person(self) -> Person:
        """Who is here."""


def learner(backend: Backend) -> Learner:
    """The backend, which must learn.

    Raises:
        TypeError: If it does not: the desk is not offered on such a core.
    """
    if not hasattr(type(backend), "learning"):  # asking the object itself would open the store here
        raise TypeError(type(backend).__name__)
    return cast("Learner", backend)


class LearningModel(QObject):
    """The curve, and the way back for whoever administers.

    Args:
        backend: The core.
        database: Its thread.
        naming: How shares are written.
        parent: Qt parent.
    """

    loaded = Signal()
    failed = Signal(object)

    def __init__(
        self, backend: Learner, database: TaskRunner, naming: Naming, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._backend, self._database, self._naming = backend, database, naming
        self.lessons: tuple[Lesson, ...] = ()
        self.in_use = ""
        self.table: RowsTable[Lesson] = RowsTable(COLUMNS, (2, 3, 4, 5), self)

    @property
    def may_change(self) -> bool:
        """Whether the person who is here may choose the weights."""
        return self._backend.person.may(Permission.ADMINISTER)

    def offers(self, lesson: Lesson | None) -> bool:
        """Whether the weights of an adaptation may be used: they were better once, and are not in use."""
        usable = lesson is not None and lesson.installed and lesson.digest != self.in_use
        return self.may_change and usable

    def load(self) -> None:
        """Read the curve; ``loaded`` or ``failed`` follows."""

        def work() -> Curve:
            backend = self._backend
            return backend.learning.curve()

        self._database.run(work, self._show, self.failed.emit)

    def use(self, digest: str) -> None:
        """Read with these weights from now on; empty for those that ship."""

        def used(_in_use: str) -> None:
            self.load()

        self._database.run(lambda: self._backend.learning.back(digest), used, self.failed.emit)

    def _show(self, curve: Curve) -> None:
        self.lessons, self.in_use = curve.lessons[::-1], curve.in_use
        self.fill()
        self.loaded.emit()

    def fill(self) -> None:
        """Write the rows, also in another language."""
        self.table.take([self._line(lesson) for lesson in self.lessons])

    def _line(self, lesson: Lesson) -> Line[Lesson]:
        found, used = lesson.compared, lesson.digest == self.in_use
        outcome = says(source("not better, not installed"))
        if used:
            outcome = says(source("in use"))
        elif lesson.installed:
            outcome = says(source("better, replaced since"))
        cells = (
            when(lesson.at), lesson.person, str(found.lines_used), str(found.lines),
            self._naming.share(found.old_cer), self._naming.share(found.new_cer), outcome, lesson.digest,
        )  # fmt: skip
        return Line(cells, lesson, ((6, "ok"),) if used else ())
