"""The probability that a proposed value is right, by a fitted calibration."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from formscan.engines.clues import ENGINE, clues_of, engine_of, kind_of, put_forward
from formscan.model.chance import Calibration, Clue, KindChance
from formscan.model.reading import CheckedField
from formscan.model.record import Draft
from formscan.model.template import FormTemplate

_LEAST: Final = 1e-6


class Judge:
    """Tells for every proposed field of a draft how probable it is that the value is right.

    Args:
        calibration: Fitted by ``formscan.learning.calibration``.
    """

    def __init__(self, calibration: Calibration) -> None:
        self.calibration = calibration
        self._history = dict(calibration.history)
        self._kinds = {one.kind: one for one in calibration.kinds}

    def chances(self, draft: Draft, template: FormTemplate) -> dict[str, float]:
        """Probability by field id; fields that nothing is put forward for, or of a kind that was never
        fitted, are left out.
        """
        pages = {page.number: page for page in draft.pages}
        found: dict[str, float] = {}
        for field in draft.fields:
            spec = template.field(field.field_id)
            fitted = self._kinds.get(kind_of(spec, field.value))
            clues = clues_of(spec, field, pages[field.page], self._history, draft.form_id)
            if fitted is not None and clues:
                found[field.field_id] = chance(fitted, clues)
        return found

    def judged(self, draft: Draft, template: FormTemplate) -> Draft:
        """The draft with these probabilities as confidence; what the readers said stays as it is."""
        known = self.chances(draft, template)
        fields = tuple(replace(f, confidence=known.get(f.field_id, f.confidence)) for f in draft.fields)
        return replace(draft, fields=fields)

    def knows(self, draft: Draft, field: CheckedField) -> bool:
        """Whether the form and the reader of a field were in the fit; elsewhere nothing is promised."""
        first = put_forward(field)
        card = self.calibration.card
        form = f"{draft.form_id} {draft.form_version}"
        return first is not None and form in card.forms and engine_of(first) in card.engines


def chance(fitted: KindChance, clues: Mapping[str, float]) -> float:
    """Probability that a proposal with these clues is right; a missing clue counts for nothing."""
    return bent(straight(fitted, clues), fitted.bend)


def straight(fitted: KindChance, clues: Mapping[str, float]) -> float:
    """Log odds of the logistic regression alone."""
    return fitted.bias + sum(
        clue.weight * (value_of(clue, clues) - clue.centre) / clue.scale for clue in fitted.clues
    )


def value_of(clue: Clue, clues: Mapping[str, float]) -> float:
    """A clue's number; where it is missing, what counts for nothing."""
    return clues.get(clue.name, 0.0 if clue.name.startswith(ENGINE) else clue.centre)


def bent(odds: float, bend: tuple[float, float, float]) -> float:
    """Beta calibration of log odds (Kull, Silva Filho, Flach 2017, AISTATS, eq. 6)."""
    p = min(max(_sigmoid(odds), _LEAST), 1 - _LEAST)
    a, b, c = bend
    return _sigmoid(a * math.log(p) - b * math.log1p(-p) + c)


def _sigmoid(odds: float) -> float:
    return 1 / (1 + math.exp(-odds)) if odds >= 0 else math.exp(odds) / (1 + math.exp(odds))
