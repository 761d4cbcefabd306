"""The desk of look-alikes: a screen of crops, one key for all of them, a key for the odd one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QSplitter, QVBoxLayout

from formscan.model.reading import FieldState
from formscan.model.template import ValueType
from formscan.review.groups import Group, Likeness, Refused, Tile
from ui.actions import spelled
from ui.desk import DeskParts
from ui.desks.groups import OPERATIONS
from ui.items.page_picture import Stance
from ui.messages import Told
from ui.speech import says
from ui.theme import Theme
from ui.viewmodels.answers import shown
from ui.viewmodels.crops import CropShelf
from ui.viewmodels.look_alikes import LookAlikes
from ui.viewmodels.naming import sureness
from ui.views.desk_view import DeskView
from ui.widgets.banner import Banner
from ui.widgets.crop_grid import CropGrid
from ui.widgets.editors import AnswerEditor
from ui.widgets.keys import KeyFilter
from ui.widgets.page_view import PageView

BUTTONS: Final = ("confirm_screen", "leave_out", "correct", "blank", "illegible", "context", "undo")


class GroupsView(DeskView):
    """Builds, connects and shows; what happens is decided in ``LookAlikes``.

    Args:
        model: The groups.
        crops: Their pictures.
        parts: What a desk is made of.
    """

    def __init__(self, model: LookAlikes, crops: CropShelf, parts: DeskParts) -> None:
        super().__init__()
        self._model, self._crops, self._parts, self._speech = model, crops, parts, parts.speech
        self._began = False
        self._editing: Tile | None = None
        self.heading, self.count, self.here = QLabel(self), QLabel(self), QLabel(self)
        self.bar = QProgressBar(self)
        self.grid = CropGrid(parts.theme, crops.get, self.said, self)
        self.page = PageView(parts.theme, self)
        self.banner = Banner(self)
        self.keys = KeyFilter(self, OPERATIONS)
        self.editor = AnswerEditor(self.keys, parts.speech, self)
        self.buttons = {name: self._button(name) for name in BUTTONS}
        self._steps: dict[str, Callable[[], object]] = {
            "confirm_screen": self._confirm,
            "leave_out": self.grid.leave_out,
            "correct": self._edit,
            "undo": model.undo,
            "context": self._show_context,
            "group_before": lambda: model.turn(-1),
            "group_after": lambda: model.turn(1),
            "load": model.load,
            "cancel": self._cancel,
        }
        self._build()
        self._connect()
        self.retranslate()

    # -- building ------------------------------------------------------------------------------

    def _build(self) -> None:
        self.heading.setObjectName("heading")
        self.count.setObjectName("muted")
        self.here.setWordWrap(True)
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(6)
        self.page.hide()
        self.editor.hide()
        both = QSplitter(Qt.Orientation.Horizontal, self)
        both.addWidget(self.grid)
        both.addWidget(self.page)
        both.setStretchFactor(0, 1)
        both.setStretchFactor(1, 1)
        both.setChildrenCollapsible(False)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(16, 12, 16, 10)
        whole.setSpacing(8)
        for widget in (self.heading, self.count, self.bar):
            whole.addWidget(widget)
        whole.addWidget(both, 1)
        whole.addWidget(self.banner)
        whole.addWidget(self.here)
        whole.addWidget(self.editor)
        row = QHBoxLayout()
        row.setSpacing(6)
        for name in BUTTONS[1:]:
            row.addWidget(self.buttons[name])
        row.addStretch(1)
        row.addWidget(self.buttons["confirm_screen"])
        whole.addLayout(row)

    def _button(self, name: str) -> QPushButton:
        button = QPushButton(self)
        button.setObjectName("primary" if name == "confirm_screen" else "command")
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(lambda: self.perform(name))
        return button

    def _connect(self) -> None:
        model = self._model
        model.moved.connect(self._show_progress)
        model.loaded.connect(self._show_loaded)
        model.screen_changed.connect(self._show_screen)
        model.confirmed.connect(self._tell_confirmed)
        model.refused.connect(self._tell_refused)
        model.reopened.connect(self._tell_reopened)
        model.failed.connect(self._tell_failed)
        self._crops.arrived.connect(self.grid.update)
        self._crops.arrived.connect(self._show_ready)
        self._crops.failed.connect(self._tell_failed)
        self._parts.shelf.arrived.connect(self._aim)
        self.grid.moved.connect(self._show_here)
        self.grid.sized.connect(model.give_room)
        self.keys.pressed.connect(self.perform)

    def retranslate(self) -> None:
        """The language changed."""
        short = {"confirm_screen": "Confirm", "leave_out": "Leave out", "correct": "Correct"}
        short |= {"context": "Page", "undo": "Undo"}
        for operation in OPERATIONS:
            button = self.buttons.get(operation.id)
            if button is not None:
                name = says(short.get(operation.id, operation.text))
                button.setText(f"{name}  {spelled(operation.keys[0])}")
                button.setAccessibleName(says(operation.text))
                button.setToolTip(f"{says(operation.text)} ({', '.join(map(spelled, operation.keys))})")
        self.grid.setAccessibleName(self.tr("Look-alikes"))
        self.page.setAccessibleName(self.tr("The page as scanned"))
        self.bar.setAccessibleName(self.tr("Documents looked through"))
        self.banner.retranslate()
        self._show_heading()
        self._show_here()

    def set_theme(self, theme: Theme) -> None:
        """Other colours."""
        self.grid.set_theme(theme)
        self.page.set_theme(theme)

    # -- what the person does ------------------------------------------------------------------

    def focus(self) -> None:
        """Load at the first visit; later visits go on where the last one stopped."""
        if not self._began:
            self._began = True
            self._model.load()
        self.grid.setFocus(Qt.FocusReason.OtherFocusReason)

    def perform(self, operation: str) -> None:
        """Do one of the desk's operations."""
        if operation in self._steps:
            self._steps[operation]()
        elif operation in {"blank", "illegible"} and self.grid.tile is not None:
            self._end_edit()
            self._model.state(self.grid.tile, FieldState(operation))

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - as Qt calls it
        """Keys that are no shortcuts, while the crops have the focus."""
        keys = {
            Qt.Key.Key_Return: "confirm_screen",
            Qt.Key.Key_Enter: "confirm_screen",
            Qt.Key.Key_Space: "leave_out",
            Qt.Key.Key_PageUp: "group_before",
            Qt.Key.Key_PageDown: "group_after",
            Qt.Key.Key_Escape: "cancel",
        }
        operation = keys.get(Qt.Key(event.key()))
        if operation is None or (not self.grid.hasFocus() and operation != "cancel"):
            super().keyPressEvent(event)
        elif not event.isAutoRepeat():  # a key held down must not confirm what nobody has looked at
            self.perform(operation)

    def tell(self, told: Told, tone: str = "info") -> bool:
        """Show a message."""
        self.banner.tell(told, tone)
        return True

    def _confirm(self) -> None:
        if self._editing is not None:
            self._apply()
        elif self._model.screen and not self._ready():
            self.banner.tell(Told(self.tr("The pictures are still being loaded.")), "info")
        else:
            self.banner.hide()
            self._model.confirm(frozenset(self.grid.left_out))

    def _ready(self) -> bool:
        """Every crop that would be confirmed can be seen."""
        return all(self._crops.get(tile) is not None for tile in self._model.screen)

    def _edit(self) -> None:
        tile = self.grid.tile
        if tile is not None:
            self._editing = tile
            self.editor.setAccessibleName(self._speech.label(tile.spec))
            self.editor.load(tile.spec, shown(tile.value), "")
            self.editor.show()
            self.editor.active.setFocus(Qt.FocusReason.OtherFocusReason)

    def _apply(self) -> None:
        tile, text = self._editing, self.editor.text()
        if tile is None:
            return
        if not text.strip():
            self.banner.tell(self._speech.messages.told("review.empty_text"), "warn")
            return
        self._end_edit()
        self._model.correct(tile, text)

    def _end_edit(self) -> None:
        self._editing = None
        self.editor.hide()
        self.grid.setFocus(Qt.FocusReason.OtherFocusReason)

    def _cancel(self) -> None:
        if self._editing is not None:
            self._end_edit()
        elif self.banner.isVisible():
            self.banner.dismiss()
        elif self.page.isVisible():
            self._show_context()
        self.grid.setFocus(Qt.FocusReason.OtherFocusReason)

    def _show_context(self) -> None:
        self.page.setVisible(not self.page.isVisible())
        self._aim()

    # -- what is shown -------------------------------------------------------------------------

    def said(self, tile: Tile) -> str:
        """What a tile is read as, in words."""
        if tile.value.state is not FieldState.VALUE:
            return self._speech.messages.state(tile.value.state)
        if tile.spec.type is ValueType.CHOICE:
            labels = {choice.value: self._speech.label(choice) for choice in tile.spec.choices}
            return ", ".join(labels.get(part, part) for part in tile.value.text.split(";"))
        if tile.spec.type in {ValueType.BOOLEAN, ValueType.PRESENCE}:
            return says("Present") if tile.spec.type is ValueType.PRESENCE else says("Marked")
        return tile.value.text

    def _show_screen(self) -> None:
        group = self._model.group
        self.grid.show_tiles(self._model.screen, group.spec if group else None)
        self._crops.want(self._model.screen, self.grid.crop_size)
        if self._model.coming:
            self._crops.want(self._model.coming, self.grid.crop_size)
        self._show_heading()
        self._show_ready()
        if group is None:
            self.page.hide()

    def _show_heading(self) -> None:
        group, model = self._model.group, self._model
        if group is None:
            waiting = self.tr("The documents are being looked through …")
            nothing = self.tr("No look-alikes wait. F5 looks again, Ctrl+W goes back.")
            self.heading.setText(waiting if model.loading else nothing)
            self.count.setText("")
        else:
            self.heading.setText(self._title(group))
            left = self.tr(
                "Group {n} of {groups} · {tiles} in this group · {all} in all · the most doubtful first"
            )
            total = sum(len(one.tiles) for one in model.groups)
            self.count.setText(
                left.format(n=model.place + 1, groups=len(model.groups), tiles=len(group.tiles), all=total)
            )
        for label in (self.heading, self.count):
            label.setAccessibleName(label.text())

    def _title(self, group: Group) -> str:
        titles = {
            Likeness.MARK: self.tr("Boxes that are marked"),
            Likeness.CHOICE: self.tr("{field}: {value}"),
            Likeness.SIGNATURE: self.tr("Signatures that are there"),
            Likeness.BLANK: self.tr("Fields that are blank"),
            Likeness.COMB: self.tr("Boxes that say {value}"),
            Likeness.FIELD: self.tr("{field}: whatever it says"),
            Likeness.TEXT: self.tr("Fields that say {value}"),
        }
        blank = group.tiles[0].value.state is not FieldState.VALUE
        likeness = Likeness.BLANK if blank and group.likeness is not Likeness.CHOICE else group.likeness
        return titles[likeness].format(field=self._speech.label(group.spec), value=self.said(group.tiles[0]))

    def _show_here(self) -> None:
        tile = self.grid.tile
        if tile is None:
            self.here.setText("")
        else:
            told = self.tr("{place} of {count}: {field} – {value}, {sure} sure · {file}, page {page}")
            text = told.format(
                place=self.grid.current + 1,
                count=len(self.grid.tiles),
                field=self._speech.label(tile.spec),
                value=self.said(tile),
                sure=sureness(tile.field.confidence),
                file=tile.page.source.name,
                page=tile.page.number,
            )
            odd = self.tr("left to its document") if tile.key in self.grid.left_out else ""
            self.here.setText(f"{text}  ✕ {odd}" if odd else text)
        self.here.setAccessibleName(self.here.text())
        self.grid.setAccessibleDescription(self.here.text())
        self._aim()

    def _aim(self, *_facts: object) -> None:
        """The page of the current crop, with its field lit."""
        tile = self.grid.tile
        if not self.page.isVisible() or tile is None:
            return
        picture = self._parts.shelf.get(tile.page.image_sha256)
        self.page.show_page(picture, Stance(tile.page), self.tr("The picture of the page is being loaded …"))
        self.page.light([tile.field.page_box])

    def _show_progress(self, done: int, total: int) -> None:
        self.bar.setVisible(done < total)
        self.bar.setRange(0, max(1, total))
        self.bar.setValue(done)
        self._show_heading()

    def _show_loaded(self) -> None:
        self.bar.hide()
        self._show_heading()

    def _show_ready(self) -> None:
        self.buttons["confirm_screen"].setEnabled(bool(self._model.screen) and self._ready())

    # -- what is told --------------------------------------------------------------------------

    def _tell_confirmed(self, count: int) -> None:
        say = self.tr("{count} fields are decided and saved.").format(count=count)
        self.banner.tell(Told(say, self.tr("Ctrl+Z opens them again.")), "ok")

    def _tell_reopened(self, count: int) -> None:
        say = self.tr("{count} fields are open again.").format(count=count)
        self.banner.tell(Told(say), "info")

    def _tell_refused(self, refused: object) -> None:
        if not isinstance(refused, tuple):
            return
        found = [one for one in refused if isinstance(one, Refused)]
        why = self._speech.messages.error(found[0].error)
        say = self.tr("{count} fields were not decided here.").format(count=len(found))
        self.banner.tell(Told(f"{say} {why.say}", why.do), "warn")

    def _tell_failed(self, error: object) -> None:
        if isinstance(error, Exception):
            self.banner.tell(self._speech.messages.error(error), "bad")
