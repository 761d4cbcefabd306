"""Thick files: records and documents of a stack with why each page stands where it does, all by keyboard."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from ui.actions import spelled
from ui.desk import DeskParts
from ui.messages import Told
from ui.speech import says, source
from ui.theme import Theme
from ui.viewmodels.files import FilesModel, Row
from ui.viewmodels.filing import filing
from ui.views.list_desk import ListDesk
from ui.widgets.flow import FlowLayout
from ui.widgets.page_sight import PageSight
from ui.widgets.said import tell_on

WIDTHS: Final = (70, 170, 60, 200, 240)
BUTTONS: Final = ("files_next", "files_part", "files_join", "files_begin", "files_join_record")
DONE: Final = {
    "part": source("The document is parted."),
    "join": source("The documents are joined."),
    "move": source("The page is moved."),
    "begin": source("A record begins here now."),
    "join_record": source("The records are joined."),
}


class FilesView(ListDesk):
    """Builds, connects and shows; what happens is decided in ``FilesModel``.

    Args:
        parts: What the desk is made of.
    """

    def __init__(self, parts: DeskParts) -> None:
        super().__init__(parts)
        self.model = FilesModel(filing(parts.backend), parts.database, parts.speech, self)
        self._shelf, self._open = parts.shelf, parts.open_draft
        self.table = self.table_of(self.model.table, WIDTHS)
        self.stack = QComboBox(self)
        self.sight = PageSight(parts.theme, self)
        self.sheets, self.why = QLabel(self), QLabel(self)
        self.buttons = {name: QPushButton(self) for name in BUTTONS}
        self._rest: Row | None = None
        self._build()
        self._connect()
        self.retranslate()

    def _build(self) -> None:
        self.stack.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.head.addWidget(self.stack)
        side = QWidget(self)
        beside = QVBoxLayout(side)
        beside.setContentsMargins(0, 0, 0, 0)
        beside.setSpacing(8)
        for label in (self.sheets, self.why):
            label.setWordWrap(True)
        beside.addWidget(self.sight, 1)
        beside.addWidget(self.why)
        beside.addWidget(self.sheets)
        keys = QWidget(side)
        flow = FlowLayout(keys)
        for button in self.buttons.values():
            flow.addWidget(button)
        beside.addWidget(keys)
        row = QHBoxLayout()
        row.addWidget(self.table, 5)
        row.addWidget(side, 3)
        self.body.addLayout(row)

    def _connect(self) -> None:
        self.model.loaded.connect(self._show_loaded)
        self.model.done.connect(self._tell_done)
        self.model.failed.connect(self.tell_error)
        self._shelf.arrived.connect(self._show_row)
        self._shelf.failed.connect(self._show_row)
        self.table.selectionModel().currentRowChanged.connect(self._show_row)
        self.stack.activated.connect(lambda _at: self.model.load(str(self.stack.currentData() or "")))
        self.stack.installEventFilter(self)
        for name, button in self.buttons.items():
            button.clicked.connect(lambda _checked=False, what=name: self.perform(what))

    def retranslate(self) -> None:
        """The language changed."""
        from ui.desks.files import DESK

        super().retranslate()
        self.title.setText(says("Thick files"))
        self.name_table(self.table, self.tr("Pages by record and document"))
        self.stack.setAccessibleName(self.tr("Stack"))
        spoken = {operation.id: operation for operation in DESK.operations}
        for name, button in self.buttons.items():
            told = spoken[name]
            button.setText(f"{says(told.text)} ({spelled(told.keys[0])})")
            button.setAccessibleName(says(told.text))
        self.model.table.retranslate()
        self.model.fill()
        self._show_counts()
        self._show_row()

    def set_theme(self, theme: Theme) -> None:
        """Other colours."""
        super().set_theme(theme)
        self.sight.set_theme(theme)

    # -- what the person does ------------------------------------------------------------------

    def focus(self) -> None:
        """Load and let the person work."""
        self.model.load()
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    def perform(self, operation: str) -> None:
        """Do one of the desk's operations."""
        row, model = self.table.currentIndex().row(), self.model
        free: dict[str, Callable[[], object]] = {
            "files_next": self._to_doubtful,
            "files_load": model.load,
            "files_stack": lambda: self.stack.setFocus(Qt.FocusReason.ShortcutFocusReason),
        }
        about: dict[str, Callable[[], object]] = {
            "files_part": lambda: model.part(row),
            "files_join": lambda: model.join(row),
            "files_up": lambda: model.move(row, -1),
            "files_down": lambda: model.move(row, 1),
            "files_begin": lambda: model.begin_record(row),
            "files_join_record": lambda: model.join_record(row),
            "files_open": lambda: self.entered(self.table),
        }
        if operation in free:
            free[operation]()
        elif row >= 0:
            self._rest = model.rows[row]
            about[operation]()

    def entered(self, _table: QObject) -> None:
        """Enter opens the document for review."""
        row = self.model.table.item(self.table.currentIndex().row())
        if row is not None and row.document is not None and row.document.open:
            self._open(row.document.draft_id)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - as Qt calls it
        """Enter in the list of stacks takes the stack."""
        if watched is self.stack and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
                self.model.load(str(self.stack.currentData() or ""))
                self.table.setFocus(Qt.FocusReason.OtherFocusReason)
                return True
            return False
        return super().eventFilter(watched, event)

    def _to_doubtful(self) -> None:
        at = self.model.next_doubtful(self.table.currentIndex().row())
        if at is None:
            self.banner.tell(Told(self.tr("Nothing here is doubtful."), ""), "ok")
        else:
            self.table.selectRow(at)

    # -- what the model tells ------------------------------------------------------------------

    def _show_loaded(self) -> None:
        self.stack.clear()
        for line in self.model.stacks:
            more = self.tr(" and {count} more files").format(count=line.files - 1) if line.files > 1 else ""
            pages = self.tr("{count} pages").format(count=line.pages)
            self.stack.addItem(f"{line.name}{more}, {pages}", line.stack)
        self.stack.setCurrentIndex(max(0, self.stack.findData(self.model.stack)))
        if self.model.rows:
            self.table.selectRow(self.model.row_of(self._rest.page) if self._rest else 0)
        self._show_counts()
        self._show_row()

    def _show_counts(self) -> None:
        records = self.model.records
        documents = sum(len(record.documents) for record in records)
        told = self.tr("{records} records, {documents} documents, {doubtful} to look at")
        self.show_counts(told.format(records=len(records), documents=documents, doubtful=self.model.doubtful))

    def _show_row(self, *_facts: object) -> None:
        row = self.model.table.item(self.table.currentIndex().row())
        if row is None:
            self.sight.show_picture(None, self.tr("No file of several pages came in yet."))
            tell_on(self.why, "")
            tell_on(self.sheets, "")
            return
        image = row.page.image_sha256
        picture = self._shelf.get(image) if image else None
        self.sight.show_picture(picture, self.tr("The page is being fetched …"))
        self.sight.setAccessibleName(row.page.label)
        tell_on(self.why, self._said(row))
        tell_on(self.sheets, self._sheets(row))

    def _said(self, row: Row) -> str:
        """Why the page is here, and what to look at in its document."""
        told = self._speech.messages.told
        said = [told(row.page.reason, (("page", str(row.page.number)),))]
        if row.document is not None:
            said += [told(p.code, (("page", str(p.page)), *p.facts)) for p in row.document.problems]
        return "\n".join(f"{each.say} {each.do}".strip() for each in dict.fromkeys(said))

    def _sheets(self, row: Row) -> str:
        low, high, written = row.record.sheets.low, row.record.sheets.high, row.record.written
        count = str(low) if low == high else self.tr("{low} to {high}").format(low=low, high=high)
        told = self.tr("Record {number}: {count} sheets came in.").format(
            number=row.record.number, count=count
        )
        if written is None:
            return told
        by = self.tr("confirmed") if row.record.confirmed else self.tr("as read")
        fits = "" if row.record.sheets_agree else self.tr(" That does not fit.")
        return told + self.tr(" The record says {written} ({by}).").format(written=written, by=by) + fits

    def _tell_done(self, what: str) -> None:
        self.banner.tell(Told(says(DONE[what]), ""), "ok")
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)
