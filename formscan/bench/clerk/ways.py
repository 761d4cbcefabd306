"""Four ways to get the same forms into records, each through the real core.

``typing``: everything is typed from the paper. ``look``: what was read stands there and is looked at and
confirmed or typed over, field by field, without marks of doubt. ``station``: the review of this program.
``groups``: look-alikes of all forms first, then the station. The station and groups give critical fields
their second key (``formscan.model.second_look``), keyed blind by another clerk, and a third one rules.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from functools import partial
from itertools import pairwise
from typing import Final

import numpy as np

from formscan.bench.clerk.costs import LOOK_S, SLIP_CHOICE, Work
from formscan.bench.clerk.hands import Clerk
from formscan.bench.clerk.spent import Spent, spending, spending_at
from formscan.bench.truth import FieldTruth
from formscan.errors import ReviewError
from formscan.model.people import Person, Role
from formscan.model.reading import CheckedField, FieldState, FieldValue, Severity
from formscan.model.record import Draft, EmrEntry
from formscan.model.second_look import Assurance, Look, LookKind, assurance
from formscan.model.template import FormTemplate
from formscan.pipeline.check import check_value, cross_check
from formscan.review.completion import Completer
from formscan.review.groups import Group, GroupSession, Likeness, Tile, grouped, tiles_of
from formscan.review.memory import MemoryJournal
from formscan.review.session import ReviewSession

AT: Final = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
FIRST, SECOND, THIRD = (
    Person(name, name, frozenset({Role.REVIEWING_CLERK})) for name in ("first", "second", "third")
)
SCREEN: Final = 50
"""Tiles on a screen of groups; the window shows about so many marks at 1366 x 768."""
BLANKS_A_STOP: Final = 12
"""Blank fields the window shows at one stop before they are confirmed."""


class Way(StrEnum):
    """How the forms are worked."""

    TYPING = "typing"
    LOOK = "look"
    STATION = "station"
    GROUPS = "groups"


@dataclass(frozen=True, slots=True)
class Form:
    """A form with its truth.

    Attributes:
        draft: As the line made it, each field told whether it is critical.
    """

    template: FormTemplate
    draft: Draft
    truths: Mapping[str, FieldTruth]


@dataclass(frozen=True, slots=True)
class Worked:
    """A form that was released.

    Attributes:
        work: Of all people together.
        second: Of that, second keys and rulings.
        values: What was released.
        rulings: Fields two people keyed differently.
        spent: Keys by what the field is and what was made of it.
    """

    form: Form
    work: Work
    second: Work
    values: Mapping[str, FieldValue]
    rulings: int = 0
    spent: Spent = field(default_factory=Spent)


def work_through(
    way: Way,
    forms: Sequence[Form],
    completer: Completer,
    seed: int,
    *,
    second_key: bool = True,
    mends: bool = True,
    visits: bool = True,
) -> Iterator[Worked]:
    """All forms, in one way; the same seed gives the same people.

    Args:
        way: How they are worked.
        forms: What was read of each, with its truth.
        completer: Suggestions.
        seed: Of the people.
        second_key: Critical fields get theirs.
        mends: Readings that are not right are taken over and mended instead of typed anew.
        visits: The station stops at every word in doubt before it takes a text.
    """
    journal = MemoryJournal(form.draft for form in forms)
    shared: dict[str, Work] = {}
    known: set[str] = set()
    if way is Way.GROUPS:
        shared = _groups(forms, journal, seed)
    for place, form in enumerate(forms):
        rng = np.random.default_rng([seed, place, list(Way).index(way)])
        clerk = Clerk(rng, form.template, form.truths, known=known)
        if way in {Way.STATION, Way.GROUPS}:
            clerk.completer, clerk.readings, clerk.mends, clerk.visits = completer, True, mends, visits
        session = _session(form, journal, FIRST)
        spent = Spent()
        steps = {Way.TYPING: _type_all, Way.LOOK: _look_all, Way.STATION: _review, Way.GROUPS: _review}
        steps[way](clerk, session, spent)
        with spending_at(spent, clerk, "groups"):
            clerk.work.add(shared.get(form.draft.id, Work()))
        second, rulings = Work(), 0
        if second_key and way in {Way.STATION, Way.GROUPS}:
            second, rulings = _second_keys(form, session, clerk, rng)
        with spending_at(spent, clerk, "rules and release"):
            entry = _release(clerk, session)
        with spending_at(spent, clerk, "second key"):
            clerk.work.add(second)
        values = {field.field_id: field.value for field in entry.fields}
        yield Worked(form, clerk.work, second, values, rulings, spent)


def _session(form: Form, journal: MemoryJournal, person: Person) -> ReviewSession:
    template = form.template
    return ReviewSession(
        form.draft,
        template,
        journal,
        person,
        partial(check_value, template),
        lambda: AT,
        cross_check=partial(cross_check, template),
    )


# -- the ways --------------------------------------------------------------------------------------


def _type_all(clerk: Clerk, session: ReviewSession, spent: Spent) -> None:
    """Find the place on the paper, read it, type it; a blank field is passed with a key."""
    for spec in session.fields:
        target = clerk.written(spec.id)
        clerk.work.seconds += LOOK_S  # the eyes go to the paper and back
        clerk.work.look(target.text)
        with spending(spent, clerk, spec.id, session.proposal(spec.id).value):
            if target.state is FieldState.BLANK:
                clerk.work.press()
                session.state(spec.id, FieldState.BLANK)
            else:
                clerk.put_in(session, spec.id)


def _look_all(clerk: Clerk, session: ReviewSession, spent: Spent) -> None:
    """Every field in order; nothing says which are doubtful."""
    for spec in session.fields:
        proposed = session.proposal(spec.id).value
        clerk.work.seconds += LOOK_S  # the field has to be found on the page beside
        clerk.work.look(clerk.written(spec.id).text, 2)
        with spending(spent, clerk, spec.id, proposed):
            _settle(clerk, session, spec.id, proposed, doubted=False)


def _review(clerk: Clerk, session: ReviewSession, spent: Spent) -> None:
    """The station: blanks a stop at a time, then field by field with crop, doubts and choices."""
    sure = [f for f in session.open_fields() if session.proposal(f).value.state is FieldState.BLANK]
    before = set(session.open_fields())
    found = [
        f
        for f in _surely_blank(session, sure)
        if clerk.notices(f, FieldValue(FieldState.BLANK), doubted=False)
    ]
    for field_id in found:  # seen to be written on: decided by itself before the others are confirmed
        with spending(spent, clerk, field_id, session.proposal(field_id).value):
            clerk.work.press(2)
            clerk.put_in(session, field_id)
    with spending_at(spent, clerk, "blanks at once"):
        confirmed = session.confirm_blanks()
        if confirmed:
            clerk.work.press(1 + -(-len(confirmed) // BLANKS_A_STOP))
            clerk.work.seconds += len(confirmed) * LOOK_S
    assert before
    for field_id in session.open_fields():
        proposal = session.proposal(field_id)
        doubted = any(flag.severity is not Severity.INFO for flag in session.flags(field_id))
        there = proposal.value.state is not FieldState.UNVERIFIED  # else only the paper can be read
        clerk.work.look(clerk.written(field_id).text, 2 if there else 1)
        with spending(spent, clerk, field_id, proposal.value):
            _settle(clerk, session, field_id, proposal.value, doubted=doubted)


def _surely_blank(session: ReviewSession, fields: Sequence[str]) -> list[str]:
    """Those ``confirm_blanks`` would take."""
    return [
        f
        for f in fields
        if session.proposal(f).residual_mm <= 1.0
        and all(flag.severity is Severity.INFO for flag in session.flags(f))
    ]


def _settle(
    clerk: Clerk, session: ReviewSession, field_id: str, proposed: FieldValue, *, doubted: bool
) -> None:
    """Confirm what is proposed, or put in what is written where she notices a difference."""
    if proposed.state is FieldState.UNVERIFIED:
        clerk.put_in(session, field_id)
    elif clerk.types_words(session, field_id, proposed):
        pass
    elif clerk.sees(session, field_id, proposed, doubted=doubted):
        clerk.put_in(session, field_id, standing=proposed)
    else:
        clerk.work.press()
        try:
            session.confirm(field_id)
        except ReviewError as error:
            if error.code != "review.reason_needed":
                raise
            _answer_rule(clerk, session, field_id, proposed)


def _answer_rule(clerk: Clerk, session: ReviewSession, field_id: str, proposed: FieldValue) -> None:
    """A hard rule asks: she looks once more; what is written so stays, with a reason."""
    clerk.work.look(proposed.text, 2)
    if clerk.notices(field_id, proposed, doubted=True):
        clerk.put_in(session, field_id, standing=proposed)
    else:
        clerk.give_reason()
        session.confirm(field_id, "as written")


def _release(clerk: Clerk, session: ReviewSession) -> EmrEntry:
    """Answer the rules between fields, then release."""
    for field_id in session.blockers():
        value = session.value(field_id)
        clerk.work.press(2)
        clerk.work.look(value.text, 2)
        if clerk.notices(field_id, value, doubted=True):
            clerk.put_in(session, field_id, standing=value)
    for field_id in session.blockers():
        clerk.give_reason()
        session.give_reason(field_id, "as written")
    clerk.work.press(2)
    return session.release()


# -- look-alikes of all forms ----------------------------------------------------------------------


def _groups(forms: Sequence[Form], journal: MemoryJournal, seed: int) -> dict[str, Work]:
    """Decide look-alikes screen by screen; the work is shared out to the forms tile by tile."""
    by_id = {form.draft.id: form for form in forms}
    templates = {form.template.key: form.template for form in forms}
    session = GroupSession(journal, FIRST, lambda key: partial(check_value, templates[key]), lambda: AT)
    rng = np.random.default_rng([seed, 9])
    shared = {draft_id: Work() for draft_id in by_id}
    tiles = [tile for form in forms for tile in tiles_of(form.draft, form.template, ())]
    for group in grouped(tiles):
        for start, end in pairwise([*range(0, len(group.tiles), SCREEN), len(group.tiles)]):
            _screen(group, group.tiles[start:end], session, by_id, shared, rng)
    return shared


def _screen(
    group: Group,
    tiles: Sequence[Tile],
    session: GroupSession,
    forms: Mapping[str, Form],
    shared: Mapping[str, Work],
    rng: np.random.Generator,
) -> None:
    odd = []
    for place, tile in enumerate(tiles):
        form = forms[tile.draft_id]
        clerk = Clerk(rng, form.template, form.truths, work=shared[tile.draft_id])
        text = clerk.written(tile.spec.id).text
        clerk.work.look(text, 2 if group.likeness is Likeness.FIELD else 1)
        if clerk.notices(tile.spec.id, tile.value, doubted=False):
            odd.append(tile)
            clerk.work.press(1 + place % 10)  # arrows on the way, and Space: its document shows it again
    kept = [tile for tile in tiles if tile not in odd]
    session.confirm(kept)
    each = Work()
    each.press()
    for tile in tiles[:1]:
        shared[tile.draft_id].add(each)


# -- the second pair of eyes -----------------------------------------------------------------------


def _second_keys(
    form: Form, session: ReviewSession, first: Clerk, rng: np.random.Generator
) -> tuple[Work, int]:
    """Blind second keys of critical fields that two readers do not settle, and rulings where keys differ."""
    other = Clerk(rng, form.template, form.truths, first.completer)
    rulings = 0
    proposals = {field.field_id: field for field in form.draft.fields}
    for field_id, proposal in proposals.items():
        if assurance(proposal, session.decision(field_id), ()) is not Assurance.NEEDS_KEY:
            continue
        keyed = _keyed_blind(other, form, field_id)
        look = Look(field_id, LookKind.KEY, SECOND.id, AT, keyed)
        if assurance(proposal, session.decision(field_id), (look,)) is Assurance.NEEDS_RULING:
            rulings += 1
            _rule(other, session, field_id, keyed)
    return other.work, rulings


def _keyed_blind(clerk: Clerk, form: Form, field_id: str) -> FieldValue:
    """Keyed by somebody who sees the crop and nothing else: a session of her own on an empty draft."""
    bare = replace(
        form.draft,
        id=f"{form.draft.id}-blind",
        fields=tuple(_unread(field) for field in form.draft.fields),
    )
    session = _session(replace(form, draft=bare), MemoryJournal([bare]), SECOND)
    clerk.work.look(clerk.written(field_id).text)
    clerk.put_in(session, field_id)
    return session.value(field_id)


def _unread(field: CheckedField) -> CheckedField:
    return replace(field, value=FieldValue(FieldState.UNVERIFIED), readings=(), flags=())


def _rule(clerk: Clerk, session: ReviewSession, field_id: str, keyed: FieldValue) -> None:
    """A third person sees both and the crop, and takes the right one but for a slip; neither may be."""
    standing, target = session.value(field_id), clerk.written(field_id)
    clerk.work.think()
    clerk.work.look(target.text, 3)
    clerk.work.press(2)
    right = [value for value in (standing, keyed) if clerk.right(field_id, value)]
    if not right:
        clerk.put_in(session, field_id, standing=standing)
        return
    slipped = bool(clerk.rng.random() < SLIP_CHOICE)
    chosen = (keyed if right[0] is standing else standing) if slipped else right[0]
    if chosen.state is FieldState.VALUE:
        session.correct(field_id, chosen.text, "ruled")
    else:
        session.state(field_id, chosen.state, "ruled")
