"""What a person does about a held page: turn it, name its form, have it scanned again, give it up."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import update

from formscan.errors import StoreError
from formscan.model.ledger import PageKey, StoredPage, WorkState
from formscan.model.page import Held
from formscan.model.record import Draft
from formscan.model.split import Placed
from formscan.store.audit import Digests
from formscan.store.codec import dump
from formscan.store.drafts import add_draft
from formscan.store.ledger_read import get_file, get_page
from formscan.store.ledger_rows import LedgerPageRow
from formscan.store.ledger_write import move_file, move_page
from formscan.store.unit_of_work import Unit

STOPPED = frozenset({WorkState.HELD, WorkState.QUARANTINED})


def amend(unit: Unit, key: PageKey, stored: StoredPage, person: str, told: str, at: datetime) -> bool:
    """Put a held page back to work with another image or other notes; ``False`` where it moved meanwhile.

    Raises:
        NotFoundError: ``store.no_such_page``.
        StoreError: ``store.image_missing`` where the image was not put before.
    """
    page = get_page(unit.connection, key)
    if page.state not in STOPPED:
        return False
    if page.stored is None:
        raise StoreError("store.image_missing", page=key.index)
    values: dict[str, Any] = {
        "state": WorkState.TAKEN_IN.value, "reason": "", "changed_at": at, "held_noun": "", "attempts": 0,
        "settled": False, "stored_noun": dump(stored), "image_sha256": stored.image_sha256,
    }  # fmt: skip
    move_page(unit, key, values, person, told)
    if stored.image_sha256 != page.stored.image_sha256:
        row = update(LedgerPageRow).where(LedgerPageRow.file_id == key.file_id)
        row = row.where(LedgerPageRow.page == key.index)
        unit.connection.execute(row.values(pixel_sha256="", sheet=None))
    unit.trail.add("page.amended", key.file_id, person, at, {"page": key.index, "remedy": told})
    return True


def file_page(
    unit: Unit, key: PageKey, draft: Draft, placed: Placed, person: str, at: datetime, digests: Digests
) -> bool:
    """Make a held page a document of its own; ``False`` where it moved meanwhile.

    Raises:
        NotFoundError: ``store.no_such_page``.
        StoreError: ``store.image_missing`` where the page's image was not put before.
    """
    if get_page(unit.connection, key).state not in STOPPED:
        return False
    add_draft(unit, draft, person, at, digests)
    values: dict[str, Any] = {
        "state": WorkState.DRAFTED.value, "reason": "", "changed_at": at, "held_noun": "", "read_noun": "",
        "settled": True, "draft_id": draft.id, "form_id": draft.form_id, "form_version": draft.form_version,
        "form_page": 1, "placed_noun": dump(placed),
    }  # fmt: skip
    move_page(unit, key, values, person, "remedy.file")
    unit.trail.add("page.filed", key.file_id, person, at, {"page": key.index, "draft": draft.id})
    return True


def mark(unit: Unit, keys: Sequence[PageKey], reason: str, person: str, at: datetime) -> int:
    """Give held files and pages another reason; they stay held or in quarantine, and stay in the count.

    The reason before is kept among the facts as ``was``.

    Returns:
        How many were marked.

    Raises:
        NotFoundError: ``store.no_such_file`` or ``store.no_such_page``.
    """
    marked = 0
    for key in keys:
        is_file = key.index < 0
        item = get_file(unit.connection, key.file_id) if is_file else get_page(unit.connection, key)
        if item.state not in STOPPED or item.held is None or item.held.reason == reason:
            continue
        held = _marked(item.held, reason)
        if is_file:
            move_file(unit, key.file_id, item.state, at, person, held)
        else:
            values: dict[str, Any] = {
                "state": item.state.value, "reason": reason, "changed_at": at, "held_noun": dump(held),
            }  # fmt: skip
            move_page(unit, key, values, person)
        detail = {"page": key.index, "reason": reason, "was": item.held.reason}
        unit.trail.add("page.marked", key.file_id, person, at, detail)
        marked += 1
    return marked


def _marked(held: Held, reason: str) -> Held:
    was = dict(held.facts).get("was", held.reason)
    facts = (*((name, value) for name, value in held.facts if name != "was"), ("was", was))
    return Held(held.source, held.stage, reason, facts, held.quarantined)
