"""A calibration with the documents it may be proven on: what ``formscan gate`` fits, proves and shows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from formscan import __version__
from formscan.learning.calibration import Case, chance_of, cross_fitted, fit
from formscan.learning.confirmed import FIT, PROOF, halves
from formscan.learning.gate import Judged, judged, prove
from formscan.model.chance import Calibration, FitCard, Promise


@dataclass(frozen=True, slots=True, eq=False)
class Fitted:
    """A calibration, and the cases of both halves with their probabilities.

    Attributes:
        fit: Cases it was fitted on, with probabilities from outside their fold.
        proof: Cases of documents that were used for nothing.
    """

    calibration: Calibration
    fit: tuple[tuple[Case, float], ...]
    proof: tuple[tuple[Case, float], ...]

    @property
    def kinds(self) -> tuple[str, ...]:
        """Kinds there are cases of in either half."""
        return tuple(sorted({case.kind for case, _ in (*self.fit, *self.proof)}))

    def promise(self, kind: str, per_10000: int) -> Promise:
        """What can be promised about a kind, see ``learning.gate.prove``."""
        parts = (of_kind(self.fit, kind), of_kind(self.proof, kind))
        return prove(kind, per_10000, self.calibration.version, *parts)


def fitted(cases: Iterable[Case], data: str, made_at: datetime) -> Fitted:
    """Fit on one half of the documents and judge the other.

    Args:
        cases: Of all documents; a document always falls into the same half.
        data: What they are, in words, for the card.
        made_at: Now, with zone.
    """
    parts = halves(cases)
    return fitted_on(parts[FIT], parts[PROOF], data, made_at)


def fitted_on(known: Sequence[Case], proof: Sequence[Case], data: str, made_at: datetime) -> Fitted:
    """Fit on some documents and judge others."""
    card = FitCard(
        data=data,
        made_at=made_at,
        fields=0,
        documents=0,
        forms=tuple(sorted({case.form for case in known})),
        engines=tuple(sorted({case.engine for case in known})),
        program=__version__,
    )
    return judge(fit(known, card), known, proof)


def judge(calibration: Calibration, known: Sequence[Case], proof: Sequence[Case]) -> Fitted:
    """Put the probabilities beside the cases."""
    return Fitted(
        calibration,
        tuple(zip(known, cross_fitted(known), strict=True)),
        tuple((_of_strangers(calibration.card, case), chance_of(calibration, case)) for case in proof),
    )


def _of_strangers(card: FitCard, case: Case) -> Case:
    """A form or reader that was not in the fit is barred at the gate, and so it is in the proof."""
    known = case.form in card.forms and case.engine in card.engines
    return case if known or case.barred else replace(case, barred="stranger")


def of_kind(cases: Sequence[tuple[Case, float]], kind: str) -> Judged:
    """The cases of a kind; what is for a person anyhow has probability 0 and never passes."""
    own = [(case, chance) for case, chance in cases if case.kind == kind]
    return judged(
        [0.0 if case.barred else chance for case, chance in own],
        [not case.right for case, _ in own],
        [case.document for case, _ in own],
    )
