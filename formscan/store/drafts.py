"""Drafts, and the decisions people make about their fields; a decision is never deleted, only withdrawn."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any, Final, cast

from sqlalchemy import ColumnElement, Connection, Select, delete, func, insert, select, update

from formscan.errors import ImmutableError, NotFoundError, StoreError
from formscan.model.reading import CheckedField, FieldState, Flag, Severity
from formscan.model.record import Draft, DraftPage, DraftState, DraftSummary, Problem, wrong_expected
from formscan.model.review import Action, Method, ReviewedField
from formscan.model.second_look import Assurance
from formscan.store.audit import Digests
from formscan.store.codec import dump, dump_all, load, load_all
from formscan.store.rows import DecisionRow, DraftPageRow, DraftRow, FieldDraftRow, ImageRow, JottingRow
from formscan.store.unit_of_work import Unit
from formscan.store.visits import need_visits, visits_told

WITHDRAWN: Final = "withdrawn"
"""Action of a row that takes back a step."""
_WAITING: Final = (Assurance.NEEDS_KEY.value, Assurance.NEEDS_RULING.value)
_STATES: Final = {state.value: state for state in DraftState}


def add_draft(unit: Unit, draft: Draft, person: str, at: datetime, digests: Digests) -> bool:
    """Keep a draft; ``False`` and no change where one of that id is there.

    Raises:
        StoreError: ``store.image_missing`` if the image of a page was not put before,
            ``store.draft_not_open`` for a draft in another state than open.
    """
    connection = unit.connection
    if connection.execute(select(DraftRow.id).where(DraftRow.id == draft.id)).first():
        return False
    if draft.state is not DraftState.OPEN:
        raise StoreError("store.draft_not_open", draft=draft.id)
    _need_images(connection, draft)
    connection.execute(insert(DraftRow).values(**_draft_row(draft)))
    pages = [_page_row(draft.id, position, page) for position, page in enumerate(draft.pages)]
    fields = [_field_row(draft.id, position, field) for position, field in enumerate(draft.fields)]
    if pages:
        connection.execute(insert(DraftPageRow), pages)
    if fields:
        connection.execute(insert(FieldDraftRow), fields)
    detail: dict[str, object] = {
        "form": draft.form_id, "version": draft.form_version, "pages": len(pages), "fields": len(fields),
        "digest": digests.of(dump(draft)),
    }  # fmt: skip
    unit.trail.add("draft.stored", draft.id, person, at, detail)
    return True


def get_draft(connection: Connection, draft_id: str) -> Draft:
    """A draft as it was read, with the state it is in now.

    Raises:
        NotFoundError: If there is none.
    """
    wanted = select(
        DraftRow.form_id, DraftRow.form_version, DraftRow.form_digest, DraftRow.problem_nouns,
        DraftRow.created_text, DraftRow.state,
    ).where(DraftRow.id == draft_id)  # fmt: skip
    row = connection.execute(wanted).one_or_none()
    if row is None:
        raise NotFoundError("store.no_such_draft", draft=draft_id)
    pages = select(DraftPageRow.noun).where(DraftPageRow.draft_id == draft_id).order_by(DraftPageRow.position)
    fields = (
        select(FieldDraftRow.noun).where(FieldDraftRow.draft_id == draft_id).order_by(FieldDraftRow.position)
    )
    return Draft(
        id=draft_id,
        form_id=row.form_id,
        form_version=row.form_version,
        form_digest=row.form_digest,
        pages=tuple(load(DraftPage, noun) for noun in connection.scalars(pages)),
        fields=tuple(load(CheckedField, noun) for noun in connection.scalars(fields)),
        problems=load_all(Problem, row.problem_nouns),
        created_at=datetime.fromisoformat(row.created_text),
        state=DraftState(row.state),
    )


def summaries(connection: Connection, state: DraftState | None) -> list[DraftSummary]:
    """Drafts as the inbox shows them, oldest first; ``None`` for every state."""
    columns = (
        DraftRow.id, DraftRow.form_id, DraftRow.form_version, DraftRow.created_at, DraftRow.state,
        DraftRow.pages, DraftRow.fields, DraftRow.reviewed, DraftRow.flagged, DraftRow.problems,
        DraftRow.first_source, DraftRow.priority, DraftRow.expected,
    )  # fmt: skip
    waiting = (
        select(FieldDraftRow.draft_id, func.count().label("fields"))
        .where(FieldDraftRow.assurance.in_(_WAITING))
        .group_by(FieldDraftRow.draft_id)
        .subquery()
    )
    wanted = select(*columns, func.coalesce(waiting.c.fields, 0))
    wanted = wanted.outerjoin(waiting, waiting.c.draft_id == DraftRow.id)
    wanted = wanted.order_by(DraftRow.created_at, DraftRow.id)
    if state is not None:
        wanted = wanted.where(DraftRow.state == state.value)
    return [_summary(row) for row in map(tuple, connection.execute(wanted))]


def _summary(row: tuple[Any, ...]) -> DraftSummary:
    """Of a row of ``summaries``: what the draft says, its priority, what is expected of it, what waits."""
    return DraftSummary(
        row[0], row[1], row[2], row[3], _STATES[row[4]], row[5], row[6], row[7], row[8], row[9], row[10],
        priority=row[11], expected=row[12], waiting=row[13],
    )  # fmt: skip


def decisions(connection: Connection, draft_id: str) -> list[ReviewedField]:
    """Decisions that count, in the order they were made.

    Raises:
        NotFoundError: If there is no such draft.
    """
    need_draft(connection, draft_id)
    withdrawn = _withdrawn(draft_id)
    wanted = (
        select(DecisionRow.noun)
        .where(DecisionRow.draft_id == draft_id, DecisionRow.withdraws.is_(None))
        .where(DecisionRow.step.not_in(withdrawn))
        .order_by(DecisionRow.step, DecisionRow.place)
    )
    return [load(ReviewedField, noun) for noun in connection.scalars(wanted) if noun is not None]


def last_decision(connection: Connection, draft_id: str, field_id: str) -> ReviewedField | None:
    """The decision about a field that counts now."""
    withdrawn = _withdrawn(draft_id)
    wanted = (
        select(DecisionRow.noun)
        .where(DecisionRow.draft_id == draft_id, DecisionRow.field_id == field_id)
        .where(DecisionRow.step.not_in(withdrawn))
        .order_by(DecisionRow.step.desc(), DecisionRow.place.desc())
        .limit(1)
    )
    noun = connection.scalar(wanted)
    return None if noun is None else load(ReviewedField, noun)


def record_step(
    unit: Unit, draft_id: str, made: Sequence[ReviewedField], digests: Digests, *, gate: bool = False
) -> None:
    """Keep decisions as one step; ``gate``: they are the release gate's and nobody's else.

    Raises:
        NotFoundError: No such draft or field.
        ImmutableError: ``store.draft_closed``.
        StoreError: ``store.unverified`` where a decision leaves a field unverified; ``store.not_the_gate``
            where a person's step holds decisions of the gate, or the other way round.
        ReviewError: ``review.not_visited`` (``formscan.store.visits``).
    """
    if any((decision.action is Action.GATED) is not gate for decision in made):
        raise StoreError("store.not_the_gate", draft=draft_id)
    if any(decision.value.state is FieldState.UNVERIFIED for decision in made):
        raise StoreError("store.unverified", draft=draft_id)
    for decision in made:
        standing = partial(last_decision, unit.connection, draft_id, decision.field_id)
        need_visits(unit.connection, draft_id, decision, standing)
    fresh = sum(_count_decision(unit.connection, draft_id, d.field_id, 1) for d in made)
    step = _next_step(unit.connection, draft_id, fresh)
    rows = [
        {
            "draft_id": draft_id, "step": step, "place": place, "person": decision.person,
            "at": decision.at, "field_id": decision.field_id, "action": decision.action.value,
            "withdraws": None, "noun": dump(decision),
        }
        for place, decision in enumerate(made)
    ]  # fmt: skip
    unit.connection.execute(insert(DecisionRow), rows)
    for decision in made:
        _forget_typed(unit.connection, draft_id, decision)
        told = decision_detail(decision, digests)
        unit.trail.add(f"field.{decision.action}", draft_id, decision.person, decision.at, told)


def _forget_typed(connection: Connection, draft_id: str, decision: ReviewedField) -> None:
    """What the person typed there is decided now."""
    connection.execute(
        delete(JottingRow).where(
            JottingRow.draft_id == draft_id,
            JottingRow.field_id == decision.field_id,
            JottingRow.person == decision.person,
        )
    )


def undo_step(unit: Unit, draft_id: str, person: str, at: datetime) -> tuple[ReviewedField, ...]:
    """Withdraw the person's last step that counts; empty where there is none.

    Raises:
        NotFoundError: No such draft.
        ImmutableError: ``store.draft_closed``.
    """
    need_open(unit.connection, draft_id)
    withdrawn = _withdrawn(draft_id)
    last = (
        select(DecisionRow.step)
        .where(DecisionRow.draft_id == draft_id, DecisionRow.person == person)
        .where(DecisionRow.withdraws.is_(None), DecisionRow.step.not_in(withdrawn))
        .order_by(DecisionRow.step.desc())
        .limit(1)
    )
    step = unit.connection.scalar(last)
    if step is None:
        return ()
    nouns = unit.connection.scalars(
        select(DecisionRow.noun)
        .where(DecisionRow.draft_id == draft_id, DecisionRow.step == step)
        .order_by(DecisionRow.place)
    )
    taken = tuple(load(ReviewedField, noun) for noun in nouns if noun is not None)
    opened = sum(_count_decision(unit.connection, draft_id, d.field_id, -1) for d in taken)
    unit.connection.execute(
        insert(DecisionRow).values(
            draft_id=draft_id, step=_next_step(unit.connection, draft_id, -opened), place=0, person=person,
            at=at, field_id=None, action=WITHDRAWN, withdraws=step, noun=None,
        )
    )  # fmt: skip
    detail: dict[str, object] = {"step": step, "fields": [decision.field_id for decision in taken]}
    unit.trail.add("field.withdrawn", draft_id, person, at, detail)
    return taken


def set_state(unit: Unit, draft_id: str, state: DraftState) -> None:
    """Close an open draft.

    Raises:
        NotFoundError: No such draft.
        ImmutableError: ``store.draft_closed``.
    """
    need_open(unit.connection, draft_id)
    unit.connection.execute(update(DraftRow).where(DraftRow.id == draft_id).values(state=state.value))
    unit.connection.execute(delete(JottingRow).where(JottingRow.draft_id == draft_id))


def need_draft(connection: Connection, draft_id: str) -> DraftState:
    """The state of a draft.

    Raises:
        NotFoundError: ``store.no_such_draft``.
    """
    state = connection.scalar(select(DraftRow.state).where(DraftRow.id == draft_id))
    if state is None:
        raise NotFoundError("store.no_such_draft", draft=draft_id)
    return DraftState(state)


def need_open(connection: Connection, draft_id: str) -> None:
    """See ``set_state``."""
    state = need_draft(connection, draft_id)
    if state is not DraftState.OPEN:
        raise ImmutableError("store.draft_closed", draft=draft_id, state=state)


def decision_detail(decision: ReviewedField, digests: Digests) -> dict[str, object]:
    """What the trail says about a decision: which field and state, values and reason as digests."""
    detail: dict[str, object] = {
        "field": decision.field_id,
        "state": decision.value.state.value,
        "before": digests.of_value(decision.before),
        "value": digests.of_value(decision.value),
    }
    if decision.method is not Method.SINGLE:
        detail["method"] = decision.method.value
    if decision.reason:
        detail["reason"] = digests.of(decision.reason)
    return detail | visits_told(decision)


def is_flagged(flags: Sequence[Flag]) -> bool:
    """Whether a person should look: a hard or a soft flag."""
    return any(flag.severity is not Severity.INFO for flag in flags)


def _withdrawn(draft_id: str) -> Select[int]:
    """Numbers of the steps of a draft that were taken back."""
    taken_back = cast("ColumnElement[int]", DecisionRow.withdraws)
    return select(taken_back).where(DecisionRow.draft_id == draft_id, DecisionRow.withdraws.is_not(None))


def _next_step(connection: Connection, draft_id: str, reviewed: int) -> int:
    """Number of a new step; the counter of reviewed fields moves in the same statement."""
    moved = (
        update(DraftRow)
        .where(DraftRow.id == draft_id, DraftRow.state == DraftState.OPEN.value)
        .values(steps=DraftRow.steps + 1, reviewed=DraftRow.reviewed + reviewed)
        .returning(DraftRow.steps)
    )
    step = connection.scalar(moved)
    if step is None:
        need_open(connection, draft_id)
        raise StoreError("store.refused", draft=draft_id)
    return step


def _count_decision(connection: Connection, draft_id: str, field_id: str, change: int) -> int:
    """Move a field's counter by 1; tells whether the field was decided first (or opened again) by it."""
    moved = (
        update(FieldDraftRow)
        .where(FieldDraftRow.draft_id == draft_id, FieldDraftRow.field_id == field_id)
        .values(decided=FieldDraftRow.decided + change)
        .returning(FieldDraftRow.decided)
    )
    count = connection.scalar(moved)
    if count is None:
        need_draft(connection, draft_id)
        raise NotFoundError("store.no_such_field", draft=draft_id, field=field_id)
    return int(count == max(change, 0))


def _need_images(connection: Connection, draft: Draft) -> None:
    wanted = {page.image_sha256 for page in draft.pages}
    there = connection.scalars(select(ImageRow.sha256).where(ImageRow.sha256.in_(wanted)))
    missing = wanted - set(there)
    if missing:
        raise StoreError("store.image_missing", draft=draft.id, images=len(missing))


def _draft_row(draft: Draft) -> dict[str, object]:
    return {
        "id": draft.id,
        "form_id": draft.form_id,
        "form_version": draft.form_version,
        "form_digest": draft.form_digest,
        "created_at": draft.created_at,
        "created_text": draft.created_at.isoformat(),
        "state": draft.state.value,
        "pages": len(draft.pages),
        "fields": len(draft.fields),
        "reviewed": 0,
        "flagged": sum(is_flagged(field.flags) for field in draft.fields),
        "problems": len(draft.problems),
        "first_source": draft.pages[0].source.label if draft.pages else "",
        "problem_nouns": dump_all(Problem, draft.problems),
        "steps": 0,
        "priority": 0,
        "expected": wrong_expected(draft.fields),
    }


def _page_row(draft_id: str, position: int, page: DraftPage) -> dict[str, object]:
    return {
        "draft_id": draft_id, "position": position, "image_sha256": page.image_sha256, "noun": dump(page),
    }  # fmt: skip


def _field_row(draft_id: str, position: int, field: CheckedField) -> dict[str, object]:
    return {
        "draft_id": draft_id,
        "position": position,
        "field_id": field.field_id,
        "page": field.page,
        "state": field.value.state.value,
        "confidence": float(field.confidence),
        "flagged": int(is_flagged(field.flags)),
        "decided": 0,
        "noun": dump(field),
        "critical": int(field.critical),
        "assurance": (Assurance.UNDECIDED if field.critical else Assurance.NOT_ASKED).value,
    }
