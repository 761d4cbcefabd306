"""Late pages: what was held when its neighbours became a document goes into that document."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise

from formscan.model.ledger import LedgerPage, PageKey
from formscan.model.record import Draft, DraftState, ReadPage
from formscan.model.template import FormTemplate
from formscan.pipeline.collate import Pile, draft_of
from formscan.pipeline.same_patient import Same, identity_of
from formscan.store import Ledger, Regrouped


class Returns:
    """Finds the document a late page belongs to.

    Args:
        ledger: Where pages and documents stand.
        person: Who ordered the work.
        judged: Puts calibrated confidences into a draft before it is kept.
    """

    def __init__(self, ledger: Ledger, person: str, judged: Callable[[Draft], Draft]) -> None:
        self._ledger, self._person, self._judged = ledger, person, judged

    def taken_back(self, pile: Pile, keys: Sequence[PageKey], form: FormTemplate) -> Draft | None:
        """The document these late pages are part of now; ``None`` where they make one of their own.

        It is the one document beside them in the stack that lacks just these pages, where the order
        of the stack is that of the form, and whose names and numbers say nothing against it. Where both
        neighbours would have them, or a person has to do with it already, a person puts them together.
        """
        homes = [
            (draft, pages)
            for draft in self._ledger.drafts_beside(keys)
            if (pages := self._whole(draft, pile, keys, form))
        ]
        if len(homes) != 1:
            return None
        (old, pages), late = homes[0], set(keys)
        read = {_place(item): item for item in pile.pages} | {_place(item): item for item in old.read_pages}
        items = [read[page.source.sha256, page.source.index] for page in pages]
        whole = Pile(pile.form, items)  # what was said of the late pages alone holds no more
        draft = self._judged(draft_of(whole, form, datetime.now(UTC)))
        record = next(page.placed for page in pages if page.key not in late)
        placed = tuple(page.placed or record or replace(pile.placed[0]) for page in pages)
        new = Regrouped(draft, tuple(page.key for page in pages), placed)
        return draft if self._ledger.take_back(old.id, new, list(keys), self._person) else None

    def _whole(
        self, draft: Draft, pile: Pile, keys: Sequence[PageKey], form: FormTemplate
    ) -> list[LedgerPage]:
        """The pages of a draft with the late ones among them, in order; empty where they do not belong."""
        if draft.state is not DraftState.OPEN or (draft.form_id, draft.form_version) != pile.form:
            return []
        late = [self._ledger.page(key) for key in keys]
        pages = sorted(
            [*self._ledger.pages_of_draft(draft.id), *late], key=lambda page: (page.position, page.key.index)
        )
        numbers = [page.form_page for page in pages]
        if draft.form_digest != form.digest or any(a >= b for a, b in pairwise(numbers)):
            return []
        others = identity_of(draft.fields)
        if any(others.compare(identity_of(item.fields)) is Same.NO for item in pile.pages):
            return []
        return pages


def _place(item: ReadPage) -> tuple[str, int]:
    return item.page.source.sha256, item.page.source.index
