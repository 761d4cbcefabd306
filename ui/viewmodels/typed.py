"""What is typed and not decided yet, with what the rules and the lists say about it.

Both are asked beside the keys; only the answer about what stands there now counts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from PySide6.QtCore import QObject, Signal

from formscan.model.read_words import read_words
from formscan.model.reading import FieldState, FieldValue, Flag
from formscan.model.visits import Touched, all_typed
from formscan.pipeline.rules.combs import rendered
from formscan.review.completion import Suggestion
from formscan.review.word_doubt import Span
from formscan.review.word_visits import WordVisits, visited
from ui.tasks import TaskRunner
from ui.viewmodels.answers import Choice, Way, alternatives, readings, shown, way, words_read
from ui.viewmodels.backend import Backend
from ui.viewmodels.jotting import Jotter
from ui.viewmodels.mirror import Mirror, Opened, Slot


@dataclass(frozen=True, slots=True)
class Asked:
    """A place that Enter leads to before a text counts.

    Attributes:
        span: First character and the one after the last.
        left: How many places are left with it.
        to_type: Enter does not confirm it: it has to be typed.
    """

    span: Span
    left: int
    to_type: bool


class Typed(QObject):
    """Texts by field of the open draft.

    Args:
        backend: The core.
        pixels: Threads of the questions.
        database: The thread of the store, where what is typed is written down.
        parent: Qt parent.
    """

    checked = Signal(str, object)
    """The rules said something about what stands in an editor: field and its flags."""
    choices_changed = Signal()
    """Other suggestions."""
    word_asked = Signal(object)
    """A word has to be visited or typed (``Asked``)."""

    def __init__(
        self, backend: Backend, pixels: TaskRunner, database: TaskRunner, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.jotter = Jotter(backend, database, self)
        self._backend, self._pixels = backend, pixels
        self._texts: dict[str, str] = {}
        self._checks: dict[tuple[str, str], tuple[Flag, ...]] = {}
        self._visits: dict[str, WordVisits] = {}
        self._written: dict[str, WordVisits] = {}
        self._known: dict[str, set[str]] = defaultdict(set)
        """Words no list has that a person (by id) confirmed since the window was opened."""
        self._asked = ("", "")
        self._found: tuple[str, str, tuple[Suggestion, ...]] = ("", "", ())

    def clear(self) -> None:
        """Another draft; what was typed is written down first."""
        self.jotter.turn_to("")
        self._texts, self._checks, self._visits, self._written = {}, {}, {}, {}
        self._found, self._asked = ("", "", ()), ("", "")

    def begin(self, what: Opened) -> None:
        """Take up what this person typed into the draft before and did not decide on."""
        self._texts = dict(what.typed)
        unread = {f.field_id for f in what.draft.fields if f.value.state is FieldState.UNVERIFIED}
        read = {
            f.field_id: read_words(f, partial(rendered, what.form.field(f.field_id)))
            for f in what.draft.fields
            if f.field_id in what.typed
        }
        self._visits = {
            field_id: WordVisits(
                text, whole=field_id in unread, known=self._known_here, read=read.get(field_id)
            )
            for field_id, text in what.typed.items()
        }
        self.jotter.turn_to(what.draft.id)

    def text(self, slot: Slot) -> str:
        """What the editor of a field begins with: what was typed, else what stands there."""
        typed = self._texts.get(slot.spec.id)
        return shown(slot.value) if typed is None else typed

    def flags(self, slot: Slot, text: str) -> tuple[Flag, ...]:
        """What the rules say about a field with this text in its editor."""
        if text == shown(slot.value):
            return slot.flags
        return self._checks.get((slot.spec.id, text), ())

    def keep(self, field_id: str, text: str) -> None:
        """Keep a text as typed."""
        self._texts[field_id] = text
        self.jotter.note(field_id, text)

    def drop(self, field_id: str) -> None:
        """It was taken back, or typed as it stood before."""
        if self._texts.pop(field_id, None) is not None:
            self.jotter.note(field_id, "")

    def decided(self, field_id: str) -> None:
        """It was decided; the store forgets what was typed there with the decision."""
        self._texts.pop(field_id, None)
        visits = self._visits.pop(field_id, None)
        if visits is not None:
            self._written[field_id] = visits
        self.jotter.settle(field_id)

    def bring_back(self, field_id: str, text: str) -> None:
        """It could not be written: what was typed and visited is there again."""
        if field_id in self._written:
            self._visits[field_id] = self._written.pop(field_id)
        if text:
            self.keep(field_id, text)

    def change(self, mirror: Mirror, slot: Slot, text: str) -> None:
        """The person changed the text of a field."""
        field_id = slot.spec.id
        self._visits_of(slot).change(text)
        if text == shown(slot.value):
            self._visits.pop(field_id, None)
            self.drop(field_id)
            self.checked.emit(field_id, slot.flags)
        else:
            self.keep(field_id, text)
            if text.strip():
                self.check(mirror, slot, text)
            else:
                self.checked.emit(field_id, ())
        self.suggest(mirror, slot)

    def check(self, mirror: Mirror, slot: Slot, text: str, then: Callable[[], None] = lambda: None) -> None:
        """Ask the rules about a text; they are asked again when it is written."""
        form, spec = mirror.form, slot.spec

        def told(answer: tuple[FieldValue, tuple[Flag, ...]]) -> None:
            self._checks[spec.id, text] = answer[1]
            if self._texts.get(spec.id) == text:
                self.checked.emit(spec.id, answer[1])
                then()

        self._pixels.run(lambda: self._backend.check(form, spec, text), told, lambda _error: then())

    # -- words in doubt ------------------------------------------------------------------------

    def take(self, slot: Slot, choice: Choice) -> None:
        """A choice goes into the editor; of a reading nobody has touched a word yet.

        Where no reader stood behind one, all of it is walked through.
        """
        if choice.confidence is not None:
            self._visits[slot.spec.id] = WordVisits(
                choice.text, whole=_unread(slot), known=self._known_here, read=words_read(slot)
            )
        else:  # a list has it: all its words are known
            self._known_here.update(choice.text.casefold().split())

    def stops(self, slot: Slot, text: str, chosen: Span | None) -> bool:
        """Whether a word in doubt has to be visited before Enter counts; it is then asked for."""
        decided = not slot.open and text == shown(slot.value)
        if decided or not visited(slot.spec, critical=slot.proposal.critical):
            return False
        visits, others = self._visits_of(slot), readings(slot)
        visits.change(text)
        word = visits.enter(chosen, others)
        if word is not None:
            self.word_asked.emit(Asked(word, len(visits.left(others)), visits.to_type(word)))
        return word is not None

    def touched(self, slot: Slot, text: str) -> tuple[Touched, ...]:
        """What the person did to the words of a text she decides on now."""
        if way(slot.spec) is Way.OPTIONS:
            return all_typed(text, datetime.now(UTC))  # a key is one of the options
        visits = self._visits_of(slot)
        visits.change(text)
        if not visited(slot.spec, critical=slot.proposal.critical):
            visits.enter_whole()
        return visits.touched()

    @property
    def _known_here(self) -> set[str]:
        return self._known[self._backend.person.id]

    def _visits_of(self, slot: Slot) -> WordVisits:
        """What was touched of a field; nothing of a proposal, all of what somebody decided."""
        field_id = slot.spec.id
        if field_id not in self._visits:
            there = shown(slot.value)
            begun, decided = (there, "") if slot.open else ("", there)
            visits = WordVisits(begun, known=self._known_here, read=words_read(slot), decided=decided)
            visits.change(there)
            self._visits[field_id] = visits
        return self._visits[field_id]

    # -- choices -------------------------------------------------------------------------------

    def choices(self, slot: Slot) -> tuple[Choice, ...]:
        """What one key puts into the editor: suggestions for what is typed, other readings before that."""
        if way(slot.spec) is Way.OPTIONS:
            return ()
        where, asked, found = self._found
        if found and (where, asked) == (slot.spec.id, self._texts.get(slot.spec.id, "")):
            return tuple(Choice(one.text, one.shown) for one in found)
        walked = _unread(slot) and visited(slot.spec, critical=slot.proposal.critical)
        read = words_read(slot) if walked else None
        texts = {
            read.masked(one.text) if read else one.text: one.confidence
            for one in reversed(alternatives(slot))
        }
        return tuple(Choice(text, text, sure) for text, sure in reversed(texts.items()))

    def suggest(self, mirror: Mirror, slot: Slot) -> None:
        """Ask what may be meant by what is typed; where something is proposed and nothing typed, nothing."""
        spec, typed = slot.spec, self._texts.get(slot.spec.id, "")
        self._asked = (spec.id, typed)
        if way(spec) is Way.OPTIONS or (not typed and shown(slot.value)):
            self._keep_found("", "", ())
            return
        texts = {other.spec.id: shown(other.value) for other in mirror.slots()}
        around = {field_id: text for field_id, text in texts.items() if text}

        def told(found: Sequence[Suggestion]) -> None:
            if self._asked == (spec.id, typed):
                self._keep_found(spec.id, typed, tuple(found))

        self._pixels.run(lambda: self._backend.suggest(spec, typed, around), told)

    def learn(self, slot: Slot) -> None:
        """A value was decided; it may come again."""
        spec, text = slot.spec, shown(slot.value)
        if text and way(spec) is Way.LINE:
            self._pixels.run(lambda: self._backend.learn(spec, text))

    def _keep_found(self, field_id: str, text: str, found: tuple[Suggestion, ...]) -> None:
        if (field_id, text, found) != self._found:
            self._found = (field_id, text, found)
            self.choices_changed.emit()


def _unread(slot: Slot) -> bool:
    """Whether no reader stood behind a text."""
    return not shown(slot.proposal.value)
