"""The night and the morning: how it stands, what was not read, one key for each remedy, the report."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Final

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QHideEvent, QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QFileDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QSplitter,
    QStackedWidget,
    QTableView,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)

from ui.actions import spelled
from ui.desk import DeskParts
from ui.messages import Told
from ui.speech import says
from ui.theme import Theme
from ui.viewmodels.night import NightModel
from ui.views.desk_view import DeskView
from ui.views.report_text import report_text
from ui.widgets.banner import Banner
from ui.widgets.draft_delegate import DraftDelegate
from ui.widgets.flow import FlowLayout
from ui.widgets.page_sight import PageSight
from ui.widgets.said import tell_on

REMEDIES: Final = ("file", "rotate", "form", "rescan", "retry", "give_up")


class NightView(DeskView):
    """Builds, connects and shows; what happens is decided in ``NightModel``.

    Args:
        night: The night.
        parts: What the desk is made of.
    """

    def __init__(self, night: NightModel, parts: DeskParts) -> None:
        super().__init__()
        self._night, self._speech, self._theme, self._shelf = night, parts.speech, parts.theme, parts.shelf
        self._go = parts.go
        self._error: Exception | None = None
        self.title, self.counts = QLabel(self), QLabel(self)
        self.stand, self.bar, self.pause = QLabel(self), QProgressBar(self), QPushButton(self)
        self.report_key, self.save = QPushButton(self), QPushButton(self)
        self.banner = Banner(self)
        self.table, self.nothing = QTableView(self), QLabel(self)
        self.sight = PageSight(parts.theme, self)
        self.reason, self.form = QLabel(self), QComboBox(self)
        self.remedies = {name: QPushButton(self) for name in REMEDIES}
        self.report = QTextBrowser(self)
        self.pile, self.left_pile = QStackedWidget(self), QStackedWidget(self)
        self._delegate = DraftDelegate(parts.theme, self)
        self._build()
        self._connect()
        self.retranslate()

    # -- building ------------------------------------------------------------------------------

    def _build(self) -> None:
        self._build_table()
        self.report.setOpenLinks(False)
        self.report.setTabChangesFocus(True)
        split = QSplitter(Qt.Orientation.Horizontal, self)
        split.setChildrenCollapsible(False)
        self.nothing.setObjectName("nothing")
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.nothing.setWordWrap(True)
        self.left_pile.addWidget(self.table)
        self.left_pile.addWidget(self.nothing)
        split.addWidget(self.left_pile)
        split.addWidget(self._side())
        split.setStretchFactor(0, 3)
        split.setStretchFactor(1, 2)
        split.setSizes([780, 540])
        self.pile.addWidget(split)
        self.pile.addWidget(self.report)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(20, 16, 20, 12)
        whole.setSpacing(10)
        whole.addLayout(self._head())
        whole.addLayout(self._standing())
        whole.addWidget(self.banner)
        whole.addWidget(self.pile, 1)

    def _head(self) -> QHBoxLayout:
        self.title.setObjectName("heading")
        self.counts.setObjectName("muted")
        self.counts.setWordWrap(True)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self.title)
        words.addWidget(self.counts)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addLayout(words, 1)
        for button in (self.report_key, self.save):
            head.addWidget(button, 0, Qt.AlignmentFlag.AlignVCenter)
        return head

    def _standing(self) -> QHBoxLayout:
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(6)
        self.bar.setMinimumWidth(120)
        row = QHBoxLayout()
        row.setSpacing(10)
        row.addWidget(self.stand)
        row.addWidget(self.bar, 1)
        row.addStretch(0)
        row.addWidget(self.pause)
        fixed = QSizePolicy.Policy.Fixed
        self.pause.setSizePolicy(fixed, fixed)
        kept = self.bar.sizePolicy()
        kept.setRetainSizeWhenHidden(True)
        self.bar.setSizePolicy(kept)
        return row

    def _side(self) -> QWidget:
        """The page and what can be done about it."""
        side = QWidget(self)
        column = QVBoxLayout(side)
        column.setContentsMargins(12, 0, 0, 0)
        column.setSpacing(8)
        self.reason.setWordWrap(True)
        column.addWidget(self.reason)
        column.addWidget(self.sight, 1)
        column.addWidget(self.form)
        keys = QWidget(side)
        flow = FlowLayout(keys)
        for button in self.remedies.values():
            button.setObjectName("command")
            flow.addWidget(button)
        column.addWidget(keys)
        return side

    def _build_table(self) -> None:
        table = self.table
        table.setModel(self._night.table)
        table.setItemDelegate(self._delegate)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setShowGrid(False)
        table.setTabKeyNavigation(False)
        table.setWordWrap(False)
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 18)
        header = table.horizontalHeader()
        header.setHighlightSections(False)
        header.setMinimumSectionSize(80)
        for column, width in enumerate((290, 180, 140)):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Interactive)
            header.resizeSection(column, width)
        header.setStretchLastSection(True)

    def _connect(self) -> None:
        night = self._night
        night.loaded.connect(self._show_loaded)
        night.status_changed.connect(self._show_stand)
        night.remedied.connect(self._show_remedied)
        night.offered.connect(lambda: self._go("studio"))
        night.written.connect(self._show_written)
        night.failed.connect(self._fail)
        self._shelf.arrived.connect(self._show_item)
        self._shelf.failed.connect(self._show_item)
        self.table.selectionModel().selectionChanged.connect(self._show_item)
        self.table.installEventFilter(self)
        self.form.installEventFilter(self)
        self.pause.clicked.connect(lambda: self.perform("night_pause"))
        self.report_key.clicked.connect(lambda: self.perform("night_report"))
        self.save.clicked.connect(lambda: self.perform("night_save"))
        for name, button in self.remedies.items():
            button.clicked.connect(lambda _checked=False, what=name: self.perform(f"night_{what}"))

    def retranslate(self) -> None:
        """The language changed."""
        from ui.desks.night import OPERATIONS

        spoken = {operation.id: operation for operation in OPERATIONS}
        self.title.setText(self.tr("Night and morning"))
        self.title.setAccessibleName(self.title.text())
        self.table.setAccessibleName(self.tr("Files and pages that were not read"))
        self.report.setAccessibleName(self.tr("The report"))
        self.form.setAccessibleName(self.tr("Form of the page"))
        self.bar.setAccessibleName(self.tr("Pages of this night that are done"))
        buttons = {
            **{f"night_{name}": button for name, button in self.remedies.items()},
            "night_report": self.report_key, "night_save": self.save, "night_pause": self.pause,
        }  # fmt: skip
        for name, button in buttons.items():
            operation = spoken[name]
            button.setText(f"{says(operation.text)} ({spelled(operation.keys[0])})")
            button.setAccessibleName(says(operation.text))
        self.banner.retranslate()
        self._night.table.retranslate()
        self._show_loaded()
        self._show_stand()

    def set_theme(self, theme: Theme) -> None:
        """Other colours."""
        self._theme = self._delegate.theme = theme
        self.sight.set_theme(theme)
        self.table.viewport().update()
        self._show_report()

    # -- what the person does ------------------------------------------------------------------

    def focus(self) -> None:
        """It is shown now."""
        self._night.load()
        self._rest_on_list()

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802 - as Qt calls it
        """Nobody looks any more."""
        self._night.rest()
        super().hideEvent(event)

    def end(self) -> None:
        """The window closes."""
        self._night.rest()

    def perform(self, operation: str) -> None:
        """Do one of the desk's operations."""
        if operation == "night_likeliest":
            offered = self._night.remedies(self._rows())
            if offered:
                self._remedy(offered[0].value)
        elif operation.removeprefix("night_") in REMEDIES:
            self._remedy(operation.removeprefix("night_"))
        elif operation == "night_alike":
            self._choose_alike()
        elif operation == "night_template":
            self._night.offer(self._rows())
        elif operation == "night_report":
            self.pile.setCurrentIndex(1 - self.pile.currentIndex())
            self._rest_on_list()
        elif operation == "night_pause":
            self._night.pause()
        elif operation == "night_save":
            self._ask_file()
        elif operation == "night_load":
            self._night.load()

    def tell(self, told: Told, tone: str = "info") -> bool:
        """Show a message."""
        self.banner.tell(told, tone)
        return True

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - as Qt calls it
        """Enter does the likeliest; in the list of forms it takes the form."""
        if not isinstance(event, QKeyEvent) or event.type() != QEvent.Type.KeyPress:
            return False
        if event.key() not in {Qt.Key.Key_Return, Qt.Key.Key_Enter} or event.isAutoRepeat():
            return False
        if watched is self.form:
            self._apply("form", str(self.form.currentData() or ""))
            self._rest_on_list()
            return True
        if watched is self.table:
            self.perform("night_likeliest")
            return True
        return False

    def _remedy(self, name: str) -> None:
        if name not in {each.value for each in self._night.remedies(self._rows())}:
            said = self.tr("That does not help here."), self.tr("The keys below the page do.")
            self.banner.tell(Told(*said))
        elif name == "form":
            self.form.setFocus(Qt.FocusReason.ShortcutFocusReason)
            said = (
                self.tr("Choose the form with the arrow keys."),
                self.tr("Enter reads the page as that form."),
            )
            self.banner.tell(Told(*said))
        else:
            self._apply(name, "90" if name == "rotate" else "")

    def _apply(self, name: str, value: str) -> None:
        from formscan.batch.morning.remedies import Remedy

        self._night.apply(self._rows(), Remedy(name), value)

    def _choose_alike(self) -> None:
        rows = self._rows()
        if rows:
            alike = self._night.rows_like(rows[0])
            self.table.clearSelection()
            mode = QAbstractItemView.SelectionMode
            self.table.setSelectionMode(mode.MultiSelection)
            for row in alike:
                self.table.selectRow(row)
            self.table.setSelectionMode(mode.ExtendedSelection)

    def _ask_file(self) -> None:
        name, _ = QFileDialog.getSaveFileName(
            self, self.tr("Save the report"), "formscan.pdf", self.tr("Report (*.pdf *.html)")
        )
        if name:
            self._night.write(Path(name), self._speech.language)

    def _rows(self) -> list[int]:
        return sorted(index.row() for index in self.table.selectionModel().selectedRows())

    def _rest_on_list(self) -> None:
        target: QWidget = self.table if self.pile.currentIndex() == 0 else self.report
        target.setFocus(Qt.FocusReason.OtherFocusReason)

    # -- what the model tells ------------------------------------------------------------------

    def _show_loaded(self) -> None:
        morning = self._night.morning
        chosen = str(self.form.currentData() or "")
        self.form.clear()
        for form, title in self._night.titles.items():
            self.form.addItem(title, form)
        self.form.setCurrentIndex(max(0, self.form.findData(chosen)))
        rows = self._night.table.rowCount()
        if rows and not self._rows():
            self.table.selectRow(0)
        self.left_pile.setCurrentIndex(0 if rows else 1)
        loading = self.tr("The night's books are being opened …")
        self.nothing.setText(
            self.tr("Every page was read. Nothing is left to do here.") if morning else loading
        )
        self.nothing.setAccessibleName(self.nothing.text())
        self._show_counts()
        self._show_report()
        self._show_item()

    def _show_counts(self) -> None:
        morning = self._night.morning
        if morning is None:
            tell_on(self.counts, "")
            return
        count = morning.balance
        told = self.tr(
            "{taken_in} in = {released} released + {drafted} drafted + {held} held + "
            "{quarantined} quarantined + {duplicates} duplicates"
        ).format(
            taken_in=count.taken_in, released=count.released, drafted=count.drafted + count.gated,
            held=count.held, quarantined=count.quarantined, duplicates=count.duplicates,
        )  # fmt: skip
        if count.set_aside:
            told += self.tr(" + {set_aside} set aside").format(set_aside=count.set_aside)
        if count.waiting:
            told += self.tr(" + {waiting} waiting").format(waiting=count.waiting)
        if count.discarded:
            told += self.tr(" + {discarded} discarded").format(discarded=count.discarded)
        if not count.balances:
            told += "  ·  " + self.tr("The count does not balance: tell an administrator.")
        tell_on(self.counts, told)

    def _show_stand(self) -> None:
        status = self._night.status
        running = status is not None and status.is_running
        if status is None or not running:
            told = self.tr("No night is running.")
        elif status.reason:
            told = self._speech.messages.told(status.reason).say
        elif status.state == "waiting":
            told = self.tr("Waiting for files in {folders} folders.").format(folders=status.folders)
        else:
            told = self._progress_told()
        tell_on(self.stand, told)
        self.bar.setVisible(running)
        if status is not None:
            self.bar.setRange(0, max(1, status.done + status.waiting))
            self.bar.setValue(status.done)
        self.pause.setEnabled(running or self._night.paused)

    def _progress_told(self) -> str:
        status = self._night.status
        assert status is not None
        told = self.tr("{done} pages done, {waiting} wait").format(done=status.done, waiting=status.waiting)
        if status.pages_a_minute:
            pace = self._speech.locale.toString(status.pages_a_minute, "f", 1)
            told += "  ·  " + self.tr("{pace} pages a minute").format(pace=pace)
        if status.done_by:
            by = datetime.fromisoformat(status.done_by).strftime("%H:%M")
            told += "  ·  " + self.tr("done by {time}").format(time=by)
        return told

    def _show_item(self, *_facts: object) -> None:
        rows = self._rows()
        offered = {each.value for each in self._night.remedies(rows)}
        for name, button in self.remedies.items():
            button.setVisible(name in offered)
        self.form.setVisible("form" in offered)
        if not rows:
            tell_on(self.reason, "")
            self.sight.show_picture(None)
            return
        item = self._night.table.items[rows[0]]
        told = self._speech.messages.held(item.held)
        more = self.tr("{count} chosen. ").format(count=len(rows)) if len(rows) > 1 else ""
        tell_on(self.reason, f"{more}{told.say} {told.do}".strip())
        picture = self._shelf.get(item.image_sha256) if item.image_sha256 else None
        waits = (
            self.tr("The page is being fetched …")
            if item.image_sha256
            else self.tr("No page could be opened.")
        )
        self.sight.show_picture(picture, waits)
        self.sight.setAccessibleName(item.held.source.label)

    def _show_report(self) -> None:
        morning = self._night.morning
        if morning is not None:
            place = self.report.verticalScrollBar().value()
            text = report_text(morning, self._speech.language, self._night.titles, self._theme)
            self.report.setHtml(text)
            self.report.verticalScrollBar().setValue(place)

    def _show_remedied(self, name: str, done: int, asked: int) -> None:
        said = {
            "rotate": self.tr("Turned and read again: {done} of {asked}."),
            "form": self.tr("Read again as the chosen form: {done} of {asked}."),
            "rescan": self.tr("On the list of sheets to scan again: {done} of {asked}."),
            "retry": self.tr("Read again: {done} of {asked}."),
            "file": self.tr("Made documents as they are: {done} of {asked}. They wait in the inbox."),
            "give_up": self.tr("Given up: {done} of {asked}."),
        }[name].format(done=done, asked=asked)
        missed = self.tr("A file whose bytes were never kept comes back only with its folder.")
        self.banner.tell(Told(said, "" if done == asked else missed), "ok" if done == asked else "warn")
        self._rest_on_list()

    def _show_written(self, name: str) -> None:
        self.banner.tell(Told(self.tr("The report is written: {file}").format(file=name)), "ok")

    def _fail(self, error: object) -> None:
        if isinstance(error, Exception):
            self.banner.tell(self._speech.messages.error(error), "bad")
