"""Decides which proposals of a draft the release gate stands for, as far as it is switched on."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from formscan.engines.chance import Judge
from formscan.engines.clues import barred, kind_of
from formscan.model.chance import Switch
from formscan.model.record import Draft
from formscan.model.review import GATE, Action, ReviewedField
from formscan.model.template import FormTemplate

AUDITED: Final = 0.05
"""Share of what could pass that a person is asked all the same, so that drift is seen."""


@dataclass(frozen=True, slots=True)
class Stand:
    """One field the gate stands for.

    Attributes:
        switch: Number of the step that switched its kind on.
    """

    kind: str
    switch: int
    decision: ReviewedField


class Gatekeeper:
    """Stands for what is proven, and leaves the rest to people.

    Args:
        judge: Tells probabilities.
        switches: Kinds that are on; empty lets nothing through.
        audited: Share of what could pass that is left to people.
    """

    def __init__(self, judge: Judge, switches: Mapping[str, Switch], audited: float = AUDITED) -> None:
        self._judge = judge
        self._switches = switches
        self._audited = audited

    def stands(self, draft: Draft, template: FormTemplate, at: datetime) -> tuple[Stand, ...]:
        """What it stands for in a draft nobody touched, in the draft's order.

        A field passes when its kind is on under this very calibration, form and reader were in the fit,
        nothing bars it, its probability reaches the threshold, and it is not drawn for a person to look.
        """
        version = self._judge.calibration.version
        if not any(switch.promise.calibration == version for switch in self._switches.values()):
            return ()
        chances = self._judge.chances(draft, template)
        found: list[Stand] = []
        for field in draft.fields:
            spec = template.field(field.field_id)
            switch = self._switches.get(kind_of(spec, field.value))
            if switch is None or switch.promise.calibration != version or not switch.promise.proven:
                continue
            sure = chances.get(field.field_id, 0.0) >= switch.promise.threshold
            if not sure or barred(spec, field) or not self._judge.knows(draft, field):
                continue
            if drawn(draft.id, field.field_id, switch.seq) < self._audited:
                continue
            value = field.value
            decision = ReviewedField(field.field_id, Action.GATED, GATE, at, value, value, ground=switch.told)
            found.append(Stand(switch.kind, switch.seq, decision))
        return tuple(found)


def drawn(draft_id: str, field_id: str, switch: int) -> float:
    """A number 0..1 that looks random and is the same whenever it is asked for."""
    digest = hashlib.sha256(f"{switch}\n{draft_id}\n{field_id}".encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64
