"""The count that must balance: in = drafted + held + quarantined + duplicates."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from formscan.model.page import Held
from formscan.model.record import Draft, ReadPage


@dataclass(slots=True)
class NightReport:
    """What became of every page of a run.

    Attributes:
        taken_in: Pages (and files that gave no page) that came in.
        drafted: Pages that are part of a draft.
        held: Pages that were not read, with reasons; a person decides.
        quarantined: Files or pages that are broken or dangerous.
        duplicates: Exact copies of a page of the same stack.
        known: Documents that were already stored by an earlier run (part of ``drafted``).
        seconds: Wall-clock time.
    """

    taken_in: int = 0
    drafted: int = 0
    held: int = 0
    quarantined: int = 0
    duplicates: int = 0
    drafts: int = 0
    known: int = 0
    seconds: float = 0.0
    cancelled: bool = False
    by_form: Counter[str] = field(default_factory=Counter)
    by_reason: Counter[str] = field(default_factory=Counter)
    problems: Counter[str] = field(default_factory=Counter)
    refused: list[Held] = field(default_factory=list)
    draft_ids: list[str] = field(default_factory=list)

    @property
    def balances(self) -> bool:
        """Whether every page that came in is accounted for."""
        return self.taken_in == self.drafted + self.held + self.quarantined + self.duplicates

    @property
    def pages_per_minute(self) -> float:
        """Pages taken in a minute of wall-clock time; 0 before anything was measured."""
        return self.taken_in / self.seconds * 60 if self.seconds > 0 else 0.0

    def count(self, results: Sequence[ReadPage | Held], orphans: Sequence[Held]) -> None:
        """Count the pages of a stack; ``orphans`` were read but found no document."""
        self.taken_in += len(results)
        lost = [item for item in results if isinstance(item, Held)] + list(orphans)
        for held in lost:
            self.refused.append(held)
            self.by_reason[held.reason] += 1
            if held.reason == "duplicate.exact":
                self.duplicates += 1
            elif held.quarantined:
                self.quarantined += 1
            else:
                self.held += 1

    def add_draft(self, draft: Draft, *, new: bool) -> None:
        """Count a stored document and its pages."""
        self.drafts += 1
        self.drafted += len(draft.pages)
        self.known += not new
        self.by_form[draft.form_id] += len(draft.pages)
        self.problems.update(problem.code for problem in draft.problems)
        self.draft_ids.append(draft.id)
