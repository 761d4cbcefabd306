"""What stands at each field now: the last decision, else the proposal, and the rules that breaks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from formscan.model.reading import CheckedField, FieldState, FieldValue, Flag, Severity
from formscan.model.review import ReviewedField
from formscan.model.template import FieldSpec
from formscan.review.journal import Check, CrossCheck


class Standing:
    """Decisions over proposals, with their flags kept up to date.

    Flags of an open field are those of its proposal (rules and doubts). Once a person decided, doubts
    are over and the rules are asked again, also about a blank. Rules between fields are always asked for
    what stands now.

    Args:
        fields: The fields of the pages present.
        proposals: What was read, by field id.
        check: Understands a text and tells the rules it breaks.
        cross_check: Tells the broken rules between fields from all values; ``None`` for no such rules.
    """

    def __init__(
        self,
        fields: Sequence[FieldSpec],
        proposals: Mapping[str, CheckedField],
        check: Check,
        cross_check: CrossCheck | None,
    ) -> None:
        self._specs = {spec.id: spec for spec in fields}
        self._proposals = proposals
        self._check = check
        self._cross_check = cross_check
        self._decisions: list[ReviewedField] = []
        self._last: dict[str, ReviewedField] = {}
        self._own: dict[str, tuple[Flag, ...]] = {}
        self._cross: Mapping[str, tuple[Flag, ...]] = self._ask_across()
        self._cross_proposed = self._cross

    @property
    def decisions(self) -> tuple[ReviewedField, ...]:
        """All that count, in order."""
        return tuple(self._decisions)

    def take(self, decisions: Iterable[ReviewedField]) -> None:
        """Forget everything and take these decisions."""
        self._decisions, self._last, self._own = [], {}, {}
        self.add(decisions)

    def add(self, decisions: Iterable[ReviewedField]) -> None:
        """Take further decisions."""
        for decision in decisions:
            self._decisions.append(decision)
            if decision.field_id in self._specs:
                self._last[decision.field_id] = decision
                self._own.pop(decision.field_id, None)
        self._cross = self._ask_across()

    def decision(self, field_id: str) -> ReviewedField | None:
        """The last one about a field."""
        return self._last.get(field_id)

    def history(self, field_id: str) -> tuple[ReviewedField, ...]:
        """All about a field, oldest first."""
        return tuple(d for d in self._decisions if d.field_id == field_id)

    def value(self, field_id: str) -> FieldValue:
        """Decided, else proposed."""
        last = self._last.get(field_id)
        return last.value if last else self._proposals[field_id].value

    def own_flags(self, field_id: str, value: FieldValue) -> tuple[Flag, ...]:
        """Rules a decided value breaks by itself."""
        if value.state in (FieldState.VALUE, FieldState.BLANK):
            understood, flags = self._check(self._specs[field_id], value.text)
            if understood.state is value.state:
                return tuple(flags)
        proposal = self._proposals[field_id]
        if value.state is not proposal.value.state:
            return ()
        return tuple(f for f in self._alone(proposal) if f.severity is Severity.HARD)

    def flags(self, field_id: str) -> tuple[Flag, ...]:
        """All that stand at a field now, each once."""
        if field_id not in self._own:
            last = self._last.get(field_id)
            proposal = self._proposals[field_id]
            self._own[field_id] = self.own_flags(field_id, last.value) if last else self._alone(proposal)
        return tuple(dict.fromkeys((*self._own[field_id], *self._cross.get(field_id, ()))))

    def blocks(self, field_id: str) -> bool:
        """Whether a field keeps the entry from being released."""
        last = self._last.get(field_id)
        if last is None:
            return True
        return not last.reason and any(flag.severity is Severity.HARD for flag in self.flags(field_id))

    def _alone(self, proposal: CheckedField) -> tuple[Flag, ...]:
        """A proposal's flags without those between fields: they may have been settled elsewhere."""
        across = self._cross_proposed.get(proposal.field_id, ())
        return tuple(flag for flag in proposal.flags if flag not in across)

    def _ask_across(self) -> Mapping[str, tuple[Flag, ...]]:
        if self._cross_check is None:
            return {}
        return self._cross_check({field_id: self.value(field_id) for field_id in self._specs})
