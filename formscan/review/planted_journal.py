"""A journal with tests in it: what a person does with a planted value is kept apart from the record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from formscan.errors import ReviewError
from formscan.model.planted import Outcome, Plant
from formscan.model.reading import Flag
from formscan.model.record import EmrEntry
from formscan.model.review import ReviewedField
from formscan.review.journal import Journal


class PlantLog(Protocol):
    """Where plants and the answers to them are kept. ``formscan.store.Store`` is one."""

    def open_plants(self, draft_id: str, person: str) -> tuple[Plant, ...]:
        """Plants of a person in a draft that were not told yet."""

    def plant_answers(self, draft_id: str, person: str) -> tuple[ReviewedField, ...]:
        """What the person did with them, withdrawn answers left out, oldest first."""

    def answer_plant(self, draft_id: str, decision: ReviewedField) -> None:
        """Keep an answer; durable when it returns."""

    def withdraw_answer(self, draft_id: str, person: str, at: datetime) -> ReviewedField | None:
        """Take back the person's last answer and return it."""

    def tell_plants(self, draft_id: str, person: str, at: datetime) -> tuple[Outcome, ...]:
        """Close the person's plants in a draft and say what became of them."""


class PlantedJournal:
    """Looks like the journal it stands before; planted fields are answered beside it.

    Args:
        journal: The record's.
        log: Of the plants.
        plants: Those the person sees in the draft under review.
    """

    def __init__(self, journal: Journal, log: PlantLog, plants: Sequence[Plant]) -> None:
        self._journal = journal
        self._log = log
        self._plants = {plant.field_id: plant for plant in plants}
        self._person = plants[0].person if plants else ""

    def decisions(self, draft_id: str) -> list[ReviewedField]:
        """Decisions and answers in the order they were made."""
        made = self._journal.decisions(draft_id)
        if not self._plants:
            return made
        return sorted([*made, *self._log.plant_answers(draft_id, self._person)], key=lambda d: d.at)

    def record(self, draft_id: str, decision: ReviewedField) -> None:
        """See ``Journal``."""
        self.record_step(draft_id, [decision])

    def record_step(self, draft_id: str, decisions: Sequence[ReviewedField]) -> None:
        """See ``Journal``; answers to plants go to their log and nowhere else."""
        real = [d for d in decisions if d.field_id not in self._plants]
        if len(real) == 1:
            self._journal.record(draft_id, real[0])
        elif real:
            self._journal.record_step(draft_id, real)
        for decision in decisions:
            if decision.field_id in self._plants:
                self._log.answer_plant(draft_id, decision)

    def undo_step(self, draft_id: str, person: str) -> tuple[ReviewedField, ...]:
        """See ``Journal``; the later one of the last step and the last answer."""
        answers = self._log.plant_answers(draft_id, person) if person == self._person else ()
        made = [d.at for d in self._journal.decisions(draft_id) if d.person == person]
        if answers and (not made or answers[-1].at >= made[-1]):
            taken = self._log.withdraw_answer(draft_id, person, answers[-1].at)
            return (taken,) if taken is not None else ()
        return self._journal.undo_step(draft_id, person)

    def release(
        self,
        draft_id: str,
        person: str,
        at: datetime,
        flags: Mapping[str, tuple[Flag, ...]] | None = None,
    ) -> EmrEntry:
        """See ``Journal``; while there are plants, they are told instead and nothing is released.

        Raises:
            ReviewError: ``review.planted`` with how many were ``caught`` and ``missed`` and the ``first``
                field that is open again; the draft is to be opened anew.
        """
        if self._plants:
            told = self._log.tell_plants(draft_id, self._person, at)
            self._plants = {}
            if told:
                caught = sum(outcome.caught for outcome in told)
                raise ReviewError(
                    "review.planted", caught=caught, missed=len(told) - caught, first=told[0].field_id
                )
        return self._journal.release(draft_id, person, at, flags)
