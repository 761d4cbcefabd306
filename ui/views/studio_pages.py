"""The page of the form under construction, and beside it the same page of an earlier edition."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QRect, Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QScrollArea, QScrollBar, QVBoxLayout, QWidget

from formscan.designer.studio.document import StudioField
from formscan.model.page import Grey
from formscan.model.template import FormTemplate
from formscan.templates.render import draw_page
from ui.speech import says
from ui.theme import Theme
from ui.viewmodels.studio import SHOWN_DPI
from ui.viewmodels.studio_steps import StudioSteps
from ui.widgets.paper_view import PaperView


class StudioPages(QWidget):
    """Shows pages; what the mouse does on the one under construction goes to the model.

    Args:
        model: The form under construction.
        theme: Colours.
        parent: Qt parent.
    """

    def __init__(self, model: StudioSteps, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self.paper, self.before = (PaperView(theme, SHOWN_DPI) for _ in range(2))
        self.pane, self.pane_before = QScrollArea(self), QScrollArea(self)
        self._drawn: dict[int, Grey] = {}
        self._shown = 0
        self._old: FormTemplate | None = None
        self.name, self.name_before = QLabel(self), QLabel(self)
        self.beside = QWidget(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        now = QWidget(self)
        for side, name, pane, paper in (
            (self.beside, self.name_before, self.pane_before, self.before),
            (now, self.name, self.pane, self.paper),
        ):
            pane.setWidget(paper)
            pane.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            name.setObjectName("muted")
            column = QVBoxLayout(side)
            column.setContentsMargins(0, 0, 0, 0)
            column.setSpacing(4)
            column.addWidget(name)
            column.addWidget(pane, 1)
            row.addWidget(side, 1)
        _in_step(self.pane, self.pane_before)
        _in_step(self.pane_before, self.pane)
        self.before.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.before.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.beside.hide()
        self.name.hide()
        for signal, slot in (
            (self.paper.picked, model.select),
            (self.paper.placed, model.pick_place),
            (self.paper.moved, model.move),
            (self.paper.resized, model.resize),
            (self.paper.drawn, model.draw),
        ):
            signal.connect(slot)

    def retranslate(self) -> None:
        """The language changed."""
        self.paper.setAccessibleName(says("Page of the blank form"))
        self.before.setAccessibleName(says("The page in the earlier edition"))
        self._tell()

    def set_theme(self, theme: Theme) -> None:
        """Other colours."""
        for paper in (self.paper, self.before):
            paper.set_theme(theme)

    def begin(self) -> None:
        """Another form was opened."""
        self._drawn.clear()
        self._shown = 0

    def show_page(self) -> None:
        """The page that is worked on, with its fields."""
        studio, number = self._model.studio, self._model.page
        if studio is None:
            return
        if number != self._shown:
            if number not in self._drawn:
                page = next(p for p in studio.document.pages if p.number == number)
                self._drawn[number] = draw_page(page, SHOWN_DPI)
            self.paper.show_page(self._drawn[number])
            self._shown = number
        self.show_fields()

    def show_fields(self) -> None:
        """Its fields as they stand."""
        model = self._model
        self.paper.show_fields(model.fields(), model.handle, model.marked, model.place)

    def bring(self) -> None:
        """Scroll to the field that is worked on."""
        _bring(self.pane, self.paper.outline(self._model.handle).toRect())

    def show_before(self, old: FormTemplate | None) -> None:
        """The same page of an earlier edition beside it, or nothing."""
        self._old = old
        self.beside.setVisible(old is not None)
        self.name.setVisible(old is not None)
        self._tell()
        if old is not None:
            page = next((page for page in old.pages if page.number == self._model.page), None)
            self.before.show_page(None if page is None else draw_page(page, SHOWN_DPI))
            self.before.show_fields(self._standing(old), "")

    def show_change(self, field_id: str, before: str) -> None:
        """A field in both editions.

        Args:
            field_id: Its id now, or then where it is gone.
            before: Its id then, where it has another one now.
        """
        studio, old = self._model.studio, self._old
        if studio is None or old is None:
            return
        now = next((f for f in studio.document.fields if f.spec.id == field_id), None)
        then = next((f for f in old.fields if f.id in {field_id, before}), None)
        if now is not None:
            self._model.select(now.handle)
        elif then is not None:
            self._model.page = min(then.page, len(studio.document.pages))
            self.show_page()
        self.show_before(old)
        if then is not None:
            self.before.show_fields(self._standing(old), then.id)
            _bring(self.pane_before, self.before.outline(then.id).toRect())

    def _tell(self) -> None:
        """Which side is which edition."""
        self.name.setText(says("This edition"))
        version = "" if self._old is None else self._old.version
        self.name_before.setText(says("Edition {version}").format(version=version))

    def _standing(self, old: FormTemplate) -> tuple[StudioField, ...]:
        return tuple(StudioField(spec.id, spec, accepted=True) for spec in old.fields_of(self._model.page))


def _in_step(pane: QScrollArea, other: QScrollArea) -> None:
    """What a person scrolls in one is scrolled in the other; bringing a field into view is not."""
    for bar, follows in (
        (pane.verticalScrollBar(), other.verticalScrollBar()),
        (pane.horizontalScrollBar(), other.horizontalScrollBar()),
    ):
        bar.actionTriggered.connect(partial(_follow, bar, follows))


def _follow(bar: QScrollBar, follows: QScrollBar, _action: int) -> None:
    share = bar.sliderPosition() / max(1, bar.maximum())
    follows.setValue(round(share * follows.maximum()))


def _bring(pane: QScrollArea, lit: QRect) -> None:
    if not lit.isEmpty():
        pane.ensureVisible(lit.center().x(), lit.center().y(), 80, 120)
