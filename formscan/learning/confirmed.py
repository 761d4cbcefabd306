"""What people released against what readers proposed, as cases a calibration is fitted and proven on."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Final

from formscan.engines.clues import barred, clues_of, engine_of, kind_of, put_forward
from formscan.learning.calibration import Case
from formscan.model.reading import CheckedField, FieldState, FieldValue
from formscan.model.record import Draft, DraftPage, EmrEntry, EntryField
from formscan.model.review import Action
from formscan.model.template import FieldSpec, FormTemplate

PROOF: Final = "proof"
FIT: Final = "fit"


def cases_of(draft: Draft, entry: EmrEntry, template: FormTemplate) -> list[Case]:
    """One case a field that was proposed and that a person looked at."""
    released = {field.field_id: field for field in entry.fields}
    pages = {page.number: page for page in draft.pages}
    found = []
    for field in draft.fields:
        final = released.get(field.field_id)
        if final is None or not looked_at(final):
            continue
        spec, right = template.field(field.field_id), same(field.value, final.value)
        form = (draft.form_id, draft.form_version)
        case = case_of(spec, field, pages[field.page], form, draft.id, right=right)
        if case is not None:
            found.append(case)
    return found


def case_of(
    spec: FieldSpec,
    field: CheckedField,
    page: DraftPage,
    form: tuple[str, str],
    document: str,
    *,
    right: bool,
) -> Case | None:
    """One proposal with its clues; ``None`` where nothing was put forward."""
    clues = clues_of(spec, field, page, {}, form[0])
    first = put_forward(field)
    if first is None or not clues:
        return None
    return Case(
        kind=kind_of(spec, field.value),
        field=f"{form[0]}/{spec.id}",
        document=document,
        clues=clues,
        right=right,
        barred=barred(spec, field),
        engine=engine_of(first),
        form=" ".join(form),
    )


def looked_at(field: EntryField) -> bool:
    """Whether a person decided last; what the gate alone stood for teaches nothing."""
    return bool(field.history) and field.history[-1].action is not Action.GATED


def same(proposed: FieldValue, final: FieldValue) -> bool:
    """Whether the proposal was right: the same state and machine form, or the same text but for blanks."""
    if proposed.state is not final.state:
        return False
    if proposed.state is not FieldState.VALUE:
        return True
    if proposed.normalised and final.normalised:
        return proposed.normalised == final.normalised
    return "".join(proposed.text.split()) == "".join(final.text.split())


def part_of(document: str) -> str:
    """``fit`` or ``proof``: each document is always in the same half, whenever it is asked."""
    return PROOF if hashlib.sha256(f"half\n{document}".encode()).digest()[0] % 2 else FIT


def halves(cases: Iterable[Case]) -> Mapping[str, list[Case]]:
    """The cases of the fit and those kept for proving."""
    found: dict[str, list[Case]] = {FIT: [], PROOF: []}
    for case in cases:
        found[part_of(case.document)].append(case)
    return found
