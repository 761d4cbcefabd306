"""The desk of clerks' questions: what was asked, about which field, and a line for the answer."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QLineEdit, QListWidget, QListWidgetItem, QVBoxLayout

from formscan.model.question import Question
from ui.desk import DeskParts
from ui.messages import Told
from ui.viewmodels.asking import Askable
from ui.views.desk_view import DeskView
from ui.widgets.banner import Banner


class QuestionsView(DeskView):
    """Shows what waits, oldest first, and takes answers.

    Args:
        parts: What a desk is made of.
    """

    def __init__(self, parts: DeskParts) -> None:
        super().__init__()
        self._parts = parts
        self._core = parts.backend if isinstance(parts.backend, Askable) else None
        self._waiting: list[Question] = []
        self.heading, self.hint = QLabel(self), QLabel(self)
        self.list, self.line, self.banner = QListWidget(self), QLineEdit(self), Banner(self)
        self.heading.setObjectName("heading")
        self.hint.setObjectName("muted")
        self.list.setWordWrap(True)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(20, 16, 20, 12)
        whole.setSpacing(10)
        for widget in (self.heading, self.hint, self.list, self.banner, self.line):
            whole.addWidget(widget)
        self.list.itemActivated.connect(lambda _item: self.line.setFocus(Qt.FocusReason.OtherFocusReason))
        self.line.returnPressed.connect(self._answer)
        self.retranslate()

    def retranslate(self) -> None:
        """The language changed."""
        self.heading.setText(self.tr("Questions that wait: {count}").format(count=len(self._waiting)))
        self.hint.setText(self.tr("Enter goes to the answer, Enter there gives it; F8 shows the document."))
        self.line.setPlaceholderText(self.tr("Answer"))
        self.line.setAccessibleName(self.tr("Answer"))
        self.list.setAccessibleName(self.heading.text())
        for label in (self.heading, self.hint):
            label.setAccessibleName(label.text())
        self.banner.retranslate()

    def focus(self) -> None:
        """Look what waits."""
        self._load()
        self.list.setFocus(Qt.FocusReason.OtherFocusReason)

    def perform(self, operation: str) -> None:
        """Do one of the desk's operations."""
        question = self._chosen()
        if operation == "load":
            self._load()
        elif operation == "see" and question is not None:
            self._parts.open_draft(question.draft_id)

    def tell(self, told: Told, tone: str = "info") -> bool:
        """Show a message."""
        self.banner.tell(told, tone)
        return True

    def _chosen(self) -> Question | None:
        row = self.list.currentRow()
        return self._waiting[row] if 0 <= row < len(self._waiting) else None

    def _load(self) -> None:
        core = self._core
        if core is not None:
            self._parts.database.run(core.waiting_questions, self._show, self._fail)

    def _show(self, waiting: Sequence[Question]) -> None:
        row = max(0, self.list.currentRow())
        self._waiting = list(waiting)
        self.list.clear()
        for question in self._waiting:
            at = f"{question.asked_at.astimezone():%d/%m/%Y %H:%M}"
            QListWidgetItem(f"{question.text}\n{question.asked_by} · {question.field_id} · {at}", self.list)
        self.list.setCurrentRow(min(row, len(self._waiting) - 1))
        self.retranslate()

    def _answer(self) -> None:
        question, text, core = self._chosen(), self.line.text(), self._core
        if question is None or core is None or not text.strip():
            return

        def given(_answered: Question) -> None:
            self.line.clear()
            self.banner.tell(Told(self.tr("The answer is kept; the clerk sees it at the field.")), "ok")
            self.focus()

        self._parts.database.run(lambda: core.answer_question(question.number, text), given, self._fail)

    def _fail(self, error: Exception) -> None:
        self.banner.tell(self._parts.speech.messages.error(error), "bad")
