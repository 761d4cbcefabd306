"""What the studio needs of the core: where own templates lie, and which forms there are."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

from formscan.designer.detect import BlankPage
from formscan.model.template import FormTemplate
from ui.viewmodels.backend import Backend

if TYPE_CHECKING:
    from formscan.batch.versions_room import VersionsRoom


class StudioRoom(Protocol):
    """A backend templates can be made with; called in the database thread."""

    @property
    def own_forms(self) -> Path:
        """Folder of the hospital's own templates."""

    def known_forms(self) -> Sequence[FormTemplate]:
        """All templates."""

    def take_offered(self) -> BlankPage | None:
        """A page of no known form that was put up for the studio, once."""

    @property
    def versions(self) -> VersionsRoom:
        """What a new edition changes in what is stored."""

    def forms_changed(self) -> None:
        """One was saved: load them anew."""


def studio_room(backend: Backend) -> StudioRoom:
    """The backend, which must know where templates lie.

    Raises:
        TypeError: If it does not.
    """
    if not hasattr(type(backend), "own_forms"):
        raise TypeError(type(backend).__name__)
    return cast("StudioRoom", backend)
