"""From pages to documents: one form's pages together, in order; missing, double and lost ones named.

The rule is careful, because a page in the wrong record is the worst silent error. A stack is a row of
records (all papers of one patient's stay); separator sheets, other patients' names or numbers and new files
begin a record, and no page joins a document of a record before its own. Within a record an unbroken run of
pages of one form is cut where least must then be missing (``runs``). Whatever is not the plain order 1, 2,
3 ... is named as a problem a person must look at.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from formscan.model.page import Held, Source
from formscan.model.reading import FieldState
from formscan.model.record import Draft, Problem, ReadPage
from formscan.model.split import BLANK, SEPARATOR, Passing, Placed, Sheets, sheets_of
from formscan.model.template import FormTemplate
from formscan.pipeline.runs import Cut, RunPage, cut_run, whole
from formscan.pipeline.same_patient import Identity, Same, identity_of

FormKey = tuple[str, str]
_Paper = tuple[Source, Passing | None]
"""A page that came, and what it is where it was not read."""
COVER: Final = ("record.archive_number", "record.medical_code")
"""Fields of the cover of a record; each record has one."""
SHEET_COUNT: Final = "documents.all.sheets"
"""Where the record says how many sheets it has."""
LONGEST_RUN: Final = 64
"""A run is cut at the latest when it has so many pages."""


@dataclass(frozen=True, slots=True)
class Collation:
    """Documents and the pages that found none."""

    drafts: tuple[Draft, ...]
    held: tuple[Held, ...]


@dataclass(slots=True, eq=False)
class Pile:
    """Pages that are taken for one document, in the order they came.

    Attributes:
        placed: Why each page stands where it does.
        problems: What a person must know about how it was put together.
        held: Its only page cannot be told from another form's and stands alone: it is no document.
    """

    form: FormKey
    pages: list[ReadPage] = field(default_factory=list)
    placed: list[Placed] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    held: Held | None = None

    @property
    def numbers(self) -> set[int]:
        """Pages of the form it has."""
        return {page.page.number for page in self.pages}

    @property
    def counts_sheets(self) -> bool:
        """Whether it has the place where the record's sheets are counted."""
        return any(f.field_id == SHEET_COUNT for page in self.pages for f in page.fields)


@dataclass(slots=True, eq=False)
class _Record:
    """All papers between two separators, patients or files."""

    number: int
    reason: str
    doubt: bool
    file: str
    identity: Identity = field(default_factory=Identity)
    piles: list[Pile] = field(default_factory=list)
    sides: list[tuple[int, bool]] = field(default_factory=list)
    pages_of_file: int = 1
    covers: int = 0
    begun: bool = False
    """It has a document."""
    lead: int = 0
    tail: int = 0
    """Pages nobody read before its first and behind its last document."""

    def sheets(self, blanks_of_file: frozenset[int]) -> Sheets:
        """Of paper; ``blanks_of_file`` are blank pages seen in its file so far."""
        return sheets_of(self.sides, self.pages_of_file, blanks_of_file).between(self.lead, self.tail)


def collate(
    read: Iterable[ReadPage | Held], forms: Mapping[FormKey, FormTemplate], at: datetime
) -> Collation:
    """Put the pages of a whole stack together to documents; see ``Collator``.

    Args:
        read: Pages in the order of the stack; held ones keep their place.
        forms: All templates by (id, version).
        at: Creation time written into the drafts, with zone.

    Returns:
        Drafts in stack order, and pages that can only be told apart in a document and stood alone.
    """
    collator, places, done = Collator(forms), dict[int, int](), list[Pile]()
    for place, item in enumerate(read):
        source = item.source if isinstance(item, Held) else item.page.source
        done += collator.complete(source.sha256)
        if isinstance(item, Held):
            collator.pass_by(source, passing(item))
        else:
            places[id(item)] = place
            collator.add(item)
    done += collator.complete(None)
    done.sort(key=lambda pile: places[id(pile.pages[0])])
    drafts = tuple(draft_of(pile, forms[pile.form], at) for pile in done if pile.held is None)
    return Collation(drafts, tuple(pile.held for pile in done if pile.held is not None))


def passing(held: Held) -> Passing:
    """What a page that was not read is to the record it lies in."""
    if held.stage == SEPARATOR:
        return Passing.SEPARATOR
    return Passing.BLANK if held.reason == BLANK else Passing.UNREAD


class Collator:
    """Puts pages together to documents as they come.

    Args:
        forms: All templates by (id, version); a form that is not among them ends where its run ends.
    """

    def __init__(self, forms: Mapping[FormKey, FormTemplate] | None = None) -> None:
        self._lengths = {key: len(form.pages) for key, form in (forms or {}).items()}
        self._records = 0
        self._record: _Record | None = None
        self._begin = ""
        self._run: list[ReadPage] = []
        self._run_sides: list[_Paper] = []
        self._early: list[_Paper] = []
        self._blanks: set[int] = set()
        self._file = ""
        self._done: list[Pile] = []

    def add(self, item: ReadPage) -> None:
        """A read page comes."""
        if self._run and _key(self._run[0]) != _key(item):
            self._cut()
        self._run.append(item)
        self._run_sides.append((item.page.source, None))
        if whole(_run(self._run), self._lengths.get(_key(item), 0)) or len(self._run) >= LONGEST_RUN:
            self._cut()

    def add_placed(self, item: ReadPage, placed: Placed | None) -> None:
        """A page comes that is part of a document already: the record it lies in goes on.

        Args:
            item: With the fields that say whose it is.
            placed: Where it was put; ``None`` where that was not noted: the record before it goes on.
        """
        self._cut()
        if placed is None:
            placed = Placed(self._record.number if self._record else self._records + 1, "split.file")
        if self._record is None or self._record.number != placed.record:
            self._close()
            self._records = max(self._records, placed.record)
            self._record = _Record(placed.record, placed.reason, placed.doubt, item.page.source.sha256)
        self._begin, self._record.begun = "", True
        self._record.file = item.page.source.sha256
        self._count(item.page.source, None)
        self._record.identity.add(identity_of(item.fields))
        self._record.covers += _is_cover(item)

    def pass_by(self, source: Source, what: Passing) -> None:
        """A page comes that is part of no document."""
        if self._file != source.sha256:
            self._file = source.sha256
            self._blanks.clear()
        if what is Passing.BLANK and source.count > 1:
            self._blanks.add(source.index)
        if what is Passing.SEPARATOR:
            self._cut()
            self._close()
            self._early.clear()
            self._begin = "split.separator"
        elif self._run:
            self._run_sides.append((source, what))
        else:
            self._count(source, what)

    def complete(self, file_sha256: str | None) -> list[Pile]:
        """Documents no further page can join; they are forgotten.

        Args:
            file_sha256: File of the page that comes next, as far as is known; ``None`` at the end of the
                stack, where every document is complete.
        """
        if file_sha256 is None:
            self._cut()
            self._close()
        elif self._record is not None and not self._run and self._record.file != file_sha256:
            self._let_go(lambda pile: not pile.counts_sheets)
        done, self._done = self._done, []
        return done

    def _cut(self) -> None:
        """The run ends: its documents find their places."""
        run, self._run = self._run, []
        sides, self._run_sides = self._run_sides, []
        if run:
            told = [identity_of(item.fields) for item in run]
            cuts = cut_run(
                _run(run),
                self._lengths.get(_key(run[0]), 0),
                lambda a, b: told[a].compare(told[b]) is Same.NO,
            )
            for at, cut in enumerate(cuts):
                until = run[cut.end].page.source if at + 1 < len(cuts) else None
                here, sides = _sides_until(sides, until)
                self._place(run[cut.start : cut.end], cut, here, told[cut.start : cut.end])

    def _place(
        self, pages: list[ReadPage], cut: Cut, sides: Sequence[_Paper], told: Sequence[Identity]
    ) -> None:
        whose = Identity()
        for one in told:
            whose.add(one)
        cover = any(_is_cover(page) for page in pages)
        same = self._enter(pages[0], whose, cover=cover)
        record = self._record
        assert record is not None
        record.identity.add(whose)
        record.covers += cover
        record.file = pages[-1].page.source.sha256
        for source, what in sides:
            self._count(source, what)
        pile, reason = self._pile_for(pages, record)
        doubt = cut.doubtful or same is Same.MIXED or reason in {"split.apart", "split.alone"}
        if cut.doubtful:
            pile.problems.append(Problem("split.close"))
        if same is Same.MIXED:
            pile.problems.append(Problem("split.mixed"))
        if reason in {"split.apart", "split.several", "split.alone"}:
            pile.problems.append(Problem(reason, pages[0].page.number))
        first, record.begun = "" if record.begun else record.reason, True
        if first == "split.cover" and record.doubt:
            pile.problems.append(Problem("split.cover"))
            doubt = True
        rest = [Placed(record.number, "split.next", doubt)] * (len(pages) - 1)
        pile.placed += [
            Placed(record.number, reason if reason == "split.alone" else first or reason, doubt),
            *rest,
        ]
        if len(pile.numbers) == self._lengths.get(pile.form, -1) and not pile.counts_sheets:
            record.piles.remove(pile)
            self._done.append(pile)

    def _enter(self, page: ReadPage, whose: Identity, *, cover: bool) -> Same:
        """Begin a record where something says that another one begins; what its patient is to the last."""
        record, source = self._record, page.page.source
        same = whose.compare(record.identity) if record is not None else Same.UNKNOWN
        if record is None:
            self._open(self._begin or "split.file", source, doubt=False)
        elif same is Same.NO:
            self._open("split.patient", source, doubt=False)
        elif record.file != source.sha256 and source.count > 1 and same is not Same.YES:
            self._open("split.file", source, doubt=False)
        elif cover and record.covers and same is not Same.YES:
            self._open("split.cover", source, doubt=same is Same.MIXED)
        self._begin = ""
        return same

    def _open(self, reason: str, source: Source, *, doubt: bool) -> None:
        lead = self._record.tail if self._record is not None else 0
        self._close()
        self._records += 1
        self._record = _Record(self._records, reason, doubt, source.sha256, lead=lead)
        early, self._early = self._early, []
        for paper, what in early:
            self._count(paper, what)

    def _close(self) -> None:
        """The record ends: its sheets are counted, its documents are complete."""
        record = self._record
        if record is None:
            return
        for pile in record.piles:
            problem = _sheet_problem(pile, record.sheets(frozenset(self._blanks)))
            if problem is not None:
                pile.problems.append(problem)
        self._done += record.piles
        self._record = None

    def _let_go(self, which: Callable[[Pile], bool]) -> None:
        assert self._record is not None
        self._done += [pile for pile in self._record.piles if which(pile)]
        self._record.piles = [pile for pile in self._record.piles if not which(pile)]

    def _count(self, source: Source, what: Passing | None) -> None:
        """A page of paper belongs to the record; ``what`` is ``None`` for one that was read."""
        record = self._record
        if record is None:
            self._early.append((source, what))
            return
        index = source.index if source.count > 1 else len(record.sides)
        record.sides.append((index, what is Passing.BLANK))
        record.pages_of_file = source.count
        record.tail = 0 if what is None else record.tail + (what is Passing.UNREAD)

    def _pile_for(self, pages: list[ReadPage], record: _Record) -> tuple[Pile, str]:
        """The document pages of a run become or join, and why."""
        form, numbers, file = (
            _key(pages[0]),
            {page.page.number for page in pages},
            pages[0].page.source.sha256,
        )
        found: list[Pile] = []
        if 1 not in numbers and not pages[0].ambiguous_with:
            found = [
                pile
                for pile in record.piles
                if pile.form == form and not pile.numbers & numbers
                and pile.pages[-1].page.source.sha256 == file and 1 in pile.numbers
            ]  # fmt: skip
        if len(found) == 1:
            found[0].pages += pages
            return found[0], "split.apart"
        pile = Pile(form, list(pages))
        record.piles.append(pile)
        if len(pages) == 1 and pages[0].ambiguous_with:
            pile.held = _without_context(pages[0])
        if found:
            return pile, "split.several"
        if 1 not in numbers:
            return pile, "split.alone"
        return pile, "split.first" if pages[0].page.number == 1 else "split.reversed"


def _key(page: ReadPage) -> FormKey:
    return page.form_id, page.form_version


def _run(pages: Sequence[ReadPage]) -> list[RunPage]:
    return [RunPage(p.page.number, p.page.source.sha256, bool(p.ambiguous_with)) for p in pages]


def _is_cover(page: ReadPage) -> bool:
    return any(f.field_id in COVER for f in page.fields)


def _sides_until(sides: list[_Paper], until: Source | None) -> tuple[list[_Paper], list[_Paper]]:
    """What lies before a page of the run, and the rest; without a page all of it."""
    at = len(sides) if until is None else next(i for i, (source, _) in enumerate(sides) if source is until)
    return sides[:at], sides[at:]


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
    return (*found, *pile.problems)


def _sheet_problem(pile: Pile, sheets: Sheets) -> Problem | None:
    """What the record says about its sheets, where that cannot be right."""
    said = next((f for page in pile.pages for f in page.fields if f.field_id == SHEET_COUNT), None)
    if said is None or said.value.state is not FieldState.VALUE or not said.value.text.strip().isdecimal():
        return None
    written = int(said.value.text)
    if sheets.agrees(written):
        return None
    facts = (("written", str(written)), ("low", str(sheets.low)), ("high", str(sheets.high)))
    return Problem("record.sheets", said.page, facts)
