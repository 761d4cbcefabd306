"""From pages to documents: one form's pages together, in order; missing, double and lost ones named.

The rule is careful, because a page in the wrong record is the worst silent error: pages join a document
only within the unbroken run of pages of that form in the stack, and whatever is not the plain order
1, 2, 3 ... is named as a problem a person must look at.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from formscan.model.page import Held
from formscan.model.record import Draft, Problem, ReadPage
from formscan.model.template import FormTemplate


@dataclass(frozen=True, slots=True)
class Collation:
    """Documents and the pages that found none."""

    drafts: tuple[Draft, ...]
    held: tuple[Held, ...]


@dataclass(slots=True, eq=False)
class Pile:
    """Pages that are taken for one document, in the order they came."""

    form: tuple[str, str]
    pages: list[ReadPage] = field(default_factory=list)

    @property
    def numbers(self) -> set[int]:
        """Pages of the form it has."""
        return {page.page.number for page in self.pages}


def collate(
    read: Iterable[ReadPage | Held], forms: Mapping[tuple[str, str], FormTemplate], at: datetime
) -> Collation:
    """Put the pages of a whole stack together to documents; see ``Collator``.

    Args:
        read: Pages in the order of the stack; held ones keep their place.
        forms: All templates by (id, version).
        at: Creation time written into the drafts, with zone.

    Returns:
        Drafts in stack order, and pages that can only be told apart in a document and stood alone.
    """
    collator, order, held = Collator(), list[Pile](), list[Held]()
    for item in read:
        if isinstance(item, Held):
            continue
        found = collator.add(item)
        if isinstance(found, Held):
            held.append(found)
        elif found not in order:
            order.append(found)
    return Collation(tuple(draft_of(pile, forms[pile.form], at) for pile in order), tuple(held))


class Collator:
    """Puts pages together to documents as they come.

    A first page opens a document unless the run before it, of the same form, still waits for its first
    page and came from the same file. Other pages join the open document of their form that does not have
    them yet. A held page or a page of another form ends the run, but not the document, of its file.
    """

    def __init__(self) -> None:
        self._piles: list[Pile] = []

    def add(self, item: ReadPage) -> Pile | Held:
        """The document a page belongs to, or why it belongs to none."""
        pile = _pile_for(item, self._piles)
        if pile is None and item.ambiguous_with:
            return _without_context(item)
        if pile is None:
            pile = Pile((item.form_id, item.form_version))
            self._piles.append(pile)
        pile.pages.append(item)
        return pile

    def complete(self, file_sha256: str | None) -> list[Pile]:
        """Documents no further page can join; they are forgotten, in the order they were opened.

        Args:
            file_sha256: File of the page that comes next, as far as is known; ``None`` at the end of the
                stack, where every document is complete.
        """
        if file_sha256 is None:
            done, self._piles = self._piles, []
            return done
        newest = {pile.form: pile for pile in self._piles}
        open_ = [
            pile
            for pile in self._piles
            if newest[pile.form] is pile
            and (pile is self._piles[-1] or pile.pages[-1].page.source.sha256 == file_sha256)
        ]
        done = [pile for pile in self._piles if pile not in open_]
        self._piles = open_
        return done


def _pile_for(item: ReadPage, piles: Sequence[Pile]) -> Pile | None:
    """The document an arriving page belongs to, or None where it opens one (or has none)."""
    last = next((pile for pile in reversed(piles) if pile.form == (item.form_id, item.form_version)), None)
    if last is None or item.page.number in last.numbers:
        return None
    together = last.pages[-1].page.source.sha256 == item.page.source.sha256
    adjacent = piles[-1] is last
    if item.page.number == 1:
        return last if together and adjacent else None
    if item.ambiguous_with:
        return last if adjacent and item.page.number - 1 in last.numbers else None
    return last if adjacent or together else None


def _without_context(item: ReadPage) -> Held:
    facts = (("form", item.form_id), ("page", str(item.page.number)), ("same", ";".join(item.ambiguous_with)))
    return Held(item.page.source, "collate", "collate.no_context", facts)


def draft_of(pile: Pile, form: FormTemplate, at: datetime) -> Draft:
    """The draft of a document, with everything a person must know about its pages."""
    ordered = sorted(pile.pages, key=lambda page: page.page.number)
    order = {spec.id: place for place, spec in enumerate(form.fields)}
    fields = sorted((f for page in ordered for f in page.fields), key=lambda f: order[f.field_id])
    return Draft(
        id=_content_id(form, ordered),
        form_id=form.id,
        form_version=form.version,
        form_digest=form.digest,
        pages=tuple(page.page for page in ordered),
        fields=tuple(fields),
        problems=_problems(pile, form),
        created_at=at,
    )


def _content_id(form: FormTemplate, pages: Sequence[ReadPage]) -> str:
    """The same scans of the same form give the same draft, however often they are taken in."""
    parts = [form.id, form.version, *(f"{page.page.number}:{page.page.image_sha256}" for page in pages)]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]


def _problems(pile: Pile, form: FormTemplate) -> tuple[Problem, ...]:
    found: list[Problem] = []
    numbers = [page.page.number for page in pile.pages]
    found.extend(
        Problem("pages.missing", page.number)
        for page in form.pages
        if page.number not in numbers and form.fields_of(page.number)
    )
    if numbers != sorted(numbers):
        found.append(Problem("pages.order", facts=(("order", ",".join(map(str, numbers))),)))
    files = {page.page.source.sha256 for page in pile.pages}
    if len(files) > 1 and any(page.page.source.count > 1 for page in pile.pages):
        found.append(Problem("pages.several_files", facts=(("files", str(len(files))),)))
    found.extend(
        Problem("pages.near_duplicate", page.page.number, (("of", note.partition(":")[2]),))
        for page in pile.pages
        for note in page.page.notes
        if note.startswith("duplicate.near:")
    )
    return tuple(found)
