"""The release gate: a table of kinds with what is proven about them, and three acts with a reason."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton, QSpinBox

from formscan.model.chance import Promise
from ui.desk import DeskParts
from ui.messages import Told
from ui.speech import says, source
from ui.viewmodels.gating import PROMISE, GateModel, gating
from ui.views.list_desk import ListDesk
from ui.widgets.said import say_on

WIDTHS: Final = (190, 150, 120, 90, 90, 80, 220)


class GateView(ListDesk):
    """Builds, connects and shows; what happens is decided in ``GateModel`` and kept by the store.

    Args:
        parts: What the desk is made of.
    """

    def __init__(self, parts: DeskParts) -> None:
        super().__init__(parts)
        self.model = GateModel(gating(parts.backend), parts.database, parts.speech, self)
        self.table = self.table_of(self.model.table, WIDTHS)
        self.most, self.most_name = QSpinBox(self), QLabel(self)
        self.on, self.off, self.fit = (QPushButton(self) for _ in range(3))
        self._with_reason: Callable[[str], None] | None = None
        self._build()
        self._connect()
        self.retranslate()

    def _build(self) -> None:
        self.most.setRange(1, 5000)
        self.most.setValue(PROMISE)
        self.on.setObjectName("primary")
        for part in (self.most_name, self.most, self.on, self.off, self.fit):
            self.head.addWidget(part, 0, Qt.AlignmentFlag.AlignVCenter)
        self.body.addWidget(self.table)

    def _connect(self) -> None:
        self.model.loaded.connect(self._show_loaded)
        self.model.failed.connect(self.tell_error)
        self.model.said.connect(self._tell_said)
        self.table.selectionModel().currentRowChanged.connect(self._show_row)
        self.most.valueChanged.connect(self._promise)
        self.on.clicked.connect(self._ask_on)
        self.off.clicked.connect(self._ask_off)
        self.fit.clicked.connect(self._ask_fit)
        self.banner.answered.connect(self._answer)
        self.banner.closed.connect(self.table.setFocus)

    def retranslate(self) -> None:
        """The language changed."""
        super().retranslate()
        self.title.setText(self.tr("Release gate"))
        names = (
            (self.on, source("Prove and switch on (F3)")), (self.off, source("Switch off (F4)")),
            (self.fit, source("Fit anew (F9)")), (self.most_name, source("Wrong among 10,000, at most")),
        )  # fmt: skip
        for part, name in names:
            say_on(part, name)
        self.most.setAccessibleName(says(source("Wrong among 10,000, at most")))
        self.name_table(self.table, self.tr("Release gate"))
        self.model.table.retranslate()
        self.model.fill()
        self._show_counts()
        self._show_row()

    # -- what the person does ------------------------------------------------------------------

    def focus(self) -> None:
        """Load and let the person work."""
        self.model.load()
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    def perform(self, operation: str) -> None:
        """Do one of the desk's operations."""
        acts = {
            "gate_on": self._ask_on, "gate_off": self._ask_off, "gate_fit": self._ask_fit,
            "gate_load": self.model.load,
        }  # fmt: skip
        acts[operation]()

    @property
    def current(self) -> Promise | None:
        """The kind that is shown."""
        return self.model.table.item(self.table.currentIndex().row())

    def _promise(self, per_10000: int) -> None:
        self.model.per_10000 = per_10000
        self.model.load()

    def _ask_on(self) -> None:
        made = self.current
        if made is not None and made.proven and not self.model.is_on(made.kind):
            kind, passing = made.kind, self.model.kind(made.kind)
            say = self.tr("{kind} shall pass without a person: why?").format(kind=passing)
            self._ask(say, lambda reason: self.model.switch_on(kind, reason))

    def _ask_off(self) -> None:
        made = self.current
        if made is not None and self.model.is_on(made.kind):
            kind = made.kind
            say = self.tr("{kind} shall be looked at again: why?").format(kind=self.model.kind(kind))
            self._ask(say, lambda reason: self.model.switch_off(kind, reason))

    def _ask_fit(self) -> None:
        self._ask(self.tr("Fit on all confirmed documents; every kind is off then. Why?"), self.model.fit)

    def _ask(self, say: str, work: Callable[[str], None]) -> None:
        self._with_reason = work
        self.banner.ask(Told(say))

    def _answer(self, reason: str) -> None:
        work, self._with_reason = self._with_reason, None
        if work is not None and reason.strip():
            self.banner.hide()
            work(reason)
            self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    # -- what the model tells ------------------------------------------------------------------

    def _show_loaded(self) -> None:
        row = max(0, self.table.currentIndex().row())
        self.table.selectRow(min(row, self.model.table.rowCount() - 1))
        self._show_counts()
        self._show_row()
        if self.model.stopped:
            kinds = ", ".join(self.model.kind(kind) for kind in self.model.stopped)
            self.tell(
                Told(self.tr("Stopped, because what comes in has changed: {kinds}").format(kinds=kinds)),
                "bad",
            )

    def _show_counts(self) -> None:
        told = self.tr("Nothing is fitted yet: every field is looked at by a person.")
        if self.model.version:
            told = self.tr("Calibration {version}, fitted on {fields} confirmed fields").format(
                version=self.model.version[:12], fields=self.model.fields
            )
        self.show_counts(told)

    def _show_row(self, *_rows: object) -> None:
        made = self.current
        on = made is not None and self.model.is_on(made.kind)
        self.on.setEnabled(made is not None and made.proven and not on)
        self.off.setEnabled(on)

    def _tell_said(self, what: str) -> None:
        self.banner.tell(self._speech.messages.told(f"gate.{what}"), "ok")
