"""The inbox: drafts that wait, what was not read and why, and taking files in."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, QModelIndex, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFileDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QStackedWidget,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from ui.actions import BY_ID
from ui.messages import Told
from ui.speech import Speech, says
from ui.theme import Theme
from ui.viewmodels.backend import Digitised
from ui.viewmodels.inbox import InboxModel
from ui.widgets.banner import Banner
from ui.widgets.draft_delegate import DraftDelegate
from ui.widgets.held_list import HeldList

_MEASURED_ROWS = 25
"""Rows that tell how wide a column is, about as many as are seen; all of 5,000 took most of the start."""


class InboxView(QWidget):
    """Builds, connects and shows; what happens is decided in ``InboxModel``.

    Args:
        inbox: What waits.
        speech: Sentences.
        theme: Colours.
        parent: Qt parent.
    """

    chosen = Signal(str)
    """The id of a draft to review."""

    def __init__(
        self, inbox: InboxModel, speech: Speech, theme: Theme, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._inbox, self._speech = inbox, speech
        self._error: Exception | None = None
        self._loaded = False
        self.title, self.counts = QLabel(self), QLabel(self)
        self.search = QLineEdit(self)
        self.files, self.folder = QPushButton(self), QPushButton(self)
        self.stop, self.again = QPushButton(self), QPushButton(self)
        self.moving, self.moved = QProgressBar(self), QLabel(self)
        self.table, self.nothing = QTableView(self), QLabel(self)
        self.pile = QStackedWidget(self)
        self.banner, self.held = Banner(self), HeldList(theme, self)
        self._delegate = DraftDelegate(theme, self)
        self._build()
        self._connect()
        self.retranslate()
        self._show_import(running=False)

    # -- building ------------------------------------------------------------------------------

    def _build(self) -> None:
        self._build_table()
        empty = QWidget(self)
        middle = QVBoxLayout(empty)
        middle.addStretch(1)
        middle.setSpacing(14)
        middle.addWidget(self.nothing)
        middle.addWidget(self.again, 0, Qt.AlignmentFlag.AlignHCenter)
        middle.addStretch(2)
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.nothing.setWordWrap(True)
        self.nothing.setObjectName("nothing")
        self.pile.addWidget(self.table)
        self.pile.addWidget(empty)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(20, 16, 20, 12)
        whole.setSpacing(10)
        whole.addLayout(self._head())
        whole.addLayout(self._work())
        whole.addWidget(self.banner)
        whole.addWidget(self.pile, 1)
        whole.addWidget(self.held)

    def _head(self) -> QHBoxLayout:
        self.title.setObjectName("heading")
        self.counts.setObjectName("muted")
        self.files.setObjectName("primary")
        self.search.setClearButtonEnabled(True)
        self.search.setMinimumWidth(260)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self.title)
        words.addWidget(self.counts)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addLayout(words, 1)
        for widget in (self.search, self.folder, self.files):
            head.addWidget(widget, 0, Qt.AlignmentFlag.AlignVCenter)
        return head

    def _work(self) -> QHBoxLayout:
        self.moving.setRange(0, 0)
        self.moving.setTextVisible(False)
        self.moving.setFixedHeight(6)
        work = QHBoxLayout()
        work.addWidget(self.moved)
        work.addWidget(self.moving, 1)
        work.addWidget(self.stop)
        return work

    def _build_table(self) -> None:
        table = self.table
        table.setModel(self._inbox.table)
        table.setItemDelegate(self._delegate)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setShowGrid(False)
        table.setAlternatingRowColors(False)
        table.setTabKeyNavigation(False)
        table.setWordWrap(False)
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 18)
        header = table.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setResizeContentsPrecision(_MEASURED_ROWS)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.Interactive)
        header.resizeSection(1, 250)
        header.setMinimumSectionSize(60)

    def _connect(self) -> None:
        inbox = self._inbox
        inbox.loaded.connect(self._show_loaded)
        inbox.load_failed.connect(self._show_failed)
        inbox.import_began.connect(self._begin_import)
        inbox.import_moved.connect(self._move_import)
        inbox.import_ended.connect(self._end_import)
        inbox.import_failed.connect(self._fail_import)
        self.search.textChanged.connect(self._search)
        self.search.installEventFilter(self)
        self.table.installEventFilter(self)
        self.table.doubleClicked.connect(self._open_index)
        self.files.clicked.connect(self.ask_files)
        self.folder.clicked.connect(self.ask_folder)
        self.stop.clicked.connect(self._stop_import)
        self.again.clicked.connect(inbox.load)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - as Qt calls it
        """Speak the new language."""
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        super().changeEvent(event)

    def retranslate(self) -> None:
        """The language changed."""
        self.title.setText(self.tr("Drafts to review"))
        self.search.setPlaceholderText(self.tr("Search form or file (Ctrl+F)"))
        self.search.setAccessibleName(self.tr("Search form or file"))
        for button, name in ((self.files, "digitise_files"), (self.folder, "digitise_folder")):
            button.setText(says(BY_ID[name].text))
            button.setToolTip(", ".join(BY_ID[name].keys))
            button.setAccessibleName(says(BY_ID[name].text))
        self.stop.setText(self.tr("Stop"))
        self.stop.setAccessibleName(self.tr("Stop taking files in"))
        self.again.setText(self.tr("Try again (F5)"))
        self.again.setAccessibleName(self.tr("Try again"))
        self.moving.setAccessibleName(self.tr("Pages are being read"))
        self.table.setAccessibleName(self.tr("Drafts to review"))
        self.banner.retranslate()
        self._inbox.table.retranslate()
        self._show_counts()
        self._show_held()
        self._show_pile()

    def set_theme(self, theme: Theme) -> None:
        """Other colours."""
        self._delegate.theme = theme
        self.held.set_theme(theme)
        self._show_held()
        self.table.viewport().update()

    # -- what the person does ------------------------------------------------------------------

    def perform(self, operation: str) -> None:
        """Do one of ``ui.actions.OPERATIONS``."""
        if operation == "open_draft":
            self._open_index(self.table.currentIndex())
        elif operation == "search":
            self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
            self.search.selectAll()
        elif operation == "refresh":
            self._inbox.load()

    def focus(self) -> None:
        """Let the person choose."""
        target = self.table if self.pile.currentWidget() is self.table else self.files
        target.setFocus(Qt.FocusReason.OtherFocusReason)

    def ask_files(self) -> None:
        """Let the person choose files to take in."""
        kinds = self.tr("Pages (*.pdf *.tif *.tiff *.jpg *.jpeg *.png *.zip)")
        chosen, _ = QFileDialog.getOpenFileNames(self, self.tr("Digitise files"), "", kinds)
        self._inbox.digitise([Path(name) for name in chosen])

    def ask_folder(self) -> None:
        """Let the person choose a folder to take in."""
        chosen = QFileDialog.getExistingDirectory(self, self.tr("Digitise a folder"))
        self._inbox.digitise([Path(chosen)] if chosen else [])

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - as Qt calls it
        """Enter opens; the arrow keys go from the search into the table."""
        if not isinstance(event, QKeyEvent) or event.type() != QEvent.Type.KeyPress:
            return False
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self.perform("open_draft")
            return True
        if watched is self.search and event.key() in {Qt.Key.Key_Down, Qt.Key.Key_Escape}:
            if event.key() == Qt.Key.Key_Escape:
                self.search.clear()
            self.focus()
            return True
        return False

    def _open_index(self, index: QModelIndex) -> None:
        draft = self._inbox.table.draft(index.row())
        if draft is not None:
            self.chosen.emit(draft.id)

    def _search(self, text: str) -> None:
        self._inbox.table.search(text)
        self.table.selectRow(0)
        self._show_pile()

    # -- what the model tells ------------------------------------------------------------------

    def _show_loaded(self) -> None:
        at_start = not self._loaded
        row = max(0, self.table.currentIndex().row())
        self._loaded, self._error = True, None
        self.table.selectRow(min(row, self._inbox.table.rowCount() - 1))
        self._show_counts()
        self._show_held()
        self._show_pile()
        nothing_was_there = self.window().focusWidget() in {None, self.files}
        if (at_start or nothing_was_there) and self.isVisible():
            self.focus()

    def _show_failed(self, error: object) -> None:
        self._error = error if isinstance(error, Exception) else None
        self._loaded = True
        self._show_counts()
        self._show_pile()
        self.again.setFocus(Qt.FocusReason.OtherFocusReason)

    def _show_counts(self) -> None:
        drafts = [self._inbox.table.draft(row) for row in range(self._inbox.table.rowCount())]
        still = sum(draft.fields - draft.reviewed for draft in drafts if draft is not None)
        told = self.tr("{drafts} drafts · {fields} open fields").format(
            drafts=self._inbox.table.total, fields=still
        )
        told = told if self._error is None else self.tr("The drafts could not be loaded.")
        self.counts.setText(told if self._loaded else self.tr("Opening …"))
        for label in (self.title, self.counts):
            label.setAccessibleName(label.text())

    def _show_held(self) -> None:
        lines = []
        for group in self._inbox.held:
            told = self._speech.messages.held(group.examples[0])
            names = ", ".join(dict.fromkeys(item.source.label for item in group.examples[:3]))
            more = " …" if group.count > 3 else ""
            lines.append((group.count, told, f"{names}{more}", group.quarantined))
        title = self.tr("Not read: {count}").format(count=sum(group.count for group in self._inbox.held))
        self.held.show_lines(title, lines)

    def _show_pile(self) -> None:
        empty = self._error is not None or self._inbox.table.rowCount() == 0
        self.pile.setCurrentIndex(int(empty))
        self.again.setVisible(self._error is not None)
        self.nothing.setText(self._emptiness())
        self.nothing.setAccessibleName(self.nothing.text())

    def _emptiness(self) -> str:
        if self._error is not None:
            return self._speech.messages.error(self._error).whole
        if not self._loaded:
            return self.tr("The drafts are being loaded …")
        if self._inbox.table.total:
            return self.tr("No draft matches the search. Esc clears it.")
        return self.tr(
            "Nothing waits for review.\n\nCtrl+O takes in scanned files, Ctrl+Shift+O a whole folder."
        )

    # -- taking files in -----------------------------------------------------------------------

    def _show_import(self, *, running: bool) -> None:
        for widget in (self.moving, self.moved, self.stop):
            widget.setVisible(running)
        for button in (self.files, self.folder):
            button.setEnabled(not running)

    def _begin_import(self) -> None:
        self.moved.setText(self.tr("Reading the first page …"))
        self.stop.setEnabled(True)
        self._show_import(running=True)

    def _move_import(self, done: int, label: str) -> None:
        self.moved.setText(self.tr("{done} pages read – {file}").format(done=done, file=label))
        self.moved.setAccessibleName(self.moved.text())

    def _stop_import(self) -> None:
        self.stop.setEnabled(False)
        self.moved.setText(self.tr("Stopping after this page …"))
        self._inbox.stop_import()

    def _end_import(self, report: object) -> None:
        self._show_import(running=False)
        if not isinstance(report, Digitised):
            return
        say = self.tr("{pages} pages taken in: {drafts} drafts, {held} not read.").format(
            pages=report.pages, drafts=report.drafts, held=len(report.held)
        )
        do = self.tr("The reasons stand below the drafts.") if report.held else ""
        if report.cancelled:
            do = self.tr("Stopped; the rest of the files was not taken in.")
        self.banner.tell(Told(say, do), "warn" if report.held or report.cancelled else "ok")

    def _fail_import(self, error: object) -> None:
        self._show_import(running=False)
        if isinstance(error, Exception):
            self.banner.tell(self._speech.messages.error(error), "bad")
