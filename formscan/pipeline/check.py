"""From readings to checked fields: a value is proposed, everything doubtful about it is flagged.

No check ever changes a value. What is shown is the reading itself; only the separators of split dates, combs
of dates and blood pressures are put in. What is not understood keeps its text and has no machine form.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from formscan.model.reading import CheckedField, Crop, FieldState, FieldValue, Flag, Reading
from formscan.model.template import FieldKind, FieldSpec, FormTemplate, ValueType
from formscan.pipeline.crop_measures import crop_measures
from formscan.pipeline.flag_codes import flag
from formscan.pipeline.read import DIGITS
from formscan.pipeline.rules import codes, combs, cross, dates, identity, numbers
from formscan.pipeline.rules.outcome import Outcome

RESIDUAL_LIMIT_MM: Final = 1.0
"""Registration residual above which the place of a field is not proven."""

_EPISODE: Final = (
    "admission.",
    "discharge.",
    "transfer",
    "department.",
    "stay.",
    "death.",
    "insurance.",
    "treatment.",
)


def check_fields(
    template: FormTemplate, crops: Sequence[Crop], readings: Sequence[Sequence[Reading]]
) -> list[CheckedField]:
    """Combine the readings of each crop into a proposal with its flags.

    Args:
        template: The form; rules between fields are checked over the fields at hand.
        crops: One a field.
        readings: For each crop, in the same order, what each reader said.

    Returns:
        One checked field a crop, in order; state ``UNVERIFIED`` where no reader stands behind anything.

    Raises:
        ValueError: If there are not as many groups of readings as crops.
    """
    fields = [_checked(template, crop, group) for crop, group in zip(crops, readings, strict=True)]
    between = cross_check(template, {field.field_id: field.value for field in fields})
    return [_with_flags(field, between.get(field.field_id, ())) for field in fields]


def check_value(template: FormTemplate, field: FieldSpec, text: str) -> tuple[FieldValue, tuple[Flag, ...]]:
    """Look at what a person typed (or a reader read) into one field.

    Args:
        template: The form the field is on.
        field: The field.
        text: As typed; nothing but blanks is the state ``BLANK``.

    Returns:
        The value, its text as it will be shown, and what is doubtful about it.
    """
    if combs.is_blank(field, text):
        return FieldValue(FieldState.BLANK), (flag("field.required_blank"),) if field.required else ()
    shown = combs.rendered(field, text)
    lost = combs.lost_cells(field, text)
    outcome = _outcome(template, field, shown)
    if any(found.code == "comb.gap" for found in lost):
        return FieldValue(FieldState.VALUE, shown), lost
    flags = tuple(dict.fromkeys((*lost, *outcome.flags)))
    return FieldValue(FieldState.VALUE, shown, outcome.normalised), flags


def supporters(
    template: FormTemplate, field: FieldSpec, value: FieldValue, readings: Sequence[Reading]
) -> tuple[str, ...]:
    """Makes of the readers that read what is proposed; two versions of one reader are one make.

    A reading's engine names all makes that read the same, e.g. ``glyphs+lines 1``.
    """
    if value.state is FieldState.UNVERIFIED:
        return ()
    agree = [r.engine.split(" ")[0] for r in readings if _same(_understood(template, field, r)[0], value)]
    return tuple(sorted({make for makes in agree for make in makes.split("+")}))


def cross_check(template: FormTemplate, values: Mapping[str, FieldValue]) -> dict[str, tuple[Flag, ...]]:
    """Check how the fields of a document fit together.

    Args:
        template: The form; its fields name the rules they take part in.
        values: By field id; fields of pages that are not there may be missing.

    Returns:
        New flags by field id, only for fields that have some.
    """
    return cross.run_rules(template, values)


def rule_names() -> frozenset[str]:
    """Names of cross-field rules a form may use."""
    return frozenset(cross.RULES)


def _outcome(template: FormTemplate, field: FieldSpec, text: str) -> Outcome:
    checks: dict[ValueType, Callable[[], Outcome]] = {
        ValueType.TEXT: lambda: _free_text(field, text),
        ValueType.PERSON_NAME: lambda: identity.check_name(text, "in hoa" in field.label_vi.casefold()),
        ValueType.DATE: lambda: dates.check_date(text, _is_episode(field)),
        ValueType.TIME: lambda: dates.check_time(text),
        ValueType.DATETIME: lambda: dates.check_datetime(
            text, "birth" not in field.id, row=field.table is not None
        ),
        ValueType.INTEGER: lambda: numbers.check_integer(text, field.unit),
        ValueType.DECIMAL: lambda: numbers.check_decimal(text, field.unit),
        ValueType.BLOOD_PRESSURE: lambda: numbers.check_blood_pressure(text),
        ValueType.CITIZEN_ID: lambda: identity.check_citizen_id(text),
        ValueType.INSURANCE_NUMBER: lambda: identity.check_insurance_number(text),
        ValueType.ICD10: lambda: codes.check_icd10(text),
        ValueType.PHONE: lambda: identity.check_phone(text),
        ValueType.CATALOGUE: lambda: codes.check_catalogue(text, field.catalogue),
        ValueType.CHOICE: lambda: codes.check_choice(text, field.choices, field.multiple),
        ValueType.BOOLEAN: lambda: codes.check_boolean(text, field.kind is FieldKind.MARK),
        ValueType.PRESENCE: lambda: Outcome(text.strip()),
    }
    return checks[field.type]()


def _free_text(field: FieldSpec, text: str) -> Outcome:
    return codes.check_catalogue(text, field.catalogue) if field.catalogue else Outcome(text)


def _is_episode(field: FieldSpec) -> bool:
    return (field.id.startswith(_EPISODE) or field.id.endswith(".signed_on")) and "birth" not in field.id


def _checked(template: FormTemplate, crop: Crop, readings: Sequence[Reading]) -> CheckedField:
    value, confidence, flags = _proposal(template, crop.field, readings)
    flags = tuple(dict.fromkeys((*flags, *_taken_back(crop.field, readings))))
    if not crop.residual_mm <= RESIDUAL_LIMIT_MM:
        off = f"{crop.residual_mm:.1f}" if math.isfinite(crop.residual_mm) else "?"
        flags = (*flags, flag("registration.doubtful", residual_mm=off))
    return CheckedField(
        field_id=crop.field.id,
        page=crop.field.page,
        value=value,
        confidence=confidence,
        readings=tuple(readings),
        flags=flags,
        crop_sha256=crop.sha256,
        page_box=crop.page_box,
        cell_boxes=crop.cell_boxes,
        residual_mm=round(crop.residual_mm, DIGITS),
        measures=crop_measures(crop),
        critical=crop.field.critical,
        supporters=supporters(template, crop.field, value, readings),
    )


def _taken_back(field: FieldSpec, readings: Sequence[Reading]) -> tuple[Flag, ...]:
    """What the cells tell of marks and characters that were struck out, and of marks that contradict."""
    found = []
    for reading in readings:
        struck = [str(k) for k, cell in enumerate(reading.cells, 1) if cell.state is FieldState.STRUCK_OUT]
        if field.kind is FieldKind.COMB and struck:
            found.append(flag("comb.struck_cell", cells=", ".join(struck)))
        elif field.kind in {FieldKind.CHOICE, FieldKind.MARK} and struck:
            found.append(flag("mark.taken_back"))
        marks = sum(cell.state is FieldState.VALUE for cell in reading.cells)
        if field.kind is FieldKind.CHOICE and not field.multiple and marks > 1:
            found.append(flag("mark.contradicts"))
    return tuple(found)


def _proposal(
    template: FormTemplate, field: FieldSpec, readings: Sequence[Reading]
) -> tuple[FieldValue, float, tuple[Flag, ...]]:
    """What is proposed for a field, the probability that it is right, and the doubts."""
    if not readings:
        return FieldValue(FieldState.UNVERIFIED), 0.0, (flag("readers.none"),)
    sure = [reading for reading in readings if reading.state is not FieldState.UNVERIFIED]
    if not sure:
        return FieldValue(FieldState.UNVERIFIED), 0.0, (flag("readers.unsure"),)
    said = [(reading, *_understood(template, field, reading)) for reading in sure]
    best, value, flags = max(said, key=lambda item: item[0].confidence)
    others = [reading for reading, other, _ in said if not _same(value, other)]
    if len(sure) < len(readings) and value.state is FieldState.BLANK:
        return FieldValue(FieldState.UNVERIFIED), 0.0, (flag("readers.unsure"),)
    if others:
        flags = (flag("readers.disagree"), *flags)
    return value, _agreed(best, others), flags


def _understood(
    template: FormTemplate, field: FieldSpec, reading: Reading
) -> tuple[FieldValue, tuple[Flag, ...]]:
    if reading.state is FieldState.BLANK:
        return check_value(template, field, "")
    if reading.state is not FieldState.VALUE:
        return FieldValue(reading.state), ()
    value, flags = check_value(template, field, combs.written(field, reading))
    doubtful = [
        str(place)
        for place, cell in enumerate(reading.cells, 1)
        if cell.state not in (FieldState.VALUE, FieldState.BLANK, FieldState.STRUCK_OUT)
    ]
    if doubtful:
        flags = (*flags, flag("comb.doubtful_cell", cells=", ".join(doubtful)))
    return value, flags


def _same(one: FieldValue, other: FieldValue) -> bool:
    """Whether two values say the same: equal machine forms, or equal texts but for blanks."""
    if one.state is not other.state:
        return False
    if one.normalised and one.normalised == other.normalised:
        return True
    return "".join(one.text.split()) == "".join(other.text.split())


def _agreed(best: Reading, others: Sequence[Reading]) -> float:
    """Confidence of the best reading, given that others contradict it.

    Of two independent readers that disagree at most one is right: c(1-d) / (1 - cd) for confidences c and d.
    """
    confidence = best.confidence
    for other in others:
        both = confidence * other.confidence
        confidence = 0.5 if both >= 1.0 else (confidence - both) / (1.0 - both)
    return confidence


def _with_flags(field: CheckedField, more: Sequence[Flag]) -> CheckedField:
    return replace(field, flags=(*field.flags, *more)) if more else field
