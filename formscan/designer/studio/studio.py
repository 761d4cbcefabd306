"""The studio without a screen: does operations, takes them back, counts them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from formscan.designer.studio.document import StudioDocument
from formscan.designer.studio.operations import Accept, Operation


class Studio:
    """A form under construction with the steps that led to it.

    Args:
        document: Where it starts: usually the proposals of a blank.
    """

    def __init__(self, document: StudioDocument) -> None:
        self._past: list[tuple[Operation, StudioDocument]] = []
        self._future: list[Operation] = []
        self._document = document
        self._listeners: list[Callable[[], None]] = []

    @property
    def document(self) -> StudioDocument:
        """The form as it stands."""
        return self._document

    @property
    def done(self) -> tuple[Operation, ...]:
        """The steps that stand, first one first."""
        return tuple(operation for operation, _ in self._past)

    @property
    def counts(self) -> Counter[str]:
        """How often each operation stands, by its name; what was taken back does not count."""
        return Counter(operation.name for operation in self.done)

    @property
    def can_undo(self) -> str:
        """Name of the step that can be taken back, or empty."""
        return self._past[-1][0].name if self._past else ""

    @property
    def can_redo(self) -> str:
        """Name of the step that can be done again, or empty."""
        return self._future[-1].name if self._future else ""

    def listen(self, told: Callable[[], None]) -> None:
        """Call ``told`` after every change."""
        self._listeners.append(told)

    def do(self, operation: Operation) -> None:
        """Take a step.

        Raises:
            StudioError: If it cannot be taken; nothing is changed then.
        """
        after = operation.apply(self._document)
        self._past.append((operation, self._document))
        self._future.clear()
        self._show(after)

    def undo(self) -> bool:
        """Take the last step back; false where there is none."""
        if not self._past:
            return False
        operation, before = self._past.pop()
        self._future.append(operation)
        self._show(before)
        return True

    def redo(self) -> bool:
        """Take the step that was taken back again; false where there is none."""
        if not self._future:
            return False
        operation = self._future.pop()
        after = operation.apply(self._document)
        self._past.append((operation, self._document))
        self._show(after)
        return True

    def accept(self, handles: tuple[str, ...]) -> None:
        """Accept proposals.

        Raises:
            StudioError: If one is not there.
        """
        self.do(Accept(handles))

    def accept_above(self, confidence: float) -> int:
        """Accept all proposals at least that sure, in one step; returns how many."""
        sure = tuple(f.handle for f in self._document.waiting() if f.confidence >= confidence)
        if sure:
            self.do(Accept(sure))
        return len(sure)

    def _show(self, document: StudioDocument) -> None:
        self._document = document
        for told in self._listeners:
            told()
