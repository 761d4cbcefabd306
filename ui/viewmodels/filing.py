"""Thick files of the core as the window's desk sees them; every call is in the database thread."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, cast

from ui.viewmodels.backend import Backend

if TYPE_CHECKING:  # SQLAlchemy takes half a second to load; the window must not wait for it
    from formscan.batch.files_room import FilesRoom


class Filing(Protocol):
    """A backend that knows how stacks fell apart."""

    @property
    def files(self) -> FilesRoom:
        """The room; made in the thread of the first call."""


def filing(backend: Backend) -> Filing:
    """The backend, which must know about thick files.

    Raises:
        TypeError: If it does not: the desk is not offered on such a core.
    """
    if not hasattr(type(backend), "files"):  # asking the object itself would open the store here
        raise TypeError(type(backend).__name__)
    return cast("Filing", backend)
