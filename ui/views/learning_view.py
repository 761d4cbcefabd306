"""The learning curve: a table of adaptations, the newest first, and the way back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton

from ui.desk import DeskParts
from ui.speech import source
from ui.viewmodels.learning import LearningModel, learner
from ui.viewmodels.naming import Naming
from ui.views.list_desk import ListDesk
from ui.widgets.said import say_on

if TYPE_CHECKING:
    from formscan.learning.shelf import Lesson

WIDTHS: Final = (150, 130, 140, 130, 130, 130, 210, 130)


class LearningView(ListDesk):
    """Builds, connects and shows; what may be done is asked where it is done.

    Args:
        parts: What the desk is made of.
    """

    def __init__(self, parts: DeskParts) -> None:
        super().__init__(parts)
        self.model = LearningModel(learner(parts.backend), parts.database, Naming(parts.speech), self)
        self.table = self.table_of(self.model.table, WIDTHS)
        self.use, self.shipped = QPushButton(self), QPushButton(self)
        self.use.setObjectName("primary")
        for part in (self.use, self.shipped):
            self.head.addWidget(part, 0, Qt.AlignmentFlag.AlignVCenter)
        self.body.addWidget(self.table)
        self.model.loaded.connect(self._show_loaded)
        self.model.failed.connect(self.tell_error)
        self.table.selectionModel().currentRowChanged.connect(self._show_row)
        self.use.clicked.connect(self._use)
        self.shipped.clicked.connect(self._ship)
        self.banner.closed.connect(self.table.setFocus)
        self.retranslate()

    def retranslate(self) -> None:
        """The language changed."""
        super().retranslate()
        self.title.setText(self.tr("Learning curve"))
        names = (
            (self.use, source("Use these weights (F3)")),
            (self.shipped, source("Use the weights that ship (F4)")),
        )
        for part, name in names:
            say_on(part, name)
        self.name_table(self.table, self.tr("Learning curve"))
        self.model.table.retranslate()
        self.model.fill()
        self._show_counts()
        self._show_row()

    def focus(self) -> None:
        """Load and let the person look."""
        self.model.load()
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    def perform(self, operation: str) -> None:
        """Do one of the desk's operations."""
        acts = {
            "learning_use": self._use,
            "learning_shipped": self._ship,
            "learning_load": self.model.load,
        }
        acts[operation]()

    @property
    def current(self) -> Lesson | None:
        """The adaptation that is shown."""
        return self.model.table.item(self.table.currentIndex().row())

    def _use(self) -> None:
        if self.use.isEnabled() and self.current is not None:
            self.model.use(self.current.digest)

    def _ship(self) -> None:
        if self.shipped.isEnabled():
            self.model.use("")

    def _show_loaded(self) -> None:
        self.table.selectRow(min(max(0, self.table.currentIndex().row()), self.model.table.rowCount() - 1))
        self._show_counts()
        self._show_row()

    def _show_counts(self) -> None:
        told = self.tr("In use: the weights that ship")
        if self.model.in_use:
            told = self.tr("In use: the hospital's own weights {digest}").format(digest=self.model.in_use)
        self.show_counts(told)

    def _show_row(self, *_rows: object) -> None:
        self.use.setEnabled(self.model.offers(self.current))
        self.shipped.setEnabled(self.model.may_change and bool(self.model.in_use))
