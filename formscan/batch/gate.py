"""The release gate as the night calls it: drafts get calibrated confidences, and fields somebody to stand."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from formscan.engines.chance import Judge
from formscan.errors import ImmutableError
from formscan.model.record import Draft
from formscan.model.template import FormTemplate
from formscan.review.gatekeeper import Gatekeeper
from formscan.store import Store


class Gate:
    """What a run does at the gate; without a calibration nothing at all.

    Args:
        store: With the gate's book.
        forms: All templates by (id, version).
    """

    def __init__(self, store: Store, forms: Mapping[tuple[str, str], FormTemplate]) -> None:
        self._store = store
        self._forms = forms
        made = store.gate.calibration()
        self._judge = None if made is None else Judge(made)

    def judged(self, draft: Draft) -> Draft:
        """The draft with calibrated confidences, to be stored; what the readers said stays in it."""
        form = self._form(draft)
        return draft if self._judge is None or form is None else self._judge.judged(draft, form)

    def stand(self, draft: Draft) -> int:
        """Stand for what is proven in a stored draft nobody decided on.

        Returns:
            How many fields it stands for now; 0 while nothing is switched on, where the form is gone, and
            where a clerk was faster and closed the draft.
        """
        switches, form = self._store.gate.switches(), self._form(draft)
        if self._judge is None or form is None or not switches:
            return 0
        stands = Gatekeeper(self._judge, switches).stands(draft, form, datetime.now(UTC))
        try:
            return self._store.gate.stand(draft.id, [(s.switch, s.decision) for s in stands]) if stands else 0
        except ImmutableError:
            return 0

    def sweep(self) -> int:
        """``stand`` for every open draft nobody decided on, whoever made it; may be called again.

        Returns:
            How many fields it stands for now.
        """
        if self._judge is None or not self._store.gate.switches():
            return 0
        return sum(self.stand(self._store.get_draft(draft)) for draft in self._store.gate.untouched())

    def _form(self, draft: Draft) -> FormTemplate | None:
        return self._forms.get((draft.form_id, draft.form_version))
