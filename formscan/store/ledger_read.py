"""Looking into the ledger: rows as nouns, what waits, and the count."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, RowMapping, Select, and_, case, func, not_, or_, select

from formscan.errors import NotFoundError
from formscan.model.ledger import (
    Balance,
    LedgerFile,
    LedgerPage,
    PageKey,
    Stand,
    Step,
    StoredPage,
    WorkState,
)
from formscan.model.page import Held, Source
from formscan.model.record import DraftState, Problem, ReadPage
from formscan.model.review import Action
from formscan.model.split import Placed
from formscan.store.codec import load, load_all
from formscan.store.ledger_rows import LedgerFileRow, LedgerPageRow, LedgerStepRow
from formscan.store.rows import DecisionRow, DraftRow

AT_ONCE: Final = 400
"""Ids in one ``IN`` list."""
GATED: Final = "gated"
"""End of an open draft of which every field is the release gate's and no person decided on any."""
_BY_PEOPLE: Final = (
    select(DecisionRow.draft_id)
    .where(DecisionRow.draft_id == DraftRow.id, DecisionRow.action != Action.GATED.value)
    .correlate(DraftRow)
    .exists()
)
_ALL_GATED: Final = and_(
    DraftRow.state == DraftState.OPEN.value,
    DraftRow.fields > 0,
    DraftRow.reviewed == DraftRow.fields,
    not_(_BY_PEOPLE),
)
ENDS: Final = select(
    DraftRow.id.label("id"), case((_ALL_GATED, GATED), else_=DraftRow.state).label("state")
).subquery("ends")
"""Where each draft is, for counting: its state, or ``gated``."""
_FILE: Final = tuple(LedgerFileRow.__table__.columns)
_PAGE: Final = tuple(c for c in LedgerPageRow.__table__.columns if c.name not in {"read_noun", "sheet"})


@dataclass(frozen=True, slots=True)
class Scope:
    """Which part of the ledger is meant; everything where all is left empty.

    Attributes:
        stack: One stack.
        folder: One folder.
        files: These files only.
        since: Files taken in, or moved, at this time or later.
        until: ... and before this time.
    """

    stack: str = ""
    folder: str = ""
    files: tuple[str, ...] | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """Work that waits: a file to be opened, or a page of an opened file.

    Attributes:
        file_sha256: Name of the file's durable copy.
        name: As ``Source.name``.
        page: The stored page, where its image lies already.
        single: The file is opened; this page of it is meant.
    """

    key: PageKey
    priority: int
    taken_at: datetime
    position: int
    attempts: int
    form_id: str
    file_sha256: str
    name: str
    page: StoredPage | None = None
    single: bool = False


def file_id(place: str, sha256: str) -> str:
    """A file is the same when the same bytes lie in the same place."""
    return hashlib.sha256(f"{place}\0{sha256}".encode()).hexdigest()


def known_at(connection: Connection, place: str) -> list[LedgerFile]:
    """Files that were found in a place, the newest last."""
    wanted = select(*_FILE).where(LedgerFileRow.place == place).order_by(LedgerFileRow.taken_at)
    return [_file(row) for row in connection.execute(wanted).mappings()]


def get_file(connection: Connection, key: str) -> LedgerFile:
    """A file.

    Raises:
        NotFoundError: ``store.no_such_file``.
    """
    row = connection.execute(select(*_FILE).where(LedgerFileRow.id == key)).mappings().one_or_none()
    if row is None:
        raise NotFoundError("store.no_such_file", file=key)
    return _file(row)


def files(
    connection: Connection, scope: Scope, states: Sequence[WorkState], after: int, limit: int
) -> list[LedgerFile]:
    """Files in the order they were taken in; within a stack those with a position above ``after``."""
    wanted = select(*_FILE).where(*in_scope(scope, LedgerFileRow))
    if states:
        wanted = wanted.where(LedgerFileRow.state.in_([state.value for state in states]))
    if scope.stack:
        wanted = wanted.where(LedgerFileRow.position > after).order_by(LedgerFileRow.position)
    else:
        wanted = wanted.order_by(LedgerFileRow.taken_at, LedgerFileRow.stack, LedgerFileRow.position)
    return [_file(row) for row in connection.execute(wanted.limit(limit)).mappings()]


def pages(
    connection: Connection, scope: Scope, states: Sequence[WorkState], limit: int | None = None
) -> list[LedgerPage]:
    """Pages in the order of their stacks."""
    wanted = select(*_PAGE).where(*_pages_in_scope(scope))
    if states:
        wanted = wanted.where(LedgerPageRow.state.in_([state.value for state in states]))
    wanted = wanted.order_by(LedgerPageRow.stack, LedgerPageRow.position, LedgerPageRow.page)
    return [_page(row) for row in connection.execute(wanted.limit(limit)).mappings()]


def pages_of_draft(connection: Connection, draft_id: str) -> list[LedgerPage]:
    """Pages that are part of a draft, in the order of their stack."""
    p = LedgerPageRow
    wanted = select(*_PAGE).where(p.draft_id == draft_id).order_by(p.position, p.page)
    return [_page(row) for row in connection.execute(wanted).mappings()]


def stack_pages(
    connection: Connection, stack: str, after: tuple[int, int], limit: int
) -> list[tuple[LedgerPage, ReadPage | None, bytes]]:
    """Pages of a stack behind (position, page), in order: with what was read and packed ink."""
    position, page = after
    columns = (*_PAGE, LedgerPageRow.read_noun, LedgerPageRow.sheet)
    wanted = (
        select(*columns)
        .where(LedgerPageRow.stack == stack)
        .where(
            or_(
                LedgerPageRow.position > position,
                and_(LedgerPageRow.position == position, LedgerPageRow.page > page),
            )
        )
        .order_by(LedgerPageRow.position, LedgerPageRow.page)
        .limit(limit)
    )
    return [
        (_page(row), load(ReadPage, row["read_noun"]) if row["read_noun"] else None, row["sheet"] or b"")
        for row in connection.execute(wanted).mappings()
    ]


def first_waiting(connection: Connection, stack: str) -> tuple[int, int] | None:
    """The first (position, page) of a stack that waits for a worker."""
    f, p, waits = LedgerFileRow, LedgerPageRow, WorkState.TAKEN_IN.value
    file = connection.scalar(select(func.min(f.position)).where(f.stack == stack, f.state == waits))
    pages = select(p.position, p.page).where(p.stack == stack, p.state == waits)
    page = connection.execute(pages.order_by(p.position, p.page).limit(1)).first()
    found = [(file, -1)] if file is not None else []
    return min(found + ([(page[0], page[1])] if page is not None else []), default=None)


def get_page(connection: Connection, key: PageKey) -> LedgerPage:
    """A page.

    Raises:
        NotFoundError: ``store.no_such_page``.
    """
    wanted = select(*_PAGE).where(LedgerPageRow.file_id == key.file_id, LedgerPageRow.page == key.index)
    row = connection.execute(wanted).mappings().one_or_none()
    if row is None:
        raise NotFoundError("store.no_such_page", file=key.file_id, page=key.index)
    return _page(row)


def get_read(connection: Connection, key: PageKey) -> ReadPage:
    """What was read on a page that is not part of a draft yet.

    Raises:
        NotFoundError: ``store.no_such_page``.
    """
    wanted = select(LedgerPageRow.read_noun)
    wanted = wanted.where(LedgerPageRow.file_id == key.file_id, LedgerPageRow.page == key.index)
    noun = connection.scalar(wanted)
    if not noun:
        raise NotFoundError("store.no_such_page", file=key.file_id, page=key.index)
    return load(ReadPage, noun)


def waiting(connection: Connection, limit: int, stack: str = "") -> list[Waiting]:
    """The next work, most urgent first, then in the order it came in."""
    one = [stack] if stack else []
    f, p = LedgerFileRow, LedgerPageRow
    order_files = (f.priority.desc(), f.taken_at, f.position)
    opening = select(*_FILE).where(f.state == WorkState.TAKEN_IN.value, *(f.stack == name for name in one))
    opening = opening.order_by(*order_files).limit(limit)
    found = [
        Waiting(
            PageKey(row["id"], 0), row["priority"], row["taken_at"], row["position"],
            row["attempts"], row["form_id"], row["sha256"], row["name"],
        )
        for row in connection.execute(opening).mappings()
    ]  # fmt: skip
    reading = (
        select(*_PAGE, f.sha256, f.name, f.form_id.label("only"))
        .join(f, f.id == p.file_id)
        .where(p.state == WorkState.TAKEN_IN.value, *(p.stack == name for name in one))
        .order_by(p.priority.desc(), p.taken_at, p.position, p.page)
        .limit(limit)
    )
    found += [
        Waiting(
            PageKey(row["file_id"], row["page"]), row["priority"], row["taken_at"], row["position"],
            row["attempts"], stored.chosen_form or row["only"] if stored else row["only"], row["sha256"],
            row["name"], stored, single=True,
        )
        for row in connection.execute(reading).mappings()
        for stored in (load(StoredPage, row["stored_noun"]) if row["stored_noun"] else None,)
    ]  # fmt: skip
    return sorted(found, key=lambda w: (-w.priority, w.taken_at, w.position, w.key.index))[:limit]


def steps(connection: Connection, key: PageKey | None, since: datetime | None) -> Iterator[Step]:
    """Steps of one file or page, or of all since a time, in the order they were taken."""
    s = LedgerStepRow
    wanted = select(s.file_id, s.page, s.step, s.at, s.state, s.reason, s.who)
    if key is not None:
        wanted = wanted.where(s.file_id == key.file_id, s.page == key.index)
    if since is not None:
        wanted = wanted.where(s.at >= since)
    for row in connection.execute(wanted.order_by(s.at, s.file_id, s.page, s.step)):
        yield Step(PageKey(row[0], row[1]), row[2], row[3], WorkState(row[4]), row[5], row[6])


def unsettled_stacks(connection: Connection) -> list[str]:
    """Stacks with read pages whose document is not complete."""
    p = LedgerPageRow
    open_ = or_(p.state == WorkState.READ.value, p.settled.is_(False))
    return list(connection.scalars(select(p.stack).where(open_).distinct().order_by(p.stack)))


def is_done(connection: Connection, stack: str) -> bool:
    """Whether no file or page of a stack waits for a worker."""
    for row in (LedgerFileRow, LedgerPageRow):
        wanted = select(row.stack).where(row.stack == stack, row.state == WorkState.TAKEN_IN.value)
        if connection.execute(wanted.limit(1)).first():
            return False
    return True


def problems_of(connection: Connection, draft_ids: Sequence[str]) -> Counter[str]:
    """Problems of drafts by code."""
    found: Counter[str] = Counter()
    for at in range(0, len(draft_ids), AT_ONCE):
        wanted = select(DraftRow.problem_nouns).where(DraftRow.id.in_(draft_ids[at : at + AT_ONCE]))
        for nouns in connection.scalars(wanted):
            found.update(problem.code for problem in load_all(Problem, nouns))
    return found


def balance(connection: Connection, scope: Scope) -> Balance:
    """Count what came in against where it is; the two sides come from different rows."""
    if scope.files is not None and len(scope.files) > AT_ONCE:
        return _summed(connection, scope)
    f, p = LedgerFileRow, LedgerPageRow
    counts: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    forms: Counter[str] = Counter()
    rows = connection.execute(_file_counts(scope)).all()
    for state, reason, number, came, opened in rows:
        if state == WorkState.REPLACED.value:
            continue
        counts["files"] += number
        counts["in"] += came
        counts[state] += 0 if state == WorkState.OPENED.value else came - opened
        if reason:
            reasons[reason] += came - opened
    wanted = (
        select(p.state, p.reason, p.form_id, ENDS.c.state, func.count())
        .join(f, f.id == p.file_id)
        .outerjoin(ENDS, ENDS.c.id == p.draft_id)
        .where(*in_scope(scope, f))
        .group_by(p.state, p.reason, p.form_id, ENDS.c.state)
    )
    for state, reason, form, draft, number in connection.execute(wanted):
        counts[draft_end(state, draft)] += number
        if reason:
            reasons[reason] += number
        if state == WorkState.DRAFTED.value:
            forms[form] += number
    return balance_of(counts, reasons, forms)


def _file_counts(scope: Scope) -> Select[str, str, int, int, int]:
    f = LedgerFileRow
    came = func.sum(func.coalesce(f.pages, 1))
    return (
        select(f.state, f.reason, func.count(), came, func.sum(f.opened))
        .where(*in_scope(scope, f))
        .group_by(f.state, f.reason)
    )


def draft_end(state: str, draft: str | None) -> str:
    """Where a page is, counting what became of its draft."""
    ends = {DraftState.RELEASED.value, DraftState.DISCARDED.value, GATED}
    return draft if state == WorkState.DRAFTED.value and draft in ends else state


def balance_of(
    counts: Counter[str], reasons: Mapping[str, int] | None = None, forms: Mapping[str, int] | None = None
) -> Balance:
    """The count out of numbers by state."""
    return Balance(
        taken_in=counts["in"],
        waiting=counts[WorkState.TAKEN_IN.value] + counts[WorkState.READ.value],
        drafted=counts[WorkState.DRAFTED.value],
        gated=counts[GATED],
        released=counts[DraftState.RELEASED.value],
        discarded=counts[DraftState.DISCARDED.value],
        held=counts[WorkState.HELD.value],
        quarantined=counts[WorkState.QUARANTINED.value],
        duplicates=counts[WorkState.DUPLICATE.value],
        set_aside=counts[WorkState.SET_ASIDE.value],
        files=counts["files"],
        by_reason=dict(reasons or {}),
        by_form=dict(forms or {}),
    )


def _summed(connection: Connection, scope: Scope) -> Balance:
    assert scope.files is not None
    parts = [
        balance(connection, Scope(files=scope.files[at : at + AT_ONCE]))
        for at in range(0, len(scope.files), AT_ONCE)
    ]
    names = (
        "taken_in", "waiting", "drafted", "gated", "released", "discarded", "held", "quarantined",
        "duplicates", "set_aside", "files",
    )  # fmt: skip
    totals = {name: sum(getattr(part, name) for part in parts) for name in names}
    reasons: Counter[str] = Counter()
    forms: Counter[str] = Counter()
    for part in parts:
        reasons.update(part.by_reason)
        forms.update(part.by_form)
    return Balance(**totals, by_reason=dict(reasons), by_form=dict(forms))


def in_scope(scope: Scope, f: type[LedgerFileRow]) -> list[Any]:
    """What a file's row must be to be in a scope."""
    found: list[Any] = []
    if scope.stack:
        found.append(f.stack == scope.stack)
    if scope.folder:
        found.append(f.folder == scope.folder)
    if scope.files is not None:
        found.append(f.id.in_(scope.files))
    if scope.since is not None:
        found.append(f.changed_at >= scope.since)
    if scope.until is not None:
        found.append(f.changed_at < scope.until)
    return found


def _pages_in_scope(scope: Scope) -> list[Any]:
    inside = in_scope(scope, LedgerFileRow)
    return [LedgerPageRow.file_id.in_(select(LedgerFileRow.id).where(*inside))] if inside else []


def _file(row: RowMapping) -> LedgerFile:
    stand = Stand(
        row["stack"], row["folder"], row["priority"], row["department"], row["form_id"], row["scanner"]
    )
    return LedgerFile(
        id=row["id"],
        place=row["place"],
        name=row["name"],
        sha256=row["sha256"],
        bytes_len=row["bytes_len"],
        mtime_ns=row["mtime_ns"],
        stand=stand,
        position=row["position"],
        state=WorkState(row["state"]),
        pages=row["pages"],
        opened=row["opened"],
        attempts=row["attempts"],
        of=row["original"],
        worker=row["worker"],
        taken_at=row["taken_at"],
        changed_at=row["changed_at"],
        held=load(Held, row["noun"]) if row["noun"] else None,
    )


def _page(row: RowMapping) -> LedgerPage:
    return LedgerPage(
        key=PageKey(row["file_id"], row["page"]),
        stack=row["stack"],
        position=row["position"],
        source=load(Source, row["source_noun"]),
        state=WorkState(row["state"]),
        settled=bool(row["settled"]),
        attempts=row["attempts"],
        worker=row["worker"],
        form_id=row["form_id"],
        form_version=row["form_version"],
        form_page=row["form_page"],
        engine=row["engine"],
        model=row["model"],
        draft_id=row["draft_id"],
        pixel_sha256=row["pixel_sha256"],
        stages=tuple((str(name), float(s)) for name, s in json.loads(row["stages"])),
        taken_at=row["taken_at"],
        changed_at=row["changed_at"],
        stored=load(StoredPage, row["stored_noun"]) if row["stored_noun"] else None,
        held=load(Held, row["held_noun"]) if row["held_noun"] else None,
        placed=load(Placed, row["placed_noun"]) if row["placed_noun"] else None,
    )
