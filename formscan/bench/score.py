"""Compares what was read with what is true, field by field and cell by cell."""

from __future__ import annotations

import unicodedata
from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from formscan.bench.intervals import wilson
from formscan.bench.truth import FieldTruth
from formscan.model.reading import CheckedField, FieldState, FieldValue
from formscan.model.template import FieldKind, FormTemplate, ValueType
from formscan.pipeline.check import check_value

_DATES: Final = {ValueType.DATE, ValueType.DATETIME, ValueType.TIME}


class Outcome(StrEnum):
    """What became of one field."""

    RIGHT = "right"
    WRONG = "wrong"
    MISSED = "missed"
    """Ink that was called blank."""
    GHOST = "ghost"
    """A blank field for which a value was proposed."""
    LEFT = "left"
    """Left to a person: nothing was proposed."""


@dataclass(slots=True)
class Tally:
    """Counts of outcomes by (metric, source); add up over pages and processes."""

    counts: Counter[tuple[str, str, str]] = field(default_factory=Counter)

    def add(self, metric: str, source: str, outcome: Outcome) -> None:
        """Count one."""
        self.counts[metric, source, outcome.value] += 1

    def merge(self, other: Tally) -> None:
        """Take another tally's counts in."""
        self.counts.update(other.counts)

    def rows(self) -> list[dict[str, Any]]:
        """One row a metric and source: n, right, its share with 95 % interval, and the other outcomes."""
        keys = sorted({(metric, source) for metric, source, _ in self.counts})
        return [self._row(metric, source) for metric, source in keys]

    def _row(self, metric: str, source: str) -> dict[str, Any]:
        each = {o.value: self.counts[metric, source, o.value] for o in Outcome}
        n, right = sum(each.values()), each[Outcome.RIGHT.value]
        low, high = wilson(right, n)
        stood = n - each[Outcome.LEFT.value]
        head = {"metric": metric, "source": source, "n": n, "share": right / n, "low": low, "high": high}
        return {**head, **each, "right_of_proposed": right / stood if stood else None}


def outcome_of(template: FormTemplate, truth: FieldTruth, read: FieldValue) -> Outcome:
    """Compare a proposal with the truth; the true text is given the same form the checks give."""
    if truth.state is FieldState.BLANK:
        return {
            FieldState.BLANK: Outcome.RIGHT,
            FieldState.VALUE: Outcome.GHOST,
        }.get(read.state, Outcome.LEFT)
    if read.state is FieldState.BLANK:
        return Outcome.MISSED
    if truth.state is FieldState.STRUCK_OUT:
        return Outcome.RIGHT if read.state is FieldState.STRUCK_OUT else _left_or_wrong(read)
    if read.state is not FieldState.VALUE:
        return Outcome.LEFT
    true, _ = check_value(template, template.field(truth.field_id), truth.text)
    return Outcome.RIGHT if _same(true, read) else Outcome.WRONG


def score_page(
    template: FormTemplate, truths: dict[str, FieldTruth], fields: tuple[CheckedField, ...]
) -> Tally:
    """Outcomes of every field of a page; a field that was not read at all counts as left."""
    tally = Tally()
    read = {f.field_id: f for f in fields}
    for truth in truths.values():
        found = read.get(truth.field_id)
        value = found.value if found else FieldValue(FieldState.UNVERIFIED)
        outcome = outcome_of(template, truth, value)
        for metric in metrics_of(template, truth):
            tally.add(metric, truth.source.value, outcome)
        if found and truth.kind == FieldKind.COMB and truth.state is not FieldState.STRUCK_OUT:
            _score_cells(tally, truth, found)
    return tally


def metrics_of(template: FormTemplate, truth: FieldTruth) -> list[str]:
    """Names under which a field is counted."""
    spec = template.field(truth.field_id)
    if truth.state is FieldState.BLANK:
        return ["blank fields", f"blank {spec.kind.value}"]
    if truth.state is FieldState.STRUCK_OUT:
        return ["struck out", "any ink"]
    names = ["any ink"]
    if truth.over:
        names.append("under a stamp")
    if spec.type is ValueType.CITIZEN_ID:
        names.append("citizen ids")
    if spec.type is ValueType.INSURANCE_NUMBER:
        names.append("insurance numbers")
    if spec.type is ValueType.ICD10:
        names.append("ICD-10 codes")
    if spec.type in _DATES:
        return [*names, "dates"]
    kinds = {FieldKind.TEXT: "text", FieldKind.COMB: "comb fields", FieldKind.MARK: "marks"}
    return [*names, kinds.get(spec.kind, {FieldKind.CHOICE: "choices"}.get(spec.kind, "signatures"))]


def _score_cells(tally: Tally, truth: FieldTruth, found: CheckedField) -> None:
    cells = next((r.cells for r in found.readings if len(r.cells) == len(truth.cells)), ())
    sources = truth.cell_sources or (truth.source.value,) * len(truth.cells)
    for true, cell, source in zip(truth.cells, cells, sources, strict=False):
        if len(true) > 1:
            continue
        if not true:
            outcome = {FieldState.BLANK: Outcome.RIGHT, FieldState.VALUE: Outcome.GHOST}.get(
                cell.state, Outcome.LEFT
            )
            tally.add("blank comb cells", "none", outcome)
            continue
        said = {FieldState.BLANK: Outcome.MISSED, FieldState.VALUE: Outcome.WRONG}.get(
            cell.state, Outcome.LEFT
        )
        right = cell.state is FieldState.VALUE and _plain(cell.text) == _plain(true)
        metric = "comb digits" if true.isdigit() else "comb letters"
        tally.add(metric, source, Outcome.RIGHT if right else said)


def _left_or_wrong(read: FieldValue) -> Outcome:
    return Outcome.WRONG if read.state is FieldState.VALUE else Outcome.LEFT


def _same(true: FieldValue, read: FieldValue) -> bool:
    if true.normalised and read.normalised:
        return _plain(true.normalised) == _plain(read.normalised)
    return _plain(true.text) == _plain(read.text)


def _plain(text: str) -> str:
    """NFC with single spaces; letters keep their case and their marks."""
    return " ".join(unicodedata.normalize("NFC", text).split())
