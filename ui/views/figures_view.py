"""Figures about the work: agreement by field, form, clerk, reader and day, and who catches planted values."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import (
    QComboBox,
    QDoubleSpinBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from formscan.model.reading import FieldState, FieldValue
from formscan.model.supervision import Grouping
from formscan.review.differences import Mark
from ui.desk import DeskParts
from ui.messages import Told
from ui.speech import says, source
from ui.theme import Theme
from ui.viewmodels.figures import FiguresModel, Looked
from ui.viewmodels.supervising import supervising
from ui.views.list_desk import ListDesk
from ui.widgets.difference_label import DifferenceLabel
from ui.widgets.field_look import FieldLook
from ui.widgets.said import say_on
from ui.widgets.trend import Point, Trend

GROUPS = (
    (Grouping.FIELD, source("Field")),
    (Grouping.FORM, source("Form")),
    (Grouping.CLERK, source("Clerk")),
    (Grouping.READER, source("Reader")),
    (Grouping.DAY, source("Day")),
)
WIDTHS = (166, 88, 120, 142, 146, 146, 84, 100)
BEHIND_WIDTHS = (100, 150, 180, 120, 120)
CATCH_WIDTHS = (140, 86, 98, 66, 110)


class FiguresView(ListDesk):
    """Builds, connects and shows; what happens is decided in ``FiguresModel``.

    Args:
        parts: What the desk is made of.
    """

    def __init__(self, parts: DeskParts) -> None:
        super().__init__(parts)
        self.model = FiguresModel(supervising(parts.backend), parts.database, parts.speech, self)
        self.by = QComboBox(self)
        self.table = self.table_of(self.model.table, WIDTHS)
        self.behind = self.table_of(self.model.behind, BEHIND_WIDTHS)
        self.catches = self.table_of(self.model.catch_table, CATCH_WIDTHS)
        self.trend, self.trend_name = Trend(parts.theme, self), QLabel(self)
        self.catch_name, self.rate_name = QLabel(self), QLabel(self)
        self.rate, self.set_rate = QDoubleSpinBox(self), QPushButton(self)
        self.look = FieldLook(parts.shelf, parts.theme, self)
        self.read, self.released = DifferenceLabel(parts.theme, self), DifferenceLabel(parts.theme, self)
        self.read_name, self.released_name = QLabel(self), QLabel(self)
        self.pile = QStackedWidget(self)
        self._build()
        self._connect()
        self.retranslate()

    # -- building ------------------------------------------------------------------------------

    def _build(self) -> None:
        self.head.addWidget(self.by, 0, Qt.AlignmentFlag.AlignVCenter)
        self.by.setMinimumWidth(150)
        self.pile.addWidget(self._overview())
        self.pile.addWidget(self._fields())
        self.body.addWidget(self.table, 6)
        self.body.addWidget(self.pile, 4)

    def _overview(self) -> QWidget:
        side = QWidget(self)
        beside = QVBoxLayout(side)
        beside.setContentsMargins(0, 0, 0, 0)
        beside.setSpacing(8)
        for label in (self.trend_name, self.catch_name):
            label.setObjectName("fieldTitle")
        self.rate.setRange(0.0, 100.0)
        self.rate.setDecimals(1)
        self.rate.setSingleStep(0.5)
        self.rate.setSuffix(" %")
        self.rate_name.setObjectName("muted")
        row = QHBoxLayout()
        for part in (self.rate_name, self.rate, self.set_rate):
            row.addWidget(part)
        row.addStretch(1)
        beside.addWidget(self.trend_name)
        beside.addWidget(self.trend)
        beside.addWidget(self.catch_name)
        beside.addWidget(self.catches, 1)
        beside.addLayout(row)
        return side

    def _fields(self) -> QWidget:
        side = QWidget(self)
        beside = QVBoxLayout(side)
        beside.setContentsMargins(0, 0, 0, 0)
        beside.setSpacing(8)
        beside.addWidget(self.behind, 1)
        beside.addWidget(self.look)
        for name, label in ((self.read_name, self.read), (self.released_name, self.released)):
            name.setObjectName("muted")
            row = QHBoxLayout()
            row.addWidget(name)
            row.addWidget(label, 1)
            beside.addLayout(row)
        return side

    def _connect(self) -> None:
        model = self.model
        model.loaded.connect(self._show_loaded)
        model.behind_shown.connect(self._show_behind)
        model.looked.connect(self._show_field)
        model.policy_set.connect(self._tell_policy)
        model.failed.connect(self.tell_error)
        self.by.currentIndexChanged.connect(self._group)
        self.behind.selectionModel().currentRowChanged.connect(self._look)
        self.set_rate.clicked.connect(self._set_rate)

    def retranslate(self) -> None:
        """The language changed."""
        super().retranslate()
        self.title.setText(self.tr("Figures"))
        chosen = self.by.currentIndex()
        self.by.blockSignals(True)
        self.by.clear()
        for _, name in GROUPS:
            self.by.addItem(says("By {group}").format(group=says(name).lower()))
        self.by.setCurrentIndex(max(0, chosen))
        self.by.blockSignals(False)
        self.by.setAccessibleName(says("Grouped by"))
        labels = (
            (self.trend_name, source("Left as read, by day")),
            (self.catch_name, source("Planted values caught")),
            (self.rate_name, source("Share planted")),
            (self.read_name, source("Read")),
            (self.released_name, source("Released")),
        )
        for label, name in labels:
            say_on(label, name)
        self.trend.setAccessibleName(says("Left as read, by day"))
        self.rate.setAccessibleName(says("Share planted"))
        self.set_rate.setText(says("Set the share (F9)"))
        self.set_rate.setAccessibleName(says("Set the share"))
        self.name_table(self.table, self.tr("Figures"))
        self.name_table(self.behind, says("Fields behind the figure"))
        self.name_table(self.catches, says("Planted values caught"))
        for table in (self.model.table, self.model.behind, self.model.catch_table):
            table.retranslate()
        self.model.fill()
        self._show_counts()

    def set_theme(self, theme: Theme) -> None:
        """Other colours."""
        super().set_theme(theme)
        for part in (self.trend, self.look, self.read, self.released):
            part.set_theme(theme)

    # -- what the person does ------------------------------------------------------------------

    def focus(self) -> None:
        """Load and let the person work."""
        self.model.load()
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    def perform(self, operation: str) -> None:
        """Do one of the desk's operations."""
        if operation == "figures_group":
            self.by.setCurrentIndex((self.by.currentIndex() + 1) % self.by.count())
        elif operation == "figures_back":
            self.pile.setCurrentIndex(0)
            self.table.setFocus(Qt.FocusReason.OtherFocusReason)
        elif operation == "figures_rate":
            self._set_rate()
        else:
            self.model.load()

    def entered(self, table: QObject) -> None:
        """Enter opens the fields behind a figure."""
        figure = self.model.table.item(self.table.currentIndex().row())
        if table is self.table and figure is not None:
            self.model.open(figure)

    def _group(self, place: int) -> None:
        self.pile.setCurrentIndex(0)
        self.model.load(GROUPS[max(0, place)][0])

    def _look(self, *_rows: object) -> None:
        field = self.model.behind.item(self.behind.currentIndex().row())
        if field is not None:
            self.model.look(field)

    def _set_rate(self) -> None:
        self.model.set_rate(round(self.rate.value() / 100, 4))

    # -- what the model tells ------------------------------------------------------------------

    def _show_loaded(self) -> None:
        if not self.table.currentIndex().isValid():
            self.table.selectRow(0)
        if not self.rate.hasFocus():
            self.rate.setValue(100 * self.model.policy.rate)
        points = [
            Point(f.key, f.agreement.share, f.agreement.low, f.agreement.high) for f in self.model.trend[-30:]
        ]
        self.trend.show_points(points)
        self.trend.setAccessibleDescription(
            "; ".join(f"{p.name}: {self.model.naming.share(p.share)}" for p in points)
        )
        self._show_counts()

    def _show_counts(self) -> None:
        count = sum(figure.agreement.n for figure in self.model.trend)
        told = self.tr("{count} released fields that were read, the worst first. Enter shows what is behind.")
        self.show_counts(told.format(count=self.model.naming.number(count)))

    def _show_behind(self) -> None:
        if self.model.behind.rowCount():
            self.pile.setCurrentIndex(1)
            self.behind.selectRow(0)
            self.behind.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            self.banner.tell(Told(self.tr("Nobody changed what was read there.")), "info")

    def _show_field(self, looked: object) -> None:
        if not isinstance(looked, Looked):
            return
        naming = self.model.naming
        form = looked.place.form_id
        title = f"{naming.field(form, looked.place.field_id)}  ·  {naming.person(looked.person)}"
        self.look.show_place(looked.place, title)
        released = naming.value(looked.released, form, looked.place.field_id)
        read = naming.value(FieldValue(FieldState.VALUE, looked.read), form, looked.place.field_id)
        self.read.show_difference(read, released, Mark.GONE)
        self.released.show_difference(read, released, Mark.NEW)

    def _tell_policy(self) -> None:
        self.banner.tell(Told(self.tr("From the next untouched form on this share is planted.")), "ok")
