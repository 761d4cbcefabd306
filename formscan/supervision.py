"""The supervisor's desk of the core, put together of store and review, for window and command line."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from formscan.errors import ReviewError
from formscan.model.people import Person
from formscan.model.planted import Outcome, Plant, PlantPolicy
from formscan.model.reading import FieldState, FieldValue, Flag
from formscan.model.record import AuditEvent, EmrEntry, EntryField
from formscan.model.review import Action, ReviewedField
from formscan.model.supervision import (
    CatchCount,
    Correction,
    CorrectionKey,
    FieldPlace,
    FigureField,
    Grouping,
    Judgement,
    LotVerdict,
    ReleasedField,
    Sample,
    SampleOrder,
    SampleState,
)
from formscan.model.template import FieldKind, FieldSpec, FormTemplate
from formscan.model.trail import TrailQuery, TrailStretch
from formscan.review import agreement, iso2859, sampling
from formscan.review.agreement import Agreement
from formscan.store import AuditVerdict, Store
from formscan.templates import TemplateLibrary

Check = Callable[[FormTemplate, FieldSpec, str], tuple[FieldValue, tuple[Flag, ...]]]
STEADY_LOTS: Final = 10
"""So many lots in a row without a stop count as steady work, so that inspection may be reduced."""


@dataclass(frozen=True, slots=True)
class Figure:
    """Agreement of a group with what lies behind it.

    Attributes:
        key: The field, form, clerk, reader or day.
        agreement: Reading and released value.
        entries: Documents.
        unread: Fields nobody read.
    """

    key: str
    agreement: Agreement
    entries: int
    unread: int


@dataclass(frozen=True, slots=True)
class CatchRate:
    """How many of the planted values a person caught, with the exact 95 % interval."""

    person: str
    met: int
    caught: int
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class SampleField:
    """A field of a sample as the inspector sees it.

    Attributes:
        value: What was released.
        place: Where its crop is.
    """

    sample_id: str
    position: int
    value: FieldValue
    place: FieldPlace


class SupervisorDesk:
    """Corrections, samples, planted values, figures and the trail, for one person.

    Args:
        store: The memory.
        person: Tells who sits at the desk now.
        library: All templates.
        check: Understands typed text.
        clock: The time.
    """

    def __init__(
        self,
        store: Store,
        person: Callable[[], Person],
        library: TemplateLibrary,
        check: Check,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._store, self._person, self._library = store, person, library
        self._check, self._clock = check, clock

    @property
    def me(self) -> str:
        """Id of who sits at the desk."""
        return self._person().id

    def people(self) -> list[Person]:
        """Everybody with an account."""
        return self._store.people()

    def forms(self) -> Sequence[FormTemplate]:
        """All forms, to name fields."""
        return self._library.forms

    # -- corrections ---------------------------------------------------------------------------

    def corrections(self, *, everything: bool = False) -> list[Correction]:
        """Corrections to be looked at, newest first; all there are, where ``everything`` is wanted."""
        return self._store.corrections.waiting(self.me, all_of_them=everything)

    def approve(self, key: CorrectionKey, said: str = "") -> None:
        """Stand behind somebody's correction."""
        self._store.corrections.approve(key, self.me, self._clock(), said)

    def give_back(self, key: CorrectionKey, said: str) -> None:
        """Return a correction with a word."""
        self._store.corrections.give_back(key, self.me, self._clock(), said)

    def returned(self) -> list[Correction]:
        """Corrections that came back to whoever sits here."""
        return self._store.corrections.returned_to(self.me)

    def answer(self, made: Correction, text: str, reason: str, state: FieldState | None = None) -> EmrEntry:
        """Answer a returned correction of a released entry with what the paper says."""
        value, flags = self._understood(made.place, text, state)
        action = Action.CORRECTED if value.state is FieldState.VALUE else Action.STATED
        before = made.released if made.released is not None else made.keyed
        change = ReviewedField(
            made.key.field_id, action, self.me, self._clock(), before, value, reason.strip()
        )
        return self._store.corrections.answer(made.key, change, {made.key.field_id: flags})

    # -- samples -------------------------------------------------------------------------------

    def draw(self, order: SampleOrder) -> Sample:
        """Draw a sample and keep it.

        Raises:
            ReviewError: ``sample.empty`` where no field matches, ``sample.made`` for an unknown way values
                came about, or what the plan refuses.
            RefusedError: Where the person may not.
        """
        if order.made not in {"", "taken", "other"}:
            raise ReviewError("sample.made", made=order.made)
        self.catch_up()
        fields = self._store.samples.lot(order, self.me)
        if not fields:
            raise ReviewError("sample.empty")
        size, accept, reject, letter = plan_of(order, len(fields))
        strata: dict[str, Callable[[ReleasedField], str] | None] = {
            "": None,
            "form": lambda item: item.form_id,
            "field": lambda item: item.field_id,
            "clerk": lambda item: item.clerk,
        }
        drawn = sampling.draw(
            fields,
            size,
            order.seed,
            key=lambda item: (item.entry_id, item.field_id),
            stratum=strata[order.stratify],
        )
        sample = Sample(
            id=secrets.token_hex(8),
            drawn_at=self._clock(),
            drawn_by=self.me,
            order=order,
            lot=len(fields),
            size=len(drawn),
            accept=accept,
            reject=reject,
            letter=letter,
        )
        self._store.samples.keep(sample, drawn)
        return sample

    def taken_waiting(self) -> int:
        """How many texts taken over were released since such were last drawn, of those counted so far.

        Raises:
            RefusedError: Where the person may not draw samples.
        """
        drawn = (sample.drawn_at for sample, _ in self.samples() if sample.order.made == "taken")
        order = SampleOrder(made="taken", since=max(drawn, default=None))
        return len(self._store.samples.lot(order, self.me))

    def samples(self) -> list[tuple[Sample, LotVerdict | None]]:
        """All samples, newest first."""
        return self._store.samples.all(self.me)

    def sample(self, sample_id: str) -> SampleState:
        """A sample with what was done about it."""
        return self._store.samples.get(sample_id, self.me)

    def sample_field(self, sample_id: str, position: int) -> SampleField:
        """A field of a sample, to be looked at."""
        entry, field = self._store.samples.item(sample_id, position, self.me, self._clock())
        return SampleField(sample_id, position, field.value, place_of(entry, field))

    def judge(
        self,
        looked_at: SampleField,
        text: str | None = None,
        reason: str = "",
        state: FieldState | None = None,
    ) -> Judgement:
        """Keep what the paper says at a field of a sample.

        Args:
            looked_at: The field.
            text: What the paper says; ``None`` with no ``state`` where the released value is right.
            reason: Beside the repair.
            state: What the field is, where it is no value.
        """
        value: FieldValue = looked_at.value
        flags: tuple[Flag, ...] = ()
        if text is not None or state is not None:
            value, flags = self._understood(looked_at.place, text or "", state)
        return self._store.samples.judge(
            looked_at.sample_id, looked_at.position, value, self.me, self._clock(), reason,
            {looked_at.place.field_id: flags},
        )  # fmt: skip

    def close(self, sample_id: str) -> LotVerdict:
        """Say what a sample says, once all its fields were judged."""
        state = self._store.samples.get(sample_id, self.me)
        n, found, sample = len(state.judgements), state.findings, state.sample
        low, high = sampling.interval(found, n)
        upper = sampling.upper_bound(found, n, sample.lot, sample.order.confidence) if n else 1.0
        verdict = LotVerdict(
            sample_id, self.me, self._clock(), found < sample.reject, n, found, low, high, upper
        )
        self._store.samples.close(verdict)
        return verdict

    def severity(self, level: str, aql: float, made: str = "") -> iso2859.Severity:
        """How the next lot is inspected after the closed samples of the same level, AQL and kind of lot."""
        lots, wanted = [], ("iso", level, aql, made)
        for sample, verdict in reversed(self._store.samples.all(self.me)):
            order = sample.order
            if verdict is None or (order.scheme, order.level, order.aql, order.made) != wanted:
                continue
            plan = iso2859.Plan(sample.letter, sample.size, sample.accept, sample.reject)
            tighter = iso2859.tighter_plan(max(2, sample.lot), iso2859.Level(level), aql)
            lots.append(iso2859.Lot(verdict.accepted, verdict.findings, plan, tighter))
        return iso2859.next_severity(lots, steady=len(lots) >= STEADY_LOTS)

    # -- planted values ------------------------------------------------------------------------

    def plant_policy(self) -> PlantPolicy:
        """How often values are planted."""
        return self._store.plants.policy()

    def set_plant_policy(self, policy: PlantPolicy) -> None:
        """Change how often; a new seed is drawn where none is given."""
        seeded = policy if policy.seed else replace(policy, seed=secrets.token_hex(16))
        self._store.plants.set_policy(seeded, self.me, self._clock())

    def catch_rates(self) -> list[CatchRate]:
        """Each person's catch rate with its interval."""
        return [_rate(count) for count in self._store.plants.catches(self.me)]

    def plants_met(self, person: str) -> list[tuple[Plant, Outcome]]:
        """What stands behind a person's catch rate."""
        return self._store.plants.outcomes(person, self.me)

    # -- figures -------------------------------------------------------------------------------

    def catch_up(self) -> None:
        """Count everything that was released since the last time."""
        while self.catch_up_some():
            pass

    def catch_up_some(self) -> int:
        """Count some of it; a short piece of work. Gives how many entries are left."""
        return self._store.figures.catch_up(self._of_few_kinds)

    def figures(self, by: Grouping, only: dict[Grouping, str] | None = None) -> list[Figure]:
        """Agreement of reading and released value in every group."""
        told = []
        for tally in self._store.figures.tallies(by, self.me, only):
            if tally.table:
                found = agreement.of_table({(one, other): n for one, other, n in tally.table})
                found = replace(agreement.share_equal(tally.equal, tally.n), kappa=found.kappa, ac1=found.ac1)
            else:
                found = agreement.share_equal(tally.equal, tally.n)
            told.append(Figure(tally.key, found, tally.entries, tally.unread))
        return told

    def behind(self, only: dict[Grouping, str], *, unequal: bool = True) -> list[FigureField]:
        """The fields behind a figure."""
        return self._store.figures.behind(only, self.me, unequal=unequal)

    def released_field(
        self, entry_id: str, version: int | None, field_id: str
    ) -> tuple[EntryField, FieldPlace]:
        """A released field with the place of its crop; that it was read is in the trail."""
        entry = self._store.get_entry(entry_id, version, person=self.me)
        field = next((one for one in entry.fields if one.field_id == field_id), None)
        if field is None:
            raise ReviewError("review.no_such_field", field=field_id)
        return field, place_of(entry, field)

    # -- the trail -----------------------------------------------------------------------------

    def trail_newest(self) -> int:
        """Number of the newest line."""
        return self._store.trail_pages.newest(self.me)

    def trail_look(self, query: TrailQuery, below: int) -> TrailStretch:
        """Numbers of matching lines in the next stretch."""
        return self._store.trail_pages.look(query, below, self.me)

    def trail_page(self, query: TrailQuery, first: int, last: int) -> Sequence[AuditEvent]:
        """Matching lines between two numbers, newest first."""
        return self._store.trail_pages.page(query, first, last, self.me)

    def verify_trail(self) -> AuditVerdict:
        """Check the chain and all entries."""
        return self._store.verify_audit()

    def give_out_trail(self, query: TrailQuery, path: Path, language: str) -> int:
        """Write matching lines as CSV or PDF, by the file's ending; that this was done is in the trail.

        Returns:
            Lines written.

        Raises:
            ReviewError: ``trail.ending`` for another ending.
            RefusedError: Where the person may not read the trail.
        """
        from formscan.emr import trail

        ways = {".csv": trail.trail_to_csv, ".pdf": trail.trail_to_pdf}
        way = ways.get(path.suffix.casefold())
        if way is None:
            raise ReviewError("trail.ending", ending=path.suffix)
        shape = path.suffix.casefold()[1:]
        upto = self._store.trail_pages.note_given_out(query, shape, self.me, self._clock())
        verdict = self._store.verify_audit()
        head = trail.TrailHead(
            query, verdict.intact, verdict.lines, self._store.audit_head().hash, self._clock(),
            self._person().name, {person.id: person.name for person in self._store.people()}, language,
        )  # fmt: skip
        return way(self._store.trail_pages.lines(query, upto, self.me), head, path)

    # -- inside --------------------------------------------------------------------------------

    def _understood(
        self, place: FieldPlace, text: str, state: FieldState | None
    ) -> tuple[FieldValue, tuple[Flag, ...]]:
        if state is not None:
            return FieldValue(state), ()
        if not text.strip():
            raise ReviewError("review.empty_text", field=place.field_id)
        form = self._library.get(place.form_id, place.form_version)
        spec = next((one for one in form.fields if one.id == place.field_id), None)
        if spec is None:
            raise ReviewError("review.no_such_field", field=place.field_id)
        value, flags = self._check(form, spec, _choice_of(spec, text))
        if value.state is not FieldState.VALUE:
            raise ReviewError("review.empty_text", field=place.field_id)
        return value, flags

    def _of_few_kinds(self, form_id: str, version: str, field_id: str) -> bool:
        form = self._library.get(form_id, version)
        spec = next((one for one in form.fields if one.id == field_id), None)
        return spec is not None and spec.kind in {FieldKind.CHOICE, FieldKind.MARK, FieldKind.SIGNATURE}


def plan_of(order: SampleOrder, lot: int) -> tuple[int, int, int, str]:
    """Size, Ac, Re and code letter of an order for a lot.

    Raises:
        ReviewError: What sampling and the tables refuse; ``sample.scheme`` for an unknown scheme.
    """
    if order.scheme == "iso":
        level, severity = iso2859.Level(order.level), iso2859.Severity(order.severity)
        plan = iso2859.plan_for(lot, level, order.aql, severity)
        return plan.size, plan.accept, plan.reject, plan.letter
    if order.scheme != "bound":
        raise ReviewError("sample.scheme", scheme=order.scheme)
    size = sampling.size_for(order.bound, order.allowed, lot, order.confidence)
    return size, order.allowed, order.allowed + 1, ""


def place_of(entry: EmrEntry, field: EntryField) -> FieldPlace:
    """Where the crop of a released field is."""
    page = next(page for page in entry.pages if page.number == field.page)
    return FieldPlace(entry.form_id, entry.form_version, field.field_id, page, field.page_box)


def _choice_of(spec: FieldSpec, text: str) -> str:
    """The value of a choice that is named by its value, a label or its number on the form."""
    said = text.strip().casefold()
    for number, choice in enumerate(spec.choices, 1):
        if said in {
            choice.value.casefold(),
            choice.label_vi.casefold(),
            choice.label_en.casefold(),
            str(number),
        }:
            return choice.value
    return text


def _rate(count: CatchCount) -> CatchRate:
    return CatchRate(count.person, count.met, count.caught, *sampling.interval(count.caught, count.met))


__all__ = ["CatchRate", "Figure", "SampleField", "SupervisorDesk", "place_of", "plan_of"]
