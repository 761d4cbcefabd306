"""The supervisor's desk of the core as the window's desks see it; every call is in the database thread."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, cast

from ui.viewmodels.backend import Backend

if TYPE_CHECKING:  # SQLAlchemy takes half a second to load; the window must not wait for it
    from formscan.supervision import SupervisorDesk


class Supervising(Protocol):
    """A backend that has a supervisor's desk."""

    @property
    def supervisor(self) -> SupervisorDesk:
        """The desk; made in the thread of the first call."""


def supervising(backend: Backend) -> Supervising:
    """The backend, which must have a supervisor's desk.

    Raises:
        TypeError: If it has none: desks are not offered on such a core.
    """
    if not hasattr(type(backend), "supervisor"):  # asking the object itself would open the store here
        raise TypeError(type(backend).__name__)
    return cast("Supervising", backend)
