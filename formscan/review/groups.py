"""Look-alikes of many documents decided a screen at a time: marks, digits, codes and repeated values.

What may be decided so is settled here and nowhere else (``may_be_grouped``): never a critical field, never
one with a broken rule or a doubt, never one whose place is not proven. Every field gets a decision of its
own, with the method ``group``; the rules between fields are asked when its document is released.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from formscan.errors import FormScanError, ReviewError
from formscan.model.people import Person
from formscan.model.reading import CheckedField, FieldState, FieldValue, Severity
from formscan.model.record import Draft, DraftPage, DraftState
from formscan.model.review import Action, Method, ReviewedField
from formscan.model.template import FieldKind, FieldSpec, FormTemplate, ValueType
from formscan.review.journal import Check, Clock, Journal
from formscan.review.session import PROVEN_RESIDUAL_MM, STATES, now

LEAST: Final = 4
"""Fewer look-alikes than this are no group: their documents show them sooner."""


class Likeness(StrEnum):
    """What a group's crops have in common."""

    MARK = "mark"
    CHOICE = "choice"
    SIGNATURE = "signature"
    BLANK = "blank"
    COMB = "comb"
    """Boxes with the same characters."""
    FIELD = "field"
    """Boxes of the same field, whatever they say."""
    TEXT = "text"
    """The same words."""


@dataclass(frozen=True, slots=True)
class Tile:
    """One field of one document on a screen of many.

    Attributes:
        page: Where its picture is.
        form: Title of its form is looked up by this (id, version).
    """

    draft_id: str
    form: tuple[str, str]
    spec: FieldSpec
    field: CheckedField
    page: DraftPage

    @property
    def value(self) -> FieldValue:
        """What is proposed."""
        return self.field.value

    @property
    def key(self) -> tuple[str, str]:
        """Document and field."""
        return self.draft_id, self.spec.id


@dataclass(frozen=True, slots=True)
class Group:
    """Look-alikes, the most doubtful first.

    Attributes:
        text: What all of them are read as; empty where they differ or are blank.
    """

    likeness: Likeness
    text: str
    spec: FieldSpec
    tiles: tuple[Tile, ...]


@dataclass(frozen=True, slots=True)
class Refused:
    """A tile that was not decided, and why."""

    tile: Tile
    error: FormScanError


def may_be_grouped(spec: FieldSpec, field: CheckedField) -> bool:
    """Whether a field may be decided among look-alikes.

    Not a critical one, not one nobody read, not one with a doubt or a broken rule, not one whose place is
    not proven by printed structure nearby.
    """
    if spec.critical or field.value.state not in {FieldState.VALUE, FieldState.BLANK}:
        return False
    doubted = any(flag.severity is not Severity.INFO for flag in field.flags)
    return not doubted and field.residual_mm <= PROVEN_RESIDUAL_MM


def tiles_of(draft: Draft, template: FormTemplate, decided: Iterable[ReviewedField]) -> tuple[Tile, ...]:
    """The open fields of a document that may be decided among look-alikes."""
    if draft.state is not DraftState.OPEN:
        return ()
    done = {decision.field_id for decision in decided}
    pages = {page.number: page for page in draft.pages}
    return tuple(
        Tile(draft.id, template.key, template.field(field.field_id), field, pages[field.page])
        for field in draft.fields
        if field.field_id not in done and may_be_grouped(template.field(field.field_id), field)
    )


def grouped(tiles: Iterable[Tile], least: int = LEAST) -> tuple[Group, ...]:
    """Put look-alikes together: the largest group first, in it the most doubtful tile first.

    Boxes that are read as the same characters come together where there are enough of them; the others
    come together field by field. Text only comes where its words repeat.
    """
    found = _parted(tiles, _likeness)
    rare = [
        tile for key, some in found.items() if key[0] is Likeness.COMB and len(some) < least for tile in some
    ]
    found |= _parted(rare, lambda tile: (Likeness.FIELD, "", tile.form, tile.spec.id))
    groups = [
        Group(_kind(key), _shared(some), some[0].spec, tuple(sorted(some, key=_doubt)))
        for key, some in found.items()
        if len(some) >= least
    ]
    return tuple(sorted(groups, key=lambda group: (-len(group.tiles), group.spec.id, group.text)))


class GroupSession:
    """One person's decisions about look-alikes.

    Args:
        journal: Where decisions go, each durable when it returns.
        person: Whose they are.
        check: Gives the rules for typed text of a form, by its (id, version).
        clock: The time.
    """

    def __init__(
        self,
        journal: Journal,
        person: Person,
        check: Callable[[tuple[str, str]], Check],
        clock: Clock = now,
    ) -> None:
        self._journal, self._person, self._check, self._clock = journal, person, check, clock
        self._steps: list[tuple[tuple[Tile, ReviewedField], ...]] = []

    @property
    def can_undo(self) -> bool:
        """A screen was decided here."""
        return bool(self._steps)

    def confirm(self, tiles: Sequence[Tile]) -> tuple[Refused, ...]:
        """Stand behind what all these tiles are read as; each gets a decision of its own.

        Returns:
            The tiles that could not be decided (decided or released meanwhile, held by somebody else).

        Raises:
            ReviewError: ``review.not_in_groups`` where one of them may not be decided so; then none is.
        """
        if not all(may_be_grouped(tile.spec, tile.field) for tile in tiles):
            raise ReviewError("review.not_in_groups")
        at = self._clock()
        return self._keep([(tile, self._decision(tile, Action.CONFIRMED, tile.value, at)) for tile in tiles])

    def correct(self, tile: Tile, text: str) -> tuple[Refused, ...]:
        """Put what a person reads in place of one tile's proposal.

        Raises:
            ReviewError: ``review.not_in_groups``; ``review.empty_text``; ``review.reason_needed`` where the
                text breaks a hard rule: such a field is decided in its document.
        """
        self._need(tile)
        value, flags = self._check(tile.form)(tile.spec, text)
        if value.state is not FieldState.VALUE:
            raise ReviewError("review.empty_text", field=tile.spec.id)
        if any(flag.severity is Severity.HARD for flag in flags):
            raise ReviewError("review.reason_needed", field=tile.spec.id)
        action = Action.CONFIRMED if value == tile.value else Action.CORRECTED
        return self._keep([(tile, self._decision(tile, action, value, self._clock()))])

    def state(self, tile: Tile, state: FieldState) -> tuple[Refused, ...]:
        """Say what one tile is instead of giving it a value.

        Raises:
            ReviewError: ``review.not_in_groups``; ``review.not_a_state``.
        """
        self._need(tile)
        if state not in STATES:
            raise ReviewError("review.not_a_state", field=tile.spec.id, state=state)
        return self._keep([(tile, self._decision(tile, Action.STATED, FieldValue(state), self._clock()))])

    def undo(self) -> tuple[Tile, ...]:
        """Withdraw the last screen or correction of this session.

        Returns:
            The tiles that are open again; one whose document went on meanwhile stays decided.
        """
        if not self._steps:
            return ()
        opened = []
        for tile, decision in reversed(self._steps.pop()):
            own = [d for d in self._journal.decisions(tile.draft_id) if d.person == self._person.id]
            if own and own[-1] == decision and self._journal.undo_step(tile.draft_id, self._person.id):
                opened.append(tile)
        return tuple(reversed(opened))

    def _need(self, tile: Tile) -> None:
        if not may_be_grouped(tile.spec, tile.field):
            raise ReviewError("review.not_in_groups", field=tile.spec.id)

    def _decision(self, tile: Tile, action: Action, value: FieldValue, at: datetime) -> ReviewedField:
        return ReviewedField(
            tile.spec.id, action, self._person.id, at, tile.value, value, method=Method.GROUP
        )

    def _keep(self, step: Sequence[tuple[Tile, ReviewedField]]) -> tuple[Refused, ...]:
        kept, refused = [], []
        for tile, decision in step:
            try:
                self._need_open(tile)
                self._journal.record(tile.draft_id, decision)
            except FormScanError as error:
                refused.append(Refused(tile, error))
            else:
                kept.append((tile, decision))
        if kept:
            self._steps.append(tuple(kept))
        return tuple(refused)

    def _need_open(self, tile: Tile) -> None:
        """Nobody decided on it since the screen was made.

        Raises:
            ReviewError: ``review.decided_meanwhile``.
        """
        if any(decision.field_id == tile.spec.id for decision in self._journal.decisions(tile.draft_id)):
            raise ReviewError("review.decided_meanwhile", field=tile.spec.id)


_Key = tuple[object, ...]


def _parted(tiles: Iterable[Tile], key_of: Callable[[Tile], _Key | None]) -> dict[_Key, list[Tile]]:
    found: dict[_Key, list[Tile]] = defaultdict(list)
    for tile in tiles:
        key = key_of(tile)
        if key is not None:
            found[key].append(tile)
    return dict(found)


def _likeness(tile: Tile) -> _Key | None:
    """What a tile looks like; ``None`` for text that cannot repeat (a narrative)."""
    spec, value = tile.spec, tile.value
    said = value.text
    if spec.kind is FieldKind.CHOICE:
        return Likeness.CHOICE, said, tile.form, spec.id
    if spec.kind is FieldKind.MARK:
        return Likeness.MARK, said
    if spec.kind is FieldKind.SIGNATURE:
        return Likeness.SIGNATURE, said
    if value.state is FieldState.BLANK:
        return Likeness.BLANK, spec.kind, len(spec.cells) > 1
    if spec.kind is FieldKind.COMB and spec.choices:  # the same number is another answer elsewhere
        return Likeness.CHOICE, said, tile.form, spec.id
    if spec.kind is FieldKind.COMB:
        return Likeness.COMB, spec.type, said
    narrative = spec.type is ValueType.TEXT and len(spec.cells) > 1
    return None if narrative or spec.kind is not FieldKind.TEXT else (Likeness.TEXT, spec.type, said)


def _kind(key: _Key) -> Likeness:
    kind = key[0]
    assert isinstance(kind, Likeness)
    return kind


def _shared(tiles: Sequence[Tile]) -> str:
    texts = {tile.value.text for tile in tiles}
    return texts.pop() if len(texts) == 1 else ""


def _doubt(tile: Tile) -> tuple[float, str, str]:
    return tile.field.confidence, tile.draft_id, tile.spec.id


def without(group: Group, keys: Iterable[tuple[str, str]]) -> Group:
    """A group without the tiles of these keys."""
    gone = set(keys)
    return replace(group, tiles=tuple(tile for tile in group.tiles if tile.key not in gone))
