"""Rules between fields, by the names forms give them.

A rule finds its parts among the fields that name it, by value type and by the last words of the id; fields
other rules of the form need (the admission) are found anywhere on the form. What is missing, blank or partial
makes a rule silent, or compares only what is known.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from formscan.model.reading import FieldState, FieldValue, Flag
from formscan.model.template import FieldSpec, FormTemplate, ValueType
from formscan.pipeline.flag_codes import flag
from formscan.pipeline.lexicon import icd10
from formscan.pipeline.rules import vitals
from formscan.pipeline.rules.identity import citizen_facts
from formscan.pipeline.rules.spans import Span, age_between, days_between, span

Finding = tuple[str, Flag]
"""Field id and what is wrong with it."""

WOMENS_FORMS: Final = ("04", "05", "51", "54")
"""Numbers of forms for women: gynaecology, obstetrics (PL XXVIII), antenatal visit, partogram (PL XXIX)."""
_MOMENTS: Final = frozenset({ValueType.DATE, ValueType.DATETIME})


@dataclass(frozen=True, slots=True)
class Parts:
    """The fields that take part in one rule, with what stands in them."""

    template: FormTemplate
    values: Mapping[str, FieldValue]
    fields: tuple[FieldSpec, ...]

    def value(self, field: FieldSpec | None) -> FieldValue | None:
        """What stands in a field, ``None`` unless there is a value."""
        found = self.values.get(field.id) if field else None
        return found if found and found.state is FieldState.VALUE else None

    def normalised(self, field: FieldSpec | None) -> str:
        """The machine form, empty where nothing is known."""
        found = self.value(field)
        return found.normalised if found else ""

    def one(self, *ends: str, among: frozenset[ValueType] | None = None) -> FieldSpec | None:
        """The first field whose id ends so, among those of the rule, else on the whole form."""
        for fields in (self.fields, self.template.fields):
            for end in ends:
                for field in fields:
                    if _ends(field.id, end) and (among is None or field.type in among):
                        return field
        return None

    def moment(self, *ends: str) -> Span | None:
        """When something was, as far as it is written."""
        return span(self.normalised(self.one(*ends, among=_MOMENTS)))


def run_rules(template: FormTemplate, values: Mapping[str, FieldValue]) -> dict[str, tuple[Flag, ...]]:
    """All findings by field id; names of rules that do not exist are passed over."""
    found: dict[str, dict[Flag, None]] = {}
    for name, rule in RULES.items():
        fields = tuple(field for field in template.fields if name in field.rules)
        if fields:
            for field_id, finding in rule(Parts(template, values, fields)):
                found.setdefault(field_id, {})[finding] = None
    return {field_id: tuple(flags) for field_id, flags in found.items()}


def age_matches_birth_date(parts: Parts) -> Iterator[Finding]:
    """Age in years at admission, one year more or less (people count both ways)."""
    admission = parts.moment("admission.at", "visit.at", "examined.at")
    for birth in parts.fields:
        if birth.type is not ValueType.DATE or "birth" not in birth.id:
            continue
        born = span(parts.normalised(birth))
        if born is None or admission is None:
            continue
        if born.first > admission.last:
            yield birth.id, flag("birth.after_admission", other="admission.at")
            continue
        age = next((f for f in parts.fields if _prefix(f) == _prefix(birth) and _ends(f.id, "age")), None)
        told = parts.normalised(age)
        low, high = age_between(born, admission)
        if age and told.isdecimal() and not low - 1 <= int(told) <= high + 1:
            expected = str(low) if low == high else f"{low}-{high}"
            yield age.id, flag("age.birth_date_mismatch", expected=expected, other=birth.id)
            yield birth.id, flag("age.birth_date_mismatch", expected=expected, other=age.id)


def citizen_id_matches_sex_and_birth(parts: Parts) -> Iterator[Finding]:
    """Fourth digit against sex, digits four to six against the year of birth."""
    for number in parts.fields:
        facts = citizen_facts(parts.normalised(number)) if number.type is ValueType.CITIZEN_ID else None
        if facts is None:
            continue
        same_person = [field for field in parts.fields if _prefix(field) == _prefix(number)]
        sex = next((field for field in same_person if field.type is ValueType.CHOICE), None)
        birth = next((field for field in same_person if field.type is ValueType.DATE), None)
        male = _is_male(parts, sex)
        if sex and male is not None and male is not facts.male:
            yield number.id, flag("citizen_id.sex_mismatch", other=sex.id)
            yield sex.id, flag("citizen_id.sex_mismatch", other=number.id)
        born = span(parts.normalised(birth))
        if birth and born and born.first.year != facts.birth_year:
            yield number.id, flag("citizen_id.birth_mismatch", other=birth.id)
            yield birth.id, flag("citizen_id.birth_mismatch", other=number.id)


def admission_before_discharge(parts: Parts) -> Iterator[Finding]:
    """Admission, then what follows in the order of the form: treatment from and to, discharge."""
    admission = parts.one("admission.at", "visit.at", among=_MOMENTS)
    rest = [field for field in parts.fields if field.type in _MOMENTS and field != admission]
    ordered = [admission, *rest] if admission else rest
    for place, later in enumerate(ordered):
        for earlier in ordered[:place]:
            yield from _in_order(parts, earlier, later)


def transfer_order(parts: Parts) -> Iterator[Finding]:
    """Admission, entry to a ward, transfers in their order, discharge."""
    ends = parts.one("admission.at", among=_MOMENTS), parts.one("discharge.at", among=_MOMENTS)
    inner = [f for f in parts.fields if f.type in _MOMENTS and f not in ends]
    ordered = [field for field in (ends[0], *inner, ends[1]) if field is not None]
    for place, later in enumerate(ordered):
        for earlier in ordered[:place]:
            if (earlier, later) != ends:
                yield from _in_order(parts, earlier, later)


def total_days(parts: Parts) -> Iterator[Finding]:
    """Days of treatment: discharge less admission, with or without counting the last day."""
    total = next((field for field in parts.fields if field.type is ValueType.INTEGER), None)
    told = parts.normalised(total)
    admission, discharge = parts.moment("admission.at"), parts.moment("discharge.at")
    if not (total and told.isdecimal() and admission and discharge):
        return
    low, high = days_between(admission, discharge)
    if high < 0:
        return
    if not max(low, 0) <= int(told) <= high + 1:
        expected = f"{max(low, 0)}-{high + 1}"
        yield total.id, flag("stay.total_days_mismatch", expected=expected)


def death_only_if_died(parts: Parts) -> Iterator[Finding]:
    """Facts of a death only where the outcome is death."""
    outcome = next((field for field in parts.fields if _ends(field.id, "outcome")), None)
    told = parts.value(outcome)
    if outcome is None or told is None:
        return
    died = any("tử vong" in _plain(label) for label in _labels(outcome, told))
    for field in parts.fields:
        if field.id == outcome.id or field.id not in parts.values:
            continue
        state = parts.values[field.id].state
        if not died and state is FieldState.VALUE:
            yield field.id, flag("death.without_outcome", other=outcome.id)
            yield outcome.id, flag("death.without_outcome", other=field.id)
        elif died and state is FieldState.BLANK and field.type in _MOMENTS:
            yield field.id, flag("death.details_missing", other=outcome.id)


def insurance_valid_at_admission(parts: Parts) -> Iterator[Finding]:
    """The insurance had not ended when the patient came."""
    admission = parts.moment("admission.at", "visit.at")
    for field in parts.fields:
        if field.type is ValueType.DATE and "insurance" in field.id:
            until = span(parts.normalised(field))
            if until and admission and until.last.date() < admission.first.date():
                yield field.id, flag("insurance.expired", other="admission.at")


def systolic_above_diastolic(parts: Parts) -> Iterator[Finding]:
    """In one field, or in two that stand beside each other."""
    for field in parts.fields:
        if field.type is ValueType.BLOOD_PRESSURE:
            high, _, low = parts.normalised(field).partition("/")
            if high and low and int(high) <= int(low):
                yield field.id, flag("blood_pressure.order")
        elif _ends(field.id, "systolic"):
            beside = next(
                (f for f in parts.fields if f.id == field.id.replace("systolic", "diastolic")), None
            )
            high, low = parts.normalised(field), parts.normalised(beside)
            if beside and high.isdecimal() and low.isdecimal() and int(high) <= int(low):
                yield field.id, flag("blood_pressure.order", other=beside.id)
                yield beside.id, flag("blood_pressure.order", other=field.id)


def sex_matches_form(parts: Parts) -> Iterator[Finding]:
    """Forms for women: neither the sex nor a personal number may say man."""
    if not parts.template.code.strip().startswith(WOMENS_FORMS):
        return
    for field in parts.fields:
        facts = citizen_facts(parts.normalised(field))
        if _is_male(parts, field) or (facts and facts.male):
            yield field.id, flag("sex.form_mismatch", form=parts.template.code)


def icd_known(parts: Parts) -> Iterator[Finding]:
    """The title of the code shares a word with the diagnosis written beside it."""
    for field in parts.fields:
        title = icd10().get(parts.normalised(field)) if field.type is ValueType.ICD10 else None
        written = parts.value(_diagnosis_beside(parts, field)) if title else None
        if title and written and not _words(title) & _words(written.text):
            yield field.id, flag("icd.text_differs", code=parts.normalised(field))


def plausible_vital(parts: Parts) -> Iterator[Finding]:
    """Vital signs within what the living have, by age where it is known."""
    years = _years(parts)
    for field in parts.fields:
        for limits in vitals.broken(field, parts.normalised(field), years):
            facts = {"low": limits.low, "high": limits.high, "unit": limits.unit}
            yield field.id, flag("vital.implausible", **facts)


def _years(parts: Parts) -> int | None:
    """Age in years: as written, else from the date of birth where that leaves no doubt."""
    told = parts.normalised(parts.one("patient.age", among=frozenset({ValueType.INTEGER})))
    if told.isdecimal():
        return int(told)
    born, admission = parts.moment("patient.birth_date"), parts.moment("admission.at", "visit.at")
    low, high = age_between(born, admission) if born and admission else (0, 1)
    return low if low == high else None


def _in_order(parts: Parts, earlier: FieldSpec, later: FieldSpec) -> Iterator[Finding]:
    first, then = span(parts.normalised(earlier)), span(parts.normalised(later))
    if first is None or then is None:
        return
    if first.first > then.last:
        yield later.id, flag("stay.order", other=earlier.id)
    elif first == then and first.exact:
        yield later.id, flag("stay.same_time", other=earlier.id)


def _is_male(parts: Parts, sex: FieldSpec | None) -> bool | None:
    """Whether a choice of sex says man; ``None`` where it says nothing."""
    told = parts.value(sex)
    if sex is None or told is None or sex.type is not ValueType.CHOICE:
        return None
    labels = {_plain(label) for label in _labels(sex, told)}
    found = {("nam" in label, "nữ" in label) for label in labels}
    return next(iter(found))[0] if found in ({(True, False)}, {(False, True)}) else None


def _labels(field: FieldSpec, value: FieldValue) -> list[str]:
    marked = {part.strip() for part in value.text.split(";")}
    return [choice.label_vi for choice in field.choices if choice.value in marked]


def _diagnosis_beside(parts: Parts, code: FieldSpec) -> FieldSpec | None:
    stem = code.id.removesuffix(".code").removesuffix(".icd")
    names = (stem, f"{stem}.text", f"{stem}.name")
    return next((f for f in parts.template.fields if f.id in names and f.id != code.id), None)


def _words(text: str) -> set[str]:
    return {
        word for word in "".join(c if c.isalnum() else " " for c in _plain(text)).split() if len(word) > 1
    }


def _plain(text: str) -> str:
    return unicodedata.normalize("NFC", text).casefold()


def _ends(field_id: str, end: str) -> bool:
    return field_id == end or field_id.endswith("." + end)


def _prefix(field: FieldSpec) -> str:
    return field.id.rpartition(".")[0]


Rule = Callable[[Parts], Iterator[Finding]]

RULES: Final[Mapping[str, Rule]] = MappingProxyType(
    {
        rule.__name__: rule
        for rule in (
            age_matches_birth_date,
            citizen_id_matches_sex_and_birth,
            admission_before_discharge,
            transfer_order,
            total_days,
            death_only_if_died,
            insurance_valid_at_admission,
            systolic_above_diastolic,
            sex_matches_form,
            icd_known,
            plausible_vital,
        )
    }
)
"""Rules by name."""
