"""Asks for a question during a review, and tells the answers that came back."""

from __future__ import annotations

from PySide6.QtCore import QObject

from formscan.model.question import Question
from ui.messages import Told
from ui.speech import Speech
from ui.viewmodels.asking import Asking
from ui.viewmodels.review import ReviewModel
from ui.widgets.banner import Banner


class QuestionTalk(QObject):
    """Puts questions and answers into the banner of the review.

    Args:
        review: The draft.
        asking: Its questions.
        banner: Where it is said.
        speech: Sentences and labels.
        parent: Qt parent.
    """

    def __init__(
        self,
        review: ReviewModel,
        asking: Asking,
        banner: Banner,
        speech: Speech,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._review, self._asking, self._banner, self._speech = review, asking, banner, speech
        self._about = ""
        review.opened.connect(self._open)
        review.current_changed.connect(self._tell_known)
        asking.changed.connect(self._tell_known)
        asking.asked.connect(self._go_on)
        asking.failed.connect(self._tell_failed)
        banner.answered.connect(self._take)
        banner.closed.connect(self._leave)

    def ask(self) -> None:
        """Let the person type a question about the current field."""
        if self._review.ready and not self._review.asked and self._asking.possible:
            self._about = self._review.current
            say = self.tr("What do you ask the supervisor about “{field}”?").format(field=self._name())
            do = self.tr("Enter keeps the question and goes on; the field stays open. Esc leaves it.")
            self._banner.ask(Told(say, do))

    def _name(self) -> str:
        return self._speech.label(self._review.slot.spec)

    def _take(self, text: str) -> None:
        about, self._about = self._about, ""
        if about and text.strip():
            self._asking.ask(about, text)
        elif about:
            self._banner.dismiss()

    def _leave(self) -> None:
        self._about = ""

    def _go_on(self, _field_id: str) -> None:
        self._banner.hide()
        if self._review.ready:
            self._review.go_to_open()
        say = self.tr("The question is kept; its field stays open until you decide it.")
        self._banner.tell(Told(say), "ok")

    def _open(self) -> None:
        self._asking.open(self._review.mirror.draft.id)

    def _tell_known(self, _field_id: str = "") -> None:
        """A question about the current field, with its answer where there is one."""
        found = self._asking.about(self._review.current) if self._review.ready else None
        if found is not None and self._review.slot.open and not self._review.asked:
            self._tell(found)

    def _tell(self, question: Question) -> None:
        say = self.tr("Asked: {question}").format(question=question.text)
        waits = self.tr("Nobody answered yet.")
        answer = self.tr("{person} answered: {answer}")
        do = answer.format(person=question.answered_by, answer=question.answer) if question.answer else waits
        self._banner.tell(Told(say, do), "ok" if question.answer else "info")

    def _tell_failed(self, error: object) -> None:
        if isinstance(error, Exception):
            self._banner.tell(self._speech.messages.error(error), "bad")
