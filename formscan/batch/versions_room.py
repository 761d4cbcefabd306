"""What a new edition of a form would change in what is stored, and documents read again on demand."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from formscan.batch.gate import Gate
from formscan.batch.index_shelf import open_line
from formscan.designer.studio.compare import Change, ChangeKind, compare
from formscan.errors import ImmutableError, StoreError
from formscan.model.ledger import LedgerPage
from formscan.model.page import Held, Page
from formscan.model.people import Permission, Person
from formscan.model.reading import FieldState
from formscan.model.record import Draft, DraftState, DraftSummary, ReadPage
from formscan.model.split import Placed
from formscan.model.template import FormTemplate
from formscan.pipeline.acquire import decode
from formscan.pipeline.collate import Pile, draft_of
from formscan.pipeline.read import load_readers
from formscan.pipeline.run import Line, read_page
from formscan.store import Regrouped, Store
from formscan.templates import TemplateLibrary

REREAD: Final = "reread"


@dataclass(frozen=True, slots=True)
class TouchedDocument:
    """A stored document with a page on which the new edition reads something otherwise.

    Attributes:
        entry_id: Of the released entry; empty while the document waits for review.
        reviewed: Fields a person has decided on.
        written: Fields that are read otherwise and hold a value now.
    """

    draft_id: str
    state: DraftState
    entry_id: str
    reviewed: int
    written: tuple[str, ...]

    @property
    def can_be_read_again(self) -> bool:
        """Only what nobody has decided on: what is released is never overwritten, it is corrected."""
        return self.state is DraftState.OPEN and not self.reviewed


@dataclass(frozen=True, slots=True)
class Touch:
    """What a new edition changes."""

    changes: tuple[Change, ...]
    documents: tuple[TouchedDocument, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """Two editions laid side by side, before anything stored is looked at.

    Attributes:
        otherwise: Ids in the old edition (in the new one for what came) of fields that are read otherwise.
        numbers: Pages of the old edition such fields stand on.
        drafts: The stored documents of the old edition, those set aside left out.
        entries: Released entries: id by id of the document.
    """

    old: FormTemplate
    new: FormTemplate
    changes: tuple[Change, ...]
    otherwise: frozenset[str]
    numbers: frozenset[int]
    drafts: tuple[DraftSummary, ...]
    entries: Mapping[str, str]


@dataclass(frozen=True, slots=True, eq=False)
class Taken:
    """A stored document taken out to be read again: its pages with their pixels.

    Attributes:
        pages: With the page of the stack each of them is.
    """

    draft_id: str
    pages: tuple[tuple[LedgerPage, Page], ...]


@dataclass(frozen=True, slots=True, eq=False)
class ReadAgain:
    """The pages of such a document as a new edition reads them; nothing is stored yet."""

    taken: Taken
    new: FormTemplate
    pages: tuple[tuple[LedgerPage, ReadPage], ...]


class VersionsRoom:
    """Compares what is stored with a new edition of its form, and reads it again where that is asked for.

    Reading is the long part and needs no store: ``take`` and ``put`` belong in the store's thread, ``read``
    in any other.

    Args:
        store: The memory; used in the thread that made it.
        person: Who is here now.
        need: Refuses where that person may not.
        pages: Folder where what is known of blank pages is kept; the user's by default.
    """

    def __init__(
        self,
        store: Store,
        person: Callable[[], Person],
        need: Callable[[Permission], None],
        pages: Path | None = None,
    ) -> None:
        self._store, self._person, self._need, self._pages = store, person, need, pages
        self._lines: dict[str, Line] = {}

    def touched(self, old: FormTemplate, new: FormTemplate) -> Touch:
        """What a new edition would read otherwise in the documents of the old one; nothing is changed."""
        difference = self.difference(old, new)
        return Touch(difference.changes, self.documents(difference, difference.drafts))

    def difference(self, old: FormTemplate, new: FormTemplate) -> Difference:
        """What two editions differ in, and which documents are to be looked at for it.

        Raises:
            RefusedError: ``access.refused``.
        """
        self._need(Permission.REVIEW)
        changes = tuple(compare(old, new))
        otherwise = frozenset(
            change.before if change.kind is ChangeKind.RENAMED else change.field_id
            for change in changes
            if change.reads_differently or change.kind is ChangeKind.REMOVED
        )
        places = {field.id: field.page for form in (new, old) for field in form.fields}
        numbers = frozenset(places[field] for field in otherwise)
        drafts = tuple(
            summary
            for summary in (self._store.drafts(None) if numbers else ())
            if (summary.form_id, summary.form_version) == old.key
            and summary.state is not DraftState.DISCARDED
        )
        entries = {entry.draft_id: entry.id for entry in self._store.entries()} if drafts else {}
        return Difference(old, new, changes, otherwise, numbers, drafts, entries)

    def documents(
        self, difference: Difference, drafts: Sequence[DraftSummary]
    ) -> tuple[TouchedDocument, ...]:
        """Those of some documents that hold a page on which something is read otherwise.

        Args:
            difference: Of :meth:`difference`.
            drafts: Out of its ``drafts``; a few at a time where somebody waits.

        Raises:
            RefusedError: ``access.refused``.
        """
        self._need(Permission.REVIEW)
        found = (self._document(difference, summary) for summary in drafts)
        return tuple(one for one in found if one is not None)

    def _document(self, difference: Difference, summary: DraftSummary) -> TouchedDocument | None:
        draft = self._store.get_draft(summary.id)
        if not difference.numbers & {page.number for page in draft.pages}:
            return None
        written = tuple(
            field.field_id
            for field in draft.fields
            if field.field_id in difference.otherwise and field.value.state is FieldState.VALUE
        )
        entry = difference.entries.get(summary.id, "")
        return TouchedDocument(summary.id, summary.state, entry, summary.reviewed, written)

    def reread(self, draft_id: str, new: FormTemplate) -> str:
        """Read the pages of an open document nobody decided on with another edition of its form.

        The new document takes the old one's place, in one transaction; the old one stays, closed.

        Returns:
            Id of the new document.

        Raises:
            StoreError: ``versions.does_not_fit`` if a page does not fit the new edition;
                ``store.draft_in_work`` if a person decided on a field; nothing is changed then.
            ImmutableError: ``store.draft_closed``.
            LeaseError: Somebody works on it.
            NotFoundError: ``store.no_such_draft``.
        """
        return self.put(self.read(self.take(draft_id), new))

    def take(self, draft_id: str) -> Taken:
        """Take out the pages of a document, the first step of :meth:`reread`; the document stays.

        Raises:
            StoreError: ``store.image_missing``.
            ImmutableError: ``store.draft_closed``.
            NotFoundError: ``store.no_such_draft``.
        """
        self._need(Permission.REVIEW)
        draft = self._store.get_draft(draft_id)
        held = self._store.ledger.pages_of_draft(draft_id)
        if not held and any(summary.id == draft_id for summary in self._store.drafts()):
            raise StoreError("store.image_missing", draft=draft_id)
        if not held:  # its pages went to the document that took its place
            raise ImmutableError("store.draft_closed", draft=draft_id)
        return Taken(draft_id, tuple((page, self._scan(draft, page)) for page in held))

    def read(self, taken: Taken, new: FormTemplate) -> ReadAgain:
        """Read taken pages with another edition; the second step, which needs no store.

        Raises:
            StoreError: ``versions.does_not_fit``.
        """
        line = self._line(new)
        return ReadAgain(taken, new, tuple((page, _read(line, page, scan)) for page, scan in taken.pages))

    def put(self, again: ReadAgain) -> str:
        """Put what was read in the place of the document; the last step.

        Returns:
            Id of the new document.

        Raises:
            StoreError, ImmutableError, LeaseError: As :meth:`reread`; nothing is changed then.
        """
        self._need(Permission.REVIEW)
        at, me, new, old = datetime.now(UTC), self._person().id, again.new, again.taken.draft_id
        read = sorted(again.pages, key=lambda pair: pair[1].page.number)
        made = draft_of(Pile(new.key, [page for _, page in read]), new, at)
        made = Gate(self._store, {new.key: new}).judged(made)
        own = hashlib.sha256(f"{made.id}\n{new.digest}\n{old}".encode()).hexdigest()[:32]
        placed = tuple(page.placed or Placed(1, REREAD, False, me) for page, _ in read)
        keys = tuple(page.key for page, _ in read)
        self._store.split.regroup([old], [Regrouped(replace(made, id=own), keys, placed)], me, REREAD)
        return own

    def _scan(self, draft: Draft, page: LedgerPage) -> Page:
        stored = page.stored
        if stored is None:
            raise StoreError("store.image_missing", draft=draft.id)
        pixels = decode(self._store.get_image(stored.image_sha256, person=self._person().id))
        return Page(stored.source, pixels, stored.dpi, notes=stored.notes)

    def _line(self, form: FormTemplate) -> Line:
        if form.digest not in self._lines:
            self._lines[form.digest] = open_line(TemplateLibrary([form]), load_readers(), self._pages)
        return self._lines[form.digest]


def _read(line: Line, page: LedgerPage, scan: Page) -> ReadPage:
    stored = page.stored
    result = line.run(scan)
    if stored is None or isinstance(result, Held):
        reason = result.reason if isinstance(result, Held) else ""
        raise StoreError("versions.does_not_fit", page=page.form_page, reason=reason)
    return read_page(result, stored.image_sha256, stored.media_type)
