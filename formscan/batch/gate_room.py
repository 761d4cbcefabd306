"""What a supervisor does at the gate: fit, prove, look, switch, and what watches while it is on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from formscan.learning.calibration import Case
from formscan.learning.confirmed import FIT, PROOF, cases_of, halves
from formscan.learning.drift import Alarm, watch
from formscan.learning.release import Fitted, fitted, judge
from formscan.model.chance import Calibration, GateStep, Promise, Switch
from formscan.model.template import FormTemplate
from formscan.store import Store

DATA: Final = "confirmed fields of this store"


class GateRoom:
    """The gate on one store.

    Args:
        store: The memory.
        forms: All templates by (id, version); documents of forms that are gone are left out.
    """

    def __init__(self, store: Store, forms: Mapping[tuple[str, str], FormTemplate]) -> None:
        self._store = store
        self._forms = forms

    @property
    def calibration(self) -> Calibration | None:
        """The one that counts."""
        return self._store.gate.calibration()

    @property
    def switches(self) -> dict[str, Switch]:
        """Kinds that are on."""
        return self._store.gate.switches()

    @property
    def steps(self) -> list[GateStep]:
        """The whole book."""
        return self._store.gate.steps()

    def fit(self) -> Fitted:
        """Fit on one half of the confirmed documents; nothing is installed."""
        return fitted(self._cases(), DATA, datetime.now(UTC))

    def install(self, made: Calibration, person: str, reason: str) -> None:
        """Make it the one that counts; every kind is off then. An older version is the way back."""
        self._store.gate.install(made, person, reason)

    def back(self, version: str, person: str, reason: str) -> Calibration:
        """Install an earlier version again, named by its first letters.

        Raises:
            NotFoundError: ``store.no_such_calibration``.
        """
        known = [one for one in self._store.gate.versions() if one.startswith(version)]
        made = self._store.gate.calibration(known[0] if len(known) == 1 else version)
        assert made is not None
        self.install(made, person, reason)
        return made

    def proven(self, per_10000: int) -> list[Promise]:
        """What can be promised about each kind with the calibration that counts; empty without one.

        Proven on documents of the other half, those confirmed since the fit among them.
        """
        made = self.calibration
        if made is None:
            return []
        parts = halves(self._cases())
        judged = judge(made, parts[FIT], parts[PROOF])
        return [judged.promise(kind, per_10000) for kind in judged.kinds]

    def switch_on(self, kind: str, per_10000: int, person: str, reason: str) -> Promise:
        """Prove the promise now, on all that was confirmed, and let the kind through on it.

        Raises:
            StoreError: ``store.not_proven`` with how many fields are lacking; ``store.not_a_supervisor``.
        """
        found = {promise.kind: promise for promise in self.proven(per_10000)}
        version = self.calibration.version if self.calibration else ""
        unknown = Promise(kind, per_10000, 2.0, version, 0, 0, 0, 1.0, 1.0, 1)
        promise = found.get(kind, unknown)
        self._store.gate.switch_on(promise, person, reason)
        return promise

    def switch_off(self, kind: str, person: str, reason: str) -> bool:
        """Stop a kind; ``False`` where it was not on."""
        return self._store.gate.switch_off(kind, person, reason)

    def watch(self) -> list[Alarm]:
        """Stop every kind whose fields are no longer what its promise was proven on.

        Returns:
            The alarms, each kind's first one in the book.
        """
        on, made = self.switches, self.calibration
        if not on or made is None:
            return []
        found: list[Alarm] = []
        for switch in on.values():
            cases = self._cases(after=switch.at)
            alarms = watch(made, switch.promise, cases, made.card.documents)
            if alarms:
                self._store.gate.alarm(switch.kind, alarms[0].told)
            found += alarms
        return found

    def _cases(self, after: datetime | None = None) -> list[Case]:
        found: list[Case] = []
        for draft, entry in self._store.gate.confirmed():
            form = self._forms.get((draft.form_id, draft.form_version))
            if form is not None and (after is None or entry.released_at > after):
                found += cases_of(draft, entry, form)
        return found
