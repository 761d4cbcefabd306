"""The one seam every reader stands behind."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Protocol, runtime_checkable

from formscan.model.reading import Crop, Reading
from formscan.model.template import FieldKind


@runtime_checkable
class Reader(Protocol):
    """Reads one kind of field.

    Runs in a worker process with one thread; must not start threads or processes, keep crops, write
    files or log text. It is constructed without arguments through the entry-point group
    ``formscan.readers``; loading of weights may wait until the first call.
    """

    name: ClassVar[str]
    kinds: ClassVar[frozenset[FieldKind]]

    def read(self, crops: Sequence[Crop]) -> list[Reading]:
        """Read a batch of crops of these kinds.

        Args:
            crops: Any number, each of a kind in ``kinds``.

        Returns:
            One reading a crop, in order; a blank crop gives the state ``blank``, not an error.

        Raises:
            EngineError: If the engine cannot start or broke.
        """
        ...
