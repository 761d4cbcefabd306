"""Acceptance samples on the supervisor's desk: drawing one, looking at its fields, its verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from formscan.model.people import Person
from formscan.model.reading import FieldState
from formscan.model.supervision import Judgement, LotVerdict, Sample, SampleOrder, SampleState
from formscan.model.template import FormTemplate
from ui.speech import Speech, says, source
from ui.tasks import TaskRunner
from ui.viewmodels.catching_up import caught_up
from ui.viewmodels.naming import Naming, when
from ui.viewmodels.rows_table import Line, RowsTable
from ui.viewmodels.supervising import Supervising

if TYPE_CHECKING:
    from formscan.supervision import SampleField

COLUMNS = (
    source("Drawn"),
    source("By"),
    source("Plan"),
    source("Lot"),
    source("Sample"),
    source("Ac / Re"),
    source("Verdict"),
)


@dataclass(frozen=True, slots=True)
class _Load:
    samples: Sequence[tuple[Sample, LotVerdict | None]]
    taken: int
    people: Sequence[Person]
    forms: Sequence[FormTemplate]


class SamplesModel(QObject):
    """What was drawn, what is being looked at, and what it says.

    Args:
        backend: The core.
        database: Its thread.
        speech: Sentences.
        parent: Qt parent.
    """

    loaded = Signal()
    drawn = Signal(str)
    """Id of a new sample."""
    opened = Signal()
    """``state`` is another sample, or has a judgement more."""
    field_shown = Signal()
    """``field`` is another one."""
    judged = Signal(object)
    """A ``Judgement``."""
    closed = Signal(object)
    """A ``LotVerdict``."""
    failed = Signal(object)

    def __init__(
        self, backend: Supervising, database: TaskRunner, speech: Speech, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._backend, self._database, self._speech = backend, database, speech
        self.naming = Naming(speech)
        self.table: RowsTable[Sample] = RowsTable(COLUMNS, (3, 4), self)
        self._samples: Sequence[tuple[Sample, LotVerdict | None]] = ()
        self.taken = 0
        """Texts taken over that were released since such were last drawn."""
        self.people: Sequence[Person] = ()
        self.forms: Sequence[FormTemplate] = ()
        self.state: SampleState | None = None
        self.field: SampleField | None = None

    # -- samples -------------------------------------------------------------------------------

    def load(self) -> None:
        """Read the samples again, and count what was released since; ``loaded`` follows."""
        caught_up(self._database, self._count, self._read_them, self.failed.emit)

    def _count(self) -> int:
        return self._backend.supervisor.catch_up_some()

    def _read_them(self) -> None:
        self._database.run(self._read, self._show, self.failed.emit)

    def _read(self) -> _Load:
        desk = self._backend.supervisor
        return _Load(desk.samples(), desk.taken_waiting(), desk.people(), desk.forms())

    def _show(self, found: _Load) -> None:
        self.people, self.forms, self._samples = found.people, found.forms, found.samples
        self.taken = found.taken
        self.naming.know(found.people, found.forms)
        self.fill()
        self.loaded.emit()

    def fill(self) -> None:
        """Write the rows, also in another language."""
        self.table.take([self._line(sample, verdict) for sample, verdict in self._samples])

    def _line(self, sample: Sample, verdict: LotVerdict | None) -> Line[Sample]:
        naming, told = self.naming, self._speech.messages.told
        word = told("sample.open").say if verdict is None else self.verdict_words(verdict)
        tones = () if verdict is None else ((6, "ok" if verdict.accepted else "bad"),)
        cells = (
            when(sample.drawn_at), naming.person(sample.drawn_by), plan_words(sample, naming),
            naming.number(sample.lot), naming.number(sample.size), f"{sample.accept} / {sample.reject}", word,
        )  # fmt: skip
        return Line(cells, sample, tones)

    def verdict_words(self, verdict: LotVerdict) -> str:
        """A verdict in one line."""
        code = "sample.accepted" if verdict.accepted else "sample.not_accepted"
        facts = (
            ("findings", self.naming.number(verdict.findings)),
            ("n", self.naming.number(verdict.inspected)),
            ("upper", self.naming.share(verdict.upper, 2)),
        )
        return self._speech.messages.told(code, facts).say

    def draw(self, order: SampleOrder) -> None:
        """Draw a sample; ``drawn`` follows."""
        self._database.run(lambda: self._backend.supervisor.draw(order), self._tell_drawn, self.failed.emit)

    def _tell_drawn(self, sample: Sample) -> None:
        self.drawn.emit(sample.id)
        self.load()
        self.open(sample.id)

    # -- looking at fields ---------------------------------------------------------------------

    def open(self, sample_id: str) -> None:
        """Go on with a sample."""
        self.field = None
        self._database.run(
            lambda: self._backend.supervisor.sample(sample_id), self._show_state, self.failed.emit
        )

    def _show_state(self, state: SampleState) -> None:
        self.state = state
        self.opened.emit()
        if state.open:
            self._show_next(state)
        elif state.verdict is None:
            self._database.run(
                lambda: self._backend.supervisor.close(state.sample.id), self._tell_closed, self.failed.emit
            )
        else:
            self.field_shown.emit()

    def _show_next(self, state: SampleState) -> None:
        position = state.open[0]
        self._database.run(
            lambda: self._backend.supervisor.sample_field(state.sample.id, position),
            self._show_field,
            self.failed.emit,
        )

    def _show_field(self, field: SampleField) -> None:
        self.field = field
        self.field_shown.emit()

    def leave(self) -> None:
        """Put the sample aside."""
        self.state = self.field = None
        self.opened.emit()

    def judge_right(self) -> None:
        """What was released is what the paper says."""
        self._judge(None, "", None)

    def judge(self, text: str, reason: str = "", state: FieldState | None = None) -> None:
        """The paper says this; where it is another value the record is repaired."""
        self._judge(text, reason, state)

    def _judge(self, text: str | None, reason: str, state: FieldState | None) -> None:
        field = self.field
        if field is not None:
            self._database.run(
                lambda: self._backend.supervisor.judge(field, text, reason, state),
                self._tell_judged,
                self.failed.emit,
            )

    def _tell_judged(self, judgement: Judgement) -> None:
        self.judged.emit(judgement)
        if self.state is not None:
            self.open(self.state.sample.id)

    def _tell_closed(self, verdict: LotVerdict) -> None:
        self.closed.emit(verdict)
        self.load()
        self.open(verdict.sample_id)


def plan_words(sample: Sample, naming: Naming) -> str:
    """The plan of a sample, short."""
    order = sample.order
    lot = {"taken": says("Taken over"), "other": says("Others")}.get(order.made, "")
    plan = f"≤ {naming.share(order.bound, 2)}, {naming.share(order.confidence, 0)}"
    if order.scheme == "iso":
        aql = naming.decimal(order.aql, 2)
        plan = f"ISO 2859-1 {order.level} · AQL {aql} · {sample.letter} · {order.severity}"
    return f"{lot} · {plan}" if lot else plan
