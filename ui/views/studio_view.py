"""The template studio: a blank with its proposals, its fields, what a field is, and the test bench."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, QRect, Qt
from PySide6.QtGui import QImage, QPixmap
from PySide6.QtWidgets import (
    QFileDialog,
    QFormLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from formscan.batch.trial import TriedPage
from formscan.errors import FormScanError
from formscan.model.page import Grey
from formscan.templates.render import draw_page
from ui.desk import DeskParts
from ui.messages import Told
from ui.speech import says, source
from ui.theme import Theme
from ui.viewmodels.rows_table import Line
from ui.viewmodels.studio import SHOWN_DPI, Saved, StudioModel
from ui.viewmodels.studio_room import studio_room
from ui.views.list_desk import ListDesk
from ui.views.studio_properties import StudioProperties
from ui.widgets.paper_view import PaperView

WIDTHS: Final = (76, 165, 180, 70, 80)
TRY_WIDTHS: Final = (190, 150, 95, 100)
NUDGE_PT: Final = 1.0
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
    """Builds, connects and shows; what happens is decided in ``StudioModel``.

    Args:
        parts: What the desk is made of.
    """

    def __init__(self, parts: DeskParts) -> None:
        super().__init__(parts)
        self.model = StudioModel(studio_room(parts.backend), parts.database, parts.pixels, self)
        self.path, self.form_id, self.open_file = QLineEdit(self), QLineEdit(self), QPushButton(self)
        self.paper = PaperView(parts.theme, SHOWN_DPI)
        self.pane = QScrollArea(self)
        self.table = self.table_of(self.model.table, WIDTHS)
        self.properties = StudioProperties(self)
        self.step = QLineEdit(self)
        self.scans, self.tried_name, self.crop = QLineEdit(self), QLabel(self), QLabel(self)
        self.tries = self.table_of(self.model.tries, TRY_WIDTHS)
        self.tabs = QTabWidget(self)
        self._drawn: dict[int, Grey] = {}
        self._shown = 0
        self._build()
        self._connect()
        self.retranslate()

    # -- building ------------------------------------------------------------------------------

    def _build(self) -> None:
        self.path.setMinimumWidth(260)
        self.form_id.setMaximumWidth(110)
        for part in (self.path, self.form_id, self.open_file):
            self.head.addWidget(part)
        self.pane.setWidget(self.paper)
        self.pane.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.tabs.addTab(self._fields_tab(), "")
        self.tabs.addTab(self._bench_tab(), "")
        self.body.addWidget(self.pane, 6)
        self.body.addWidget(self.tabs, 5)

    def _fields_tab(self) -> QWidget:
        tab = QWidget(self)
        column = QVBoxLayout(tab)
        column.addWidget(self.table, 5)
        column.addWidget(self.properties)
        column.addWidget(self.step)
        return tab

    def _bench_tab(self) -> QWidget:
        tab = QWidget(self)
        column = QVBoxLayout(tab)
        form = QFormLayout()
        form.addRow(self.scans)
        column.addLayout(form)
        self.tried_name.setObjectName("muted")
        self.tried_name.setWordWrap(True)
        self.crop.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.crop.setMinimumHeight(90)
        column.addWidget(self.tried_name)
        column.addWidget(self.tries, 1)
        column.addWidget(self.crop)
        return tab

    def _connect(self) -> None:
        model = self.model
        model.opened.connect(self._show_opened)
        model.changed.connect(self._show_changed)
        model.selected.connect(self._show_selected)
        model.saved.connect(self._tell_saved)
        model.tried.connect(self._show_tried)
        model.failed.connect(self._tell_failed)
        model.busy_changed.connect(self._tell_busy)
        self.open_file.clicked.connect(self._choose)
        self.form_id.returnPressed.connect(self._open)
        self.path.returnPressed.connect(self.form_id.setFocus)
        self.scans.returnPressed.connect(self._try)
        self.step.returnPressed.connect(self._say)
        self.table.selectionModel().currentRowChanged.connect(self._pick_row)
        self.tries.selectionModel().currentRowChanged.connect(self._show_crop)
        self.properties.edited.connect(self._edit)
        self.paper.picked.connect(model.select)
        self.paper.moved.connect(model.move)
        self.paper.resized.connect(model.resize)
        self.paper.drawn.connect(model.draw)

    def retranslate(self) -> None:
        """The language changed."""
        super().retranslate()
        self.title.setText(says("Template studio"))
        texts = (
            (self.path, source("File of the blank form (PDF or picture)")),
            (self.form_id, source("Id, e.g. 29-BV2")),
            (self.step, source("A step as text, e.g. & 1.29 1.30 (merge)")),
            (self.scans, source("Filled scans: file or folder, then Enter")),
        )
        for line, name in texts:
            line.setPlaceholderText(says(name))
            line.setAccessibleName(says(name))
        self.open_file.setText(says("Choose…"))
        self.open_file.setAccessibleName(says("Choose the blank form"))
        self.tabs.setTabText(0, says("Fields"))
        self.tabs.setTabText(1, says("Test bench"))
        self.tabs.setAccessibleName(says("Fields and test bench"))
        self.paper.setAccessibleName(says("Page of the blank form"))
        self.name_table(self.table, says("Fields in reading order"))
        self.name_table(self.tries, says("What was read"))
        self.crop.setAccessibleName(says("Crop of the field"))
        for table in (self.model.table, self.model.tries):
            table.retranslate()
        self.properties.retranslate()
        self._show_counts()

    def set_theme(self, theme: Theme) -> None:
        """Other colours."""
        super().set_theme(theme)
        self.paper.set_theme(theme)

    def focus(self) -> None:
        """Let the person open a blank, or go on."""
        (self.path if self.model.studio is None else self.table).setFocus(Qt.FocusReason.OtherFocusReason)
        self.model.open_offered()

    def unsaved(self) -> Told | None:
        """Steps that no file has keep the window open."""
        return (
            Told(says("The template is not saved."), says("Save it with F9.")) if self.model.unsaved else None
        )

    # -- what the person does ------------------------------------------------------------------

    def perform(self, operation: str) -> None:
        """Do one of the desk's operations."""
        model = self.model
        if operation in _NUDGES:
            model.move(*_NUDGES[operation])
        elif operation in _SIZES:
            model.resize(*_SIZES[operation])
        else:
            simple = {
                "studio_accept": model.accept,
                "studio_sure": model.accept_sure,
                "studio_known": model.take_over,
                "studio_remove": model.remove,
                "studio_next": model.next_waiting,
                "studio_undo": model.undo,
                "studio_redo": model.redo,
                "studio_save": model.save,
                "studio_add": model.draw_below,
                "studio_earlier": lambda: model.reorder(-1),
                "studio_later": lambda: model.reorder(1),
                "studio_list": self._to_list,
                "studio_properties": self._to_properties,
                "studio_step": self._to_step,
                "studio_bench": self._to_bench,
                "studio_open": self._to_path,
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
            self.form_id.setFocus()

    def _open(self) -> None:
        path, form_id = Path(self.path.text().strip()), self.form_id.text().strip()
        if path.name and form_id:
            self.model.open(path, form_id)

    def _try(self) -> None:
        text = self.scans.text().strip()
        if text:
            self.model.try_scans([Path(text)])

    def _say(self) -> None:
        if self.model.say(self.step.text()):
            self.step.clear()

    def _edit(self, name: str, value: object) -> None:
        field = self.model.field
        if field is not None and getattr(field.spec, name) != value:
            changes: dict[str, object] = {name: value}
            self.model.change(replace(field.spec, **changes))  # type: ignore[arg-type]

    def _pick_row(self, *_rows: object) -> None:
        handle = self.model.table.item(self.table.currentIndex().row())
        if handle is not None and handle != self.model.handle:
            self.model.select(handle)

    def _to_list(self) -> None:
        self.tabs.setCurrentIndex(0)
        self.table.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _to_properties(self) -> None:
        self.tabs.setCurrentIndex(0)
        self.properties.begin()

    def _to_step(self) -> None:
        self.tabs.setCurrentIndex(0)
        self.step.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _to_bench(self) -> None:
        self.tabs.setCurrentIndex(1)
        self.scans.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _to_path(self) -> None:
        self.path.setFocus(Qt.FocusReason.ShortcutFocusReason)

    # -- what the model tells ------------------------------------------------------------------

    def _show_opened(self) -> None:
        self._drawn.clear()
        self._shown = 0
        self._show_changed()
        self._show_selected()
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    def _show_changed(self) -> None:
        self._show_page()
        self._select_row()
        self.properties.show_field(self.model.field)
        self._show_counts()

    def _show_selected(self) -> None:
        self._show_page()
        self._select_row()
        self.properties.show_field(self.model.field)
        lit = self.paper.outline(self.model.handle).toRect()
        if not lit.isEmpty():
            self._bring(lit)

    def _bring(self, lit: QRect) -> None:
        self.pane.ensureVisible(lit.center().x(), lit.center().y(), 80, 120)

    def _show_page(self) -> None:
        studio, number = self.model.studio, self.model.page
        if studio is None:
            return
        if number != self._shown:
            if number not in self._drawn:
                page = next(p for p in studio.document.pages if p.number == number)
                self._drawn[number] = draw_page(page, SHOWN_DPI)
            self.paper.show_page(self._drawn[number])
            self._shown = number
        self.paper.show_fields(self.model.fields(), self.model.handle)

    def _select_row(self) -> None:
        rows = self.model.rows()
        if self.model.handle in rows:
            row = rows.index(self.model.handle)
            if self.table.currentIndex().row() != row:
                self.table.selectRow(row)

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
        if saved.problems:
            first = saved.problems[0]
            told = says("{count} problems, the first: {code} at {key}.")
            text = told.format(count=len(saved.problems), code=first.code, key=first.key)
            self.banner.tell(Told(text), "bad")
        else:
            self.banner.tell(Told(says("The template is saved and checked.")), "ok")

    def _tell_failed(self, error: object) -> None:
        if isinstance(error, FormScanError):
            self.banner.tell(self._speech.messages.told(error.code, tuple(error.facts.items())), "bad")

    def _tell_busy(self, busy: bool) -> None:
        if busy:
            self.banner.tell(Told(says("Looking at the pages…")), "info")
        else:
            self.banner.hide()

    def _show_tried(self, pages: object) -> None:
        if not isinstance(pages, Sequence):
            return
        lines: list[Line[Grey]] = []
        told: list[str] = []
        for page in pages:
            if isinstance(page, TriedPage):
                told.append(_page_told(page))
                lines += [_try_line(field) for field in page.fields]
        self.tried_name.setText("\n".join(told))
        self.model.tries.take(lines)
        if lines:
            self.tries.selectRow(0)
            self.tries.setFocus(Qt.FocusReason.OtherFocusReason)

    def _show_crop(self, *_rows: object) -> None:
        crop = self.model.tries.item(self.tries.currentIndex().row())
        if crop is not None:
            height, width = crop.shape
            image = QImage(crop.tobytes(), width, height, width, QImage.Format.Format_Grayscale8)
            room = self.crop.size()
            shown = QPixmap.fromImage(image).scaled(
                room, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
            )
            self.crop.setPixmap(shown)


def _page_told(page: TriedPage) -> str:
    if page.reason:
        return says("{name}: does not fit ({reason})").format(name=page.name, reason=page.reason)
    told = says("{name}: page {page}, residual {residual} mm, at worst {worst} mm")
    return told.format(
        name=page.name, page=page.number, residual=f"{page.residual_mm:.2f}", worst=f"{page.worst_mm:.2f}"
    )


def _try_line(field: object) -> Line[Grey]:
    from formscan.batch.trial import TriedField

    if not isinstance(field, TriedField):
        raise TypeError(type(field).__name__)
    sure, near = f"{field.confidence:.2f}", f"{field.residual_mm:.2f}"
    return Line((field.field_id, field.text or field.state, sure, near), field.crop)
