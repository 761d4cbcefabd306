"""The learning curve as windows and commands see it, and the way back; whoever asks must be allowed to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from formscan.learning.shelf import Lesson, WeightShelf
from formscan.model.people import Permission


@dataclass(frozen=True, slots=True)
class Curve:
    """What was learned so far.

    Attributes:
        lessons: All adaptations, first one first.
        in_use: Digest of the hospital's own weights; empty for those that ship.
    """

    lessons: tuple[Lesson, ...]
    in_use: str


class LearningRoom:
    """Tells the curve and goes back to earlier weights.

    Args:
        folder: Of the hospital's own weights.
        need: Refuses where the person who is here may not do something.
    """

    def __init__(self, folder: Path, need: Callable[[Permission], None]) -> None:
        self._shelf, self._need = WeightShelf(folder), need

    def curve(self) -> Curve:
        """The learning curve.

        Raises:
            RefusedError: Where the person may not read what was done here.
        """
        self._need(Permission.READ_AUDIT)
        return Curve(tuple(self._shelf.lessons()), self._shelf.digest_in_use)

    def back(self, digest: str = "") -> str:
        """Use earlier weights again; without a digest those that ship.

        Returns:
            Digest of what is in use now; empty for what ships.

        Raises:
            RefusedError: Where the person does not administer.
            FileNotFoundError: If there are none of that digest.
        """
        self._need(Permission.ADMINISTER)
        self._shelf.back(digest)
        return self._shelf.digest_in_use
