"""The forms a person left in this window without releasing them: undo reaches back to them."""

from __future__ import annotations

from ui.viewmodels.mirror import Mirror

REACH = 20
"""So many forms are remembered."""


class FormsBefore:
    """Remembers forms in the order they were left; going back is offered first and done when asked again."""

    def __init__(self) -> None:
        self._left: list[str] = []
        self._offered = ""
        self.undo_here = False
        """The form that is being opened was gone back to: its last step is to be undone."""

    def leave(self, mirror: Mirror | None) -> None:
        """A form is left; one that is released cannot be gone back to."""
        self._offered = ""
        if mirror is not None:
            self._left = [other for other in self._left if other != mirror.draft.id]
            if not mirror.closed:
                self._left = [*self._left, mirror.draft.id][-REACH:]

    def offer(self, mirror: Mirror) -> bool:
        """Nothing is left to undo in this form: whether there is one before, which is offered by this."""
        there = any(other != mirror.draft.id for other in self._left)
        self._offered = mirror.draft.id if there else ""
        return there

    def wanted(self, mirror: Mirror) -> str | None:
        """The form to go back to: it was offered here, and nothing was decided since."""
        if mirror.can_undo or self._offered != mirror.draft.id:
            return None
        found = next((other for other in reversed(self._left) if other != mirror.draft.id), None)
        self.undo_here = found is not None
        return found
