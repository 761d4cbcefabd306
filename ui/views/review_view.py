"""The review of one draft: the fields at the left, the page above, the place of work below it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QEvent, QModelIndex, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QSplitter,
    QTreeView,
    QVBoxLayout,
    QWidget,
)

from formscan.model.geometry import Box
from formscan.model.reading import FieldState
from ui.actions import STATES
from ui.items.page_picture import PagePicture, Stance
from ui.speech import Speech
from ui.theme import Theme
from ui.viewmodels.answers import lit_boxes
from ui.viewmodels.field_list import ROW_ROLE, FieldList, Row
from ui.viewmodels.pictures import PictureShelf
from ui.viewmodels.review import ReviewModel
from ui.views.review_talk import ReviewTalk
from ui.views.work_panel import WorkPanel
from ui.widgets.banner import Banner
from ui.widgets.field_delegate import FieldDelegate, field_rows
from ui.widgets.keys import operation_of
from ui.widgets.page_view import PageView

WHILE_LOOKING: Final = frozenset({"accept", "blanks", "cancel", "back"})
"""What can be done while blank fields are looked at."""


class ReviewView(QWidget):
    """Builds, connects and shows; what happens is decided in ``ReviewModel``.

    Args:
        review: The draft.
        shelf: Pictures of its pages.
        speech: Sentences and labels.
        theme: Colours.
        parent: Qt parent.
    """

    left = Signal()
    """The person goes back to the inbox."""
    finished = Signal(object)
    """The entry was released."""

    def __init__(
        self,
        review: ReviewModel,
        shelf: PictureShelf,
        speech: Speech,
        theme: Theme,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._review, self._shelf, self._speech = review, shelf, speech
        self._stances: dict[int, Stance] = {}
        self._page = 0
        self._fresh = False
        self._blanks: tuple[str, ...] = ()
        self._stops: list[tuple[int, float, list[Box]]] = []
        self.rows = FieldList(review, speech, self)
        self.list, self.page_view = field_rows(self), PageView(theme, self)
        self.panel = WorkPanel(review, speech, theme, self)
        self.banner = Banner(self)
        self.talk = ReviewTalk(review, self.banner, speech, self.panel.editor.text, self)
        self._steps = self._make_steps()
        self.heading, self.count, self.bar = QLabel(self), QLabel(self), QProgressBar(self)
        self._delegate = FieldDelegate(theme, self)
        self._build()
        self._connect()
        self.retranslate()

    # -- building ------------------------------------------------------------------------------

    def _build(self) -> None:
        splitter = QSplitter(Qt.Orientation.Horizontal, self)
        splitter.addWidget(self._side())
        splitter.addWidget(self._work())
        splitter.setStretchFactor(1, 1)
        splitter.setChildrenCollapsible(False)
        whole = QHBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(splitter)

    def _side(self) -> QWidget:
        """The fields with their state, under the name of the form."""
        self.list.setModel(self.rows)
        self.list.setItemDelegate(self._delegate)
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setMinimumWidth(280)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.heading.setObjectName("heading")
        self.heading.setWordWrap(True)
        self.count.setObjectName("muted")
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(6)
        side = QWidget(self)
        column = QVBoxLayout(side)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        head = QVBoxLayout()
        head.setContentsMargins(12, 10, 12, 2)
        for widget in (self.heading, self.count, self.bar):
            head.addWidget(widget)
        column.addLayout(head)
        column.addWidget(self.list, 1)
        return side

    def _work(self) -> QWidget:
        """The page over the place of work, with the banner between them."""
        work = QWidget(self)
        column = self._column = QVBoxLayout(work)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.page_view, 1)
        column.addWidget(self.banner)
        column.addWidget(self.panel)
        return work

    def _connect(self) -> None:
        review = self._review
        review.opened.connect(self._show_opened)
        review.current_changed.connect(self._show_current)
        review.field_changed.connect(self._show_changed)
        review.many_changed.connect(self._show_many)
        review.blanks_shown.connect(self._begin_blanks)
        self._shelf.arrived.connect(self._show_picture)
        self._shelf.failed.connect(self._show_no_picture)
        self.talk.settled.connect(self._settle)
        self.talk.finished.connect(self.finished)
        self.banner.closed.connect(self._end_blanks)
        self.panel.operated.connect(self.perform)
        self.panel.keys.watch(self.page_view)
        self.list.clicked.connect(self._choose_row)
        self.list.activated.connect(self._choose_row)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - as Qt calls it
        """Speak the new language."""
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        super().changeEvent(event)

    def retranslate(self) -> None:
        """The language changed."""
        self.list.setAccessibleName(self.tr("Fields"))
        self.page_view.setAccessibleName(self.tr("The page as scanned"))
        self.bar.setAccessibleName(self.tr("Fields decided"))
        self.banner.retranslate()
        self.panel.retranslate()
        if self._review.ready:
            self.rows.build()
            self._select_row()
            self._show_heading()
            self._show_progress()

    def set_theme(self, theme: Theme) -> None:
        """Other colours."""
        self._delegate.theme = theme
        self.page_view.set_theme(theme)
        self.panel.set_theme(theme)
        self.list.viewport().update()

    # -- what the person does ------------------------------------------------------------------

    def perform(self, operation: str) -> None:
        """Do one of ``ui.actions.OPERATIONS``."""
        if not self._review.ready:
            if operation in {"back", "cancel"}:
                self.left.emit()
            return
        if self._blanks and operation not in WHILE_LOOKING:
            return  # the editor is away: nothing may be decided about a field nobody sees
        if operation in STATES:
            self._review.state(FieldState(operation))
        elif operation.startswith("take_"):
            self._review.take(int(operation[-1]))
        else:
            self._steps[operation]()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - as Qt calls it
        """Keys of the review that no editor took."""
        operation = operation_of(event)
        if operation is None:
            super().keyPressEvent(event)
        else:
            self.perform(operation)

    def _make_steps(self) -> dict[str, Callable[[], object]]:
        review, page = self._review, self.page_view
        return {
            "accept": self._accept,
            "previous": lambda: review.walk(-1),
            "next": lambda: review.walk(1),
            "next_doubt": review.go_to_doubt,
            "undo": review.undo,
            "redo": review.redo,
            "blanks": self._go_on_with_blanks,
            "release": review.release,
            "back": self.left.emit,
            "cancel": self._cancel,
            "next_word": self.panel.choose_word,
            "page_before": lambda: self._turn(-1),
            "page_after": lambda: self._turn(1),
            "zoom_in": lambda: page.zoom_by(1),
            "zoom_out": lambda: page.zoom_by(-1),
            "whole_page": lambda: page.set_whole(not page.whole),
        }

    def _accept(self) -> None:
        if self._blanks:
            self._go_on_with_blanks()
        else:
            self._review.accept(self.panel.editor.text(), chosen=self.panel.editor.chosen())

    def _cancel(self) -> None:
        if self.banner.isVisible():
            self.banner.dismiss()
        elif self.page_view.whole:
            self.page_view.set_whole(False)
        else:
            self.panel.focus()

    def _turn(self, by: int) -> None:
        pages = self._review.mirror.pages()
        here = pages.index(self._page) if self._page in pages else 0
        target = pages[min(max(here + by, 0), len(pages) - 1)]
        first = self._review.mirror.first_of_page(target)
        if target != self._page and first is not None:
            self._review.go_to(first)

    # -- all blanks at once: every one of them is shown before they are confirmed ------------------

    def _go_on_with_blanks(self) -> None:
        if not self._blanks:
            self._review.show_blanks()
        elif self._stops:
            self._show_stop()
        else:
            self._end_blanks()
            self._review.confirm_blanks()

    def _begin_blanks(self, found: object) -> None:
        if not isinstance(found, tuple):
            return
        self._blanks = found
        self.panel.hide()  # the page needs the room, and nothing can be typed now
        self.talk.tell_blanks_here(0, 0, 0, len(found))
        self._column.activate()
        self.page_view.setFocus(Qt.FocusReason.OtherFocusReason)
        mirror = self._review.mirror
        for page in sorted({mirror[field_id].spec.page for field_id in found}):
            self._show_page(page)
            here = [mirror[f].proposal.page_box for f in found if mirror[f].spec.page == page]
            self._stops += [(page, top, lit) for top, lit in self.page_view.stops(here)]
        self._show_stop()

    def _show_stop(self) -> None:
        page, top, lit = self._stops.pop(0)
        self._show_page(page)
        self.talk.tell_blanks_here(page, len(lit), len(self._stops), len(self._blanks))
        self.page_view.show_stop(top, lit)

    def _end_blanks(self) -> None:
        if self._blanks:
            self._blanks, self._stops = (), []
            self.panel.show()
            self._aim()
            self._settle()

    # -- what the review tells -----------------------------------------------------------------

    def _show_opened(self) -> None:
        self._stances = {page.number: Stance(page) for page in self._review.mirror.draft.pages}
        self._page = 0
        self._end_blanks()
        self._fresh = True
        self._show_heading()
        self._show_progress()

    def _show_current(self, field_id: str) -> None:
        self._end_blanks()
        if not self._fresh:  # what was said belongs to the field before; problems stay for the first one
            self.banner.hide()
        self._fresh = False
        self._aim()
        stance = self._stances.get(self._page)
        self.panel.show_field(self._picture(self._page), stance)
        self._select_row()
        self._show_progress()
        if self.isVisible():
            self.panel.focus()
        self._preload(field_id)

    def _aim(self) -> None:
        slot = self._review.slot
        self._show_page(slot.spec.page)
        self.page_view.light(lit_boxes(slot))

    def _show_page(self, number: int) -> None:
        if number == self._page and self.page_view.shows(self._picture(number)):
            return
        self._page = number
        notice = self.tr("The picture of the page is being loaded …")
        self.page_view.show_page(self._picture(number), self._stances.get(number), notice)

    def _picture(self, number: int) -> PagePicture | None:
        stance = self._stances.get(number)
        return self._shelf.get(stance.page.image_sha256) if stance else None

    def _preload(self, field_id: str) -> None:
        """Fetch the page of the next open field before it is asked for."""
        target = self._review.mirror.next_open(field_id)
        if target is not None:
            stance = self._stances.get(self._review.mirror[target].spec.page)
            if stance is not None:
                self._shelf.want(stance.page.image_sha256)

    def _show_picture(self, sha256: str) -> None:
        stance = self._stances.get(self._page)
        if stance is None or stance.page.image_sha256 != sha256 or not self._review.ready:
            return
        self.page_view.show_page(self._picture(self._page), stance)
        self.panel.show_picture(self._picture(self._page), stance)

    def _show_no_picture(self, sha256: str, error: object) -> None:
        stance = self._stances.get(self._page)
        if stance is not None and stance.page.image_sha256 == sha256 and isinstance(error, Exception):
            told = self._speech.messages.told("store.no_picture")
            self.page_view.show_page(None, stance, told.whole)

    def _show_changed(self, field_id: str) -> None:
        if field_id == self._review.current:
            self.panel.show_slot(self._review.slot)
        self._show_progress()

    def _show_many(self) -> None:
        self._select_row()
        self.panel.show_slot(self._review.slot)
        self._show_progress()

    def _show_heading(self) -> None:
        form = self._review.mirror.form
        self.heading.setText(f"{form.code} · {self._speech.title(form)}")
        self.heading.setAccessibleName(self.heading.text())

    def _show_progress(self) -> None:
        mirror = self._review.mirror
        total, still = len(mirror.order), len(mirror.open_fields())
        place = mirror.place(self._review.current) + 1 if self._review.current else 0
        told = self.tr("Field {place} of {total} · {open} open").format(place=place, total=total, open=still)
        self.count.setText(told)
        self.count.setAccessibleName(told)
        self.bar.setRange(0, max(1, total))
        self.bar.setValue(total - still)

    def _select_row(self) -> None:
        row = self.rows.row_of(self._review.current)
        if row >= 0:
            index = self.rows.index(row)
            self.list.setCurrentIndex(index)
            self.list.scrollTo(index, QTreeView.ScrollHint.EnsureVisible)

    def _choose_row(self, index: QModelIndex) -> None:
        row = index.data(ROW_ROLE)
        if isinstance(row, Row) and row.field_id:
            self._review.go_to(row.field_id)

    def _settle(self) -> None:
        if self._review.ready and self.isVisible():
            self.panel.focus()
