"""Who did what: the trail as an inspector reads it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QFileDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPushButton,
    QTableView,
    QVBoxLayout,
)

from formscan.emr.trail_words import families, words_of
from formscan.model.trail import TrailQuery
from ui.desk import DeskParts
from ui.messages import Told
from ui.speech import says, source
from ui.theme import Theme
from ui.viewmodels.supervising import supervising
from ui.viewmodels.trail import TrailModel, day_of
from ui.viewmodels.trail_table import EVENT_ROLE
from ui.views.desk_view import DeskView
from ui.widgets.banner import Banner
from ui.widgets.draft_delegate import DraftDelegate
from ui.widgets.said import say_on

WIDTHS = (90, 170, 190, 250, 150, 260, 110)


class TrailView(DeskView):
    """Builds, connects and shows; what happens is decided in ``TrailModel``.

    Args:
        parts: What the desk is made of.
    """

    def __init__(self, parts: DeskParts) -> None:
        super().__init__()
        self._speech = parts.speech
        self.model = TrailModel(supervising(parts.backend), parts.database, parts.speech, self)
        self.title, self.counts, self.chain = QLabel(self), QLabel(self), QLabel(self)
        self.person, self.action = QComboBox(self), QComboBox(self)
        self.record, self.since, self.until = QLineEdit(self), QLineEdit(self), QLineEdit(self)
        self.check, self.csv, self.pdf = QPushButton(self), QPushButton(self), QPushButton(self)
        self.table, self.detail = QTableView(self), QLabel(self)
        self.banner = Banner(self)
        self._delegate = DraftDelegate(parts.theme, self)
        self._build()
        self._connect()
        self.retranslate()

    # -- building ------------------------------------------------------------------------------

    def _build(self) -> None:
        self._build_table()
        self.title.setObjectName("heading")
        self.counts.setObjectName("muted")
        self.chain.setObjectName("chip")
        self.detail.setObjectName("muted")
        self.detail.setWordWrap(True)
        self.detail.setTextFormat(Qt.TextFormat.PlainText)
        self.detail.setFixedHeight(3 * self.fontMetrics().lineSpacing() + 6)
        self.detail.setAlignment(Qt.AlignmentFlag.AlignTop)
        words, head = QVBoxLayout(), QHBoxLayout()
        words.setSpacing(2)
        words.addWidget(self.title)
        words.addWidget(self.counts)
        head.addLayout(words, 1)
        for widget in (self.chain, self.check, self.csv, self.pdf):
            head.addWidget(widget, 0, Qt.AlignmentFlag.AlignVCenter)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(20, 16, 20, 12)
        whole.setSpacing(10)
        whole.addLayout(head)
        whole.addLayout(self._filters())
        whole.addWidget(self.banner)
        whole.addWidget(self.table, 1)
        whole.addWidget(self.detail)

    def _filters(self) -> QHBoxLayout:
        self.person.setEditable(True)
        self.person.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.person.setMinimumWidth(170)
        self.action.setMinimumWidth(170)
        row = QHBoxLayout()
        row.setSpacing(8)
        for widget, stretch in (
            (self.person, 2), (self.action, 2), (self.record, 2), (self.since, 1), (self.until, 1),
        ):  # fmt: skip
            row.addWidget(widget, stretch)
        return row

    def _build_table(self) -> None:
        table = self.table
        table.setModel(self.model.table)
        table.setItemDelegate(self._delegate)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setShowGrid(False)
        table.setTabKeyNavigation(False)
        table.setWordWrap(False)
        table.verticalHeader().hide()
        table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        table.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 12)
        header = table.horizontalHeader()
        header.setHighlightSections(False)
        for column, width in enumerate(WIDTHS):
            header.resizeSection(column, width)
        header.setStretchLastSection(True)

    def _connect(self) -> None:
        model = self.model
        model.table.counted.connect(self._show_counts)
        model.table.arrived.connect(self._show_detail)
        model.verified.connect(self._show_chain)
        model.written.connect(self._tell_written)
        model.failed.connect(self._tell_error)
        model.people_known.connect(self._fill_people)
        self.table.selectionModel().currentRowChanged.connect(self._show_detail)
        self.action.currentIndexChanged.connect(self._filter)
        self.person.activated.connect(self._filter)
        for line in (self.record, self.since, self.until):
            line.returnPressed.connect(self._filter)
        edit = self.person.lineEdit()
        if edit is not None:
            edit.returnPressed.connect(self._filter)
        self.check.clicked.connect(self._verify)
        self.csv.clicked.connect(lambda: self.ask_file("csv"))
        self.pdf.clicked.connect(lambda: self.ask_file("pdf"))

    def retranslate(self) -> None:
        """The language changed."""
        self.title.setText(self.tr("Audit trail"))
        names = (
            (self.check, source("Check the chain (F6)")),
            (self.csv, source("CSV (F7)")),
            (self.pdf, source("PDF (F8)")),
        )
        for button, name in names:
            say_on(button, name)
        lines = (
            (self.record, source("Record")),
            (self.since, source("From dd/mm/yyyy")),
            (self.until, source("To dd/mm/yyyy")),
            (self.person.lineEdit(), source("Person")),
        )
        for line, name in lines:
            if line is not None:
                line.setPlaceholderText(says(name))
                line.setAccessibleName(says(name))
        self.person.setAccessibleName(says("Person"))
        self.action.setAccessibleName(says("What"))
        self.table.setAccessibleName(self.tr("Audit trail"))
        self._fill_actions()
        self.banner.retranslate()
        self.model.table.retranslate()
        self._show_counts()
        self._show_chain()
        self._show_detail()

    def set_theme(self, theme: Theme) -> None:
        """Other colours."""
        self._delegate.theme = theme
        self.table.viewport().update()

    def _fill_actions(self) -> None:
        chosen = self.action.currentData()
        self.action.blockSignals(True)
        self.action.clear()
        self.action.addItem(says("Everything"), "")
        for family in families():
            self.action.addItem(words_of(family, self._speech.language), family)
        self.action.setCurrentIndex(max(0, self.action.findData(chosen)))
        self.action.blockSignals(False)

    def _fill_people(self) -> None:
        text = self.person.currentText()
        self.person.blockSignals(True)
        self.person.clear()
        self.person.addItem("", "")
        for person in self.model.people:
            self.person.addItem(f"{person.name} ({person.id})", person.id)
        self.person.setCurrentText(text)
        self.person.blockSignals(False)

    # -- what the person does ------------------------------------------------------------------

    def focus(self) -> None:
        """Load what is to be seen."""
        self._filter()
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    def perform(self, operation: str) -> None:
        """Do one of the desk's operations."""
        if operation == "trail_filter":
            self.person.setFocus(Qt.FocusReason.ShortcutFocusReason)
        elif operation == "trail_load":
            self._filter()
        elif operation == "trail_check":
            self._verify()
        elif operation in {"trail_csv", "trail_pdf"}:
            self.ask_file(operation.removeprefix("trail_"))

    def ask_file(self, ending: str) -> None:
        """Let the person say where the file goes."""
        name, _ = QFileDialog.getSaveFileName(
            self, self.tr("Give out the trail"), f"trail.{ending}", f"*.{ending}"
        )
        if name:
            self.write(Path(name))

    def write(self, path: Path) -> None:
        """Write the lines that are shown into a file."""
        self.model.write(path)
        self.banner.tell(Told(self.tr("The trail is being written …")))

    def query(self) -> TrailQuery:
        """What the filters say now."""
        person = self.person.currentText().strip()
        known = self.person.findText(person)
        return TrailQuery(
            person=str(self.person.itemData(known)) if person and known >= 0 else person,
            action=str(self.action.currentData() or ""),
            subject=self.record.text().strip(),
            since=day_of(self.since.text()),
            until=day_of(self.until.text(), end=True),
        )

    def _filter(self) -> None:
        self.model.load(self.query())

    def _verify(self) -> None:
        self.model.verify()
        self._show_chain()

    # -- what the model tells ------------------------------------------------------------------

    def _show_counts(self) -> None:
        table = self.model.table
        count = self._speech.locale.toString(table.rowCount())
        told = self.tr("{count} lines") if table.complete else self.tr("{count} lines so far …")
        self.counts.setText(told.format(count=count))
        if table.rowCount() and not self.table.currentIndex().isValid():
            self.table.selectRow(0)
        for label in (self.title, self.counts):
            label.setAccessibleName(label.text())

    def _show_chain(self, _verdict: object = None) -> None:
        verdict = self.model.verdict
        if self.model.checking:
            text, mark = self.tr("The chain is being checked …"), ""
        elif verdict is None:
            text, mark = self.tr("The chain was not checked yet"), ""
        elif verdict.intact:
            lines = self._speech.locale.toString(verdict.lines)
            text, mark = self.tr("Chain whole: {lines} lines").format(lines=lines), "confirmed"
        else:
            text, mark = self._speech.messages.told(verdict.reason).say, "trouble"
            text = f"{text} ({verdict.broken_at})" if verdict.broken_at else text
        self.chain.setText(text)
        self.chain.setAccessibleName(text)
        self.chain.setProperty("mark", mark)
        self.chain.style().unpolish(self.chain)
        self.chain.style().polish(self.chain)

    def _show_detail(self, index: QModelIndex | None = None, _before: object = None) -> None:
        row = index if isinstance(index, QModelIndex) else self.table.currentIndex()
        line = row.data(EVENT_ROLE) if row.isValid() else None
        if line is None:
            self.detail.setText("")
        else:
            told = self.tr("Record {subject}\n{detail}\nHash {hash}, before it {previous}")
            self.detail.setText(
                told.format(
                    subject=line.subject, detail=line.detail, hash=line.hash[:16], previous=line.previous[:16]
                )
            )
        self.detail.setAccessibleName(self.detail.text() or self.tr("No line"))

    def _tell_written(self, path: str, count: int) -> None:
        say = self.tr("{count} lines written to {file}.").format(count=count, file=Path(path).name)
        self.banner.tell(Told(say), "ok")

    def _tell_error(self, error: object) -> None:
        if isinstance(error, Exception):
            self.banner.tell(self._speech.messages.error(error), "bad")

    def tell(self, told: Told, tone: str = "info") -> bool:
        """Show a message."""
        self.banner.tell(told, tone)
        return True
