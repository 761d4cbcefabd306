"""The release gate as its desk sees it; every call is in the database thread."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol, cast

from PySide6.QtCore import QObject, Signal

from formscan.model.chance import Promise, Switch
from formscan.model.people import Person
from ui.speech import Speech, says, source
from ui.tasks import TaskRunner
from ui.viewmodels.backend import Backend
from ui.viewmodels.rows_table import Line, RowsTable

if TYPE_CHECKING:  # the learning takes a second to load; the window must not wait for it
    from formscan.batch.gate_room import GateRoom

COLUMNS: Final = (
    source("Kind of field"), source("Gate"), source("Promise"), source("Fields"), source("Passed"),
    source("Wrong"), source("At most, 95 % sure"), source("Fields lacking"),
)  # fmt: skip
PROMISE: Final = 14


class Gating(Protocol):
    """A backend that has a gate."""

    @property
    def gate(self) -> GateRoom:
        """The gate; made in the thread of the first call."""

    @property
    def person(self) -> Person:
        """Who is here."""


def gating(backend: Backend) -> Gating:
    """The backend, which must have a gate.

    Raises:
        TypeError: If it has none: the desk is not offered on such a core.
    """
    if not hasattr(type(backend), "gate"):  # asking the object itself would open the store here
        raise TypeError(type(backend).__name__)
    return cast("Gating", backend)


@dataclass(frozen=True, slots=True)
class _Load:
    version: str
    fields: int
    promises: tuple[Promise, ...]
    switches: dict[str, Switch]
    stopped: tuple[str, ...]


class GateModel(QObject):
    """What is proven and on, and the acts of a supervisor.

    Args:
        backend: The core.
        database: Its thread.
        speech: Sentences.
        parent: Qt parent.
    """

    loaded = Signal()
    said = Signal(str)
    """Done: ``on``, ``off``, ``fitted``."""
    failed = Signal(object)

    def __init__(
        self, backend: Gating, database: TaskRunner, speech: Speech, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._backend, self._database, self._speech = backend, database, speech
        self.per_10000 = PROMISE
        self.version, self.fields = "", 0
        self.stopped: tuple[str, ...] = ()
        self.table: RowsTable[Promise] = RowsTable(COLUMNS, (3, 4, 5, 6, 7), self)
        self.promises: tuple[Promise, ...] = ()
        self._switches: dict[str, Switch] = {}

    def load(self) -> None:
        """Look for drift, prove anew, and show; ``loaded`` or ``failed`` follows."""
        wanted = self.per_10000
        self._database.run(lambda: self._read(wanted), self._show, self.failed.emit)

    def _read(self, per_10000: int) -> _Load:
        room = self._backend.gate
        stopped = tuple(dict.fromkeys(alarm.kind for alarm in room.watch()))
        made = room.calibration
        version, fields = (made.version, made.card.fields) if made else ("", 0)
        return _Load(version, fields, tuple(room.proven(per_10000)), room.switches, stopped)

    def _show(self, found: _Load) -> None:
        self.version, self.fields, self.stopped = found.version, found.fields, found.stopped
        self.promises, self._switches = found.promises, found.switches
        self.fill()
        self.loaded.emit()

    def fill(self) -> None:
        """Write the rows, also in another language."""
        self.table.take([self._line(promise) for promise in self.promises])

    def is_on(self, kind: str) -> bool:
        """Whether fields of a kind pass now."""
        return kind in self._switches

    def kind(self, kind: str) -> str:
        """Name of a kind."""
        return self._speech.messages.told(f"gate.kind.{kind}").say

    def _line(self, promise: Promise) -> Line[Promise]:
        on = self._switches.get(promise.kind)
        state = says(source("on, by {person}")).format(person=on.person) if on else says(source("off"))
        said = on.promise if on else promise
        shown = ("–", "–", "–", str(promise.more))
        if promise.proven:
            most = self._speech.decimal(promise.upper * 10_000, 1) + " / 10 000"
            shown = (str(promise.passed), str(promise.wrong), most, "–")
        cells = (self.kind(promise.kind), state, f"{said.per_10000} / 10 000", str(promise.fields), *shown)
        return Line(cells, promise, ((1, "warn"),) if on else ())

    # -- what the supervisor does --------------------------------------------------------------

    def switch_on(self, kind: str, reason: str) -> None:
        """Prove the promise and let the kind through."""
        wanted, person = self.per_10000, self._backend.person.id
        self._do(lambda: self._backend.gate.switch_on(kind, wanted, person, reason), "on")

    def switch_off(self, kind: str, reason: str) -> None:
        """Stop the kind."""
        person = self._backend.person.id
        self._do(lambda: self._backend.gate.switch_off(kind, person, reason), "off")

    def fit(self, reason: str) -> None:
        """Fit on what was confirmed, and install it; all kinds are off then."""
        person = self._backend.person.id

        def work() -> None:
            room = self._backend.gate
            room.install(room.fit().calibration, person, reason)

        self._do(work, "fitted")

    def _do(self, work: Callable[[], object], what: str) -> None:
        def done(_result: object) -> None:
            self.said.emit(what)
            self.load()

        self._database.run(work, done, self.failed.emit)
