"""What a new edition of a form would change in what is stored, and documents read again on demand."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from formscan.batch.gate import Gate
from formscan.batch.index_shelf import open_line
from formscan.designer.studio.compare import Change, ChangeKind, compare
from formscan.errors import StoreError
from formscan.model.ledger import LedgerPage
from formscan.model.page import Held, Page
from formscan.model.people import Permission, Person
from formscan.model.reading import FieldState
from formscan.model.record import Draft, DraftState, ReadPage
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


class VersionsRoom:
    """Compares what is stored with a new edition of its form, and reads it again where that is asked for.

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
        self._need(Permission.REVIEW)
        changes = tuple(compare(old, new))
        otherwise = {
            change.before if change.kind is ChangeKind.RENAMED else change.field_id
            for change in changes
            if change.reads_differently or change.kind is ChangeKind.REMOVED
        }
        places = {field.id: field.page for form in (new, old) for field in form.fields}
        numbers = {places[field] for field in otherwise}
        entries = {entry.draft_id: entry.id for entry in self._store.entries()}
        found = []
        for summary in self._store.drafts(None):
            if (summary.form_id, summary.form_version) != old.key or summary.state is DraftState.DISCARDED:
                continue
            draft = self._store.get_draft(summary.id)
            if not numbers & {page.number for page in draft.pages}:
                continue
            written = tuple(
                field.field_id
                for field in draft.fields
                if field.field_id in otherwise and field.value.state is FieldState.VALUE
            )
            entry = entries.get(summary.id, "")
            found.append(TouchedDocument(summary.id, summary.state, entry, summary.reviewed, written))
        return Touch(changes, tuple(found))

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
        self._need(Permission.REVIEW)
        draft = self._store.get_draft(draft_id)
        at, me = datetime.now(UTC), self._person().id
        held = self._store.ledger.pages_of_draft(draft_id)
        read = [(page, self._read(draft, page, new)) for page in held]
        read.sort(key=lambda pair: pair[1].page.number)
        made = draft_of(Pile(new.key, [page for _, page in read]), new, at)
        made = Gate(self._store, {new.key: new}).judged(made)
        own = hashlib.sha256(f"{made.id}\n{new.digest}\n{draft_id}".encode()).hexdigest()[:32]
        placed = tuple(page.placed or Placed(1, REREAD, False, me) for page, _ in read)
        keys = tuple(page.key for page, _ in read)
        self._store.split.regroup([draft_id], [Regrouped(replace(made, id=own), keys, placed)], me, REREAD)
        return own

    def _read(self, draft: Draft, page: LedgerPage, new: FormTemplate) -> ReadPage:
        stored = page.stored
        if stored is None:
            raise StoreError("store.image_missing", draft=draft.id)
        pixels = decode(self._store.get_image(stored.image_sha256, person=self._person().id))
        result = self._line(new).run(Page(stored.source, pixels, stored.dpi, notes=stored.notes))
        if isinstance(result, Held):
            raise StoreError("versions.does_not_fit", page=page.form_page, reason=result.reason)
        return read_page(result, stored.image_sha256, stored.media_type)

    def _line(self, form: FormTemplate) -> Line:
        if form.digest not in self._lines:
            self._lines[form.digest] = open_line(TemplateLibrary([form]), load_readers(), self._pages)
        return self._lines[form.digest]
