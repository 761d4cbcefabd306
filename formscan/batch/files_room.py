"""How stacks fell apart into records and documents, and what a person does about it: part, join, move."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Final

from formscan.errors import NotFoundError, StoreError
from formscan.model.files import DocumentLine, PageLine, RecordLine, StackLine
from formscan.model.ledger import LedgerPage, PageKey, WorkState
from formscan.model.people import Permission, Person
from formscan.model.reading import FieldState
from formscan.model.record import Draft, DraftState, ReadPage
from formscan.model.split import BLANK, SEPARATOR, Placed, Sheets, sheets_of
from formscan.model.template import FormTemplate
from formscan.pipeline.collate import SHEET_COUNT, Pile, draft_of
from formscan.store import Regrouped, Scope, Store

SHEET_NUMBER: Final = "sheet.number"
"""Where a continuation sheet says which one it is."""
BY_HAND: Final = "split.by_hand"
FormKey = tuple[str, str]


@dataclass(slots=True)
class _Record:
    number: int
    reason: str = ""
    documents: dict[str, list[LedgerPage]] = field(default_factory=dict)
    loose: list[LedgerPage] = field(default_factory=list)
    pages: list[LedgerPage] = field(default_factory=list)


class FilesRoom:
    """What the window and the command line ask about thick files.

    Args:
        store: The memory; used in the thread that made it.
        forms: All templates by (id, version).
        person: Who is here now.
        need: Refuses where that person may not.
    """

    def __init__(
        self,
        store: Store,
        forms: Mapping[FormKey, FormTemplate],
        person: Callable[[], Person],
        need: Callable[[Permission], None],
    ) -> None:
        self._store, self._forms, self._person, self._need = store, forms, person, need

    # -- looking -------------------------------------------------------------------------------

    def stacks(self) -> tuple[StackLine, ...]:
        """Stacks that have more than one page, the newest first."""
        self._need(Permission.REVIEW)
        found: dict[str, list[tuple[str, int]]] = {}
        for file in self._store.ledger.files():
            found.setdefault(file.stand.stack, []).append((file.name, file.pages or 0))
        lines = [
            StackLine(stack, files[0][0], len(files), sum(pages for _, pages in files))
            for stack, files in found.items()
        ]
        return tuple(reversed([line for line in lines if line.pages > 1]))

    def look(self, stack: str) -> tuple[RecordLine, ...]:
        """The records of a stack, in its order.

        Raises:
            NotFoundError: ``store.no_such_stack``.
        """
        self._need(Permission.REVIEW)
        pages = self._store.ledger.pages(Scope(stack=stack))
        if not pages:
            raise NotFoundError("store.no_such_stack", stack=stack)
        blanks: dict[str, set[int]] = {}
        for page in pages:
            if page.held is not None and page.held.reason == BLANK and page.source.count > 1:
                blanks.setdefault(page.key.file_id, set()).add(page.key.index)
        records = _records(pages)
        ends = [_tail(record) for record in records]
        leads = [0, *ends][: len(records)]
        return tuple(
            self._told(record, blanks, 0 if record.reason == "split.separator" else lead, tail)
            for record, lead, tail in zip(records, leads, ends, strict=True)
        )

    def _told(self, record: _Record, blanks: Mapping[str, set[int]], lead: int, tail: int) -> RecordLine:
        drafts = [self._store.get_draft(draft_id) for draft_id in record.documents]
        documents = [
            self._document(draft, pages)
            for draft, pages in zip(drafts, record.documents.values(), strict=True)
        ]
        written, confirmed = self._written(drafts)
        loose = tuple(_line(page) for page in record.loose)
        sheets = _sheets(record.pages, blanks).between(lead, tail)
        return RecordLine(
            record.number, record.reason, in_order(documents), loose, sheets, written, confirmed
        )

    def _document(self, draft: Draft, pages: Sequence[LedgerPage]) -> DocumentLine:
        ordered = sorted(pages, key=lambda page: page.form_page)
        lines = tuple(_line(page) for page in ordered)
        number, _ = self._value(draft, SHEET_NUMBER)
        is_open = draft.state is DraftState.OPEN
        head = (draft.id, draft.form_id, draft.form_version, is_open)
        return DocumentLine(*head, lines, number, draft.problems)

    def _written(self, drafts: Iterable[Draft]) -> tuple[int | None, bool]:
        for draft in drafts:
            text, confirmed = self._value(draft, SHEET_COUNT)
            if text.isdecimal():
                return int(text), confirmed
        return None, False

    def _value(self, draft: Draft, field_id: str) -> tuple[str, bool]:
        """What a field says, and whether a person said so."""
        read = next((f for f in draft.fields if f.field_id == field_id), None)
        if read is None:
            return "", False
        said = [one for one in self._store.decisions(draft.id) if one.field_id == field_id]
        value = said[-1].value if said else read.value
        return (value.text.strip() if value.state is FieldState.VALUE else ""), bool(said)

    # -- doing ---------------------------------------------------------------------------------

    def part(self, key: PageKey) -> None:
        """The document a page is part of is parted before that page.

        Raises:
            StoreError: ``split.first_page`` where nothing stands before it; see also ``Store.split``.
        """
        draft, pages = self._document_of(key)
        at = [page.key for page in pages].index(key)
        if at == 0:
            raise StoreError("split.first_page", page=key.index)
        self._regroup((draft,), (pages[:at], pages[at:]), "split")

    def join(self, first: str, second: str) -> None:
        """Two documents of one form become one, in the record of the first.

        Raises:
            StoreError: ``split.other_form``, or ``split.same_page`` where both have a page of the form.
        """
        mine, pages = self._draft(first)
        other, more = self._draft(second)
        _need_fit(pages, more, mine, other)
        record = _placed(pages[0]).record
        self._regroup((mine, other), ([*pages, *more],), "join", record)

    def move(self, key: PageKey, to: str) -> None:
        """A page leaves its document for another one of the same form.

        Raises:
            StoreError: As ``join``, and ``split.same_document``.
        """
        draft, pages = self._document_of(key)
        other, more = self._draft(to)
        if draft.id == other.id:
            raise StoreError("split.same_document", page=key.index)
        moving = [page for page in pages if page.key == key]
        rest = [page for page in pages if page.key != key]
        _need_fit(more, moving, other, draft)
        groups = ([*more, *moving],) if not rest else ([*more, *moving], rest)
        self._regroup((draft, other), groups, "move", _placed(more[0]).record)

    def begin_record(self, draft_id: str) -> None:
        """A record begins with this document: it and those behind it in its record leave it."""
        _, pages = self._draft(draft_id)
        stack, record = pages[0].stack, _placed(pages[0]).record
        everything = self._store.ledger.pages(Scope(stack=stack))
        fresh = 1 + max((page.placed.record for page in everything if page.placed), default=0)
        leaving = _from_document(everything, record, draft_id)
        self._place(leaving, fresh, "record.begin")

    def join_record(self, draft_id: str) -> None:
        """The record a document lies in belongs to the one before it.

        Raises:
            StoreError: ``split.first_record``.
        """
        _, pages = self._draft(draft_id)
        record = _placed(pages[0]).record
        everything = self._store.ledger.pages(Scope(stack=pages[0].stack))
        numbers = list(dict.fromkeys(page.placed.record for page in everything if page.placed))
        at = numbers.index(record)
        if at == 0:
            raise StoreError("split.first_record", record=record)
        self._place([p for p in everything if p.placed and p.placed.record == record], numbers[at - 1],
                    "record.join")  # fmt: skip

    def _place(self, pages: Sequence[LedgerPage], record: int, told: str) -> None:
        me = self._person().id
        placed = {page.key: replace(_placed(page), record=record, person=me, doubt=False) for page in pages}
        placed[pages[0].key] = replace(placed[pages[0].key], reason=BY_HAND)
        self._store.split.place(placed, me, told)

    def _regroup(
        self,
        old: Sequence[Draft],
        groups: Sequence[Sequence[LedgerPage]],
        told: str,
        record: int | None = None,
    ) -> None:
        read = {
            (item.page.source.sha256, item.page.source.index): item
            for draft in old
            for item in draft.read_pages
        }
        me, at = self._person().id, datetime.now(UTC)
        made = [self._made(group, read, me, at, record) for group in groups]
        self._store.split.regroup([draft.id for draft in old], made, me, told)

    def _made(
        self,
        group: Sequence[LedgerPage],
        read: Mapping[tuple[str, int], ReadPage],
        person: str,
        at: datetime,
        record: int | None,
    ) -> Regrouped:
        """A document out of pages of others; its id is its own: going back and forth makes new ones."""
        ordered = sorted(group, key=lambda page: page.form_page)
        pages = [read[page.source.sha256, page.source.index] for page in ordered]
        form = self._forms.get((pages[0].form_id, pages[0].form_version))
        if form is None:
            raise StoreError("collate.form_gone", form=pages[0].form_id)
        draft = draft_of(Pile(form.key, pages), form, at)
        own = hashlib.sha256(f"{draft.id}\n{at.isoformat()}\n{person}".encode()).hexdigest()[:32]
        placed = tuple(
            Placed(_placed(page).record if record is None else record, BY_HAND, False, person)
            for page in ordered
        )
        return Regrouped(replace(draft, id=own), tuple(page.key for page in ordered), placed)

    def _document_of(self, key: PageKey) -> tuple[Draft, list[LedgerPage]]:
        page = self._store.ledger.page(key)
        if not page.draft_id:
            raise StoreError("split.no_document", page=key.index)
        return self._draft(page.draft_id)

    def _draft(self, draft_id: str) -> tuple[Draft, list[LedgerPage]]:
        draft = self._store.get_draft(draft_id)
        sources = {(page.source.sha256, page.source.index) for page in draft.pages}
        found = [
            page
            for page in self._store.ledger.pages_of_draft(draft_id)
            if (page.source.sha256, page.source.index) in sources
        ]
        if not found:
            raise StoreError("split.no_document", draft=draft_id)
        return draft, sorted(found, key=lambda page: page.form_page)


def in_order(documents: Sequence[DocumentLine]) -> tuple[DocumentLine, ...]:
    """Continuation sheets by their number, in the places they have, where each has one of its own."""
    numbered = [at for at, document in enumerate(documents) if document.sheet_number.isdecimal()]
    numbers = [int(documents[at].sheet_number) for at in numbered]
    alike = {documents[at].form_id for at in numbered}
    others = [d for d in documents if d.form_id in alike and not d.sheet_number.isdecimal()]
    if len(set(numbers)) < len(numbers) or others:
        return tuple(documents)
    out = list(documents)
    for place, at in zip(
        numbered, sorted(numbered, key=lambda n: int(documents[n].sheet_number)), strict=True
    ):
        out[place] = documents[at]
    return tuple(out)


def _records(pages: Sequence[LedgerPage]) -> list[_Record]:
    """Pages of a stack by record; what is part of no document lies in the record around it."""
    found: dict[int, _Record] = {}
    early: list[LedgerPage] = []
    here: _Record | None = None
    for page in pages:
        if page.placed is not None and page.draft_id:
            number = page.placed.record
            here = found.setdefault(number, _Record(number, page.placed.reason))
            here.documents.setdefault(page.draft_id, []).append(page)
            here.pages += [*early, page]
            here.loose += early
            early = []
        elif here is None or _parts(page):
            here = None
            early.append(page)
        else:
            here.pages.append(page)
            here.loose.append(page)
    if early:
        rest = found.setdefault(max(found, default=0), _Record(0, "split.file"))
        rest.loose += early
        rest.pages += early
    return list(found.values())


def _parts(page: LedgerPage) -> bool:
    return page.held is not None and page.held.stage == SEPARATOR


def _line(page: LedgerPage) -> PageLine:
    placed, held = page.placed, page.held
    return PageLine(
        key=page.key,
        label=page.source.label,
        image_sha256=page.stored.image_sha256 if page.stored else "",
        form_id=page.form_id if page.draft_id else "",
        number=page.form_page if page.draft_id else 0,
        reason=placed.reason if placed else held.reason if held else "",
        doubt=placed.doubt if placed else page.state in {WorkState.HELD, WorkState.QUARANTINED},
        person=placed.person if placed else "",
        draft_id=page.draft_id,
    )


def _tail(record: _Record) -> int:
    """Pages nobody read behind the record's last document: they may belong to the next record."""
    tail = 0
    for page in record.pages:
        if page.draft_id:
            tail = 0
        elif page.held is not None and page.held.reason != BLANK and not _parts(page):
            tail += 1
    return tail


def _sheets(pages: Sequence[LedgerPage], blanks: Mapping[str, set[int]]) -> Sheets:
    kept = [page for page in pages if not _parts(page) and page.state is not WorkState.DUPLICATE]
    count = max((page.source.count for page in kept), default=1)
    sides = [
        (page.source.index if count > 1 else at, page.held is not None and page.held.reason == BLANK)
        for at, page in enumerate(kept)
    ]
    files = {page.key.file_id for page in kept}
    known = blanks.get(next(iter(files)), set()) if len(files) == 1 else set()
    return sheets_of(sides, count, frozenset(known))


def _placed(page: LedgerPage) -> Placed:
    return page.placed or Placed(1, "split.file")


def _from_document(pages: Sequence[LedgerPage], record: int, draft_id: str) -> list[LedgerPage]:
    """Pages of documents of a record that begin with or behind a document."""
    inside = [page for page in pages if page.draft_id and _placed(page).record == record]
    order = list(dict.fromkeys(page.draft_id for page in inside))
    leaving = set(order[order.index(draft_id) :])
    return [page for page in inside if page.draft_id in leaving]


def _need_fit(pages: Sequence[LedgerPage], more: Sequence[LedgerPage], mine: Draft, other: Draft) -> None:
    if (mine.form_id, mine.form_version) != (other.form_id, other.form_version):
        raise StoreError("split.other_form", form=mine.form_id, other=other.form_id)
    same = {page.form_page for page in pages} & {page.form_page for page in more}
    if same:
        raise StoreError("split.same_page", page=min(same))
