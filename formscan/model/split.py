"""How a stack of pages falls apart into records and documents, and why."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

SEPARATOR: Final = "separator"
"""Stage of what is held for being a separator sheet; it belongs to no record."""
BLANK: Final = "clean.blank_page"


class Passing(StrEnum):
    """What a page is that is part of no document."""

    BLANK = "blank"
    """A back nobody wrote on."""
    SEPARATOR = "separator"
    """A sheet laid between records."""
    UNREAD = "unread"
    """Paper of the record that was not read."""


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a page was put, and why.

    Attributes:
        record: Ordinal of the record (all that belongs to one stay of one patient) within the stack, from 1.
        reason: Why it stands where it does: ``split.next`` plainly follows the page before it;
            ``split.first`` the first page of a form; ``split.separator``, ``split.patient``,
            ``split.file``, ``split.cover`` begin a record; ``split.apart`` joined its document over other
            pages; ``split.reversed`` the document lies last page first; ``split.alone`` nothing says where
            it belongs; ``split.by_hand`` a person said so.
        doubt: A person must look at it.
        person: Who put it there; empty for the program.
    """

    record: int
    reason: str
    doubt: bool = False
    person: str = ""


@dataclass(frozen=True, slots=True)
class Sheets:
    """Sheets of paper of a record, as far as its pages tell.

    Attributes:
        low: At least so many.
        high: At most so many; more than ``low`` where nobody can say whether both sides were scanned.
    """

    low: int
    high: int

    def between(self, lead: int, tail: int) -> Sheets:
        """With paper nobody read at its ends: it may belong to this record or to the one beside it.

        Args:
            lead: Pages before the first one that was read, counted with the record before.
            tail: Pages behind the last one that was read, counted with this record.
        """
        return Sheets(max(self.low - tail, 0), self.high + lead)

    def agrees(self, written: int) -> bool:
        """Whether a number written on the record may be right."""
        return self.low <= written <= self.high


def sheets_of(
    sides: list[tuple[int, bool]], pages_of_file: int, blanks_of_file: frozenset[int] = frozenset()
) -> Sheets:
    """Sheets of paper behind the pages of a record.

    Both sides were surely scanned where a file has an even number of pages, some of them blank, and every
    blank one is a back (the second, fourth ... of the file).

    Args:
        sides: Page within the file (0-based) and whether it is blank, of all that are no separators.
        pages_of_file: How many pages the file has; 1 for loose pages, of which nothing can be said.
        blanks_of_file: Blank pages of the whole file, as far as is known, besides those among ``sides``.
    """
    written = {index for index, blank in sides if not blank}
    blanks = {index for index, blank in sides if blank} | blanks_of_file
    if pages_of_file == 1:
        count = sum(not blank for _, blank in sides)
        return Sheets((count + 1) // 2, count)
    if blanks and pages_of_file % 2 == 0 and all(index % 2 for index in blanks):
        both = len({index // 2 for index in written})
        return Sheets(both, both)
    return Sheets((len(written) + 1) // 2, len(written))
