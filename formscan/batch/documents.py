"""From read pages to drafts, in the order of the stack, as far as results reach without a gap.

Workers finish pages in any order; here they are looked at in the order of the stack. That makes the outcome
the same however many workers there were and however often the night was interrupted: the first of equal
pages stays, second scans are named, and a document becomes a draft when no further page can join it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from formscan.batch.returns import Returns
from formscan.model.ledger import LedgerPage, PageKey, WorkState
from formscan.model.page import Held
from formscan.model.reading import CheckedField
from formscan.model.record import Draft, DraftPage, ReadPage
from formscan.model.template import FormTemplate
from formscan.pipeline.collate import Collator, Pile, draft_of, passing
from formscan.pipeline.duplicates import KEPT, ReadIndex
from formscan.pipeline.framed_ink import FramedInk
from formscan.store import Ledger

ROWS: Final = 128
"""Pages looked at in one go."""


class Documents:
    """The documents of one stack.

    Args:
        ledger: Where pages stand.
        forms: All templates by (id, version).
        stack: Which one.
        person: Who ordered the work.
        judged: Puts calibrated confidences into a draft before it is kept.
    """

    def __init__(
        self,
        ledger: Ledger,
        forms: Mapping[tuple[str, str], FormTemplate],
        stack: str,
        person: str,
        judged: Callable[[Draft], Draft] = lambda draft: draft,
    ) -> None:
        self._ledger = ledger
        self._forms = forms
        self._stack = stack
        self._person = person
        self._judged = judged
        self._returns = Returns(ledger, person, judged)
        self._collator = Collator(forms)
        self._near = ReadIndex()
        self._keys: dict[int, tuple[ReadPage, PageKey]] = {}
        self._at = (-1, -1)
        self._since_forgotten = 0
        self._seen: tuple[str, tuple[CheckedField, ...]] = ("", ())

    def advance(self) -> list[Draft]:
        """Look at the pages that follow, up to the first that still waits for a worker.

        Returns:
            Drafts that are stored now.
        """
        made: list[Draft] = []
        limit = self._ledger.first_waiting(self._stack)
        while True:
            rows = self._ledger.stack_pages(self._stack, self._at, ROWS)
            ready = [row for row in rows if limit is None or (row[0].position, row[0].key.index) < limit]
            made += self._take(ready)
            if len(ready) < ROWS:
                return made

    def finish(self) -> list[Draft]:
        """The stack has no page that waits: whatever is open is a document."""
        made = self.advance()
        return made + self._store(self._collator.complete(None))

    def _take(self, rows: list[tuple[LedgerPage, ReadPage | None, bytes]]) -> list[Draft]:
        made: list[Draft] = []
        loose = [page for page, _, _ in rows if not page.settled]
        copies = self._ledger.claim([(page.key, page.pixel_sha256) for page in loose], self._person)
        for page, read, sheet in rows:
            self._at = page.position, page.key.index
            made += self._store(self._collator.complete(page.source.sha256))
            if page.state is WorkState.DUPLICATE or copies.get(page.key) is not None:
                continue
            if page.held is not None:
                self._collator.pass_by(page.source, passing(page.held))
                continue
            near = self._near_of(page, sheet)
            if page.state is WorkState.DRAFTED:
                self._collator.add_placed(self._drafted(page), page.placed)
            elif read is not None:
                notes = (*read.page.notes, near) if near else read.page.notes
                item = replace(read, page=replace(read.page, notes=notes))
                self._keys[id(item)] = (item, page.key)
                self._collator.add(item)
        self._forget(len(rows))
        return made

    def _near_of(self, page: LedgerPage, sheet: bytes) -> str:
        ink = FramedInk.from_bytes(sheet)
        known = None
        if ink is not None:
            known = self._near.seen(page.source, (page.form_id, page.form_version, page.form_page), ink)
        return "" if known is None else f"duplicate.near:{known.label}"

    def _forget(self, moved: int) -> None:
        """Ink of pages too far back to be compared with is not kept."""
        self._since_forgotten += moved
        if self._since_forgotten >= KEPT:
            self._since_forgotten = 0
            self._ledger.forget_sheets(self._stack, KEPT)

    def _store(self, piles: list[Pile]) -> list[Draft]:
        found = [self._store_one(pile) for pile in piles]
        return [draft for draft in found if draft is not None]

    def _store_one(self, pile: Pile) -> Draft | None:
        """Keep the pages of a document, or hold them where they make none."""
        keys = [self._keys.pop(id(item))[1] for item in pile.pages]
        form = self._forms.get(pile.form)
        lacks = form is not None and len(pile.numbers) < len(form.pages)
        home = self._returns.taken_back(pile, keys, form) if form is not None and lacks else None
        if home is not None:
            return home
        if pile.held is not None or form is None:
            facts = (("form", pile.form[0]), ("version", pile.form[1]))
            for item, key in zip(pile.pages, keys, strict=True):
                gone = Held(item.page.source, "collate", "collate.form_gone", facts)
                self._ledger.hold_read(key, pile.held or gone, self._person)
            return None
        draft = self._judged(draft_of(pile, form, datetime.now(UTC)))
        self._ledger.draft(draft, keys, self._person, pile.placed)
        return draft

    def _drafted(self, page: LedgerPage) -> ReadPage:
        """What later pages need to know of a page that is part of a draft: whose it is."""
        if self._seen[0] != page.draft_id:
            self._seen = page.draft_id, self._ledger.fields_of(page.draft_id)
        fields = tuple(f for f in self._seen[1] if f.page == page.form_page)
        kept = DraftPage(page.form_page, page.source, "", "", 0, 0, 0.0, 0, 0.0, 0.0, 0.0, 0.0)
        return ReadPage(kept, page.form_id, page.form_version, "", fields)
