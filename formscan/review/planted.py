"""Planted wrong values: now and then a proposal is wrong on purpose, to learn who looks.

A planted value is shown like any other proposal. It lives beside the journal, never in it: decisions about
it are kept as answers to a test, and what the person did with it is told when the form is finished. Then
the field stands open with what was truly read, and only a decision made on that becomes part of a record.
The store checks the same again when it releases.
"""

from __future__ import annotations

import hashlib
import random
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Final

from formscan.model.planted import Plant, PlantPolicy, holds, plain
from formscan.model.reading import CheckedField, FieldState, FieldValue, Severity
from formscan.model.record import Draft
from formscan.model.template import FieldKind, FieldSpec, FormTemplate, ValueType
from formscan.review.journal import Check

__all__ = ["choose", "disguised", "holds", "wrong_value"]

TRIES: Final = 24
SURE: Final = 0.97
"""Confidence shown with a planted value; a low one would give it away."""
_TONES: Final = "\u0300\u0301\u0303\u0309\u0323"
_ALIKE: Final = {"n": "m", "m": "n", "h": "n", "u": "a", "a": "o", "o": "a", "i": "y", "y": "i", "t": "l",
                 "c": "e", "e": "c", "l": "t", "b": "h", "v": "n", "d": "đ", "đ": "d"}  # fmt: skip
_UNFIT: Final = frozenset({ValueType.PRESENCE, ValueType.BOOLEAN})


def choose(
    draft: Draft,
    form: FormTemplate,
    person: str,
    policy: PlantPolicy,
    check: Check,
    skip: Callable[[FieldSpec], bool] = lambda _spec: False,
) -> tuple[Plant, ...]:
    """Choose the fields of a draft to plant, and their wrong values.

    Args:
        draft: Untouched by the person.
        form: Its template.
        person: Who will review it.
        policy: How often.
        check: Understands texts; a planted value breaks no hard rule that the true one does not.
        skip: Fields that are never planted.

    Returns:
        In reading order; the same arguments give the same plants.
    """
    if policy.rate <= 0:
        return ()
    specs = {spec.id: spec for spec in form.fields}
    found = []
    for field in draft.fields:
        lot = random.Random(_number(policy.seed, draft.id, person, field.field_id))
        spec = specs.get(field.field_id)
        if spec is None or skip(spec) or not _fit(spec, field) or lot.random() >= policy.rate:
            continue
        value = wrong_value(spec, field, check, lot)
        if value is not None:
            found.append((lot.random(), Plant(draft.id, field.field_id, person, value, field.value)))
    kept = {id(plant) for _, plant in sorted(found, key=lambda one: one[0])[: policy.most]}
    return tuple(plant for _, plant in found if id(plant) in kept)


def wrong_value(spec: FieldSpec, field: CheckedField, check: Check, lot: random.Random) -> FieldValue | None:
    """A value that looks as right as the true one and is none that any reader offered; ``None`` for none."""
    offered = {plain(field.value.text), plain(field.value.normalised)}
    for reading in field.readings:
        offered |= {plain(reading.text), *(plain(other.text) for other in reading.alternatives)}
    _, own = check(spec, field.value.text)
    hard = {flag.code for flag in own if flag.severity is Severity.HARD}
    for _ in range(TRIES):
        text = _spoiled(spec, field.value, lot)
        if text is None or plain(text) in offered:
            continue
        value, flags = check(spec, text)
        broken = {flag.code for flag in flags if flag.severity is not Severity.INFO} - hard
        same = value.normalised == field.value.normalised
        if value.state is FieldState.VALUE and not broken and not same and plain(value.text) not in offered:
            return value
    return None


def disguised(draft: Draft, plants: Iterable[Plant]) -> Draft:
    """The draft as the person sees it: planted fields look read, sure and without a doubt."""
    by_field = {plant.field_id: plant for plant in plants}
    fields = tuple(
        _dressed(field, by_field[field.field_id]) if field.field_id in by_field else field
        for field in draft.fields
    )
    return replace(draft, fields=fields)


def _dressed(field: CheckedField, plant: Plant) -> CheckedField:
    readings = field.readings[:1]
    worn = tuple(
        replace(r, text=plant.value.text, state=FieldState.VALUE, confidence=SURE, alternatives=(), cells=())
        for r in readings
    )
    return replace(field, value=plant.value, confidence=SURE, readings=worn, flags=())


def _fit(spec: FieldSpec, field: CheckedField) -> bool:
    signed = spec.kind in {FieldKind.SIGNATURE, FieldKind.MARK} or spec.type in _UNFIT
    return not signed and not spec.multiple and field.value.state is FieldState.VALUE


def _spoiled(spec: FieldSpec, value: FieldValue, lot: random.Random) -> str | None:
    if spec.choices:
        others = [choice.value for choice in spec.choices if choice.value != value.normalised]
        return lot.choice(others) if others else None
    digits = [place for place, sign in enumerate(value.text) if sign.isdigit()]
    letters = [place for place, sign in enumerate(value.text) if sign.isalpha()]
    places = digits or letters
    if not places:
        return None
    place = lot.choice(places)
    sign = value.text[place]
    other = _other_digit(sign, lot) if sign.isdigit() else _other_letter(sign, lot)
    return value.text[:place] + other + value.text[place + 1 :]


def _other_digit(sign: str, lot: random.Random) -> str:
    return lot.choice([digit for digit in "0123456789" if digit != sign])


def _other_letter(sign: str, lot: random.Random) -> str:
    """Another tone where the letter has one, else a letter that looks like it."""
    parts = unicodedata.normalize("NFD", sign)
    tones = [mark for mark in parts if mark in _TONES]
    if tones:
        kept = "".join(mark for mark in parts if mark not in _TONES)
        return unicodedata.normalize("NFC", kept + lot.choice([t for t in _TONES if t not in tones]))
    alike = _ALIKE.get(sign.casefold(), "a")
    return alike.upper() if sign.isupper() else alike


def _number(*parts: str) -> int:
    return int.from_bytes(hashlib.sha256("\n".join(parts).encode()).digest()[:8], "big")
