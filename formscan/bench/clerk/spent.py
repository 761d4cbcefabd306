"""Where the keys of a form go: by what a field is, and by what the line made of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from formscan.bench.clerk.hands import Clerk
from formscan.model.reading import FieldState, FieldValue
from formscan.model.template import CODED, FieldKind, FieldSpec, ValueType

Spent = Counter[tuple[str, str]]
"""Keys by (what the field is, what was made of it)."""


@contextmanager
def spending(spent: Spent, clerk: Clerk, field_id: str, proposed: FieldValue) -> Iterator[None]:
    """What is pressed meanwhile is put down to this field."""
    before = clerk.work.keys
    yield
    spec = clerk.template.field(field_id)
    spent[sort_of(spec), made_of(clerk, field_id, proposed)] += clerk.work.keys - before


@contextmanager
def spending_at(spent: Spent, clerk: Clerk, step: str) -> Iterator[None]:
    """What is pressed meanwhile is put down to a step of the whole form."""
    before = clerk.work.keys
    yield
    spent["whole form", step] += clerk.work.keys - before


def sort_of(spec: FieldSpec) -> str:
    """What a field is, for a person who types: marks, narratives, codes and numbers, short texts."""
    if spec.kind in {FieldKind.MARK, FieldKind.CHOICE, FieldKind.SIGNATURE}:
        return spec.kind.value
    if spec.type is ValueType.TEXT:
        return "narrative" if len(spec.cells) > 1 else "short text"
    return f"{'comb' if spec.kind is FieldKind.COMB else 'line'} {'coded' if spec.type in CODED else 'words'}"


def made_of(clerk: Clerk, field_id: str, proposed: FieldValue) -> str:
    """What the line made of a field: whether it is written on, and how it was read."""
    blank = clerk.written(field_id).state is FieldState.BLANK
    if proposed.state is FieldState.UNVERIFIED:
        return "blank, not read" if blank else "written, not read"
    if clerk.right(field_id, proposed):
        return "blank, right" if blank else "written, right"
    return "blank, wrong" if blank else "written, wrong"


def table(ways: Mapping[str, Iterable[Spent]], typed: int) -> list[dict[str, Any]]:
    """Keys by sort and case, a way a column, as shares of all keys of typing; the dearest first.

    Args:
        ways: Of each way, the counts of its forms.
        typed: Keys of typing all forms.
    """
    sums = {way: sum(counts, Spent()) for way, counts in ways.items()}
    last = list(sums.values())[-1] if sums else Spent()
    rows = {key for counts in sums.values() for key in counts}
    return [
        {"sort": key[0], "made": key[1], **{way: counts[key] / max(1, typed) for way, counts in sums.items()}}
        for key in sorted(rows, key=lambda key: (-last[key], key))
    ]
