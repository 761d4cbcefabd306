"""The template studio: a form with its fields, what a field is, the test bench, and earlier editions."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from PySide6.QtCore import QItemSelection, QItemSelectionModel, QModelIndex, QObject, Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFileDialog,
    QLineEdit,
    QPushButton,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from formscan.designer.studio.document import StudioDocument
from formscan.errors import FormScanError
from ui.desk import DeskParts
from ui.messages import Told
from ui.speech import says, source
from ui.theme import Theme
from ui.viewmodels.editions import EditionsModel, Looked
from ui.viewmodels.studio import Saved, StudioModel
from ui.viewmodels.studio_room import studio_room
from ui.viewmodels.tries import TriesModel
from ui.views.list_desk import ListDesk
from ui.views.studio_bench import StudioBench
from ui.views.studio_editions import StudioEditions, touched_told
from ui.views.studio_more import StudioMore
from ui.views.studio_pages import StudioPages
from ui.views.studio_properties import StudioProperties

WIDTHS: Final = (70, 125, 135, 100, 80)
NUDGE_PT: Final = 1.0
FIELDS, MORE, BENCH, EDITIONS = range(4)
"""The tabs."""
_NUDGES: Final = {
    "studio_left": (-NUDGE_PT, 0.0),
    "studio_right": (NUDGE_PT, 0.0),
    "studio_up": (0.0, -NUDGE_PT),
    "studio_down": (0.0, NUDGE_PT),
}
_SIZES: Final = {
    "studio_narrower": (-NUDGE_PT, 0.0),
    "studio_wider": (NUDGE_PT, 0.0),
    "studio_lower": (0.0, -NUDGE_PT),
    "studio_higher": (0.0, NUDGE_PT),
}


class StudioView(ListDesk):
    """Builds, connects and shows; what happens is decided in the models.

    Args:
        parts: What the desk is made of.
    """

    def __init__(self, parts: DeskParts) -> None:
        super().__init__(parts)
        room = studio_room(parts.backend)
        self.model = StudioModel(room, parts.database, parts.pixels, parts.speech, self)
        self.path, self.form_id, self.version = QLineEdit(self), QLineEdit(self), QLineEdit(self)
        self.open_file = QPushButton(self)
        self.pages = StudioPages(self.model, parts.theme, self)
        self.table = self.table_of(self.model.table, WIDTHS)
        self.properties, self.more = StudioProperties(parts.speech, self), StudioMore(parts.speech, self)
        self.step = QLineEdit(self)
        self.tabs = QTabWidget(self)
        tries = TriesModel(parts.pixels, parts.speech, self)
        self.bench = StudioBench(tries, lambda model, widths: self.table_of(model.table, widths), self)
        editions = EditionsModel(room, parts.database, parts.pixels, parts.speech, self)
        self.editions = StudioEditions(editions, self.table_of, self)
        self._asked: StudioDocument | None = None
        """The document whose touched documents were shown before it is saved."""
        self._build()
        self._connect()
        self.retranslate()

    # -- building ------------------------------------------------------------------------------

    def _build(self) -> None:
        self.path.setMinimumWidth(200)
        self.form_id.setMaximumWidth(110)
        self.version.setMaximumWidth(80)
        for part in (self.path, self.form_id, self.version, self.open_file):
            self.head.addWidget(part)
        self.body.addWidget(self.pages, 6)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        for tab in (self._fields_tab(), self.more, self.bench, self.editions):
            self.tabs.addTab(tab, "")
        self.body.addWidget(self.tabs, 5)

    def _fields_tab(self) -> QWidget:
        tab = QWidget(self)
        column = QVBoxLayout(tab)
        column.addWidget(self.table, 5)
        column.addWidget(self.properties)
        column.addWidget(self.step)
        return tab

    def _connect(self) -> None:
        model, editions = self.model, self.editions
        model.opened.connect(self._show_opened)
        model.changed.connect(self._show_changed)
        model.selected.connect(self._show_selected)
        model.saved.connect(self._tell_saved)
        model.busy_changed.connect(self._tell_busy)
        for failing in (model, self.bench.model, editions.model):
            failing.failed.connect(self._tell_failed)
        self.open_file.clicked.connect(self._choose)
        self.form_id.returnPressed.connect(self._open)
        self.version.returnPressed.connect(self._version_typed)
        self.version.editingFinished.connect(lambda: model.version_to(self.version.text().strip()))
        self.path.returnPressed.connect(self._path_typed)
        self.step.returnPressed.connect(self._say)
        self.table.selectionModel().currentRowChanged.connect(self._pick_row)
        self.table.selectionModel().selectionChanged.connect(self._mark_rows)
        for part in (self.properties, self.more):
            part.edited.connect(model.reshape)
        self.more.printed.connect(model.take_printed_answers)
        self.bench.asked.connect(self._try)
        self.tabs.currentChanged.connect(self._show_before)
        editions.chosen.connect(self._compare)
        editions.shown.connect(self.pages.show_change)
        editions.again.clicked.connect(self._read_again)
        editions.model.looked.connect(self._tell_looked)
        editions.model.ended.connect(self._tell_read_again)
        self.pages.paper.toggled.connect(self._toggle)

    def retranslate(self) -> None:
        """The language changed."""
        super().retranslate()
        self.title.setText(says("Template studio"))
        texts = (
            (self.path, source("Blank form (PDF, picture), form.toml or known id")),
            (self.form_id, source("Id, e.g. 29-BV2")),
            (self.version, source("Edition")),
            (self.step, source("A step as text, e.g. & 1.29 1.30 (merge)")),
        )
        for line, name in texts:
            line.setPlaceholderText(says(name))
            line.setAccessibleName(says(name))
        self.open_file.setText(says("Choose…"))
        self.open_file.setAccessibleName(says("Choose the blank form"))
        names = (source("Fields"), source("Answers, codes"), source("Test bench"), source("Editions"))
        for at, name in enumerate(names):
            self.tabs.setTabText(at, says(name))
        self.tabs.setAccessibleName(says("Fields, answers, test bench and editions"))
        self.name_table(self.table, says("Fields in reading order"))
        self.model.retranslate()
        for part in (self.pages, self.properties, self.more, self.bench, self.editions):
            part.retranslate()
        self._show_counts()

    def set_theme(self, theme: Theme) -> None:
        """Other colours."""
        super().set_theme(theme)
        self.pages.set_theme(theme)

    def focus(self) -> None:
        """Let the person open a blank, or go on."""
        (self.path if self.model.studio is None else self.table).setFocus(Qt.FocusReason.OtherFocusReason)
        self.model.open_offered()

    def unsaved(self) -> Told | None:
        """Steps that no file has keep the window open, and documents that are being read again."""
        if self.editions.model.busy:
            return Told(says("Documents are being read again."), says("Wait, or stop it with Shift+F12."))
        told = Told(says("The template is not saved."), says("Save it with F9."))
        return told if self.model.unsaved else None

    def end(self) -> None:
        """Stop what is being read for the test bench."""
        self.bench.model.stop()

    # -- what the person does ------------------------------------------------------------------

    def perform(self, operation: str) -> None:
        """Do one of the desk's operations."""
        model = self.model
        if operation in _NUDGES:
            model.move(*_NUDGES[operation])
        elif operation in _SIZES:
            model.resize(*_SIZES[operation])
        else:
            simple: dict[str, Callable[[], object]] = {
                "studio_accept": model.accept,
                "studio_sure": model.accept_sure,
                "studio_known": model.take_over,
                "studio_remove": model.remove,
                "studio_next": model.next_waiting,
                "studio_undo": model.undo,
                "studio_redo": model.redo,
                "studio_save": self._save,
                "studio_add": model.draw_below,
                "studio_merge": model.merge,
                "studio_group": model.group,
                "studio_split": model.split,
                "studio_place_next": lambda: model.step_place(1),
                "studio_place_before": lambda: model.step_place(-1),
                "studio_earlier": lambda: model.reorder(-1),
                "studio_later": lambda: model.reorder(1),
                "studio_list": lambda: self._turn(FIELDS, self.table),
                "studio_properties": self._to_properties,
                "studio_more": self._to_more,
                "studio_step": lambda: self._turn(FIELDS, self.step),
                "studio_bench": lambda: self._turn(BENCH, self.bench.scans),
                "studio_editions": self._to_editions,
                "studio_again": self._read_again,
                "studio_stop": self._stop,
                "studio_open": lambda: self.path.setFocus(Qt.FocusReason.ShortcutFocusReason),
            }
            simple[operation]()

    def entered(self, table: QObject) -> None:
        """Enter in the list goes to what the field is."""
        if table is self.table:
            self._to_properties()

    def _choose(self) -> None:
        name, _ = QFileDialog.getOpenFileName(self, says("Choose the blank form"))
        if name:
            self.path.setText(name)
            self._path_typed()

    def _path_typed(self) -> None:
        """A form says its id itself, a blank does not."""
        text = self.path.text().strip()
        known = text.endswith(".toml") or not Path(text).suffix
        (self._open if known else self.form_id.setFocus)()

    def _version_typed(self) -> None:
        """Before a form is open the last thing typed; afterwards another edition of it."""
        if self.model.studio is None:
            self._open()
        else:
            self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    def _open(self) -> None:
        path, form_id = Path(self.path.text().strip()), self.form_id.text().strip()
        itself = path.suffix in {"", ".toml"}
        version = self.version.text().strip() if self.model.studio is None else ""
        why = self.unsaved()
        if why is not None:
            self.banner.tell(why, "warn")
        elif path.name and (form_id or itself):
            self.model.open(path, "" if itself else form_id, version)

    def _try(self, paths: list[Path]) -> None:
        if self.model.studio is not None:
            self.banner.hide()
            self.bench.model.try_scans(self.model.studio.document.template(), paths)

    def _say(self) -> None:
        if self.model.say(self.step.text()):
            self.step.clear()

    def _save(self) -> None:
        """Save; where stored documents are touched, show them first and save the second time."""
        studio, editions = self.model.studio, self.editions.model
        if studio is None or editions.busy:
            return
        if self._asked is studio.document:
            self.model.save()
            return
        editions.take(self.model.known, studio.document.head.id)
        self.editions.show_editions()
        if editions.earlier:
            editions.look(studio.document.template())
        else:
            self.model.save()

    def _read_again(self) -> None:
        studio = self.model.studio
        if studio is not None and not self.model.unsaved:
            head = studio.document.head
            self.editions.model.read_again(self.editions.rows(), (head.id, head.version))
        elif studio is not None:
            self.banner.tell(Told(says("The template is not saved."), says("Save it with F9.")), "warn")

    def _stop(self) -> None:
        self.editions.model.stop()
        self.bench.model.stop()

    def _pick_row(self, *_rows: object) -> None:
        handle = self.model.table.item(self.table.currentIndex().row())
        if handle is not None and handle != self.model.handle:
            self.model.select(handle)

    def _mark_rows(self, *_changes: object) -> None:
        rows = self.table.selectionModel().selectedRows()
        handles = (self.model.table.item(index.row()) for index in rows)
        self.model.mark(frozenset(handle for handle in handles if handle is not None))
        self.pages.show_fields()

    def _toggle(self, handle: str) -> None:
        """Choose a field besides, with the mouse."""
        rows, model = self.model.rows(), self.table.model()
        if handle in rows:
            row = rows.index(handle)
            chosen = QItemSelection(
                model.index(row, 0), model.index(row, model.columnCount(QModelIndex()) - 1)
            )
            self.table.selectionModel().select(chosen, QItemSelectionModel.SelectionFlag.Toggle)

    def _turn(self, tab: int, part: QWidget) -> None:
        self.tabs.setCurrentIndex(tab)
        part.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _to_properties(self) -> None:
        self.tabs.setCurrentIndex(FIELDS)
        self.properties.begin()

    def _to_more(self) -> None:
        self.tabs.setCurrentIndex(MORE)
        self.more.begin()

    def _to_editions(self) -> None:
        studio = self.model.studio
        self.tabs.setCurrentIndex(EDITIONS)
        if studio is not None and not self.editions.model.busy:
            if not self.editions.model.earlier:
                self.editions.model.take(self.model.known, studio.document.head.id)
                self.editions.show_editions()
            self._compare(self.editions.earlier.currentText())
        self.editions.begin()

    def _compare(self, version: str) -> None:
        studio = self.model.studio
        if studio is not None:
            self.editions.model.compare_with(version, studio.document.template())
            self._show_before()

    # -- what the model tells ------------------------------------------------------------------

    def _show_opened(self) -> None:
        self.pages.begin()
        self._asked = None
        studio = self.model.studio
        if studio is not None:
            self.form_id.setText(studio.document.head.id)
            self.editions.model.take(self.model.known, studio.document.head.id)
            self.editions.show_editions()
        self._show_changed()
        self._show_selected()
        self._turn(FIELDS, self.table)

    def _show_changed(self) -> None:
        studio = self.model.studio
        if studio is not None:
            self.version.setText(studio.document.head.version)
        self._show_field()
        self._show_counts()

    def _show_selected(self) -> None:
        self._show_field()
        self.pages.bring()

    def _show_field(self) -> None:
        studio = self.model.studio
        self.pages.show_page()
        self._select_row()
        self.properties.show_field(self.model.field)
        self.more.show_field(self.model.field, studio.document.sections if studio else ())

    def _select_row(self) -> None:
        rows = self.model.rows()
        if self.model.handle in rows:
            row = rows.index(self.model.handle)
            if self.table.currentIndex().row() != row:
                self.table.selectRow(row)

    def _show_before(self, *_tab: object) -> None:
        """The earlier edition stands beside the page while editions are looked at."""
        editions = self.tabs.currentIndex() == EDITIONS
        self.pages.show_before(self.editions.model.old if editions else None)

    def _show_counts(self) -> None:
        studio = self.model.studio
        if studio is None:
            self.show_counts(says("Open a blank form: its fields are proposed."))
            return
        waiting = len(studio.document.waiting())
        told = says("{fields} fields, {waiting} wait, {steps} steps.")
        counts = {"fields": len(studio.document.fields), "waiting": waiting, "steps": len(studio.done)}
        self.show_counts(told.format(**counts))

    def _tell_saved(self, saved: object) -> None:
        if not isinstance(saved, Saved):
            return
        self._asked = None
        if saved.problems:
            first = saved.problems[0]
            told = says("{count} problems, the first: {code} at {key}.")
            text = told.format(count=len(saved.problems), code=first.code, key=first.key)
            self.banner.tell(Told(text), "bad")
        else:
            again = says("Documents chosen in the list are read again with F12.")
            do = again if self.editions.model.documents.rowCount() else ""
            self.banner.tell(Told(says("The template is saved and checked."), do), "ok")

    def _tell_looked(self, looked: Looked) -> None:
        """What saving would touch: nothing, and it is saved; else the person decides."""
        studio = self.model.studio
        if studio is None or looked.stopped:
            return
        told = touched_told(looked, earlier=True)
        if looked.same:
            said = says("{count} documents were read with edition {version}.")
            version = studio.document.head.version
            do = says("Give the change an edition of its own, then F9.")
            self.banner.tell(Told(said.format(count=looked.same, version=version), do), "bad")
        elif not looked.documents and not looked.refused:
            self.model.save()
        else:
            self._asked = studio.document
            self._to_editions()
            self.editions.documents.setFocus(Qt.FocusReason.OtherFocusReason)
            self.banner.tell(Told(told, says("Saving changes none of them: F9 again saves.")), "warn")

    def _tell_read_again(self, right: int, wrong: int) -> None:
        told = says("{right} documents were read again, {wrong} stay as they were.")
        self.banner.tell(Told(told.format(right=right, wrong=wrong)), "warn" if wrong else "ok")

    def _tell_failed(self, error: object) -> None:
        if isinstance(error, FormScanError):
            self.banner.tell(self._speech.messages.told(error.code, tuple(error.facts.items())), "bad")
            self._show_field()  # what was refused is not left standing in a line

    def _tell_busy(self, busy: bool) -> None:
        if busy:
            self.banner.tell(Told(says("Looking at the pages…")), "info")
        else:
            self.banner.hide()
