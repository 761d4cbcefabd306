"""Figures about the work, each with the fields behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from formscan.model.people import Person
from formscan.model.planted import PlantPolicy
from formscan.model.reading import FieldValue
from formscan.model.supervision import FieldPlace, FigureField, Grouping
from formscan.model.template import FormTemplate
from ui.speech import Speech, source
from ui.tasks import TaskRunner
from ui.viewmodels.catching_up import caught_up
from ui.viewmodels.naming import Naming
from ui.viewmodels.rows_table import Line, RowsTable
from ui.viewmodels.supervising import Supervising

if TYPE_CHECKING:
    from formscan.review.agreement import Coefficient
    from formscan.supervision import CatchRate, Figure

COLUMNS = (
    source("Group"),
    source("Fields"),
    source("As read"),
    source("95 % interval"),
    source("Kappa"),
    source("AC1"),
    source("Documents"),
    source("Unread"),
)
BEHIND_COLUMNS = (source("Day"), source("Form"), source("Field"), source("Clerk"), source("Reader"))
CATCH_COLUMNS = (
    source("Person"),
    source("Planted"),
    source("Caught"),
    source("Rate"),
    source("95 % interval"),
)


@dataclass(frozen=True, slots=True)
class _Load:
    figures: Sequence[Figure]
    trend: Sequence[Figure]
    catches: Sequence[CatchRate]
    policy: PlantPolicy
    people: Sequence[Person]
    forms: Sequence[FormTemplate]


@dataclass(frozen=True, slots=True)
class Looked:
    """One field behind a figure.

    Attributes:
        read: What was put forward, ``None`` where that is not known any more.
        released: What stands in that version.
    """

    place: FieldPlace
    read: str
    released: FieldValue
    person: str


class FiguresModel(QObject):
    """What the view shows.

    Args:
        backend: The core.
        database: Its thread.
        speech: Sentences.
        parent: Qt parent.
    """

    loaded = Signal()
    behind_shown = Signal()
    looked = Signal(object)
    """A ``Looked``."""
    policy_set = Signal()
    failed = Signal(object)

    def __init__(
        self, backend: Supervising, database: TaskRunner, speech: Speech, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._backend, self._database = backend, database
        self.naming = Naming(speech)
        self.by = Grouping.FIELD
        self.table: RowsTable[Figure] = RowsTable(COLUMNS, (1, 2, 6, 7), self)
        self.behind: RowsTable[FigureField] = RowsTable(BEHIND_COLUMNS, (), self)
        self.catch_table: RowsTable[CatchRate] = RowsTable(CATCH_COLUMNS, (1, 2, 3), self)
        self.trend: Sequence[Figure] = ()
        self.policy = PlantPolicy()
        self._found: _Load | None = None
        self._behind: Sequence[FigureField] = ()

    def load(self, by: Grouping | None = None) -> None:
        """Count again, also what was released since; ``loaded`` follows."""
        self.by = by or self.by
        caught_up(self._database, self._count, self._read_them, self.failed.emit)

    def _count(self) -> int:
        return self._backend.supervisor.catch_up_some()

    def _read_them(self) -> None:
        self._database.run(self._read, self._show, self.failed.emit)

    def _read(self) -> _Load:
        desk = self._backend.supervisor
        return _Load(
            desk.figures(self.by), desk.figures(Grouping.DAY), desk.catch_rates(), desk.plant_policy(),
            desk.people(), desk.forms(),
        )  # fmt: skip

    def _show(self, found: _Load) -> None:
        self._found, self.trend, self.policy = found, found.trend, found.policy
        self.naming.know(found.people, found.forms)
        self.fill()
        self.loaded.emit()

    def fill(self) -> None:
        """Write the rows, also in another language."""
        if self._found is not None:
            worst_first = sorted(
                self._found.figures, key=lambda f: (not f.agreement.n, f.agreement.share, f.key)
            )
            self.table.take([self._line(figure) for figure in worst_first])
            self.catch_table.take([self._catch_line(rate) for rate in self._found.catches])
        self.behind.take([self._behind_line(field) for field in self._behind])

    def _line(self, figure: Figure) -> Line[Figure]:
        naming, told = self.naming, figure.agreement
        cells = (
            self.name(figure.key), naming.number(told.n), naming.share(told.share),
            f"{naming.share(told.low)} – {naming.share(told.high)}", self._coefficient(told.kappa),
            self._coefficient(told.ac1), naming.number(figure.entries), naming.number(figure.unread),
        )  # fmt: skip
        tone = "bad" if told.high < 0.9 else "warn" if told.share < 0.95 else "ok"
        return Line(cells, figure, ((2, tone),) if told.n else ())

    def name(self, key: str) -> str:
        """What a group is called."""
        if self.by is Grouping.FIELD:
            return self.naming.field("", key)
        if self.by is Grouping.FORM:
            return self.naming.form(key)
        return self.naming.person(key) if self.by is Grouping.CLERK else key

    def _coefficient(self, told: Coefficient | None) -> str:
        if told is None:
            return ""
        decimal = self.naming.decimal
        return f"{decimal(told.value)} ({decimal(told.low)} – {decimal(told.high)})"

    def _catch_line(self, rate: CatchRate) -> Line[CatchRate]:
        naming = self.naming
        share = rate.caught / rate.met if rate.met else 0.0
        cells = (
            naming.person(rate.person), naming.number(rate.met), naming.number(rate.caught),
            naming.share(share, 0), f"{naming.share(rate.low, 0)} – {naming.share(rate.high, 0)}",
        )  # fmt: skip
        return Line(cells, rate)

    def _behind_line(self, field: FigureField) -> Line[FigureField]:
        naming = self.naming
        cells = (
            field.day, naming.form(field.form_id), naming.field(field.form_id, field.field_id),
            naming.person(field.clerk), field.reader,
        )  # fmt: skip
        return Line(cells, field)

    # -- what is behind ------------------------------------------------------------------------

    def open(self, figure: Figure) -> None:
        """Show the fields behind a figure that a person changed; ``behind_shown`` follows."""
        only = {self.by: figure.key}
        self._database.run(lambda: self._backend.supervisor.behind(only), self._show_behind, self.failed.emit)

    def _show_behind(self, found: Sequence[FigureField]) -> None:
        self._behind = tuple(found)
        self.fill()
        self.behind_shown.emit()

    def look(self, field: FigureField) -> None:
        """Show one of them; that it was read is in the trail. ``looked`` follows."""
        self._database.run(lambda: self._read_field(field), self.looked.emit, self.failed.emit)

    def _read_field(self, field: FigureField) -> Looked:
        found, place = self._backend.supervisor.released_field(field.entry_id, field.version, field.field_id)
        read = found.readings[0].text if found.readings else ""
        return Looked(place, read, found.value, found.history[-1].person)

    # -- planted values ------------------------------------------------------------------------

    def set_rate(self, rate: float) -> None:
        """Change how many values are planted."""
        policy = PlantPolicy(rate, self.policy.seed, self.policy.most)

        def done(_nothing: None) -> None:
            self.policy_set.emit()
            self.load()

        self._database.run(lambda: self._backend.supervisor.set_plant_policy(policy), done, self.failed.emit)
