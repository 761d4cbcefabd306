"""What the window says during a review: refusals, questions for a reason, what blocks the release."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from formscan.model.reading import FieldState, Flag, Severity
from formscan.model.record import EmrEntry
from formscan.model.review import Action
from ui.messages import Told
from ui.speech import Speech
from ui.viewmodels.review import ReviewModel
from ui.widgets.banner import Banner


class ReviewTalk(QObject):
    """Puts what a review tells into the banner, and what is answered there into the review.

    Args:
        review: The draft.
        banner: Where it is said.
        speech: Sentences and labels.
        editor_text: What is in the editor now.
        parent: Qt parent.
    """

    settled = Signal()
    """Nothing is asked any more: the editor may have the keys again."""
    finished = Signal(object)

    def __init__(
        self,
        review: ReviewModel,
        banner: Banner,
        speech: Speech,
        editor_text: Callable[[], str],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._review, self._banner, self._speech = review, banner, speech
        self._editor_text = editor_text
        review.opened.connect(self._tell_problems)
        review.open_failed.connect(self._tell_failed_open)
        review.refused.connect(self._tell_refusal)
        review.write_failed.connect(self._tell_failed_write)
        review.reason_asked.connect(self._ask_reason)
        review.reason_settled.connect(self.end)
        review.blanks_confirmed.connect(self._tell_blanks)
        review.release_blocked.connect(self._tell_blockers)
        review.release_offered.connect(self._offer_release)
        review.released.connect(self._tell_released)
        review.kept_back.connect(self._tell_kept_back)
        banner.answered.connect(review.give_reason)
        banner.chosen.connect(self._go_to)
        banner.closed.connect(self._leave)

    def end(self) -> None:
        """Close what is said, without the person having left it."""
        self._banner.hide()
        self.settled.emit()

    def name_of(self, field_id: str) -> str:
        """The label of a field."""
        known = self._review.ready and field_id in self._review.mirror
        return self._speech.label(self._review.mirror[field_id].spec) if known else field_id

    def tell_blanks_here(self, page: int, here: int, rest: int, total: int) -> None:
        """Say what the lit blank fields mean; ``rest`` stops follow this one."""
        say = self.tr("{here} fields here on page {page} were read as blank; they are lit.")
        go_on = self.tr("Look over them. F9 or Enter goes on, Esc leaves it.")
        last = self.tr("Look over them. F9 or Enter confirms all {total} as blank, Esc leaves it.")
        do = go_on if rest else last
        self._banner.tell(Told(say.format(here=here, page=page), do.format(total=total)), "warn")

    def _leave(self) -> None:
        self._review.cancel()
        self.settled.emit()

    def _go_to(self, field_id: str) -> None:
        self._review.go_to(field_id)
        self.settled.emit()

    def _tell_problems(self) -> None:
        problems = self._review.mirror.draft.problems
        if problems:
            told = [self._speech.messages.problem(problem) for problem in problems]
            self._banner.tell(
                Told(" ".join(one.say for one in told), " ".join(dict.fromkeys(one.do for one in told))),
                "warn",
            )
        else:
            self._banner.hide()

    def _tell_failed_open(self, error: object) -> None:
        if isinstance(error, Exception):
            self._banner.tell(self._speech.messages.error(error), "bad")

    def _tell_refusal(self, code: str) -> None:
        tone = "info" if code in {"review.no_doubt", "review.no_blanks"} else "warn"
        told = self._speech.messages.told(code)
        if code == "review.reason_needed":
            self._banner.ask(told)
        else:
            self._banner.tell(told, tone)
            self.settled.emit()

    def _tell_failed_write(self, field_id: str, error: object) -> None:
        if not isinstance(error, Exception):
            return
        why = self._speech.messages.error(error, self.name_of)
        lost = self.tr("“{field}” is not saved.").format(field=self.name_of(field_id))
        self._banner.tell(Told(f"{lost} {why.say}", why.do), "bad")

    def _ask_reason(self, field_id: str) -> None:
        flags = self._review.flags_of(field_id, self._editor_text())
        hard = [flag for flag in flags if flag.severity is Severity.HARD]
        said = " ".join(self._flag(flag).say for flag in hard)
        ask = self.tr("Why does it stay as it is? Type the reason, then Enter; Esc goes back to the value.")
        self._banner.ask(Told(said or self._speech.messages.told("review.reason_needed").say, ask))

    def _flag(self, flag: Flag) -> Told:
        return self._speech.messages.flag(flag, self.name_of)

    def _tell_blanks(self, count: int) -> None:
        said = self.tr("{count} fields confirmed as blank.").format(count=count)
        self._banner.tell(Told(said, self.tr("Ctrl+Z takes all of them back.")), "ok")
        self.settled.emit()

    def _tell_blockers(self, blockers: object) -> None:
        if not isinstance(blockers, tuple):
            return
        mirror = self._review.mirror
        lines = []
        for field_id in blockers:
            slot = mirror[field_id]
            why = self.tr("open") if slot.open else self.tr("needs a reason")
            why = self.tr("not saved") if slot.trouble else why
            page = self.tr("Page {page}").format(page=slot.spec.page)
            lines.append((field_id, f"{self.name_of(field_id)}  –  {page}, {why}"))
        say = self.tr("The entry cannot be released yet: {count} fields are in the way.")
        do = self.tr("Choose one with the arrow keys, Enter goes there, Esc closes the list.")
        self._banner.tell_list(Told(say.format(count=len(lines)), do), lines)

    def _offer_release(self) -> None:
        slots = list(self._review.mirror.slots())
        corrected = sum(slot.action is Action.CORRECTED for slot in slots)
        blank = sum(slot.value.state is FieldState.BLANK for slot in slots)
        say = self.tr(
            "All {total} fields are decided: {corrected} corrected, {blank} blank, {other} in another state."
        ).format(
            total=len(slots),
            corrected=corrected,
            blank=blank,
            other=sum(slot.value.state not in {FieldState.VALUE, FieldState.BLANK} for slot in slots),
        )
        problems = [self._speech.messages.problem(p).say for p in self._review.mirror.draft.problems]
        do = self.tr("F12 once more releases the entry; afterwards only a new version can change it.")
        self._banner.tell(Told(" ".join([say, *problems]), do), "ok")
        self.settled.emit()

    def _tell_kept_back(self, error: object) -> None:
        if isinstance(error, Exception):
            self._banner.tell(self._speech.messages.error(error, self.name_of), "warn")
            self.settled.emit()

    def _tell_released(self, entry: object) -> None:
        self._banner.hide()
        if isinstance(entry, EmrEntry):
            self.finished.emit(entry)
