"""The review of one draft: what the person does, ahead of the journal and never without it.

A step is shown at once and written in the database thread. Where it cannot be written, the person is
brought back to the field with what was typed and with the reason; nothing else is taken back.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

from PySide6.QtCore import QObject, Signal

from formscan.errors import FormScanError, ReviewError
from formscan.model.reading import FieldState, FieldValue, Flag, Severity
from formscan.model.record import EmrEntry
from formscan.model.review import Action
from formscan.review.session import ReviewSession
from formscan.review.word_doubt import Span
from ui.tasks import TaskRunner
from ui.viewmodels.answers import Choice, shown
from ui.viewmodels.backend import Backend
from ui.viewmodels.before import FormsBefore
from ui.viewmodels.mirror import Mirror, Opened, Slot, Snapshot
from ui.viewmodels.pen import Pen, SkippedError
from ui.viewmodels.typed import Typed

NEEDS_REASON: Final = "review.reason_needed"
FEW: Final = 3
"""So many changed fields are told one by one; more of them at once."""


class ReviewModel(QObject):
    """One person at one draft, as the review view sees it.

    Args:
        backend: The core.
        database: The thread of the store; one.
        pixels: Threads for everything else.
        parent: Qt parent.
    """

    opened = Signal()
    open_failed = Signal(object)
    current_changed = Signal(str)
    field_changed = Signal(str)
    many_changed = Signal()
    refused = Signal(str)
    """A step makes no sense now; the code says why."""
    write_failed = Signal(str, object)
    """A step could not be written; the field is current again and keeps what was typed."""
    reason_asked = Signal(str)
    reason_settled = Signal()
    typing_checked = Signal(str, object)
    """The rules said something about what is being typed: field and its flags."""
    choices_changed = Signal()
    """Other suggestions for what is being typed."""
    word_asked = Signal(object)
    """Enter does not count yet: the place of a word in doubt to visit, and how many are left."""
    text_offered = Signal(str)
    """A reading was taken over into the editor."""
    saved = Signal()
    """Every step made so far is in the journal."""
    blanks_shown = Signal(object)
    blanks_confirmed = Signal(int)
    release_blocked = Signal(object)
    release_offered = Signal()
    released = Signal(object)
    kept_back = Signal(object)
    """The store would not release: an ``Exception``."""

    def __init__(
        self, backend: Backend, database: TaskRunner, pixels: TaskRunner, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._backend = backend
        self._database = database
        self._pen = Pen(backend, database)
        self._mirror: Mirror | None = None
        self._typed = Typed(backend, pixels, database, self)
        self._typed.jotter.failed.connect(self.write_failed)
        self._typed.checked.connect(self.typing_checked)
        self._typed.choices_changed.connect(self.choices_changed)
        self._typed.word_asked.connect(self.word_asked)
        self._before = FormsBefore()
        self._with_reason: Callable[[str], None] | None = None
        self._offered = False
        self._told: FormScanError | None = None
        self.current = ""

    # -- opening -------------------------------------------------------------------------------

    def open(self, draft_id: str) -> None:
        """Begin or resume the review of a draft."""
        self.close()
        self._pen.open(draft_id, self._show_opened, self.open_failed.emit)

    def close(self) -> None:
        """Turn away from the draft; what was decided is still written."""
        self._before.leave(self._mirror)
        self._pen.drop()
        self._pen = Pen(self._backend, self._database)
        self._mirror, self.current, self._with_reason, self._offered, self._told = None, "", None, False, None
        self._typed.clear()

    def _show_opened(self, what: Opened) -> None:
        self._mirror, self.current = Mirror(what), what.current
        self._typed.begin(what)
        self.opened.emit()
        if self.current:
            self.current_changed.emit(self.current)
            self._typed.suggest(self.mirror, self.slot)
        if self._before.undo_here:
            self._before.undo_here = False
            self.undo()
        if self._told is not None:
            self.go_to(self._told.facts.get("first", self.current))
            self.kept_back.emit(self._told)
            self._told = None

    @property
    def mirror(self) -> Mirror:
        """The draft as the window believes it to be.

        Raises:
            ReviewError: ``review.none_open`` before one was opened.
        """
        if self._mirror is None:
            raise ReviewError("review.none_open")
        return self._mirror

    @property
    def ready(self) -> bool:
        """A draft with fields is open."""
        return self._mirror is not None and bool(self.current)

    @property
    def slot(self) -> Slot:
        """The current field."""
        return self.mirror[self.current]

    @property
    def pending(self) -> int:
        """Steps that are not in the journal yet."""
        return self._pen.pending

    @property
    def unwritten(self) -> bool:
        """A step was refused by the store and nothing was decided there since."""
        slots = self._mirror.slots() if self._mirror is not None else ()
        return any(slot.trouble not in {"", NEEDS_REASON} for slot in slots)

    @property
    def asked(self) -> bool:
        """A reason is asked for at the current field."""
        return self._with_reason is not None

    def text_of(self, field_id: str) -> str:
        """What the editor of a field begins with: what was typed and not decided, else what stands there."""
        return self._typed.text(self.mirror[field_id])

    def flags_of(self, field_id: str, text: str) -> tuple[Flag, ...]:
        """What the rules say about a field with this text in its editor."""
        return self._typed.flags(self.mirror[field_id], text)

    # -- walking -------------------------------------------------------------------------------

    def go_to(self, field_id: str) -> None:
        """Make a field the current one."""
        if not self.ready or field_id not in self.mirror:
            return
        self._with_reason, self._offered = None, False
        self.current = field_id
        self.current_changed.emit(field_id)
        self._typed.suggest(self.mirror, self.slot)

    def walk(self, by: int) -> None:
        """Go ``by`` fields on in reading order, whatever they are."""
        if self.ready:
            self.go_to(self.mirror.step(self.current, by))

    def go_to_open(self) -> None:
        """Go to the next open field; where there is none, offer the release."""
        target = self.mirror.next_open(self.current)
        if target is not None:
            self.go_to(target)
        elif self.slot.open:
            self.go_to(self.current)
        else:
            self.current_changed.emit(self.current)
            self.offer_release()

    def go_to_doubt(self) -> None:
        """Go to the next field that asks for a second look."""
        target = self.mirror.next_doubt(self.current) if self.ready else None
        if target is None:
            self.refused.emit("review.no_doubt")
        else:
            self.go_to(target)

    # -- typing --------------------------------------------------------------------------------

    def typed(self, text: str) -> None:
        """The person changed the text of the current field; the rules are asked beside it."""
        if self.ready:
            self._typed.change(self.mirror, self.slot, text)

    def take(self, place: int) -> None:
        """Put choice number ``place`` (from 1) into the editor."""
        found = self.choices() if self.ready else ()
        if place <= len(found):
            self._typed.take(self.slot, found[place - 1])
            self.text_offered.emit(found[place - 1].text)

    def choices(self) -> tuple[Choice, ...]:
        """What one key puts into the editor: suggestions for what is typed, other readings before that."""
        return self._typed.choices(self.slot)

    # -- deciding ------------------------------------------------------------------------------

    def accept(self, text: str, reason: str = "", chosen: Span | None = None) -> None:
        """Enter: stand behind what is shown, or behind what was typed, and go to the next open field.

        Words in doubt come first (``word_asked``); ``chosen`` is what is selected in the editor.
        """
        if not self._may_decide() or self._typed.stops(self.slot, text, chosen):
            return
        slot, text = self.slot, text.strip()
        if text == shown(slot.value).strip() and not slot.open:
            self._accept_again(slot, reason)
        elif text == shown(slot.proposal.value).strip() and slot.open:
            self._confirm(slot, reason)
        elif not text:
            self.refused.emit("review.empty_text")
        else:
            self._correct(slot, text, reason)

    def state(self, state: FieldState, reason: str = "") -> None:
        """Say what the current field is instead of giving it a value, and go on."""
        if not self._may_decide():
            return
        field_id = self.current
        self._decide(
            lambda s: s.state(field_id, state, reason),
            (FieldValue(state), Action.STATED, reason),
            lambda why: self.state(state, why),
        )

    def give_reason(self, reason: str) -> None:
        """Answer the question for a reason; the step that needed it goes on."""
        if self._with_reason is None:
            return
        if not reason.strip():
            self.refused.emit(NEEDS_REASON)
            return
        step, self._with_reason = self._with_reason, None
        self.reason_settled.emit()
        step(reason.strip())

    def cancel(self) -> None:
        """Leave the question that is open now."""
        if self._with_reason is not None:
            self._with_reason = None
            self.reason_settled.emit()
        self._offered = False

    def _accept_again(self, slot: Slot, reason: str) -> None:
        """A decided field: only a missing reason can be added."""
        text = shown(slot.value)
        if not slot.blocks:
            self.go_to_open()
        elif not reason:
            self._ask_reason(lambda why: self.accept(text, why))
        else:
            action = Action.CONFIRMED if slot.action is Action.GATED else slot.action
            step = (slot.value, action or Action.CONFIRMED, reason)
            self._decide(
                lambda s: s.give_reason(slot.spec.id, reason), step, lambda why: self.accept(text, why)
            )

    def _confirm(self, slot: Slot, reason: str) -> None:
        proposed, text, field_id = slot.proposal.value, shown(slot.proposal.value), slot.spec.id
        if proposed.state is FieldState.UNVERIFIED:
            self.refused.emit("review.nothing_to_confirm")
        elif slot.hard and not reason:
            self._ask_reason(lambda why: self.accept(text, why))
        else:
            step = (proposed, Action.CONFIRMED, reason)
            self._decide(lambda s: s.confirm(field_id, reason), step, lambda why: self.accept(text, why))

    def _correct(self, slot: Slot, text: str, reason: str) -> None:
        field_id, flags = slot.spec.id, self.flags_of(slot.spec.id, text)
        if not reason and any(flag.severity is Severity.HARD for flag in flags):
            self._ask_reason(lambda why: self.accept(text, why))
            return
        step = (FieldValue(FieldState.VALUE, text), Action.CORRECTED, reason)
        touched, again = self._typed.touched(slot, text), partial(self.accept, text)
        self._decide(lambda s: s.correct(field_id, text, reason, touched=touched), step, again, text)

    def _ask_reason(self, step: Callable[[str], None]) -> None:
        self._with_reason = step
        self.reason_asked.emit(self.current)

    def _may_decide(self) -> bool:
        if self.ready and self.mirror.closed:
            self.refused.emit("review.closed")
        return self.ready and not self.mirror.closed

    def _decide(
        self,
        work: Callable[[ReviewSession], None],
        step: tuple[FieldValue, Action, str],
        again: Callable[[str], None],
        text: str = "",
    ) -> None:
        """Show a step at the current field as done, write it, and go on.

        Args:
            work: The step in the session.
            step: What it is expected to leave: value, action and reason.
            again: Does it again with a reason, where the session finds that one is needed.
            text: What was typed, to be kept where it cannot be written.
        """
        field_id = self.current
        self.mirror.expect(field_id, *step)
        self._typed.decided(field_id)

        def written(_nothing: None, told: Snapshot) -> None:
            self.mirror.written(field_id)
            self._typed.learn(self.mirror[field_id])
            self.field_changed.emit(field_id)
            self._settle(told)

        self._pen.step(work, written, lambda error: self._bring_back(field_id, text, error, again))
        self.field_changed.emit(field_id)
        self.go_to_open()

    def _bring_back(self, field_id: str, text: str, error: Exception, again: Callable[[str], None]) -> None:
        """A step was not written: back to its field, with what was typed."""
        code = error.code if isinstance(error, FormScanError) else "system.fault"
        self.mirror.refused(field_id, code)
        self._typed.bring_back(field_id, text)
        self.field_changed.emit(field_id)
        self.go_to(field_id)
        if code != NEEDS_REASON:
            self.write_failed.emit(field_id, error)
        elif text:
            self._typed.check(self.mirror, self.slot, text, lambda: self._ask_reason(again))
        else:
            self._ask_reason(again)

    def _settle(self, told: Snapshot) -> None:
        changed = self.mirror.settle(told)
        if len(changed) > FEW:
            self.many_changed.emit()
        else:
            for field_id in changed:
                self.field_changed.emit(field_id)
        if not self.pending:
            self.saved.emit()

    # -- taking back ---------------------------------------------------------------------------

    def undo(self) -> None:
        """Withdraw the last step and show its field; from a form without one, go back to the form before."""
        before = self._before.wanted(self.mirror) if self.ready else None
        if before is not None:
            self.open(before)
            return
        self._take_back(lambda session: session.undo(), "review.nothing_to_undo")

    def redo(self) -> None:
        """Decide again what was undone last and show its field."""
        self._take_back(lambda session: session.redo(), "review.nothing_to_redo")

    def _take_back(self, step: Callable[[ReviewSession], str | None], nothing: str) -> None:
        if not self._may_decide():
            return

        def taken(found: str | None, told: Snapshot) -> None:
            self._settle(told)
            if found is None:
                back = nothing == "review.nothing_to_undo" and self._before.offer(self.mirror)
                self.refused.emit("review.undo_before" if back else nothing)
            else:
                self._typed.drop(found)
                self.go_to(found)

        self._pen.step(step, taken, self._tell_refusal, relative=True)

    def _tell_refusal(self, error: Exception) -> None:
        if not isinstance(error, SkippedError):
            self.write_failed.emit(self.current, error)

    # -- many at once, and the end -------------------------------------------------------------

    def show_blanks(self) -> tuple[str, ...]:
        """Light the open fields read as blank beyond doubt, for a look before they are confirmed."""
        found = self.mirror.sure_blanks() if self._may_decide() else ()
        if found:
            self.blanks_shown.emit(found)
        elif self.ready:
            self.refused.emit("review.no_blanks")
        return found

    def confirm_blanks(self) -> None:
        """Confirm them in one step."""
        if not self._may_decide():
            return

        def confirmed(found: tuple[str, ...], told: Snapshot) -> None:
            self._settle(told)
            self.go_to_open()
            self.blanks_confirmed.emit(len(found))

        self._pen.step(lambda s: s.confirm_blanks(), confirmed, self._tell_refusal)

    def offer_release(self) -> None:
        """Name the fields that are in the way of the entry, or say that it can be released; no more."""
        if not self._may_decide():
            return
        blockers = self.mirror.blockers()
        self._offered = not blockers
        if blockers:
            self.release_blocked.emit(blockers)
        else:
            self.release_offered.emit()

    def release(self) -> None:
        """Make the entry if that was offered just now; offer it otherwise."""
        if not self._offered or not self._may_decide() or self.mirror.blockers():
            self.offer_release()
            return
        self._offered = False
        self._pen.step(lambda s: s.release(), self._tell_released, self._tell_kept_back)

    def _tell_kept_back(self, error: Exception) -> None:
        if isinstance(error, FormScanError) and error.code == "review.planted":
            self.open(self.mirror.draft.id)  # with what was truly read
            self._told = error
        elif not isinstance(error, SkippedError):
            self.kept_back.emit(error)

    def _tell_released(self, entry: EmrEntry, told: Snapshot) -> None:
        self._settle(told)
        self.released.emit(entry)
