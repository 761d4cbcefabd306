"""The right patient: candidates with reasons, and whose record an entry is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, Signal

from formscan.model.patient import Identifier, IdentifierKind, Patient, PatientKind, PatientQuery, birth_of
from formscan.review.patient_match import Candidate
from ui.tasks import TaskRunner
from ui.viewmodels.backend import Backend
from ui.viewmodels.house import Asking

if TYPE_CHECKING:  # the store is loaded in the database thread
    from formscan.app import Application
    from formscan.store import EntrySummary

MOST: Final = 500
"""Entries shown; those without a patient come first."""


@dataclass(frozen=True, slots=True)
class EntryLine:
    """A released entry and whose record it is said to be."""

    entry: EntrySummary
    patient: Patient | None


class PatientsModel(QObject):
    """Entries on one side, the index on the other.

    Args:
        backend: The core.
        database: The thread of the store.
        parent: Qt parent.
    """

    entries_loaded = Signal()
    query_known = Signal(object)
    """What the chosen entry says about its patient."""
    found = Signal()
    done = Signal(str)
    """``linked``, ``unlinked`` or ``added``."""
    refused = Signal(object)

    def __init__(self, backend: Backend, database: TaskRunner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._asking = Asking(backend, database)
        self.entries: tuple[EntryLine, ...] = ()
        self.candidates: tuple[Candidate, ...] = ()

    def load(self) -> None:
        """Read the entries again, those without a patient first."""
        self._asking.ask(_lines, self._show_entries, self.refused.emit)

    def look_for_entry(self, entry_id: str) -> None:
        """Look for the patient of an entry; that it is read for this is in the trail."""

        def work(core: Application) -> tuple[PatientQuery, tuple[Candidate, ...]]:
            query = core.query_of(entry_id)
            return query, core.find_patients(query)

        def show(told: tuple[PatientQuery, tuple[Candidate, ...]]) -> None:
            self.query_known.emit(told[0])
            self._show_found(told[1])

        self._asking.ask(work, show, self.refused.emit)

    def look_for(self, name: str, birth: str, number: str) -> None:
        """Look for somebody by what was typed; a number is tried as every kind."""
        query = PatientQuery(name, birth_of(birth), "", _as_every_kind(number))
        self._asking.ask(lambda core: core.find_patients(query), self._show_found, self.refused.emit)

    def link(self, entry_id: str, patient_id: str) -> None:
        """Say whose record an entry is."""
        self._do(lambda core, by: core.store.patients.link(entry_id, patient_id, by), "linked")

    def unlink(self, entry_id: str, reason: str) -> None:
        """Take that back."""
        self._do(lambda core, by: core.store.patients.unlink(entry_id, by, reason), "unlinked")

    def add(self, name: str, birth: str, number: str, kind: PatientKind, entry_id: str | None) -> None:
        """Take somebody new into the index and, where an entry is chosen, say it is hers."""
        kinds = [IdentifierKind.PASSPORT if kind is PatientKind.FOREIGNER else _kind_of(number)]
        numbers = tuple(Identifier(one, number, source=entry_id or "") for one in kinds if number.strip())
        patient = Patient("", name.strip(), birth_of(birth), "", kind, numbers)

        def work(core: Application, by: str) -> None:
            made = core.store.patients.add(patient, by)
            if entry_id is not None:
                core.store.patients.link(entry_id, made.id, by)

        self._do(work, "added")

    def _do(self, act: Callable[[Application, str], object], told: str) -> None:
        def show(_nothing: object) -> None:
            self.done.emit(told)
            self.load()

        self._asking.ask(lambda core: act(core, core.person.id), show, self.refused.emit)

    def _show_entries(self, entries: tuple[EntryLine, ...]) -> None:
        self.entries = entries
        self.entries_loaded.emit()

    def _show_found(self, candidates: tuple[Candidate, ...]) -> None:
        self.candidates = candidates
        self.found.emit()


def _lines(core: Application) -> tuple[EntryLine, ...]:
    linked = core.store.patients.linked_all(core.person.id)
    lines = [EntryLine(entry, linked.get(entry.id)) for entry in core.store.entries()]
    return tuple(sorted(lines, key=lambda line: line.patient is not None)[:MOST])


def _as_every_kind(number: str) -> tuple[Identifier, ...]:
    return tuple(Identifier(kind, number) for kind in IdentifierKind) if number.strip() else ()


def _kind_of(number: str) -> IdentifierKind:
    """What a number looks like: 12 or 9 digits of a citizen, 10 or 15 signs of an insurance card."""
    length = len(Identifier(IdentifierKind.OTHER, number).key)
    digits = Identifier(IdentifierKind.OTHER, number).key.isdigit()
    if digits and length in {9, 12}:
        return IdentifierKind.CITIZEN_ID
    return IdentifierKind.INSURANCE if length in {10, 15} else IdentifierKind.OTHER
