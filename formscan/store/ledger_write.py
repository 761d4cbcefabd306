"""Moves in the ledger. Every one can be made again after a crash: what is there already is left as it is."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from formscan.model.ledger import (
    FileOutcome,
    LedgerFile,
    NewFile,
    PageKey,
    PageOutcome,
    WorkState,
)
from formscan.model.page import Held, Source
from formscan.model.record import ReadPage
from formscan.model.split import BLANK, SEPARATOR, Placed
from formscan.store.codec import canonical, dump
from formscan.store.ledger_read import file_id, get_file, get_page
from formscan.store.ledger_rows import LedgerFileRow, LedgerPageRow, LedgerPixelsRow, LedgerStepRow
from formscan.store.rows import DraftRow, ImageRow
from formscan.store.unit_of_work import Unit

DUPLICATE: str = "duplicate.exact"
ENDED = frozenset({WorkState.HELD, WorkState.QUARANTINED, WorkState.SET_ASIDE})
"""States of pages that are part of no document and wait for nobody but a person."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What the ledger says to a file that comes in: its id, whether it is new, and where it stands."""

    id: str
    new: bool
    state: WorkState


def take_in(unit: Unit, found: Sequence[NewFile], at: datetime, who: str) -> list[Taken]:
    """Note files in order; a file that is known (same bytes, same place) changes nothing."""
    return [_take_one(unit, each, at, who) for each in found]


def _take_one(unit: Unit, new: NewFile, at: datetime, who: str) -> Taken:
    connection, key = unit.connection, file_id(new.place, new.sha256)
    there = connection.scalar(select(LedgerFileRow.state).where(LedgerFileRow.id == key))
    if there is not None and not (there == WorkState.REPLACED.value and new.refused):
        return Taken(key, False, WorkState(there))
    if there is not None:
        move_file(unit, key, _refusal(new), at, who, new.refused)
        return Taken(key, False, _refusal(new))
    original = ""
    if new.sha256:
        _replace_refusal(unit, new.place, at, who)
        original = _original(connection, new)
    state = WorkState.DUPLICATE if original else _refusal(new) if new.refused else WorkState.TAKEN_IN
    held = new.refused or (_copy_of(connection, new, original) if original else None)
    last = select(func.max(LedgerFileRow.position)).where(LedgerFileRow.stack == new.stand.stack)
    position = connection.scalar(last)
    row = {
        "id": key, "place": new.place, "name": new.name, "sha256": new.sha256, "bytes_len": new.bytes_len,
        "mtime_ns": new.mtime_ns, **dataclasses.asdict(new.stand),
        "position": 0 if position is None else position + 1, "state": state.value,
        "reason": held.reason if held else "", "pages": None, "opened": 0, "attempts": 0,
        "original": original, "worker": "", "taken_at": at, "changed_at": at, "steps": 0,
        "noun": dump(held) if held else "",
    }  # fmt: skip
    connection.execute(insert(LedgerFileRow).values(**row))
    _step(unit, PageKey(key), 0, at, state, str(row["reason"]), who)
    return Taken(key, True, state)


def _refusal(new: NewFile) -> WorkState:
    return WorkState.QUARANTINED if new.refused and new.refused.quarantined else WorkState.HELD


def _replace_refusal(unit: Unit, place: str, at: datetime, who: str) -> None:
    """A file that could not be taken from this place before counts no more."""
    key = file_id(place, "")
    state = unit.connection.scalar(select(LedgerFileRow.state).where(LedgerFileRow.id == key))
    if state in {WorkState.HELD.value, WorkState.QUARANTINED.value}:
        move_file(unit, key, WorkState.REPLACED, at, who, None)


def _original(connection: Connection, new: NewFile) -> str:
    f = LedgerFileRow
    wanted = select(f.id).where(f.sha256 == new.sha256, f.state != WorkState.DUPLICATE.value)
    return connection.scalar(wanted.order_by(f.taken_at, f.position).limit(1)) or ""


def _copy_of(connection: Connection, new: NewFile, original: str) -> Held:
    name = get_file(connection, original).name
    return Held(Source(new.name, new.sha256), "acquire", DUPLICATE, (("of", name),))


def commit(unit: Unit, results: Iterable[FileOutcome], at: datetime) -> int:
    """Write what workers found; pages that were done before stay as they are.

    Returns:
        How many pages moved.
    """
    return sum(_commit_one(unit, result, at) for result in results)


def _commit_one(unit: Unit, result: FileOutcome, at: datetime) -> int:
    file = get_file(unit.connection, result.file_id)
    if result.pages is not None and file.state is WorkState.TAKEN_IN:
        _open_file(unit, file, result, at)
    elif file.state is WorkState.TAKEN_IN:
        return _not_opened(unit, file, result, at)
    moved = 0
    for outcome in result.outcomes:
        key = PageKey(file.id, outcome.index)
        if _state_of(unit.connection, key) == WorkState.TAKEN_IN.value and outcome.result is not None:
            _finish_page(unit, key, outcome, result.worker, at)
            moved += 1
    return moved


def _not_opened(unit: Unit, file: LedgerFile, result: FileOutcome, at: datetime) -> int:
    """Nobody knows how many pages a file has that could not be had: it is held as a whole."""
    reasons = [each.result for each in result.outcomes if isinstance(each.result, Held)]
    for held in reasons[:1]:
        give_up(unit, file.id, held, at, result.worker)
    return len(reasons[:1])


def _open_file(unit: Unit, file: LedgerFile, result: FileOutcome, at: datetime) -> None:
    """Give every page of a file a row of its own."""
    count = max(result.pages or 1, 1)
    rows, steps = [], []
    for index in range(count):
        source = Source(file.name, file.sha256, index, count)
        rows.append(_fresh_page(file, index, source, at))
        steps.append(_step_row(PageKey(file.id, index), 0, at, WorkState.TAKEN_IN, "", result.worker))
    unit.connection.execute(insert(LedgerPageRow), rows)
    unit.connection.execute(insert(LedgerStepRow), steps)
    opened: dict[str, Any] = {"pages": count, "opened": count, "worker": result.worker}
    move_file(unit, file.id, WorkState.OPENED, at, result.worker, None, **opened)


def _fresh_page(file: LedgerFile, index: int, source: Source, at: datetime) -> dict[str, Any]:
    return {
        "file_id": file.id, "page": index, "stack": file.stand.stack, "position": file.position,
        "priority": file.stand.priority, "state": WorkState.TAKEN_IN.value, "reason": "", "settled": False,
        "attempts": 0, "worker": "", "source_noun": dump(source), "stored_noun": "", "held_noun": "",
        "read_noun": "", "image_sha256": "", "pixel_sha256": "", "form_id": "", "form_version": "",
        "form_page": 0, "engine": "", "model": "", "draft_id": "", "stages": "[]",
        "taken_at": file.taken_at, "changed_at": at, "steps": 0, "sheet": None, "placed_noun": "",
    }  # fmt: skip


def _state_of(connection: Connection, key: PageKey) -> str | None:
    p = LedgerPageRow
    return connection.scalar(select(p.state).where(p.file_id == key.file_id, p.page == key.index))


def _note_image(connection: Connection, outcome: PageOutcome) -> None:
    assert outcome.stored is not None
    stored = outcome.stored
    known = connection.execute(select(ImageRow.sha256).where(ImageRow.sha256 == stored.image_sha256)).first()
    if known is None:
        row = {
            "sha256": stored.image_sha256, "media_type": stored.media_type, "bytes_len": stored.image_bytes,
        }  # fmt: skip
        connection.execute(insert(ImageRow).values(**row))


def _finish_page(unit: Unit, key: PageKey, outcome: PageOutcome, worker: str, at: datetime) -> None:
    values = _told(outcome, worker, at)
    if outcome.stored is not None:
        _note_image(unit.connection, outcome)
        stored = outcome.stored
        told = {"stored_noun": dump(stored), "image_sha256": stored.image_sha256}
        values |= told | {"source_noun": dump(stored.source)}
    if outcome.sheet:
        values["sheet"] = outcome.sheet
    if outcome.pixel_sha256:
        values["pixel_sha256"] = outcome.pixel_sha256
    move_page(unit, key, values, worker)


def _state(outcome: PageOutcome) -> WorkState:
    if outcome.result is None:
        return WorkState.TAKEN_IN
    if isinstance(outcome.result, ReadPage):
        return WorkState.READ
    if carries_nothing(outcome.result):
        return WorkState.SET_ASIDE
    return WorkState.QUARANTINED if outcome.result.quarantined else WorkState.HELD


def carries_nothing(held: Held) -> bool:
    """A separator sheet, or a blank page among others; somebody who scanned a blank sheet alone is told."""
    return held.stage == SEPARATOR or (held.reason == BLANK and held.source.count > 1)


def _told(outcome: PageOutcome, worker: str, at: datetime) -> dict[str, Any]:
    """Columns that say how a page was read."""
    result = outcome.result
    read = result if isinstance(result, ReadPage) else None
    held = result if isinstance(result, Held) else None
    return {
        "state": _state(outcome).value,
        "reason": held.reason if held else "",
        "held_noun": dump(held) if held else "",
        "read_noun": dump(read) if read else "",
        "form_id": read.form_id if read else "",
        "form_version": read.form_version if read else "",
        "form_page": read.page.number if read else 0,
        "engine": outcome.engine,
        "model": outcome.model,
        "stages": canonical([[name, round(seconds, 4)] for name, seconds in outcome.stages]),
        "worker": worker,
        "changed_at": at,
    }


def give_up(unit: Unit, file: str, held: Held, at: datetime, worker: str) -> None:
    """Close a file nobody could open; nothing happens where it was opened after all."""
    row = get_file(unit.connection, file)
    if row.state is WorkState.TAKEN_IN and row.opened == 0:
        state = WorkState.QUARANTINED if held.quarantined else WorkState.HELD
        move_file(unit, file, state, at, worker, held)


def attempt(unit: Unit, key: PageKey) -> int:
    """Count a try that ended with the worker; the number of tries so far."""
    if key.index < 0 or _state_of(unit.connection, key) is None:
        row = update(LedgerFileRow).where(LedgerFileRow.id == key.file_id)
        counted = row.values(attempts=LedgerFileRow.attempts + 1).returning(LedgerFileRow.attempts)
    else:
        page = update(LedgerPageRow)
        page = page.where(LedgerPageRow.file_id == key.file_id, LedgerPageRow.page == key.index)
        counted = page.values(attempts=LedgerPageRow.attempts + 1).returning(LedgerPageRow.attempts)
    return unit.connection.scalar(counted) or 0


def claim(
    unit: Unit, keys: Sequence[tuple[PageKey, str]], at: datetime, who: str
) -> dict[PageKey, PageKey | None]:
    """Settle, in the order of the stack, which of equal pages was first; the others become duplicates.

    Returns:
        For each page the page it is a copy of, or ``None``.
    """
    found: dict[PageKey, PageKey | None] = {}
    for key, pixels in keys:
        first = _first_with(unit.connection, key, pixels) if pixels else None
        found[key] = first
        page = get_page(unit.connection, key)
        if first is not None and page.state is not WorkState.DUPLICATE:
            label = get_page(unit.connection, first).source.label
            held = Held(page.source, "acquire", DUPLICATE, (("of", label),))
            moved: dict[str, Any] = {"held_noun": dump(held), "read_noun": "", "settled": True, "sheet": None}
            move_page(unit, key, moved | _to(WorkState.DUPLICATE, at, DUPLICATE), who)
        elif first is None and page.state in ENDED and not page.settled:
            _set_page(unit.connection, key, {"settled": True, "changed_at": at})
    return found


def _first_with(connection: Connection, key: PageKey, pixels: str) -> PageKey | None:
    x = LedgerPixelsRow
    row = connection.execute(select(x.file_id, x.page).where(x.pixel_sha256 == pixels)).one_or_none()
    if row is None:
        connection.execute(insert(x).values(pixel_sha256=pixels, file_id=key.file_id, page=key.index))
        return None
    first = PageKey(row[0], row[1])
    return None if first == key else first


def hold_read(unit: Unit, key: PageKey, held: Held, at: datetime, who: str) -> None:
    """A page that was read but belongs to no document."""
    told: dict[str, Any] = {"held_noun": dump(held), "read_noun": "", "settled": True}
    move_page(unit, key, told | _to(WorkState.HELD, at, held.reason), who)


def mark_drafted(
    unit: Unit,
    keys: Sequence[PageKey],
    draft_id: str,
    at: datetime,
    who: str,
    placed: Sequence[Placed] = (),
) -> None:
    """Pages that are part of a draft now; ``placed`` says why, page by page, where that is known."""
    for number, key in enumerate(keys):
        told: dict[str, Any] = {"draft_id": draft_id, "read_noun": "", "settled": True}
        told["placed_noun"] = dump(placed[number]) if placed else ""
        move_page(unit, key, told | _to(WorkState.DRAFTED, at), who)
    p = LedgerPageRow
    highest = select(func.coalesce(func.max(p.priority), 0)).where(p.draft_id == draft_id).scalar_subquery()
    unit.connection.execute(update(DraftRow).where(DraftRow.id == draft_id).values(priority=highest))


def requeue(unit: Unit, keys: Sequence[PageKey], person: str, reason: str, at: datetime) -> int:
    """Put held and quarantined files and pages back to work; others are left alone.

    Returns:
        How many went back.
    """
    told = reason or "requeued"
    moved: list[str] = []
    for key in keys:
        if key.index < 0:
            file = get_file(unit.connection, key.file_id)
            if file.state in ENDED and file.sha256:
                move_file(unit, file.id, WorkState.TAKEN_IN, at, person, None, told=told, attempts=0)
                moved.append(file.id)
            continue
        page = get_page(unit.connection, key)
        if page.state in ENDED:
            values: dict[str, Any] = {"held_noun": "", "settled": False, "attempts": 0}
            move_page(unit, key, values | _to(WorkState.TAKEN_IN, at), person, told)
            moved.append(key.file_id)
    if moved:
        unit.trail.add("pages.requeued", moved[0], person, at, {"pages": len(moved)})
    return len(moved)


def forget_sheets(connection: Connection, stack: str, kept: int) -> None:
    """Drop the packed ink of all but the last settled pages of a stack."""
    p = LedgerPageRow
    last = (
        select(p.position)
        .where(p.stack == stack, p.settled.is_(True), p.sheet.is_not(None))
        .order_by(p.position.desc(), p.page.desc())
        .offset(kept)
        .limit(1)
    )
    position = connection.scalar(last)
    if position is not None:
        old = update(p).where(p.stack == stack, p.position < position, p.settled.is_(True))
        connection.execute(old.where(p.sheet.is_not(None)).values(sheet=None))


def reprioritise(connection: Connection, stack: str, priority: int) -> None:
    """Give what waits of a stack another priority, its drafts among it."""
    waits = WorkState.TAKEN_IN.value
    drafts = select(LedgerPageRow.draft_id).where(LedgerPageRow.stack == stack)
    connection.execute(update(DraftRow).where(DraftRow.id.in_(drafts)).values(priority=priority))
    for row in (LedgerFileRow, LedgerPageRow):
        moved = update(row).where(row.stack == stack, row.state == waits)
        connection.execute(moved.values(priority=priority))


def move_file(
    unit: Unit,
    key: str,
    state: WorkState,
    at: datetime,
    who: str,
    held: Held | None,
    *,
    told: str = "",
    **values: Any,
) -> None:
    """Change a file's row and note the step."""
    reason = held.reason if held else ""
    moved = update(LedgerFileRow).where(LedgerFileRow.id == key)
    moved = moved.values(
        state=state.value, reason=reason, noun=dump(held) if held else "", changed_at=at,
        steps=LedgerFileRow.steps + 1, **values,
    )  # fmt: skip
    step = unit.connection.scalar(moved.returning(LedgerFileRow.steps))
    _step(unit, PageKey(key), step or 0, at, state, told or reason, who)


def _to(state: WorkState, at: datetime, reason: str = "") -> dict[str, Any]:
    return {"state": state.value, "reason": reason, "changed_at": at}


def move_page(unit: Unit, key: PageKey, values: Mapping[str, Any], who: str, told: str = "") -> None:
    """Change a page's row, which must get a state, a reason and a time, and note the step."""
    moved = update(LedgerPageRow)
    moved = moved.where(LedgerPageRow.file_id == key.file_id, LedgerPageRow.page == key.index)
    moved = moved.values(**values, steps=LedgerPageRow.steps + 1)
    step = unit.connection.scalar(moved.returning(LedgerPageRow.steps))
    state = WorkState(values["state"])
    _step(unit, key, step or 0, values["changed_at"], state, told or values["reason"], who)


def _set_page(connection: Connection, key: PageKey, values: Mapping[str, Any]) -> None:
    moved = update(LedgerPageRow)
    moved = moved.where(LedgerPageRow.file_id == key.file_id, LedgerPageRow.page == key.index)
    connection.execute(moved.values(**values))


def _step(unit: Unit, key: PageKey, step: int, at: datetime, state: WorkState, reason: str, who: str) -> None:
    unit.connection.execute(insert(LedgerStepRow).values(**_step_row(key, step, at, state, reason, who)))


def _step_row(
    key: PageKey, step: int, at: datetime, state: WorkState, reason: str, who: str
) -> dict[str, Any]:
    return {
        "file_id": key.file_id, "page": key.index, "step": step, "at": at, "state": state.value,
        "reason": reason, "who": who,
    }  # fmt: skip
