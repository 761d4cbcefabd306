"""A stack as people look at it: records, their documents, and the pages with why they stand there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from formscan.model.ledger import PageKey
from formscan.model.record import Problem
from formscan.model.split import Sheets

FREE_FORM: Final = "page-"
"""Begins the ids of forms that were made of one page of no known form."""


def kind_of_form(form_id: str) -> str:
    """A form's id; the same for all forms that were made of one page."""
    return FREE_FORM if form_id.startswith(FREE_FORM) else form_id


@dataclass(frozen=True, slots=True)
class PageLine:
    """A page of a stack as people look at its split.

    Attributes:
        key: Of the ledger.
        label: File and page.
        image_sha256: Of its picture; empty where there is none.
        form_id: Form it was read as; empty where it was not.
        number: Page of the form, 0 where it is none.
        reason: Why it stands where it does, or why it is part of no document.
        doubt: A person must look at it.
        person: Who put it there; empty for the program.
        draft_id: Document it is part of, or empty.
    """

    key: PageKey
    label: str
    image_sha256: str
    form_id: str
    number: int
    reason: str
    doubt: bool
    person: str
    draft_id: str


@dataclass(frozen=True, slots=True)
class DocumentLine:
    """A document of a record.

    Attributes:
        draft_id: Of the draft.
        open: It waits for people; a released one cannot be taken apart.
        sheet_number: What was read or confirmed as its place among continuation sheets; empty for others.
        problems: What a person must look at.
    """

    draft_id: str
    form_id: str
    form_version: str
    open: bool
    pages: tuple[PageLine, ...]
    sheet_number: str
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class RecordLine:
    """All papers of one stay, as far as the program or a person says.

    Attributes:
        number: Ordinal within the stack.
        reason: Why it begins.
        documents: In the order of the stack, continuation sheets by their number where all have one.
        loose: Pages that are part of no document: blank backs, separators before it, pages not read.
        sheets: Sheets of paper that came in.
        written: How many the record says it has; ``None`` where it does not.
        confirmed: A person confirmed that number.
    """

    number: int
    reason: str
    documents: tuple[DocumentLine, ...]
    loose: tuple[PageLine, ...]
    sheets: Sheets
    written: int | None
    confirmed: bool

    @property
    def sheets_agree(self) -> bool:
        """Whether the number written may be right."""
        return self.written is None or self.sheets.agrees(self.written)

    @property
    def doubtful(self) -> int:
        """Documents a person must look at, and the count of sheets."""
        looked = sum(any(page.doubt for page in d.pages) or bool(d.problems) for d in self.documents)
        return looked + (not self.sheets_agree)


@dataclass(frozen=True, slots=True)
class StackLine:
    """A stack as it is offered for looking at.

    Attributes:
        stack: Its key.
        name: Its first file, or how many there are.
        files: How many.
        pages: How many.
    """

    stack: str
    name: str
    files: int
    pages: int
