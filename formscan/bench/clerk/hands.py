"""A simulated clerk at the real review session: sees what is written, looks, types, slips, notices.

She knows the truth only by looking: a wrong proposal is noticed with the rate of ``costs``, a wrong key
goes unnoticed with its rate, and what the session refuses or flags she looks at again.
"""

from __future__ import annotations

import difflib
import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from formscan.bench.clerk.costs import (
    CATCH_COMPARED,
    CATCH_DOUBTED,
    CATCH_PLAIN,
    SLIP_CHOICE,
    SLIP_KEY,
    Work,
)
from formscan.bench.clerk.mending import (
    Stops,
    mending_keys,
    steps_of,
    stops_of,
    typing_keys,
    word_by_word,
    wrong_steps,
)
from formscan.bench.clerk.telex import keys_of
from formscan.bench.score import Outcome, outcome_of
from formscan.bench.truth import FieldTruth
from formscan.errors import ReviewError
from formscan.model.read_words import ReadWords, read_words
from formscan.model.reading import Alternative, FieldState, FieldValue, Severity
from formscan.model.template import FieldKind, FieldSpec, FormTemplate, ValueType
from formscan.pipeline.check import check_value
from formscan.pipeline.rules.combs import rendered
from formscan.review.choices import doubting, other_readings
from formscan.review.completion import Completer
from formscan.review.session import ReviewSession
from formscan.review.word_doubt import Span
from formscan.review.word_visits import WordVisits, visited

REASON_KEYS = 12
"""Keys of a short reason where a rule is overruled."""
LONGEST_SUGGESTED = 4
"""Words somebody types at most before she looks at the suggestions."""


@dataclass(slots=True)
class Clerk:
    """One person with her work so far.

    Attributes:
        rng: Her luck.
        template: The form.
        truths: What is written, by field.
        completer: Suggestions, where the way has them.
        readings: She has other readings one key away.
        mends: She takes a reading that is not right over into the editor and types over its wrong words.
        visits: The station makes her stop at every word in doubt before it takes a text.
        known: Words in no list she typed and confirmed before, on any form; the station asks no more.
    """

    rng: np.random.Generator
    template: FormTemplate
    truths: Mapping[str, FieldTruth]
    completer: Completer | None = None
    readings: bool = False
    mends: bool = True
    visits: bool = False
    known: set[str] = field(default_factory=set)
    work: Work = field(default_factory=Work)

    def written(self, field_id: str) -> FieldValue:
        """What she reads on the paper, as the session understands it."""
        truth, spec = self.truths[field_id], self.template.field(field_id)
        if truth.state is not FieldState.VALUE:
            return FieldValue(truth.state)
        if spec.type is ValueType.PRESENCE:
            return FieldValue(FieldState.VALUE, "true", "true")
        return check_value(self.template, spec, truth.text)[0]

    def right(self, field_id: str, value: FieldValue) -> bool:
        """Whether a value is what is written."""
        spec, truth = self.template.field(field_id), self.truths[field_id]
        if spec.type is ValueType.PRESENCE:
            return value.state is truth.state
        return outcome_of(self.template, truth, value) is Outcome.RIGHT

    def notices(self, field_id: str, value: FieldValue, *, doubted: bool) -> bool:
        """Whether she sees that a value is not what is written; each wrong word gives her a chance."""
        if self.right(field_id, value):
            return False
        words = _wrong_words(self.written(field_id).text, value.text)
        missed = (1 - (CATCH_DOUBTED if doubted else CATCH_PLAIN)) ** words
        return bool(self.rng.random() >= missed)

    def sees(self, session: ReviewSession, field_id: str, value: FieldValue, *, doubted: bool) -> bool:
        """Whether she sees that a proposal is wrong before her Enter counts, with what it costs to stop.

        Words the station stops at are compared one by one (``CATCH_COMPARED``), the rest is noticed or not as
        anywhere; nobody gets two chances at a word.
        """
        spec = self.template.field(field_id)
        others, read = self._doubts(session, spec, value.text), self._read(session, spec)
        places = stops_of(value.text, others, read, whole=False) if self._stops(session, spec) else Stops()
        if not places.spans:
            return self.notices(field_id, value, doubted=doubted)
        self.work.press(len(places.spans))
        self._compare(value.text, places.spans)
        if self.right(field_id, value):
            return False
        plain = CATCH_DOUBTED if doubted else CATCH_PLAIN
        steps = wrong_steps(value.text.split(" "), self.written(field_id).text.split(" "))
        chances = [CATCH_COMPARED if places.met(start, end) else plain for _, start, end, _, _ in steps]
        return bool(np.any(self.rng.random(len(chances)) < np.array(chances)))

    def types_words(self, session: ReviewSession, field_id: str, value: FieldValue) -> bool:
        """Where the station has her type words of a proposal: she goes through it, types them, decides."""
        spec, target = self.template.field(field_id), self.written(field_id)
        if target.state is not FieldState.VALUE or not self._stops(session, spec):
            return False
        others, read = self._doubts(session, spec, value.text), self._read(session, spec)
        if not stops_of(value.text, others, read, whole=False).typed:
            return False
        keys = mending_keys(target.text, value.text, others, read, stops=True, whole=False)
        self._decide(session, spec, self._mended(session, spec, target, value.text, keys, whole=False))
        return True

    def _stops(self, session: ReviewSession, spec: FieldSpec) -> bool:
        return self.visits and visited(spec, critical=session.proposal(spec.id).critical)

    def _compare(self, text: str, places: Sequence[Span]) -> None:
        """Read each place twice, on paper and in the editor."""
        words = text.split(" ")
        for start, end in places:
            self.work.look(" ".join(words[start:end]), 2)

    # -- putting in ----------------------------------------------------------------------------

    def put_in(self, session: ReviewSession, field_id: str, *, standing: FieldValue | None = None) -> None:
        """Decide a field as it is written, by the cheapest way there is here; slips included.

        Args:
            session: Where.
            field_id: Which.
            standing: What is in the editor already; ``None`` for nothing.
        """
        spec, target = self.template.field(field_id), self.written(field_id)
        self.work.think()
        for attempt in range(3):
            value = self._keyed(session, spec, target, standing)
            if attempt < 2 and self._alarmed(session, spec, value, target):
                continue
            self._decide(session, spec, value)
            return

    def _keyed(
        self, session: ReviewSession, spec: FieldSpec, target: FieldValue, standing: FieldValue | None
    ) -> FieldValue:
        """What she keys for a target, with its cost and her slips."""
        if target.state is not FieldState.VALUE:
            self.work.press()  # a state is one key
            wrong = FieldState.NOT_APPLICABLE if target.state is FieldState.BLANK else FieldState.BLANK
            return FieldValue(wrong) if self.rng.random() < SLIP_CHOICE else target
        if spec.kind in {FieldKind.MARK, FieldKind.CHOICE, FieldKind.SIGNATURE} or spec.choices:
            return self._option(spec, target, standing)
        cheap = self._offered(session, spec, target)
        begun = standing.text if standing else ""
        plain = typing_keys(
            spec, target.text, begun, self._doubts(session, spec, begun) if self.readings else None
        )
        if self.readings and self.mends and not begun:
            taken, keys = self._taken(session, spec, target)
            if taken and keys < min(plain, cheap or plain):
                return self._mended(session, spec, target, taken, keys)
        if cheap is not None and cheap < plain:
            self.work.press(cheap)
            self.work.look(target.text)
            self.work.press()  # Enter
            return target
        self.work.type(spec, "")
        self._press_text(spec, target.text, plain)
        self.work.press()
        text = self._shown_again(session, spec, self._with_slips(target.text), target.text)
        return check_value(self.template, spec, text)[0] if text.strip() else target

    def _others(self, session: ReviewSession, spec: FieldSpec, standing: str = "") -> list[str]:
        """What the station knows besides: the choices under Alt and a digit."""
        return [other.text for other in self._known(session, spec, standing)]

    def _doubts(self, session: ReviewSession, spec: FieldSpec, standing: str) -> list[str]:
        """Of these, what makes words of the text that stands there doubtful."""
        return list(doubting(session.proposal(spec.id), self._known(session, spec, standing)))

    def _known(self, session: ReviewSession, spec: FieldSpec, standing: str) -> tuple[Alternative, ...]:
        if not self.readings:
            return ()
        return other_readings(session.proposal(spec.id), standing, partial(rendered, spec))

    def _read(self, session: ReviewSession, spec: FieldSpec) -> ReadWords | None:
        """What the reader said about the words of a field, where the station tells."""
        return read_words(session.proposal(spec.id), partial(rendered, spec)) if self.visits else None

    def _taken(self, session: ReviewSession, spec: FieldSpec, target: FieldValue) -> tuple[str, int]:
        """The choice that is mended with fewest keys, with Alt and its digit counted; "" for none."""
        others, stops = self._others(session, spec), self._stops(session, spec)
        read = self._read(session, spec)
        costs = [
            (2 + mending_keys(target.text, each, others, read, stops=stops), each)
            for each in others
            if " " in each or (stops and each == target.text)
        ]
        keys, text = min(costs, default=(0, ""))
        return text, keys

    def _mended(
        self,
        session: ReviewSession,
        spec: FieldSpec,
        target: FieldValue,
        taken: str,
        keys: int,
        *,
        whole: bool = True,
    ) -> FieldValue:
        """A text in the editor and its wrong words typed over: those she sees, with her slips.

        Where the station walks her through it, what she stops at is compared, and what it makes her type she
        reads from the paper; a word that is missing between two stops is seen like any other. She reads what
        is offered before she takes it.
        """
        self.work.look(taken, 1 if whole else 0)
        self._press_text(spec, target.text, keys)
        self.work.press()  # Enter
        one, two = taken.split(" "), target.text.split(" ")
        stops, read = self._stops(session, spec), self._read(session, spec)
        others = self._others(session, spec) if whole else self._doubts(session, spec, taken)
        places = stops_of(taken, others, read, whole=whole) if stops else Stops()
        self._compare(taken, places.spans)
        words: list[str] = []
        for tag, start, end, begin, stop in word_by_word(steps_of(one, two)):
            plain = CATCH_PLAIN if stops else CATCH_DOUBTED
            seen = CATCH_COMPARED if places.met(start, end) else plain
            typed = end > start and places.typed.issuperset(range(start, end))
            if not typed and (tag == "equal" or self.rng.random() >= seen):
                words += one[start:end]
            else:
                true = " ".join(two[begin:stop])
                words += self._shown_again(session, spec, self._with_slips(true), true).split()
        text = " ".join(words)
        return check_value(self.template, spec, text)[0] if text.strip() else target

    def _shown_again(self, session: ReviewSession, spec: FieldSpec, typed: str, true: str) -> str:
        """What stands there once the station has shown her the typed words no list and no reading has."""
        meant = true.split(" ")
        if not self._stops(session, spec) or len(typed.split(" ")) != len(meant):
            return typed
        others, chosen = self._others(session, spec), None
        visits = WordVisits("", known=self.known, read=self._read(session, spec))
        visits.change(typed)
        while (chosen := visits.enter(chosen, others)) is not None:
            words, place = visits.text.split(" "), visits.text[: chosen[0]].count(" ")
            self.work.press()
            self.work.look(words[place], 2)
            if words[place] != meant[place] and self.rng.random() < CATCH_COMPARED:
                self.work.press(keys_of(meant[place]))
                words[place], chosen = meant[place], None
                visits.change(" ".join(words))
        return visits.text

    def _with_slips(self, text: str) -> str:
        slips = self.rng.random(len(text)) < SLIP_KEY
        return "".join(self._slip(sign) if bad else sign for sign, bad in zip(text, slips, strict=True))

    def _press_text(self, spec: FieldSpec, text: str, keys: int) -> None:
        whole = Work()
        whole.type(spec, text)
        each = whole.seconds / whole.keys if whole.keys else 0.2
        self.work.press(keys, each)

    def _option(self, spec: FieldSpec, target: FieldValue, standing: FieldValue | None) -> FieldValue:
        chosen = set(target.text.split(";"))
        there = set(standing.text.split(";")) - {""} if standing else set()
        single = spec.kind is FieldKind.CHOICE and not spec.multiple
        self.work.press((1 if single else max(1, len(chosen ^ there))) + 1)
        others = [choice.value for choice in spec.choices if choice.value not in chosen]
        if others and self.rng.random() < SLIP_CHOICE:
            return check_value(self.template, spec, str(self.rng.choice(others)))[0]
        return target

    def _offered(self, session: ReviewSession, spec: FieldSpec, target: FieldValue) -> int | None:
        """Keys by which the target can be had without typing it: another reading, a suggestion."""
        best: int | None = None
        if self.readings and not self._stops(session, spec):  # else it is taken over and walked through
            best = 2 if target.text in self._others(session, spec) else None  # Alt and a digit
        if self.completer is not None:
            found = self._suggested(session, spec, target.text)
            best = found if best is None else min(best, found or best)
        return best

    def _suggested(self, session: ReviewSession, spec: FieldSpec, text: str) -> int | None:
        """Fewest keys with which the text is among the suggestions."""
        if self.completer is None:
            return None
        around = {s.id: session.value(s.id).text for s in session.fields if session.value(s.id).text}
        words = text.split(" ")
        tries = [""] + [" ".join([*words[:n], part]) for n, part in _beginnings(words)]
        for typed in tries:
            if any(one.text == text for one in self.completer.suggest(spec, typed, around)):
                return keys_of(typed) + 2
        return None

    def _slip(self, sign: str) -> str:
        pool = string.digits if sign.isdigit() else string.ascii_lowercase if sign.isalpha() else " "
        return str(self.rng.choice([other for other in pool if other != sign.lower()] or [""]))

    def _alarmed(
        self, session: ReviewSession, spec: FieldSpec, value: FieldValue, target: FieldValue
    ) -> bool:
        """A rule speaks about what she keyed: she looks again and sees her slip, or sees that it is so."""
        if value.state is not FieldState.VALUE:
            return False
        _, flags = check_value(self.template, spec, value.text)
        if all(flag.severity is Severity.INFO for flag in flags):
            return False
        self.work.look(value.text, 2)
        return value != target and bool(self.rng.random() < CATCH_DOUBTED)

    def _decide(self, session: ReviewSession, spec: FieldSpec, value: FieldValue) -> None:
        """Hand it to the session; where a hard rule is broken by what is written, give a reason."""

        def step(reason: str) -> None:
            if value.state is FieldState.VALUE:
                session.correct(spec.id, value.text, reason)
            else:
                session.state(spec.id, value.state, reason)

        try:
            step("")
        except ReviewError as error:
            if error.code != "review.reason_needed":
                raise
            self.give_reason()
            step("as written")

    def give_reason(self) -> None:
        """Type why something stays as it is."""
        self.work.think()
        self.work.press(REASON_KEYS + 1)


def _wrong_words(true: str, other: str) -> int:
    """Words that differ; at least one."""
    one, two = true.split(), other.split()
    same = sum(
        block.size for block in difflib.SequenceMatcher(None, one, two, autojunk=False).get_matching_blocks()
    )
    return max(1, max(len(one), len(two)) - same)


def _beginnings(words: list[str]) -> list[tuple[int, str]]:
    """Beginnings of the first words, letter by letter: (words before, part of the next)."""
    return [
        (n, word[:length])
        for n, word in enumerate(words[:LONGEST_SUGGESTED])
        for length in range(1, len(word) + 1)
    ]
